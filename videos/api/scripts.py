"""Endpoints of the versions of a video's script."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kit import api
from config.kit.openapi import described
from videos import actions, scene_edits
from videos.api.shown import OfVideo
from videos.api.videos import ReadyScript
from videos.models import ScriptVersion


class VersionShown(serializers.ModelSerializer[ScriptVersion]):
    is_current = serializers.SerializerMethodField()
    saved_by_id = serializers.IntegerField(
        allow_null=True, help_text="Null: the script stage wrote it."
    )

    class Meta:
        model = ScriptVersion
        fields = ["number", "is_current", "saved_by_id", "sha256", "created_at"]

    def get_is_current(self, version: ScriptVersion) -> bool:
        return bool(version.pk == self.context["view"].now())


class VersionFull(VersionShown):
    content = api.Object(help_text="script.json; see docs/script-json.md.")

    class Meta(VersionShown.Meta):
        fields = [*VersionShown.Meta.fields, "content"]


class NewVersion(api.Input):
    script = ReadyScript()


class NewestNumberFirst(api.NewestFirst):
    ordering = "-number"


class _Versions(OfVideo[ScriptVersion]):
    noun = "script versions"
    serializer_class: type[VersionShown] = VersionFull
    pagination_class = NewestNumberFirst

    def rows(self) -> QuerySet[ScriptVersion]:
        return ScriptVersion.objects.filter(video=self.video)

    def now(self) -> int | None:
        return self._now if hasattr(self, "_now") else self.video.script_id

    def saved(self, version: ScriptVersion) -> ScriptVersion:
        self._now = version.pk
        return version


class VersionList(_Versions, api.List[ScriptVersion]):
    """The versions of a video's script, the newest first."""

    input_class = NewVersion

    def narrowed(
        self, rows: QuerySet[ScriptVersion], asked: Mapping[str, Any]
    ) -> QuerySet[ScriptVersion]:
        return rows.defer("content")

    def get_serializer_class(self) -> type[VersionShown]:
        return VersionShown if self.request.method == "GET" else VersionFull

    @described(
        NewVersion, VersionFull, status=201, summary="Save a whole script; what differs is made"
    )
    def post(self, request: Request, pk: int) -> Response:
        video, script = self.video, self.checked()["script"]
        seen = self.seen(is_needed=False)
        return self.makes(
            lambda: self.saved(
                actions.edit_script(by=self.by, video=video, script=script, version=seen)
            )
        )


class _One(_Versions, api.One[ScriptVersion]):
    def where(self) -> dict[str, Any]:
        return {"number": self.kwargs["number"]}


class VersionOne(_One):
    """A version with its whole script."""


class RestoreVersion(_One):
    """Make an older version the newest."""

    http_method_names: Sequence[str] = ["post", "options"]

    @described(None, VersionFull, status=201)
    def post(self, request: Request, pk: int, number: int) -> Response:
        self.get_object()
        self.checked()
        seen = self.seen(is_needed=False)
        return self.makes(
            lambda: self.saved(
                scene_edits.restore_version(
                    by=self.by, video=self.video, number=number, version=seen
                )
            )
        )
