from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from config.kit.admin import BADGES, ReadOnly
from teams.access import Actor, operator
from videos import actions, desk, progress, removals, timeline
from videos.admin.files import files_of
from videos.models import StageRun, Video

_ACTS: Mapping[str, tuple[Callable[..., object], str]] = {
    "resume": (actions.resume, "Resumed"),
    "pause": (actions.pause, "Paused"),
    "cancel": (actions.cancel, "Cancelled"),
    "approve": (actions.approve, "Approved"),
    "delete": (removals.delete_video, "Moved into the bin"),
    "restore": (removals.restore_video, "Restored"),
}


class BinFilter(admin.SimpleListFilter):
    title = "bin"
    parameter_name = "bin"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("kept", "Not deleted"), ("deleted", "In the bin")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Video]) -> QuerySet[Video]:
        if self.value() not in ("kept", "deleted"):
            return queryset
        return queryset.filter(deleted_at__isnull=self.value() == "kept")


@admin.register(Video)
class VideoAdmin(ReadOnly):
    list_display = ["name", "where", "badge", "how_far", "reason", "shape", "age"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        BinFilter,
        ("channel", AutocompleteSelectFilter),
        ("team", AutocompleteSelectFilter),
        "format",
        "created_at",
    ]
    list_select_related = ["team", "channel"]
    search_fields = ["title", "=id", "external_id", "channel__name", "team__name"]
    ordering = ["-id"]
    actions = ["resume", "pause", "cancel", "approve", "put_into_bin", "restore"]
    fieldsets = [
        (
            "Order",
            {
                "classes": ["tab"],
                "fields": [
                    ("team", "channel"),
                    ("title", "external_id"),
                    ("format", "seconds"),
                    ("language", "voice", "music", "illustrate"),
                    ("wants_publishing", "priority"),
                    ("source_kind", "source"),
                ],
            },
        ),
        (
            "Where it stands",
            {
                "classes": ["tab"],
                "fields": [
                    ("state", "reason_code"),
                    "reason",
                    ("counted", "version"),
                    ("created_at", "changed_at", "deleted_at"),
                ],
            },
        ),
        ("Plan", {"classes": ["tab"], "fields": ["plan"]}),
    ]
    change_form_outer_before_template = "admin/videos/video/overview.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Video]:
        found: QuerySet[Video] = super().get_queryset(request)
        runs = StageRun.objects.only("video", "stage", "state", "fraction", "position", "phase")
        return found.prefetch_related(Prefetch("runs", runs, to_attr="shown_runs"))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        video = self.get_object(request, object_id)
        shown = _shown(video) if video and self.has_view_permission(request, video) else {}
        if video and self.has_operate_permission(request, video):
            shown["operate"] = _offered(video)
        extra = {**(extra_context or {}), **shown}
        answer: HttpResponse = super().change_view(request, object_id, form_url, extra)
        return answer

    @admin.display(description="Video", ordering="title")
    def name(self, video: Video) -> str:
        return str(video)

    @admin.display(description="Team and channel", ordering="team__name")
    def where(self, video: Video) -> str:
        return format_html('{}<br><span class="op-quiet">{}</span>', video.team, video.channel)

    @admin.display(description="Format", ordering="format")
    def shape(self, video: Video) -> str:
        return f"{video.format}, {video.seconds}\N{NO-BREAK SPACE}s"

    @display(description="State", ordering="state", label={**BADGES, "deleted": ""})  # type: ignore[untyped-decorator]
    def badge(self, video: Video) -> str:
        return "deleted" if video.deleted_at else video.state

    @admin.display(description="Done")
    def how_far(self, video: Any) -> str:
        found = progress.of(video.shown_runs)
        percent = round(100 * found.fraction)
        return format_html(
            '<span class="op-far"><progress class="op-progress" max="100" value="{}"></progress>'
            '{}\N{NO-BREAK SPACE}%<span class="op-quiet">{}</span></span>',
            percent,
            percent,
            found.stage,
        )

    @admin.action(description="Resume or retry", permissions=["operate"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Video]) -> HttpResponse:
        return self._each(request, queryset, "resume")

    @admin.action(description="Pause", permissions=["operate"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Video]) -> HttpResponse:
        return self._each(request, queryset, "pause")

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Video]) -> HttpResponse:
        return self._each(request, queryset, "cancel")

    @admin.action(description="Approve", permissions=["operate"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Video]) -> HttpResponse:
        return self._each(request, queryset, "approve")

    @admin.action(description="Delete", permissions=["operate"])
    def put_into_bin(self, request: HttpRequest, queryset: QuerySet[Video]) -> HttpResponse:
        return self._each(request, queryset, "delete")

    @admin.action(description="Restore", permissions=["operate"])
    def restore(self, request: HttpRequest, queryset: QuerySet[Video]) -> HttpResponse:
        return self._each(request, queryset, "restore")

    def _each(self, request: HttpRequest, rows: QuerySet[Video], name: str) -> HttpResponse:
        verb, done = _ACTS[name]

        def act(video: Video) -> None:
            by: Actor = operator(video.team)
            verb(by=by, video=video)

        return self.each(request, rows.select_related("team"), act, done)


def _offered(video: Video) -> list[tuple[str, str]]:
    """The acts that make sense now; what may be done is the verbs' to say."""
    if video.deleted_at:
        return [("restore", "Restore")]
    may = desk.may(video, operator(video.team))
    acts = [
        ("resume", "Resume or retry"),
        ("pause", "Pause"),
        ("approve", "Approve"),
        ("cancel", "Cancel"),
        ("delete", "Delete"),
    ]
    return [("put_into_bin" if act == "delete" else act, text) for act, text in acts if may[act]]


def _shown(video: Video) -> dict[str, Any]:
    """The timeline, whose parts say where each of their files can be had."""
    found = timeline.of(video)
    parts = [part for lane in found.lanes for part in lane.parts]
    kept = files_of(video.team_id, [part.artifact.files for part in parts])
    for part, files in zip(parts, kept, strict=True):
        vars(part)["kept_files"] = files
    return {"timeline": found}
