from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from config.kit.admin import ReadOnly, ago
from teams.access import operator
from videos import actions, operations
from videos.models import Reply, RunPart, Scene, ScriptVersion, StageRun


class StuckFilter(admin.SimpleListFilter):
    title = "stuck"
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Stuck, whatever holds it"), *operations.TROUBLES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value()
        if wanted in operations.TROUBLES:
            return queryset.filter(trouble=wanted)
        return queryset.exclude(trouble="") if wanted else queryset


@admin.register(StageRun)
class StageRunAdmin(ReadOnly):
    list_display = [
        "of",
        "stage",
        "badge",
        "held_by",
        "attempt",
        "cluster",
        "worker",
        "since",
        "how_far",
    ]
    list_filter = [StuckFilter, "state", "stage", "cluster"]
    list_select_related = ["video__team"]
    search_fields = ["video__title", "=video__id", "worker", "video__team__name"]
    ordering = ["-id"]
    actions = ["retry", "cancel"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[StageRun]:
        found: QuerySet[StageRun] = super().get_queryset(request)
        return operations.troubled(found.defer("video__source", "video__plan"))

    @admin.display(description="Video")
    def of(self, run: StageRun) -> str:
        page = reverse("admin:videos_video_change", args=[run.video_id])
        return format_html(
            '<a href="{}">{}</a><br><span class="op-quiet">{}</span>',
            page,
            run.video,
            run.video.team,
        )

    @admin.display(description="What holds it")
    def held_by(self, run: Any) -> str:
        return ". ".join(filter(None, [operations.TROUBLES.get(run.trouble, ""), run.reason]))

    @admin.display(description="Since")
    def since(self, run: StageRun) -> str:
        return ago(run.ended_at if run.ended_at else run.started_at or run.due_at)

    @admin.display(description="Done", ordering="fraction")
    def how_far(self, run: StageRun) -> str:
        return f"{round(100 * run.fraction)} % {run.phase}".strip()

    @admin.action(description="Do again from here", permissions=["operate"])
    def retry(self, request: HttpRequest, queryset: QuerySet[StageRun]) -> HttpResponse:
        def act(run: StageRun) -> None:
            actions.retry_stage(by=operator(run.video.team), run=run)

        return self.each(request, _with_team(queryset), act, done="Started again")

    @admin.action(description="Cancel the video", permissions=["operate"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[StageRun]) -> HttpResponse:
        def act(run: StageRun) -> None:
            actions.cancel(by=operator(run.video.team), video=run.video)

        once = {run.video_id: run for run in _with_team(queryset)}
        return self.each(request, once.values(), act, done="Cancelled")


def _with_team(runs: QuerySet[StageRun]) -> QuerySet[StageRun]:
    """Whole videos: what a verb gets, it may read."""
    return StageRun.objects.filter(pk__in=list(runs.values_list("pk", flat=True))).select_related(
        "video__team"
    )


@admin.register(Scene)
class SceneAdmin(ReadOnly):
    list_display = ["video", "position", "uid", "headline", "voice"]
    list_select_related = ["video"]
    search_fields = ["headline", "narration", "=video__id"]
    ordering = ["-video_id", "position"]


@admin.register(ScriptVersion)
class ScriptVersionAdmin(ReadOnly):
    list_display = ["video", "number", "sha256", "saved_by_id", "age"]
    list_select_related = ["video"]
    search_fields = ["=video__id"]
    ordering = ["-id"]


@admin.register(RunPart)
class RunPartAdmin(ReadOnly):
    list_display = ["run", "part", "artifact", "was_made", "at"]
    list_filter = ["was_made"]
    list_select_related = ["run", "artifact"]
    search_fields = ["=run__video__id", "part"]
    ordering = ["-id"]


@admin.register(Reply)
class ReplyAdmin(ReadOnly):
    list_display = ["request", "team", "sha256", "at"]
    list_select_related = ["team"]
    search_fields = ["request"]
    ordering = ["-id"]
