from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from config.kit.admin import ReadOnly
from config.kit.errors import Refused
from teams.access import Actor, operator
from videos import actions
from videos.models import Artifact, Asset, Reply, RunPart, Scene, ScriptVersion, StageRun, Video

_SHOWN = (
    "stage",
    "state",
    "fraction",
    "phase",
    "attempt",
    "worker",
    "started_at",
    "ended_at",
    "reason",
)


class RunInline(admin.TabularInline[StageRun, Video]):
    model = StageRun
    fields = readonly_fields = _SHOWN
    ordering = ["position"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Video)
class VideoAdmin(ReadOnly):
    list_display = [
        "__str__",
        "team",
        "channel",
        "format",
        "seconds",
        "state",
        "reason",
        "page",
        "created_at",
    ]
    list_filter = ["state", "format", "channel", "team"]
    list_select_related = ["team", "channel"]
    search_fields = ["title", "id"]
    ordering = ["-id"]
    inlines = [RunInline]
    actions = ["resume", "pause", "cancel", "approve"]

    @admin.display(description="Page")
    def page(self, video: Video) -> str:
        return format_html('<a href="{}">open</a>', reverse("videos:detail", args=[video.pk]))

    @admin.action(description="Resume or retry", permissions=["operate"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        self._each(request, queryset, lambda by, video: actions.resume(by=by, video=video))

    @admin.action(description="Pause", permissions=["operate"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        self._each(request, queryset, lambda by, video: actions.pause(by=by, video=video))

    @admin.action(description="Cancel", permissions=["operate"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        self._each(request, queryset, lambda by, video: actions.cancel(by=by, video=video))

    @admin.action(description="Approve", permissions=["operate"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Video]) -> None:
        self._each(request, queryset, lambda by, video: actions.approve(by=by, video=video))

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[Video],
        act: Callable[[Actor, Video], object],
    ) -> None:
        for video in queryset.select_related("team"):
            try:
                act(operator(video.team), video)
            except Refused as refusal:
                self.message_user(request, f"{video}: {refusal.message}", messages.WARNING)


@admin.register(StageRun)
class StageRunAdmin(ReadOnly):
    list_display = [
        "video",
        "stage",
        "state",
        "fraction",
        "attempt",
        "worker",
        "lease_until",
        "reason",
    ]
    list_filter = ["state", "stage", "cluster"]
    list_select_related = ["video"]
    ordering = ["-id"]
    actions = ["retry"]

    @admin.action(description="Do again from here", permissions=["operate"])
    def retry(self, request: HttpRequest, queryset: QuerySet[StageRun]) -> None:
        for run in queryset.select_related("video__team"):
            try:
                actions.retry_stage(by=operator(run.video.team), run=run)
            except Refused as refusal:
                self.message_user(request, f"{run}: {refusal.message}", messages.WARNING)


@admin.register(Scene)
class SceneAdmin(ReadOnly):
    list_display = ["video", "position", "uid", "headline"]
    list_select_related = ["video"]
    search_fields = ["headline", "narration"]


@admin.register(ScriptVersion)
class ScriptVersionAdmin(ReadOnly):
    list_display = ["video", "number", "sha256", "saved_by_id", "created_at"]
    list_select_related = ["video"]


@admin.register(Artifact)
class ArtifactAdmin(ReadOnly):
    list_display = ["key", "team", "stage", "provider", "size", "created_at"]
    list_filter = ["stage", "team"]
    list_select_related = ["team"]
    search_fields = ["key"]


@admin.register(RunPart)
class RunPartAdmin(ReadOnly):
    list_display = ["run", "part", "artifact", "was_made", "at"]
    list_select_related = ["run", "artifact"]


@admin.register(Reply)
class ReplyAdmin(ReadOnly):
    list_display = ["request", "team", "sha256", "at"]
    list_select_related = ["team"]


@admin.register(Asset)
class AssetAdmin(ReadOnly):
    list_display = ["name", "team", "content_type", "size", "created_at"]
    list_select_related = ["team"]
    search_fields = ["name", "sha256"]
