"""How a video is told to programs, and the base of the endpoints that belong to one."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.reverse import reverse

from config.kit import api
from videos import bills, desk, listing, outputs, reasons
from videos.models import Video, VideoState

M = TypeVar("M", bound=Model)


class ProgressShown(serializers.Serializer[Any]):
    fraction = serializers.FloatField(help_text="From 0 to 1.")
    stage = serializers.CharField(help_text="What is worked on now; empty: nothing is.")
    phase = serializers.CharField()
    eta_s = serializers.IntegerField(allow_null=True, help_text="Seconds that are left.")


class LinksShown(serializers.Serializer[Any]):
    self = serializers.URLField()
    scenes = serializers.URLField()
    script_versions = serializers.URLField()
    runs = serializers.URLField()
    artifacts = serializers.URLField()


class PageShown(serializers.Serializer[Any]):
    url = serializers.URLField(help_text="Where it was found in the end.")
    title = serializers.CharField()
    author = serializers.CharField()
    site = serializers.CharField()
    date = serializers.CharField(help_text="When it came out, as it says.")
    language = serializers.CharField()
    licence = serializers.CharField(help_text="As the page names it; empty: it names none.")
    fetched_at = serializers.DateTimeField()


class MoneyShown(serializers.Serializer[Any]):
    amount_micros = serializers.IntegerField()
    currency = serializers.CharField()


class DifferenceShown(serializers.Serializer[Any]):
    """Named as billing.columns.BILL has it."""

    low_micros = serializers.IntegerField(help_text="As estimated when it was ordered.")
    expected_micros = serializers.IntegerField()
    high_micros = serializers.IntegerField()
    spent_micros = serializers.IntegerField()
    difference_micros = serializers.IntegerField(
        allow_null=True,
        help_text="Spent less expected; null until it is made, and where nothing was expected.",
    )
    percent = serializers.IntegerField(allow_null=True, help_text="The same, of what was expected.")
    currency = serializers.CharField()


class VideoShown(serializers.ModelSerializer[Video]):
    state = serializers.ChoiceField(VideoState.choices)
    reason = serializers.CharField(help_text="Why it stands still, and what frees it.")
    publish = serializers.BooleanField(source="wants_publishing")
    reason_code = serializers.CharField(help_text=reasons.described())
    progress = ProgressShown()
    bill = DifferenceShown(
        allow_null=True, help_text="What it costs; null where the token may not see costs."
    )
    links = serializers.SerializerMethodField()

    class Meta:
        model = Video
        fields = [
            "id",
            "title",
            "state",
            "reason",
            "reason_code",
            "progress",
            "channel",
            "format",
            "seconds",
            "language",
            "voice",
            "music",
            "illustrate",
            "publish",
            "priority",
            "external_id",
            "version",
            "created_at",
            "changed_at",
            "deleted_at",
            "bill",
            "links",
        ]

    @extend_schema_field(LinksShown)
    def get_links(self, video: Video) -> dict[str, str]:
        request = self.context["request"]
        names = ("scenes", "script_versions", "runs", "artifacts")
        links = {name: reverse(f"api:{name}", [video.pk], request=request) for name in names}
        return {"self": reverse("api:video", [video.pk], request=request), **links}


class VideoFull(VideoShown):
    source_page = serializers.SerializerMethodField()
    script_version = serializers.SerializerMethodField()
    description = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    costs = serializers.SerializerMethodField()

    class Meta(VideoShown.Meta):
        fields = [
            *VideoShown.Meta.fields,
            "source",
            "source_kind",
            "source_page",
            "pictures",
            "clips",
            "writer",
            "tone",
            "audience",
            "script_version",
            "description",
            "tags",
            "costs",
        ]

    @extend_schema_field(PageShown(allow_null=True))
    def get_source_page(self, video: Video) -> Mapping[str, Any] | None:
        """Null where the source is a text, and until the page is read."""
        return PageShown(found).data if (found := outputs.page(video)) else None

    @extend_schema_field({"type": ["integer", "null"]})
    def get_script_version(self, video: Video) -> int | None:
        return video.script.number if video.script else None

    def get_description(self, video: Video) -> str:
        return str(video.script.content.get("description", "")) if video.script else ""

    def get_tags(self, video: Video) -> list[str]:
        return list(video.script.content.get("tags", [])) if video.script else []

    @extend_schema_field(MoneyShown(many=True, allow_null=True))
    def get_costs(self, video: Video) -> list[dict[str, Any]] | None:
        """Null where the token may not see costs."""
        if not self.context["view"].by.can_see_costs:
            return None
        return [
            {"amount_micros": micros, "currency": currency}
            for micros, currency in desk.costs(video)
        ]


class Videos(api.Door[Video]):
    resource = "videos"
    right = "may_edit"
    serializer_class: type[VideoShown] = VideoFull

    def rows(self) -> QuerySet[Video]:
        return Video.objects.visible_to(self.by).select_related("script")

    def answers(self, row: Video, *, status: int = 200) -> Response:
        bills.beside(self.by, listing.dress([row]))
        return super().answers(row, status=status)


class OfVideo(api.Door[M]):
    resource = "videos"
    right = "may_edit"

    @cached_property
    def video(self) -> Video:
        """The one in the address. Raises Http404."""
        rows = Video.objects.visible_to(self.by).select_related("channel__brand_kit", "script")
        found = rows.defer(*listing.SHOWN).filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found
