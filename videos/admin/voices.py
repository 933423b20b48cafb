from collections.abc import Mapping
from typing import Any, cast

from django.contrib import admin
from django.db.models import Exists, QuerySet
from django.http import HttpRequest

from config.kit.admin import ThroughVerbs
from teams.models import Team
from videos import vendor_voices
from videos.models import VendorVoice
from videos.voice_models import FOR_ALL


class AssignedFilter(admin.SimpleListFilter):
    title = "assignment"
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "Assigned to no team"), ("yes", "Assigned")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[VendorVoice]) -> Any:
        if self.value() not in ("no", "yes"):
            return queryset
        own = queryset.exclude(category__in=FOR_ALL)
        return own.filter(teams__isnull=self.value() == "no").distinct()


@admin.register(VendorVoice)
class VendorVoiceAdmin(ThroughVerbs):
    """The voices of this installation's accounts. One that was made there (a copy of a person's, or
    an invented one) is used by the teams that it is assigned to; the only team of an installation
    has them all."""

    list_display = ["name", "vendor", "category", "used_by", "is_gone", "listed_at"]
    list_filter = [AssignedFilter, "vendor", "category", "is_gone"]
    search_fields = ["name", "=voice_id"]
    ordering = ["vendor", "name", "id"]
    fields = ["name", "vendor", "voice_id", "category", "is_gone", "listed_at", "teams"]
    readonly_fields = ["name", "vendor", "voice_id", "category", "is_gone", "listed_at"]
    autocomplete_fields = ["teams"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[VendorVoice]:
        found = cast(QuerySet[VendorVoice], super().get_queryset(request))
        a_second = Exists(Team.objects.order_by("id")[1:])
        return found.annotate(has_several=a_second).prefetch_related("teams")

    @admin.display(description="Used by")
    def used_by(self, voice: Any) -> str:
        if voice.is_for_all:
            return "every team"
        assigned = sorted(team.name for team in voice.teams.all())
        return ", ".join(assigned) or (
            "nobody: assign it" if voice.has_several else "the only team"
        )

    def change_row(self, row: VendorVoice, wanted: Mapping[str, Any]) -> None:
        if "teams" in wanted:
            vendor_voices.assign(row, list(wanted["teams"]))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The verb has assigned the teams."""
