"""What the studio shows of a video's money: expected, spent so far, set aside, scene by scene."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum

from billing import compared, spending
from billing.balances import CURRENCY
from billing.models import CostEntry, Estimate
from config.kit.money import about, between
from teams.access import Actor
from videos import estimates
from videos.contracts import scene_part
from videos.models import Video, VideoState
from videos.naming import STAGES
from videos.stages import illustrating

LISTED = 100  # entries; all of them are in the export and the API
SCALE = 1000  # of the drawing
WHY = {
    CostEntry.Kind.UNKNOWN: "Nobody learnt what became of it: booked at its worst case",
    CostEntry.Kind.CORRECTION: "What an earlier entry differs by from what was learnt since",
}
UNMADE = (VideoState.DRAFT, VideoState.QUEUED, VideoState.PRODUCING, VideoState.BLOCKED)


@dataclass(frozen=True)
class Step:
    name: str
    spent_micros: int
    held_micros: int
    told: str  # what was expected; empty: nothing was


@dataclass(frozen=True)
class Spot:
    """A scene, or what is bought for the whole video."""

    name: str
    uid: str
    spent_micros: int
    steps: Sequence[tuple[str, int]]  # what each has cost here, the dearest first


@dataclass(frozen=True)
class Entry:
    row: CostEntry
    place: str
    unit: str
    why: str


def beside(by: Actor, videos: Iterable[Video]) -> list[Video]:
    """Gives each video `bill` (a compared.Bill); for who may not see costs it is None. Two
    queries for them all. Never kept: money moves without a change of the video."""
    found = list(videos)
    known = compared.bills([video.pk for video in found]) if by.can_see_costs else {}
    for video in found:
        video.bill = known.get(video.pk)  # type: ignore[attr-defined]
    return found


def panel(video: Video) -> dict[str, Any]:
    told = list(Estimate.objects.filter(team=video.team_id, video_id=video.pk).order_by("id"))
    mine = CostEntry.objects.filter(team=video.team_id, video_id=video.pk)
    standing = spending.standing([video.pk])[video.pk]
    low, expected, high = (
        sum(getattr(row, f"{name}_micros") for row in told) for name in ("low", "expected", "high")
    )
    is_made = video.state not in UNMADE
    names = _places(video)
    return {
        "video": video,
        "currency": CURRENCY,
        "spent": standing.spent_micros,
        "held": standing.held_micros,
        "expected": expected,
        "told": _told(low, expected, high),
        "drawing": _drawing(low, expected, high, standing.spent_micros),
        "percent": spending.difference(expected, standing.spent_micros) if is_made else None,
        "steps": _steps(video, told, standing.by_stage),
        "spots": _spots(mine, names),
        "entries": [_entry(row, names) for row in mine.order_by("-id")[:LISTED]],
        "count": mine.count(),
        "is_free": not told and not standing.spent_micros and not standing.held_micros,
    }


def _told(low: int, expected: int, high: int) -> str:
    if not expected:
        return ""
    spread = f" ({between(low, high)})" if low != high else ""
    return about(expected, CURRENCY) + spread


def _drawing(low: int, expected: int, high: int, spent: int) -> Mapping[str, int]:
    """Of a bar as wide as the most of all."""
    most = max(high, spent, 1)
    wide = {"low": low, "expected": expected, "high": high, "spent": max(spent, 0)}
    told = {name: round(SCALE * amount / most) for name, amount in wide.items()}
    return {**told, "range": told["high"] - told["low"]}


def _steps(video: Video, told: Sequence[Estimate], by_stage: Mapping[str, int]) -> list[Step]:
    expected: dict[str, list[int]] = {}
    for row in told:
        so_far = expected.get(row.stage, [0, 0, 0])
        mine = (row.low_micros, row.expected_micros, row.high_micros)
        expected[row.stage] = [a + b for a, b in zip(so_far, mine, strict=True)]
    held = spending.held_by_stage(video.team_id, video.pk)
    stages = [*STAGES, *sorted(set(by_stage) - set(STAGES))]
    wanted = [name for name in stages if name in {*expected, *by_stage, *held}]
    return [
        Step(
            STAGES.get(name, name),
            by_stage.get(name, 0),
            held.get(name, 0),
            _told(*expected[name]) if name in expected else "",
        )
        for name in wanted
    ]


def _places(video: Video) -> dict[str, tuple[str, str]]:
    """Part -> what a person calls it, and the scene's id."""
    scenes = video.scenes.order_by("position").values_list("position", "uid", "headline")
    return {
        scene_part(uid): (f"{position + 1}. {headline}".strip(), uid)
        for position, uid, headline in scenes
    }


def _spots(mine: QuerySet[CostEntry], names: Mapping[str, tuple[str, str]]) -> list[Spot]:
    """In the order of the scenes; what belongs to none, or to one that is gone, comes last."""
    spent: dict[str, Counter[str]] = {}
    alike = mine.order_by().values_list("part", "stage").annotate(sum=Sum("amount_micros"))
    for part, stage, amount in alike:
        scene = illustrating.scene_of(part)
        spent.setdefault(scene if scene in names else "", Counter())[stage] += amount
    places = {**names, "": ("The whole video, and scenes that are gone", "")}
    return [_spot(*place, spent[part]) for part, place in places.items() if part in spent]


def _spot(name: str, uid: str, by_stage: Counter[str]) -> Spot:
    steps = [(STAGES.get(stage, stage), amount) for stage, amount in by_stage.most_common()]
    return Spot(name, uid, by_stage.total(), steps)


def _entry(row: CostEntry, names: Mapping[str, tuple[str, str]]) -> Entry:
    place = names.get(illustrating.scene_of(row.part), (row.part, ""))[0]
    return Entry(row, place, spending.unit_named(row.unit), WHY.get(CostEntry.Kind(row.kind), ""))


def to_make(video: Video) -> str:
    """What the edit costs that waits for a person's word; empty where it has no price."""
    expected = estimates.price_of_written(video)
    return "" if expected.unknown else about(expected.cost.expected, expected.currency)
