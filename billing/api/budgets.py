"""Endpoints of budgets."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing import budgets, standing
from billing.balances import CURRENCY
from billing.models import Budget, Scope, Window
from billing.standing import Standing
from config.kit import api
from config.kit.openapi import EXAMPLES, described

MOST_MICROS = 10**15
_EACH_CHANNEL = OpenApiExample(
    "Fifty dollars a month for each channel",
    value={"scope": "channel", "window": "month", "limit_micros": 50_000_000},
    request_only=True,
)
_EACH_VIDEO = OpenApiExample(
    "Two dollars for each video",
    value={"scope": "video", "window": "total", "limit_micros": 2_000_000},
    request_only=True,
)
_MORE = OpenApiExample("Raise it", value={"limit_micros": 80_000_000}, request_only=True)
EXAMPLES.update({"label": "Deep Water", "fullest_label": None, "window_starts": "2026-11-01"})
EXAMPLES.update({"limit_micros": 50_000_000, "spent_micros": 31_400_000, "percent": 62})
EXAMPLES.update({"held_micros": 600_000, "left_micros": 18_000_000, "waiting": 0})


class BudgetShown(serializers.ModelSerializer[Budget]):
    label = serializers.SerializerMethodField()  # type: ignore[assignment] # a field of that name
    currency = serializers.SerializerMethodField()
    held_micros = serializers.SerializerMethodField()
    spent_micros = serializers.SerializerMethodField()
    left_micros = serializers.SerializerMethodField()
    percent = serializers.SerializerMethodField(help_text="Of the limit, spent.")
    fullest_id = serializers.SerializerMethodField(
        help_text="Which channel, batch or video has used most: the amounts are its."
    )
    fullest_label = serializers.SerializerMethodField()
    window_starts = serializers.SerializerMethodField()
    waiting = serializers.SerializerMethodField(help_text="Videos that wait for room in it.")

    class Meta:
        model = Budget
        fields = [
            "id",
            "scope",
            "subject_id",
            "label",
            "window",
            "window_starts",
            "limit_micros",
            "held_micros",
            "spent_micros",
            "left_micros",
            "currency",
            "percent",
            "fullest_id",
            "fullest_label",
            "waiting",
            "version",
            "created_at",
        ]

    def _standing(self, row: Budget) -> Standing:
        found: Standing = self.context["view"].standing_of(row)
        return found

    def get_label(self, row: Budget) -> str:
        return self._standing(row).label.text

    def get_currency(self, row: Budget) -> str:
        return CURRENCY

    def get_held_micros(self, row: Budget) -> int:
        return self._standing(row).held_micros

    def get_spent_micros(self, row: Budget) -> int:
        return self._standing(row).spent_micros

    def get_left_micros(self, row: Budget) -> int:
        return self._standing(row).left_micros

    def get_percent(self, row: Budget) -> int:
        return self._standing(row).percent

    @extend_schema_field({"type": ["integer", "null"]})
    def get_fullest_id(self, row: Budget) -> int | None:
        return self._standing(row).fullest_id or None

    @extend_schema_field({"type": ["string", "null"]})
    def get_fullest_label(self, row: Budget) -> str | None:
        fullest = self._standing(row).fullest
        return fullest.text if fullest else None

    @extend_schema_field({"type": ["string", "null"], "format": "date"})
    def get_window_starts(self, row: Budget) -> str | None:
        starts = self._standing(row).starts
        return starts.isoformat() if starts else None

    def get_waiting(self, row: Budget) -> int:
        return len(self._standing(row).waiting)


class BudgetChange(api.Input):
    limit_micros = api.Number(min_value=1, max_value=MOST_MICROS)


class BudgetNew(BudgetChange):
    scope = api.Choice(Scope.choices)
    subject_id = api.Number(
        required=False,
        min_value=0,
        max_value=2**53,
        help_text="The channel, batch or video; 0 or not said: each one of its kind.",
    )
    window = api.Choice(
        Window.choices, help_text="In UTC. A budget for each paid request counts over none."
    )


class BudgetQuery(api.Query):
    scope = serializers.ChoiceField(Scope.choices, required=False)


class _Budgets(api.Door[Budget]):
    resource = "costs"
    right = "may_set_budgets"
    serializer_class = BudgetShown
    input_class: type[serializers.BaseSerializer[Any]] = BudgetNew

    def rows(self) -> QuerySet[Budget]:
        return budgets.visible_to(self.by)

    @cached_property
    def standings(self) -> dict[int, Standing]:
        return {}

    def standing_of(self, row: Budget) -> Standing:
        """Of the rows of a page all are asked for at once."""
        if row.pk not in self.standings:
            self.standings.update(standing.of([row]))
        return self.standings[row.pk]


class BudgetList(_Budgets, api.List[Budget]):
    """Budgets, and how they stand: what may be spent is never passed."""

    query_class = BudgetQuery

    def page(self, asked: Mapping[str, Any]) -> list[Budget]:
        rows = super().page(asked)
        self.standings.update(standing.of(rows))
        return rows

    def narrowed(self, rows: QuerySet[Budget], asked: Mapping[str, Any]) -> QuerySet[Budget]:
        return rows.filter(scope=asked["scope"]) if "scope" in asked else rows

    @described(
        BudgetNew,
        BudgetShown,
        status=201,
        summary="Set a budget",
        examples=[_EACH_CHANNEL, _EACH_VIDEO],
    )
    def post(self, request: Request) -> Response:
        wanted = self.checked()
        return self.makes(lambda: budgets.create(by=self.by, **wanted))


class BudgetOne(_Budgets, api.One[Budget]):
    """A budget, and how it stands."""

    is_kept_by_version = False  # money moves without another version
    input_class = BudgetChange

    @described(BudgetChange, BudgetShown, summary="Raise or lower a budget", examples=[_MORE])
    def patch(self, request: Request, pk: int) -> Response:
        budget, wanted, version = self.get_object(), self.checked(partial=True), self.seen()
        limit_micros = wanted.get("limit_micros", budget.limit_micros)
        changed = budgets.change_limit(
            by=self.by, budget=budget, limit_micros=limit_micros, version=version
        )
        return self.answers(changed)

    @described(None, None, status=204, summary="Remove a budget; what waits for it goes on")
    def delete(self, request: Request, pk: int) -> Response:
        budget, version = self.get_object(), self.seen()
        budgets.remove(by=self.by, budget=budget, version=version)
        return Response(status=204)
