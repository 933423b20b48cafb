"""A script stage, done by a worker and by nobody after it."""

from collections.abc import Callable
from dataclasses import replace

from billing.models import CostEntry
from config.kit.database import after
from tests.videos.orders import sample
from tests.videos.paid import PAST
from videos import actions, pipeline, runs
from videos.models import StageRun, Video
from videos.writing.languages import seconds_of
from videos.writing.selection import SCENE_S

TEXT = sample("lighthouses.md")


def ordered(by, channel, **wish) -> Video:
    asked = {"source": TEXT, "seconds": 60, "writer": "openai", **wish}
    return actions.create_video(by=by, channel=channel, wish=actions.Wish(**asked))


def written(video: Video) -> Video:
    StageRun.objects.exclude(video=video, stage="script").update(due_at=None)
    StageRun.objects.filter(video=video, stage="script").update(due_at=after(PAST))
    run = runs.claim("studio", "w:1", 9)
    assert run is not None
    assert run.stage == "script"
    pipeline.perform(run)
    return Video.objects.get(pk=video.pk)


def booked() -> int:
    return sum(CostEntry.objects.values_list("amount_micros", flat=True))


def length_s(content) -> float:
    language = content["language"]
    return sum(seconds_of(one["narration"], language) + SCENE_S for one in content["scenes"])


def spoken(content) -> str:
    return " ".join(one["narration"] for one in content["scenes"])


def asked_bodies(ai) -> list[dict]:
    """What was sent to the writers, in order."""
    paths = ("/v1/chat/completions", "/v1/messages")
    return [ai.asked(line["id"]) for line in ai.log() if line["path"] in paths]


def changing(settings) -> Callable[..., None]:
    """`accounts(llm={"key": "sk-wrong"})` changes one of them."""

    def change(**changes: dict) -> None:
        now = settings.ACCOUNTS
        changed = {name: replace(now[name], **more) for name, more in changes.items()}
        settings.ACCOUNTS = {**now, **changed}

    return change
