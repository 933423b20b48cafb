"""How near the estimate at the order comes to what the video has cost in the end."""

import os
import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

import django
from django.core.management import call_command

from bench import report
from bench.voice_text import SCENES
from tests.doubles.ai.client import StandIn, stand_in

HISTORY, MEASURED = 15, 30
HISTORY_SEEDS, MEASURED_SEED = (11, 12, 13), 23
VARY = "0.3"
LENGTHS = (20, 30, 45, 60, 90)
KEPT = ("script", "narration", "visuals")
WRITER = "openai:gpt-4.1-mini"
VOICES = ("elevenlabs:21m00Tcm4TlvDq8ikWAM", "elevenlabs:JBFqnCBsd6RMkjVDRZzb", "openai:nova")
PICTURES = ("openai:gpt-image-1", "replicate:black-forest-labs/flux-schnell")
ENDS = re.compile(r"(?<=[a-z][.?]) (?=[A-Z])")
METHOD = (
    "{measured} videos of {shortest} to {longest} s, each of a text of its own, are ordered and "
    "then written, spoken and illustrated by the real pipeline, without rendering. All of it is "
    "bought over HTTP by the studio's own providers: scripts of OpenAI, speech of ElevenLabs and "
    "every third time of OpenAI, pictures of OpenAI and every second time of Replicate. The "
    "stand-in's usage strays from what the content has by up to 30 %, request by request, by seed: "
    "tokens and credits as billed, seconds of speech as they sound; a picture of Replicate is one "
    "picture. History are {history} other videos of the same team, under other seeds. "
    "median_relative_error is over the videos, of the expectation kept at the order against what "
    "the ledger says afterwards; without_history is the same by the price book alone. "
    "unbooked_micros is what the stand-in's own bill has more than the ledger."
)


def set_up(folder: Path, ai: StandIn) -> None:
    os.environ |= {
        **ai.environment(),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        "VAR_DIR": str(folder),
        "LOG_LEVEL": "ERROR",
    }
    django.setup()
    call_command("migrate", verbosity=0)


@contextmanager
def vendors(folder: Path, seed: int, port: int = 0) -> Iterator[StandIn]:
    options = ("--seed", str(seed), "--vary", VARY, "--job-seconds", "0", "--port", str(port))
    with stand_in(folder, *options) as ai:
        yield ai


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
    """One that is written, spoken and illustrated, and then is done."""
    videos = import_module("videos.actions")
    wish = videos.Wish(
        source=f"Part {number}. {text_of(number)}",
        title=f"Kelp {number}",
        seconds=LENGTHS[number % len(LENGTHS)],
        language="en",
        voice=VOICES[number % len(VOICES)],
        writer=WRITER,
        illustrate="image",
    )
    video = videos.create_video(by=by, channel=channel, wish=wish)
    video.plan["stages"] = {name: video.plan["stages"][name] for name in KEPT}
    video.plan["providers"]["image"] = PICTURES[number % len(PICTURES)]
    video.plan["licences"]["image"] = "of the stand-in"
    video.save(update_fields=["plan"])
    video.runs.exclude(stage__in=KEPT).delete()
    import_module("videos.routing").name_providers(video)
    import_module("videos.estimates").keep(video)
    return video


def make(by: Any, channel: Any, numbers: Sequence[int]) -> list[int]:
    made = [order(by, channel, number).pk for number in numbers]
    runs = import_module("videos.models").StageRun.objects.filter(video__in=made)
    while runs.filter(state="waiting").exists():
        import_module("videos.pipeline").work("studio")
    if left := list(runs.exclude(state="done").values_list("video", "stage", "state", "reason")):
        raise RuntimeError(f"these were not made: {left}")
    return made


def told(video_ids: Sequence[int], column: str) -> list[int]:
    """What each was expected to cost."""
    rows = import_module("billing.models").Estimate.objects
    return [sum(rows.filter(video_id=pk).values_list(column, flat=True)) for pk in video_ids]


def paid(video_ids: Sequence[int]) -> list[int]:
    rows = import_module("billing.models").CostEntry.objects
    found = [
        sum(rows.filter(video_id=pk).values_list("amount_micros", flat=True)) for pk in video_ids
    ]
    if not all(found):
        raise RuntimeError("a video bought nothing")
    return found


def errors(expected: Sequence[int], cost: Sequence[int]) -> list[float]:
    """Relative to what the video has cost."""
    return [abs(a - b) / b for a, b in zip(expected, cost, strict=True)]


def main() -> None:
    options = report.options("estimate", __doc__ or "").parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, *others = HISTORY_SEEDS
        each = HISTORY // len(HISTORY_SEEDS)
        with vendors(folder, first) as ai:
            set_up(folder, ai)
            port = urlsplit(ai.address).port or 0
            import_module("videos.vendor_voices").list_anew()
            by, channel = team_of("1")
            make(by, channel, range(1000, 1000 + each))
        for seed in others:
            with vendors(folder, seed, port):
                make(by, channel, range(1000 * seed, 1000 * seed + each))
        with vendors(folder, MEASURED_SEED, port) as ai:
            made = make(by, channel, range(MEASURED))
            billed = ai.bill()["price_micros"]
        cost = paid(made)
        off = errors(told(made, "expected_micros"), cost)
        plain = errors(told(made, "plain_micros"), cost)
    write(off, plain, billed - sum(cost), options.json)


def write(off: list[float], plain: list[float], unbooked: int, to: str) -> None:
    figures = {
        "median_relative_error": round(median(off), 4),
        "p90_relative_error": round(quantiles(off, n=10)[-1], 4),
        "largest_relative_error": round(max(off), 4),
        "median_relative_error_without_history": round(median(plain), 4),
        "p90_relative_error_without_history": round(quantiles(plain, n=10)[-1], 4),
        "unbooked_micros": unbooked,
        "videos": len(off),
    }
    method = METHOD.format(
        measured=MEASURED, history=HISTORY, shortest=min(LENGTHS), longest=max(LENGTHS)
    )
    report.write("estimate", figures, method, to)


if __name__ == "__main__":
    main()
