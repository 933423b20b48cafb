"""Endpoints of what was spent: the entries of the ledger, and their sums."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing import columns, compared, spending
from billing.balances import CURRENCY
from billing.models import CostEntry, Estimate
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
        fields = columns.ENTRY


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


class ToldShown(serializers.Serializer[Any]):
    videos = serializers.IntegerField(help_text="That were made in these days.")
    low_micros = serializers.IntegerField(help_text="As estimated when they were ordered.")
    expected_micros = serializers.IntegerField()
    high_micros = serializers.IntegerField()
    actual_micros = serializers.IntegerField(help_text="What that had cost when they were made.")
    percent = serializers.IntegerField(
        allow_null=True, help_text="How far the actual amount is from the expected one."
    )


class GroupShown(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="The id, name, day or month that `by` asks for.")
    label = serializers.CharField(source="label.text")  # type: ignore[assignment]
    amount_micros = serializers.IntegerField()
    currency = serializers.CharField(default=CURRENCY)
    entries = serializers.IntegerField()
    estimated = serializers.SerializerMethodField()

    @extend_schema_field(ToldShown(allow_null=True))
    def get_estimated(self, group: spending.Group) -> Mapping[str, Any] | None:
        """Null where nobody estimates: by part, model, unit and kind."""
        told: Mapping[str, compared.Told] | None = self.context["told"]
        if told is None:
            return None
        return ToldShown(told.get(group.key, compared.NOTHING_TOLD)).data


class VideoLineShown(serializers.Serializer[Any]):
    video_id = serializers.IntegerField()
    title = serializers.CharField()
    channel_id = serializers.IntegerField()
    channel = serializers.CharField(help_text="Its name.")
    batch_id = serializers.IntegerField(help_text="0: it was made in none.")
    batch = serializers.CharField()
    month = serializers.CharField(help_text="Of the first entry of these days.")
    low_micros = serializers.IntegerField(help_text="As estimated when it was ordered.")
    expected_micros = serializers.IntegerField()
    high_micros = serializers.IntegerField()
    spent_micros = serializers.IntegerField(help_text="In these days, for what is asked.")
    actual_micros = serializers.IntegerField(help_text="All that it has cost.")
    difference_micros = serializers.IntegerField(
        allow_null=True,
        help_text="Actual less expected; null until the video is made, and where nothing was "
        "expected.",
    )
    percent = serializers.IntegerField(allow_null=True, help_text="The same, of what was expected.")
    currency = serializers.CharField()


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
    """What was spent in sums, the dearest first, days and months in their order, beside what was
    expected of the videos that were made meanwhile."""

    serializer_class = GroupShown
    query_class = SummaryQuery

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows, asked = self.rows(), self.asked()
        groups = spending.grouped(self.by.team_id, _asked(asked).of(rows), asked["by"])
        told = None
        if asked["by"] in compared.BY:
            mine = Estimate.objects.visible_to(self.by)
            told = compared.told_by(_asked(asked), mine, asked["by"])
            groups = compared.with_told(self.by.team_id, groups, told, asked["by"])
        shown = GroupShown(groups, many=True, context={"told": told}).data
        return Response({"next": None, "previous": None, "results": shown})


class _ByVideo(api.NewestFirst):
    ordering = "-video_id"


class VideoList(_Costs, api.List[CostEntry]):
    """A line for each video that something was spent on, the newest first: what was expected of it,
    what it has cost, and the difference."""

    serializer_class = VideoLineShown
    pagination_class = _ByVideo
    query_class = EntryQuery

    def narrowed(self, rows: QuerySet[CostEntry], asked: Mapping[str, Any]) -> Any:
        return compared.by_video(_asked(asked).of(rows))

    def page(self, asked: Mapping[str, Any]) -> list[Any]:
        rows: list[Any] = super().page(asked)
        return list(compared.dressed(self.by.team_id, rows))


def _asked(asked: Mapping[str, Any]) -> spending.Asked:
    places = ("limit", "cursor", "by")
    return spending.Asked(**{name: given for name, given in asked.items() if name not in places})
