from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar, TypeVar, cast

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Count, F, QuerySet
from django.db.models.functions import Now, TruncDate
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.timesince import timesince
from unfold.admin import ModelAdmin
from unfold.decorators import display

from config.kit import files, jobs, mail
from config.kit.database import after, rehearse
from config.kit.errors import Refused
from config.kit.models import Blob, BlobRef, ClusterBeat, Mail, SlowQuery, Tally
from config.kit.pages import goes_back
from config.kit.templatetags.studio import TONES

_COLOURS = {
    "good": "success",
    "busy": "info",
    "warn": "warning",
    "bad": "danger",
    "accent": "primary",
}
BADGES = {state: _COLOURS.get(tone, "") for state, tone in TONES.items()} | {
    "sending": "info",
    "sent": "success",
    "unknown": "danger",
}
R = TypeVar("R", bound=models.Model)


class Rows(ModelAdmin):
    """What every list of ours has: states in colour, pages of 50, no count of the whole table."""

    list_per_page = 50
    show_full_result_count = False
    list_filter_submit = True
    actions_on_top = True

    @display(description="State", ordering="state", label=BADGES)  # type: ignore[untyped-decorator]
    def badge(self, row: Any) -> str:
        return str(row.state)

    @display(description="Size", ordering="size")  # type: ignore[untyped-decorator]
    def bytes(self, row: Any) -> str:
        return filesizeformat(row.size)

    @display(description="Age", ordering="created_at")  # type: ignore[untyped-decorator]
    def age(self, row: Any) -> str:
        return ago(row.created_at)

    def has_operate_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """For actions that call a verb: only who could change such a row may."""
        meta = self.opts
        return request.user.has_perm(f"{meta.app_label}.change_{meta.model_name}")

    def each(
        self, request: HttpRequest, rows: Iterable[R], act: Callable[[R], object], done: str
    ) -> HttpResponse:
        """Calls a verb for each row, tells what it refuses, and leads back to where one was."""
        count = 0
        for row in rows:
            try:
                act(row)
            except Refused as refusal:
                self.message_user(request, f"{row}: {refusal.message}", messages.WARNING)
            else:
                count += 1
        if count:
            self.message_user(request, f"{done}: {count}.", messages.SUCCESS)
        return goes_back(request, otherwise=request.get_full_path())


def ago(moment: Any) -> str:
    """How long ago, in its largest unit."""
    if not moment:
        return "–"
    found = timesince(moment, depth=1)
    return "just now" if found.startswith("0") else found


class ReadOnly(Rows):
    """For rows that only the code writes: to look at, never to change."""

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


class VerbForm(forms.ModelForm[Any]):
    """Shows what the verb refuses, as it shows what the model refuses."""

    act: ClassVar[Callable[[Any, Mapping[str, Any]], object]]

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            rehearse(lambda: type(self).act(self.instance, self.wanted()))
        except Refused as refusal:
            self.add_error(None, refusal.message)

    def wanted(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}


