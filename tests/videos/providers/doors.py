"""The two doors by which people order videos of vendors: the pages, and programs."""

import html
from dataclasses import dataclass
from typing import Any, Protocol

from django.test import Client

from config.kit.database import after
from tests.conftest import Program
from tests.videos.paid import PAST
from videos import pipeline, runs
from videos.models import RunState, StageRun, Video


class Door(Protocol):
    """`order` answers the video, or the sentence that refuses it."""

    def order(self, source: str, **wish: Any) -> Video | str: ...
    def change(self, video: Video, **wish: Any) -> None: ...
    def resume(self, video: Video) -> None: ...
    def told(self, video: Video) -> str: ...


@dataclass
class ByPage:
    client: Client
    channel: int

    def order(self, source: str, **wish: Any) -> Video | str:
        told = {"channel": self.channel, "source": source, "format": "short", "seconds": 60}
        answer = self.client.post("/videos/new/", {**told, **wish})
        if answer.status_code == 302:
            return Video.objects.get(pk=answer.url.strip("/").rpartition("/")[2])
        assert answer.status_code == 422
        errors = answer.context["form"].errors
        (said,) = [one for told in errors.values() for one in told]
        return str(said)

    def change(self, video: Video, **wish: Any) -> None:
        page = self.client.get(f"/videos/{video.pk}/order/")
        now = page.context["form"].initial
        answer = self.client.post(f"/videos/{video.pk}/order/", {**now, **wish})
        assert answer.status_code == 302, answer.content

    def resume(self, video: Video) -> None:
        assert self.client.post(f"/videos/{video.pk}/do/resume/").status_code == 302

    def told(self, video: Video) -> str:
        return html.unescape(self.client.get(f"/videos/{video.pk}/").content.decode())


@dataclass
class ByProgram:
    program: Program
    channel: int

    def order(self, source: str, **wish: Any) -> Video | str:
        body = {"channel": self.channel, "source": source, "seconds": 60, **wish}
        answer = self.program.post("videos/", body)
        if answer.status_code == 201:
            return Video.objects.get(pk=answer.json()["id"])
        assert 400 <= answer.status_code < 500
        return str(answer.json()["detail"])

    def change(self, video: Video, **wish: Any) -> None:
        answer = self.program.patch(f"videos/{video.pk}/", wish, If_Match="*")
        assert answer.status_code == 200, answer.content

    def resume(self, video: Video) -> None:
        assert self.program.post(f"videos/{video.pk}/resume/").status_code == 200

    def told(self, video: Video) -> str:
        return str(self.program.get(f"videos/{video.pk}/").json()["reason"])


def worked_off(video: Video, stage: str) -> Video:
    """As workers do, one run after the other, until the stage was tried."""
    for name in dict.fromkeys(("script", stage)):
        video = Video.objects.get(pk=video.pk)
        waiting = StageRun.objects.filter(video=video, state=RunState.WAITING)
        waiting.exclude(stage=name).update(due_at=None)
        waiting.filter(stage=name).update(due_at=after(PAST))
        run = runs.claim("studio", "w:1", 9)
        if run is not None:
            assert (run.video_id, run.stage) == (video.pk, name)
            pipeline.perform(run)
    return Video.objects.get(pk=video.pk)
