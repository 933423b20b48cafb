from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from billing.balances import CURRENCY
from billing.models import Balance, Budget, CostEntry, Hold
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


@admin.register(Budget)
class BudgetAdmin(ReadOnly):
    list_display = ["team", "scope", "subject_id", "window", "limit", "created_at"]
    list_filter = ["scope", "window", ("team", AutocompleteSelectFilter)]
    list_select_related = ["team"]
    search_fields = ["=subject_id", "team__name"]
    ordering = ["-id"]

    @admin.display(ordering="limit_micros")
    def limit(self, budget: Budget) -> str:
        return shown(budget.limit_micros, CURRENCY)


@admin.register(Balance)
class BalanceAdmin(ReadOnly):
    list_display = ["budget", "subject_id", "starts", "spent", "set_aside", "limit"]
    list_filter = ["budget__scope", "budget__window"]
    list_select_related = ["budget"]
    search_fields = ["=subject_id", "=budget__id"]
    ordering = ["-id"]

    @admin.display(ordering="spent_micros")
    def spent(self, balance: Balance) -> str:
        return shown(balance.spent_micros, CURRENCY)

    @admin.display(ordering="held_micros")
    def set_aside(self, balance: Balance) -> str:
        return shown(balance.held_micros, CURRENCY)

    @admin.display(ordering="limit_micros")
    def limit(self, balance: Balance) -> str:
        return shown(balance.limit_micros, CURRENCY)
