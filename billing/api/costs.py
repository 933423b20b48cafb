"""Endpoints of what was spent: the entries of the ledger, and their sums."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing import spending
from billing.balances import CURRENCY
from billing.models import CostEntry
from config.kit import api
from config.kit.openapi import EXAMPLES
from teams.access import team_for_costs

EARLIEST = date(2000, 1, 1)
EXAMPLES.update({"stage": "narration", "part": "scene:aaaa0001", "model": "eleven_flash_v2_5"})
EXAMPLES.update({"quantity": "412.000000", "rate": "1.000000000", "charged_currency": "USD"})
EXAMPLES.update({"amount_micros": 41_200, "total_micros": 1_250_000, "by": "channel"})


class EntryShown(serializers.ModelSerializer[CostEntry]):
    kind = serializers.ChoiceField(
        CostEntry.Kind.choices,
        help_text="`unknown`: the outcome was never learnt, so it is booked at its worst case. "
        "`correction`: what an earlier entry differs by from what was learnt since.",
    )
    unit = serializers.CharField(help_text="What was counted, such as characters or seconds.")
    charged_micros = serializers.IntegerField(
        allow_null=True, help_text="As the vendor bills it, in `charged_currency`."
    )

    class Meta:
        model = CostEntry
        fields = [
            "id",
            "at",
            "video_id",
            "channel_id",
            "batch_id",
            "stage",
            "part",
            "provider",
            "model",
            "kind",
            "unit",
            "quantity",
            "amount_micros",
            "currency",
            "charged_micros",
            "charged_currency",
            "rate",
        ]


class _Where(api.Input):
    since = serializers.DateField(required=False, help_text="The first day, in UTC.")
    until = serializers.DateField(required=False, help_text="The last day, in UTC.")
    channel = serializers.IntegerField(required=False, min_value=1, max_value=2**53)
    batch = serializers.IntegerField(required=False, min_value=1, max_value=2**53)
    video = serializers.IntegerField(required=False, min_value=1, max_value=2**53)
    stage = serializers.CharField(required=False, max_length=40)
    provider = serializers.CharField(
        required=False, max_length=200, help_text="The vendor, such as elevenlabs."
    )
    unit = serializers.CharField(required=False, max_length=20)
    kind = serializers.ChoiceField(CostEntry.Kind.choices, required=False)

    def validate(self, attrs: Mapping[str, Any]) -> Mapping[str, Any]:
        for name in ("since", "until"):
            if name in attrs and not EARLIEST <= attrs[name] <= date(9000, 1, 1):
                raise serializers.ValidationError({name: "No entry is from then."})
        return attrs


class EntryQuery(_Where, api.Query):
    pass


class SummaryQuery(_Where, api.Query):
    by = serializers.ChoiceField(
        spending.BY,
        required=False,
        default="month",
        help_text="What is alike in the entries of a sum; the month if not said.",
    )


class GroupShown(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="The id, name, day or month that `by` asks for.")
    label = serializers.CharField(source="label.text")  # type: ignore[assignment]
    amount_micros = serializers.IntegerField()
    currency = serializers.CharField(default=CURRENCY)
    entries = serializers.IntegerField()


class _Costs(api.Door[CostEntry]):
    resource = "costs"
    serializer_class: type[serializers.BaseSerializer[Any]] = EntryShown

    def rows(self) -> QuerySet[CostEntry]:
        """Raises Forbidden."""
        team_for_costs(self.by, self.by.team_id)
        return spending.visible_to(self.by)


class EntryList(_Costs, api.List[CostEntry]):
    """What was bought, entry by entry, the newest first. Entries never change."""

    query_class = EntryQuery

    def narrowed(self, rows: QuerySet[CostEntry], asked: Mapping[str, Any]) -> QuerySet[CostEntry]:
        return _asked(asked).of(rows)


class Summary(_Costs, api.List[CostEntry]):
    """What was spent in sums, the dearest first; days and months in their order."""

    serializer_class = GroupShown
    query_class = SummaryQuery

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows, asked = self.rows(), self.asked()
        groups = spending.grouped(self.by.team_id, _asked(asked).of(rows), asked["by"])
        shown = GroupShown(groups, many=True).data
        return Response({"next": None, "previous": None, "results": shown})


def _asked(asked: Mapping[str, Any]) -> spending.Asked:
    places = ("limit", "cursor", "by")
    return spending.Asked(**{name: given for name, given in asked.items() if name not in places})
