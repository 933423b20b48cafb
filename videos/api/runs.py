"""Endpoints of a video's stages and of the files that come out of them."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from config.kit import api, files
from config.kit.models import Blob
from config.kit.openapi import described, serves_bytes
from videos import actions, desk, outputs
from videos.api.shown import OfVideo
from videos.models import RunState, StageRun, Video


class RunShown(serializers.ModelSerializer[StageRun]):
    state = serializers.ChoiceField(RunState.choices)
    progress = serializers.FloatField(source="fraction", help_text="From 0 to 1.")
    eta_s = serializers.IntegerField(allow_null=True, help_text="Seconds that are left.")
    reason = serializers.CharField(help_text="Why it failed or is blocked, and what frees it.")

    class Meta:
        model = StageRun
        fields = [
            "stage",
            "position",
            "state",
            "progress",
            "phase",
            "eta_s",
            "attempt",
            "reason",
            "started_at",
            "ended_at",
        ]


class _Runs(OfVideo[StageRun]):
    noun = "runs"
    serializer_class = RunShown
    pagination_class = api.InOrder

    def rows(self) -> QuerySet[StageRun]:
        return StageRun.objects.filter(video=self.video).select_related("video")


class RunList(_Runs, api.List[StageRun]):
    """The stages of a video, in order: how far each is, and what holds it up."""


class Retry(_Runs, api.One[StageRun]):
    """Do a stage and what follows from it again; parts that come out the same are kept."""

    http_method_names: Sequence[str] = ["post", "options"]

    def where(self) -> dict[str, Any]:
        return {"stage": self.kwargs["stage"]}

    @described(None, RunShown)
    def post(self, request: Request, pk: int, stage: str) -> Response:
        run = self.get_object()
        self.checked()
        return self.makes(lambda: self._again(run), status=200)

    def _again(self, run: StageRun) -> StageRun:
        actions.retry_stage(by=self.by, run=run)
        return run


class ArtifactShown(serializers.Serializer[Any]):
    name = serializers.CharField()
    about = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    content_type = serializers.CharField()
    sha256 = serializers.CharField()
    url = serializers.URLField(help_text="Where its bytes are, for the same token.")


class Artifacts(OfVideo[Video], api.List[Video]):
    """The finished files of a video; those of stages that are made again are left out."""

    noun = "artifacts"
    serializer_class = ArtifactShown
    query_class = api.Query

    def get(self, request: Request, pk: int) -> Response:
        self.asked()
        hashes = outputs.delivered(self.video)
        found = [
            {
                "name": one.name,
                "about": one.about,
                "size": one.size,
                "content_type": files.content_type(one.name),
                "sha256": hashes[one.name],
                "url": reverse("api:file", [pk, one.name], request=request),
            }
            for one in desk.deliverables(self.video)
        ]
        return Response({"next": None, "previous": None, "results": found})


class File(OfVideo[Video]):
    """The bytes of a finished file, whole or as the Range that is asked for."""

    noun = "artifacts"
    content_negotiation_class = api.AnyKind

    @serves_bytes
    def get(self, request: Request, pk: int, name: str) -> HttpResponseBase:
        sha256 = outputs.delivered(self.video).get(name)
        blob = sha256 and Blob.objects.filter(team_id=self.by.team_id, sha256=sha256).first()
        if not blob:
            raise Http404(name)
        return files.serve(request._request, blob, filename=name, download=True)
