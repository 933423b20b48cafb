"""Endpoints of what a video costs: estimated before, and as the ledger has it."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing import compared, spending
from billing.balances import CURRENCY
from billing.costs import spent_by_vendor
from billing.models import Estimate
from channels_app.actions import home_channel
from channels_app.models import Channel
from config.kit import api
from config.kit.openapi import described
from teams.access import team_for_costs, team_for_edit
from videos import actions, foresight
from videos.api import examples
from videos.api.shown import OfVideo
from videos.api.videos import Order, ReadyScript
from videos.foresight import Foreseen
from videos.models import Video

_AMOUNT = "In micro-units, a millionth of the currency's unit."


class ComparedShown(serializers.Serializer[Any]):
    stage = serializers.CharField()
    provider = serializers.CharField(help_text="The vendor.")
    low_micros = serializers.IntegerField(help_text=_AMOUNT)
    expected_micros = serializers.IntegerField()
    high_micros = serializers.IntegerField()
    actual_micros = serializers.IntegerField()
    percent = serializers.IntegerField(
        allow_null=True, help_text="How far the actual amount is from the expected one."
    )


class OfStageShown(serializers.Serializer[Any]):
    stage = serializers.CharField()
    amount_micros = serializers.IntegerField()


class PartShown(serializers.Serializer[Any]):
    part = serializers.CharField(
        help_text="`scene:` and its id; `gone`: scenes that are gone; `whole`."
    )
    label = serializers.CharField(help_text="The scene's place and headline.")  # type: ignore[assignment]
    amount_micros = serializers.IntegerField()
    entries = serializers.IntegerField()
    stages = OfStageShown(many=True)


class BillShown(serializers.Serializer[Any]):
    currency = serializers.CharField()
    spent_micros = serializers.IntegerField()
    held_micros = serializers.IntegerField(help_text="Set aside for requests under way.")
    low_micros = serializers.IntegerField(help_text="As estimated when it was ordered.")
    expected_micros = serializers.IntegerField()
    high_micros = serializers.IntegerField()
    percent = serializers.IntegerField(
        allow_null=True, help_text="How far what is spent is from what was expected."
    )
    stages = ComparedShown(many=True)
    parts = PartShown(many=True)


class VideoCosts(OfVideo[Video]):
    """What a video was expected to cost, what it has cost so far, and on what."""

    noun = "costs"
    resource = "costs"
    serializer_class = BillShown

    def get(self, request: Request, pk: int) -> Response:
        team_for_costs(self.by, self.by.team_id)
        video = self.video
        told = list(Estimate.objects.filter(team=video.team_id, video_id=pk).order_by("id"))
        standing = spending.standing([pk])[pk]
        sums = {
            name: sum(getattr(row, name) for row in told)
            for name in ("low_micros", "expected_micros", "high_micros")
        }
        percent = spending.difference(sums["expected_micros"], standing.spent_micros)
        mine = spending.visible_to(self.by).filter(video_id=pk)
        found = {
            "currency": CURRENCY,
            "spent_micros": standing.spent_micros,
            "held_micros": standing.held_micros,
            **sums,
            "percent": percent,
            "stages": spending.compared(told, spent_by_vendor(video.team_id, pk)),
            "parts": compared.parts(video.team_id, pk, mine),
        }
        return Response(BillShown(found).data)


class ToEstimate(Order):
    channel = api.Row(Channel, required=False, help_text="Not said: the team's first channel.")
    script = ReadyScript(required=False, help_text="Words that are ready: nothing is written.")
    video = api.Row(Video, required=False, help_text="Of its script, or of its order.")


class LineShown(serializers.Serializer[Any]):
    stage = serializers.CharField()
    provider = serializers.CharField(help_text="The vendor.")
    requests = serializers.IntegerField()
    low_micros = serializers.IntegerField(source="cost.low", help_text=_AMOUNT)
    expected_micros = serializers.IntegerField(source="cost.expected")
    high_micros = serializers.IntegerField(source="cost.high")
    most_micros = serializers.IntegerField(
        source="plain.high", help_text="What is set aside at most, and never passed."
    )
    learnt_from = serializers.IntegerField(help_text="Videos whose costs were looked at.")


class TakenShown(serializers.Serializer[Any]):
    pages = serializers.IntegerField(help_text="Of the text, about.")
    words = serializers.IntegerField(help_text="That the video says, about.")
    percent = serializers.IntegerField(help_text="Of the text.")


class EstimateShown(serializers.Serializer[Any]):
    currency = serializers.CharField(source="expected.currency")
    low_micros = serializers.IntegerField(source="expected.cost.low", help_text=_AMOUNT)
    expected_micros = serializers.IntegerField(source="expected.cost.expected")
    high_micros = serializers.IntegerField(source="expected.cost.high")
    lines = LineShown(source="expected.lines", many=True)
    unknown = serializers.ListField(
        source="expected.unknown",
        child=serializers.CharField(),
        help_text="What has no price, and so is not in it.",
    )
    taken = TakenShown(
        allow_null=True,
        help_text="What the video takes of a long text; null: the text is not long.",
    )


class Estimates(api.Door[Video]):
    """What a video would cost, before it is ordered or made. Nothing is bought or kept."""

    http_method_names: Sequence[str] = ["post", "options"]
    resource = "videos"
    right = "may_edit"
    takes_key = False
    serializer_class = EstimateShown
    input_class = ToEstimate

    @described(ToEstimate, EstimateShown, examples=[examples.ESTIMATED])
    def post(self, request: Request) -> Response:
        team_for_edit(self.by, self.by.team_id)
        team_for_costs(self.by, self.by.team_id)
        return Response(EstimateShown(self._foreseen(self.checked())).data)

    def _foreseen(self, wanted: dict[str, Any]) -> Foreseen:
        video, script = wanted.pop("video", None), wanted.pop("script", None)
        if video is not None:
            return foresight.of_video(video)
        channel = wanted.pop("channel", None) or home_channel(by=self.by)
        if channel is None:
            raise Http404
        wish = actions.Wish(**{"source": "", **wanted})
        return foresight.estimate(channel=channel, wish=wish, script=script)
