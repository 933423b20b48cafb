"""Endpoints of the versions of a video's script."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kit import api
from config.kit.openapi import described
from videos import actions, scene_edits
from videos.api import examples
from videos.api.shown import OfVideo
from videos.api.videos import ReadyScript
from videos.models import ScriptVersion
from videos.writing import rewriting
from videos.writing import scripts as texts


class VersionShown(serializers.ModelSerializer[ScriptVersion]):
    is_current = serializers.SerializerMethodField()
    saved_by_id = serializers.IntegerField(
        allow_null=True, help_text="Null: the script stage wrote it, or several people did."
    )

    class Meta:
        model = ScriptVersion
        fields = ["number", "name", "is_current", "saved_by_id", "sha256", "created_at"]

    def get_is_current(self, version: ScriptVersion) -> bool:
        return bool(version.pk == self.context["view"].now())


class VersionFull(VersionShown):
    content = api.Object(help_text="script.json; see docs/script-json.md.")

    class Meta(VersionShown.Meta):
        fields = [*VersionShown.Meta.fields, "content"]


class NewVersion(api.Input):
    script = ReadyScript()


class VersionName(api.Input):
    name = api.Text(max_length=100, allow_blank=True, help_text="Empty: it has none any more.")


class PieceShown(serializers.Serializer[Any]):
    side = serializers.ChoiceField(["same", "old", "new"])
    text = serializers.CharField()


class SceneDiffShown(serializers.Serializer[Any]):
    uid = serializers.CharField()
    kind = serializers.ChoiceField(["same", "added", "removed", "changed"])
    moved = serializers.BooleanField()
    words = PieceShown(many=True, source="narration")
    headline_words = PieceShown(many=True, source="headline")
    new_visual = serializers.BooleanField()
    new_voice = serializers.BooleanField()


class DiffQuery(api.Query):
    against = serializers.IntegerField(
        required=False, min_value=1, help_text="The older version; the one before, if not said."
    )


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


class NameVersion(_One):
    """Give a version a name, to find it again."""

    http_method_names: Sequence[str] = ["post", "options"]
    input_class = VersionName

    @described(VersionName, VersionFull, examples=[examples.NAMED])
    def post(self, request: Request, pk: int, number: int) -> Response:
        version, wanted = self.get_object(), self.checked()
        return self.makes(
            lambda: scene_edits.name_version(by=self.by, version=version, **wanted), status=200
        )


class NameNow(_Versions, api.List[ScriptVersion]):
    """Name the script as it stands, with what people have written up to now."""

    http_method_names: Sequence[str] = ["post", "options"]
    input_class = VersionName

    @described(VersionName, VersionFull, examples=[examples.NAMED])
    def post(self, request: Request, pk: int) -> Response:
        video, wanted = self.video, self.checked()
        return self.makes(
            lambda: self.saved(scene_edits.name_now(by=self.by, video=video, **wanted)), status=200
        )


class Diff(_Versions, api.List[ScriptVersion]):
    """What a version changed, scene by scene and word by word."""

    noun = "script versions"
    serializer_class = SceneDiffShown  # type: ignore[assignment]
    query_class = DiffQuery

    def get(self, request: Request, pk: int, number: int) -> Response:
        asked = self.asked()
        new = get_object_or_404(self.rows(), number=number)
        before = {"number": asked["against"]} if "against" in asked else {"number__lt": number}
        old = self.rows().filter(**before).order_by("-number").first()
        if old is None and "against" in asked:
            raise Http404
        found = rewriting.diff(texts.read(old.content) if old else None, texts.read(new.content))
        shown = SceneDiffShown(found, many=True).data
        return Response({"next": None, "previous": None, "results": shown})


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
