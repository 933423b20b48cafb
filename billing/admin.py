from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from billing.models import CostEntry, Hold
from config.kit.admin import ReadOnly
from config.kit.money import shown


@admin.register(CostEntry)
class CostEntryAdmin(ReadOnly):
    list_display = [
        "at",
        "team",
        "video_id",
        "stage",
        "provider",
        "quantity",
        "unit",
        "amount",
        "kind",
    ]
    list_filter = ["kind", "stage", "provider", ("team", AutocompleteSelectFilter)]
    list_select_related = ["team"]
    search_fields = ["=video_id", "provider", "part"]
    ordering = ["-id"]

    @admin.display(ordering="amount_micros")
    def amount(self, entry: CostEntry) -> str:
        return shown(entry.amount_micros, entry.currency)


@admin.register(Hold)
class HoldAdmin(ReadOnly):
    list_display = [
        "created_at",
        "team",
        "video_id",
        "stage",
        "provider",
        "amount",
        "badge",
        "doubt",
    ]
    list_filter = ["state", "doubt", ("team", AutocompleteSelectFilter)]
    list_select_related = ["team"]
    search_fields = ["=video_id", "provider", "part"]
    ordering = ["-id"]

    @admin.display(ordering="amount_micros")
    def amount(self, hold: Hold) -> str:
        return shown(hold.amount_micros, hold.currency)
