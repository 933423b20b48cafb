"""What a production leaves behind once all that was ordered has settled."""

import hashlib
import json
from collections import Counter
from pathlib import Path

from tests.faults.metered import BILLS, PRICE_MICROS
from tests.faults.program import TEXTS
from tests.processes import Installation, until

SETTLED_WITHIN_S = 420
CLEARED_WITHIN_S = 120  # a sweep comes every 30 s
TOLD_ONCE = {  # for each value of these; of what has a state, once that it is done
    "videos.part_made": ("video_id", "stage", "part"),
    "videos.stage_finished": ("video_id", "stage"),
    "channels.publication_requested": ("video_id",),
    "channels.upload_changed": ("video_id",),
}
OURS = {f"showrunner.{name}" for name in ("pipeline", "publications", "assets")} | {"django-q"}
PUBLISHED = {(title, "published") for title in TEXTS}


def settles(at: Installation) -> None:
    """Every video that was ordered is published."""
    ended = {"published", "failed", "blocked", "cancelled"}
    states = lambda: {state for _, state in _videos(at)}  # noqa: E731
    try:
        until(lambda: states() <= ended, within_s=SETTLED_WITHIN_S, what="the videos settle")
    finally:
        assert _videos(at) == PUBLISHED, told(at)


def _videos(at: Installation) -> set[tuple[str, str]]:
    return set(at.ask("SELECT title, state FROM videos_video"))


def nothing_is_lost(at: Installation) -> None:
    unfinished = "SELECT stage, state FROM videos_stagerun WHERE state NOT IN ('done', 'skipped')"
    assert at.ask(unfinished) == [], told(at)
    assert _published_files(at) == _made_files(at)
    gaps = (
        "SELECT team_id, count(*), max(seq) FROM teams_event GROUP BY team_id "
        "HAVING count(*) <> max(seq) OR count(DISTINCT seq) <> count(*)"
    )
    assert at.ask(gaps) == [], "the journal has gaps"
    behind = "SELECT team_id FROM teams_teamjournal j WHERE seq <> "
    behind += "(SELECT count(*) FROM teams_event e WHERE e.team_id = j.team_id)"
    assert at.ask(behind) == []
    rooms = at.folder / "rooms"
    until(
        lambda: not list(rooms.glob("*-*")),
        within_s=CLEARED_WITHIN_S,
        what="the scratch folders of the dead are cleared",
    )


def _published_files(at: Installation) -> list[str]:
    """What lies there, half of a delivery as well."""
    return sorted(
        hashlib.sha256(video.read_bytes()).hexdigest()
        for video in (at.folder / "published").rglob("video.mp4")
    )


def _made_files(at: Installation) -> list[str]:
    made = (
        "SELECT a.files->>'video.mp4' FROM videos_runpart p "
        "JOIN videos_artifact a ON a.id = p.artifact_id "
        "JOIN videos_stagerun r ON r.id = p.run_id "
        "WHERE r.stage = 'render' AND a.files->>'video.mp4' IS NOT NULL"
    )
    return sorted(row[0] for row in at.ask(made))


def nothing_is_doubled(at: Installation) -> None:
    news = at.ask("SELECT kind, payload FROM teams_event")
    told_once = Counter(
        (kind, *(payload.get(name) for name in TOLD_ONCE[kind]))
        for kind, payload in news
        if kind in TOLD_ONCE and payload.get("state") in (None, "done")
    )
    assert {kind for kind, *_ in told_once} == set(TOLD_ONCE)
    assert [what for what, times in told_once.items() if times > 1] == []
    uploads = at.ask("SELECT video_id, state FROM channels_app_upload")
    assert len(uploads) == len(dict(uploads)) == len(TEXTS)
    assert {state for _, state in uploads} == {"done"}
    _the_books_are_closed(at)


def _the_books_are_closed(at: Installation) -> None:
    """What we have booked is what the service has billed, a scene once."""
    scenes = at.ask("SELECT count(*) FROM videos_scene")[0][0]
    assert scenes > len(TEXTS), "too few for a fault between two of one video"
    assert len(bills(at)) == scenes
    assert at.ask("SELECT state, doubt FROM billing_hold WHERE state = 'open'") == []
    assert at.ask("SELECT sum(amount_micros) FROM billing_costentry")[0][0] == PRICE_MICROS * scenes


def nothing_stumbled(at: Installation) -> None:
    """A database that was away is no fault of what was made: nothing is put off, no bug is told."""
    asked = "SELECT labels FROM kit_tally WHERE name = 'stage_trouble'"
    assert at.ask(asked) == [], at.log()[-3000:]
    waits = "SELECT payload FROM teams_event WHERE kind = 'videos.stage_finished' "
    waits += "AND payload->>'state' = 'waiting'"
    assert at.ask(waits) == []
    lines = (json.loads(line) for line in at.log().splitlines() if line.startswith("{"))
    traced = [line for line in lines if line["logger"] in OURS and "traceback" in line]
    assert traced == []


def bills(at: Installation) -> list[Path]:
    """One a request, as the service has written them; the newest comes last."""
    found = (at.folder.parent / BILLS).glob("*")
    return sorted(found, key=lambda bill: bill.stat().st_mtime_ns)


def told(at: Installation) -> str:
    asked = "SELECT video_id, stage, state, attempt, reason FROM videos_stagerun ORDER BY id"
    return f"{_videos(at)} {at.ask(asked)} {at.log()[-2000:]}"
