"""How near the estimate at the order comes to what the video has cost in the end."""

import os
import random
import re
import tempfile
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import django
from django.core.management import call_command

from bench import report
from bench.voice_text import SCENES
from tests.doubles.ai.client import StandIn, stand_in

HISTORY, MEASURED = 15, 30
VARY = "0.3"
LENGTHS = (20, 30, 45, 60, 90)
KEPT = ("script", "narration")
ENDS = re.compile(r"(?<=[a-z][.?]) (?=[A-Z])")
METHOD = (
    "{measured} videos of {shortest} to {longest} s, each of a text of its own, are ordered, then "
    "written and narrated by the real pipeline, without pictures and rendering. Speech is bought "
    "over HTTP of the stand-in, in ElevenLabs' shape, which bills each request by up to 30 % more "
    "or less than its text has, by seed and content; scripts are the keyless ones. History are "
    "{history} other videos of the same team under another seed. median_relative_error is over "
    "the videos, of the expectation kept at the order against what the ledger says afterwards; "
    "without_history is the same by the price book alone. unbooked_micros is what the stand-in's "
    "own bill has more than the ledger."
)


def set_up(folder: Path) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        "VAR_DIR": str(folder),
        "LOG_LEVEL": "ERROR",
    }
    django.setup()
    call_command("migrate", verbosity=0)
    import_module("bench.estimate_voice").register()


def team_of(number: str) -> tuple[Any, Any]:
    operator = import_module("teams.access").operator
    team = import_module("teams.actions").create_team(
        name="Kelp", slug=f"kelp-{number}", email="k@example.org"
    )
    by = operator(team)
    actions = import_module("channels_app.actions")
    return by, actions.create_channel(by=by, name="Kelp", slug="kelp", brand={})


def text_of(number: int) -> str:
    """No sentence of it stands in another text: what is said twice is bought once."""
    chance = random.Random(number)  # noqa: S311 - the same texts every time
    scenes = list(SCENES) * 2
    chance.shuffle(scenes)
    chosen = scenes[: chance.randint(4, 16)]
    return "\n\n".join(
        " ".join(_own(sentence, number, chance) for sentence in ENDS.split(scene))
        for scene in chosen
    )


def _own(sentence: str, number: int, chance: random.Random) -> str:
    where = f"In note {chance.randint(100, 999)} of book {number}, "
    return f"{where}{sentence[:1].lower()}{sentence[1:]}"


def order(by: Any, channel: Any, number: int) -> Any:
    """One that is written and narrated, and then is done."""
    videos = import_module("videos.actions")
    wish = videos.Wish(
        source=f"Part {number}. {text_of(number)}",
        title=f"Kelp {number}",
        seconds=LENGTHS[number % len(LENGTHS)],
        language="en",
        voice="bench:narrator",
    )
    video = videos.create_video(by=by, channel=channel, wish=wish)
    video.plan["stages"] = {name: video.plan["stages"][name] for name in KEPT}
    video.save(update_fields=["plan"])
    video.runs.exclude(stage__in=KEPT).delete()
    return video


def make(by: Any, channel: Any, numbers: range, ai: StandIn) -> list[int]:
    import_module("bench.estimate_voice").lead_to(ai.address)
    made = [order(by, channel, number).pk for number in numbers]
    import_module("videos.pipeline").work("studio")
    return made


def errors(video_ids: list[int], column: str) -> list[float]:
    """Relative to what the video has cost."""
    models = import_module("billing.models")
    found = []
    for pk in video_ids:
        told = sum(models.Estimate.objects.filter(video_id=pk).values_list(column, flat=True))
        paid = sum(
            models.CostEntry.objects.filter(video_id=pk).values_list("amount_micros", flat=True)
        )
        if not paid:
            raise RuntimeError(f"video {pk} bought nothing")
        found.append(abs(told - paid) / paid)
    return found


def booked(video_ids: list[int]) -> int:
    entries = import_module("billing.models").CostEntry.objects.filter(video_id__in=video_ids)
    return sum(entries.values_list("amount_micros", flat=True))


def main() -> None:
    options = report.options("estimate", __doc__ or "").parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        set_up(folder)
        by, channel = team_of("1")
        with stand_in(folder, "--seed", "11", "--vary", VARY) as ai:
            make(by, channel, range(1000, 1000 + HISTORY), ai)
        with stand_in(folder, "--seed", "23", "--vary", VARY) as ai:
            made = make(by, channel, range(MEASURED), ai)
            billed = ai.bill()["price_micros"]
        off, plain = errors(made, "expected_micros"), errors(made, "plain_micros")
        unbooked = billed - booked(made)
    figures = {
        "median_relative_error": round(median(off), 4),
        "median_relative_error_without_history": round(median(plain), 4),
        "largest_relative_error": round(max(off), 4),
        "unbooked_micros": unbooked,
        "videos": len(made),
    }
    method = METHOD.format(
        measured=MEASURED, history=HISTORY, shortest=min(LENGTHS), longest=max(LENGTHS)
    )
    report.write("estimate", figures, method, options.json)


if __name__ == "__main__":
    main()