class ThroughVerbs(Rows):
    """For rows that people change: each change is a verb's. What has no verb can't be done."""

    form = VerbForm

    def change_row(self, row: Any, wanted: Mapping[str, Any]) -> object:
        """Calls the verb; `row` shows what was asked for already, so the verb reads it anew."""
        raise NotImplementedError

    def add_row(self, row: Any, wanted: Mapping[str, Any]) -> models.Model:
        raise NotImplementedError

    def delete_row(self, row: Any) -> object:
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[VerbForm]:
        form = cast(type[VerbForm], super().get_form(request, obj, change=change, **kwargs))
        form.act = self.change_row if change else self.add_row
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            self.change_row(obj, form.wanted())
        else:
            obj.pk = self.add_row(obj, form.wanted()).pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_row(obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Rows are deleted one by one, each with its own answer."""
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        return found

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refused as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return HttpResponseRedirect(request.path)


@admin.register(Blob)
class BlobAdmin(ReadOnly):
    list_display = ["sha256", "team_id", "bytes", "content_type", "holders", "age", "file"]
    list_filter = ["content_type"]
    search_fields = ["sha256", "=team_id"]
    ordering = ["-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Blob]:
        found = cast(QuerySet[Blob], super().get_queryset(request))
        return found.annotate(holders=Count("refs"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download)
        return [path("<int:pk>/file/", view, name="kit_blob_file"), *super().get_urls()]

    @admin.display(description="Holders", ordering="holders")
    def holders(self, blob: Any) -> int:
        return int(blob.holders)

    @admin.display(description="File")
    def file(self, blob: Blob) -> str:
        return format_html(
            '<a href="{}">Download</a>', reverse("admin:kit_blob_file", args=[blob.pk])
        )

    def download(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Always as a file to keep: what somebody uploaded is never shown on this site."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        blob = get_object_or_404(Blob, pk=pk)
        name = request.GET.get("name", "").rpartition("/")[2] or blob.sha256[:16]
        return files.serve(request, blob, filename=name, download=True)


@admin.register(BlobRef)
class BlobRefAdmin(ReadOnly):
    list_display = ["name", "kind", "ref_id", "blob"]
    list_filter = ["kind"]
    list_select_related = ["blob"]
    search_fields = ["name", "blob__sha256", "=ref_id"]
    ordering = ["-id"]


@admin.register(ClusterBeat)
class ClusterBeatAdmin(ReadOnly):
    list_display = ["cluster", "host", "pid", "workers", "alive", "up", "beat_at", "answered_at"]
    ordering = ["cluster", "host", "pid"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ClusterBeat]:
        found = cast(QuerySet[ClusterBeat], super().get_queryset(request))
        return found.annotate(silence=Now() - F("beat_at"))

    @display(description="Alive", boolean=True)  # type: ignore[untyped-decorator]
    def alive(self, beat: Any) -> bool:
        return bool(beat.silence <= jobs.FRESH)

    @admin.display(description="Up for", ordering="started_at")
    def up(self, beat: ClusterBeat) -> str:
        return ago(beat.started_at)


@admin.register(Mail)
class MailAdmin(ReadOnly):
    """Without the words of a letter: they may hold a link that signs somebody in."""

    list_display = ["to", "letter", "subject", "badge", "attempt", "age", "due_at", "error"]
    list_filter = ["state", "letter"]
    search_fields = ["to", "subject"]
    ordering = ["-id"]
    exclude = ["text", "html"]
    actions = ["send_again"]

    @admin.action(description="Send again", permissions=["operate"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> HttpResponse:
        return self.each(request, queryset, mail.send_again, done="Put back into the outbox")


OrmQ = apps.get_model("django_q", "OrmQ")
for shown in apps.get_app_config("django_q").get_models():
    if admin.site.is_registered(shown):
        admin.site.unregister(shown)  # they would be written past our verbs


@admin.register(OrmQ)
class QueueAdmin(ReadOnly):
    """Tasks that wait in the broker; each is a wake, whose work is a row of ours."""

    list_display = ["key", "name", "wakes", "lock"]
    list_filter = ["key"]
    ordering = ["id"]
    fields = ["key", "name", "wakes", "lock"]
    readonly_fields = ["name", "wakes"]

    @admin.display(description="Task")
    def name(self, task: Any) -> str:
        return str(task.task.get("name", ""))

    @admin.display(description="Calls")
    def wakes(self, task: Any) -> str:
        return str(task.task.get("func", ""))


class DayFilter(admin.SimpleListFilter):
    """Of the day, unless asked for more: what was slow last week is mended or was not the worst."""

    title = "day"
    parameter_name = "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("7", "The last 7 days"), ("14", "The last 14 days")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        everything, *rest = super().choices(changelist)
        yield {**everything, "display": "Today (UTC)"}
        yield from rest

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        days = int(self.value() or 1)
        return queryset.filter(day__gt=TruncDate(after(timedelta(days=-days))))


@admin.register(SlowQuery)
class SlowQueryAdmin(ReadOnly):
    """The worst first: what cost the most time in all."""

    list_display = ["shape", "count", "worst", "mean", "total", "caller", "worst_in", "day"]
    list_filter = [DayFilter]
    search_fields = ["statement", "caller", "worst_in"]
    ordering = ["-total_ms", "-id"]

    @admin.display(description="Statement")
    def shape(self, query: SlowQuery) -> str:
        return Truncator(query.statement).chars(120)

    @admin.display(description="Worst", ordering="worst_ms")
    def worst(self, query: SlowQuery) -> str:
        return f"{query.worst_ms} ms"

    @admin.display(description="Mean")
    def mean(self, query: SlowQuery) -> str:
        return f"{query.total_ms // max(1, query.count)} ms"

    @admin.display(description="In all", ordering="total_ms")
    def total(self, query: SlowQuery) -> str:
        return f"{query.total_ms / 1000:.1f} s"


@admin.register(Tally)
class TallyAdmin(ReadOnly):
    list_display = ["name", "labels", "count"]
    list_filter = ["name"]
    ordering = ["name", "labels"]
