from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSplitDateTimeWidget

from billing import price_lists, price_pages
from billing.balances import CURRENCY
from billing.models import Balance, Budget, Commitment, CostEntry, Hold, Price, Rate
from config.kit.admin import ReadOnly, ThroughVerbs, VerbForm
from config.kit.money import MICROS, micros, shown
from config.kit.site import Operators


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


@admin.register(Commitment)
class CommitmentAdmin(ReadOnly):
    list_display = ["created_at", "team", "batch_id", "amount", "left", "state"]
    list_filter = ["state", ("team", AutocompleteSelectFilter)]
    list_select_related = ["team"]
    search_fields = ["=batch_id"]
    ordering = ["-id"]

    @admin.display(ordering="amount_micros")
    def amount(self, commitment: Commitment) -> str:
        return shown(commitment.amount_micros, CURRENCY)

    @admin.display(ordering="left_micros")
    def left(self, commitment: Commitment) -> str:
        return shown(commitment.left_micros, CURRENCY)


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


class PriceBook(ThroughVerbs):
    """What was booked stays as it was, whatever changes here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"billing.add_{self.opts.model_name}")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(f"billing.delete_{self.opts.model_name}")

    def add_row(self, row: Any, wanted: Mapping[str, Any]) -> Any:
        return price_lists.enter(row)

    def change_row(self, row: Any, wanted: Mapping[str, Any]) -> None:
        price_lists.change(row, wanted)

    def delete_row(self, row: Any) -> None:
        price_lists.remove(row)


class PriceForm(VerbForm):
    """Amounts as people write them."""

    price = forms.DecimalField(
        required=False, max_digits=15, decimal_places=6, help_text="In the currency, for so many."
    )
    valid_from = forms.SplitDateTimeField(
        required=False, widget=UnfoldAdminSplitDateTimeWidget, help_text="Empty: from now on."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price"].widget = UnfoldAdminDecimalFieldWidget()
        if self.instance.pk and not self.instance.is_free:
            self.initial["price"] = Decimal(self.instance.amount_micros) / MICROS

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        price, is_free = given.get("price"), given.get("is_free")
        if is_free and price:
            self.add_error("price", "What costs nothing has no price.")
        self.instance.amount_micros = micros(price) if price else 0
        return given

    def wanted(self) -> dict[str, Any]:
        wanted = super().wanted()
        if wanted.pop("price", None) is not None or "is_free" in wanted:
            wanted["amount_micros"] = self.instance.amount_micros
        return wanted


@admin.register(Price)
class PriceAdmin(PriceBook):
    """A later row for the same takes the place of an earlier one when its moment comes. Without a
    model it holds for all models of the vendor, without a vendor it is the worst case."""

    form = PriceForm
    list_display = ["provider", "model", "unit", "amount", "per", "valid_from", "is_seeded"]
    list_filter = ["provider", "unit", "currency"]
    search_fields = ["provider", "model"]
    ordering = ["provider", "model", "unit", "-valid_from"]
    fields = [
        "provider",
        "model",
        "unit",
        "per",
        "price",
        "currency",
        "is_free",
        "valid_from",
        "note",
    ]

    @admin.display(description="price", ordering="amount_micros")
    def amount(self, price: Price) -> str:
        return "free" if price.is_free else price.shown


@admin.register(Rate)
class RateAdmin(PriceBook):
    """How many dollars one unit of a currency is: fixed for each entry when it is booked."""

    list_display = ["currency", "rate", "valid_from"]
    ordering = ["currency", "-valid_from"]
    fields = ["currency", "rate", "valid_from"]


cast(Operators, admin.site).add_page("price-list/", price_pages.price_list, name="price-list")
