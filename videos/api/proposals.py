"""Endpoints of other words for a scene, as a paid writer proposes them."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kit import api
from config.kit.openapi import described
from videos import proposals
from videos.api import examples
from videos.api.shown import OfVideo
from videos.models import Proposal, ProposalState, Scene


class Instruction(api.Input):
    instruction = api.Text(max_length=300, help_text="What is to be different.")
    line = api.Number(
        required=False, min_value=1, help_text="The sentence of the scene that it is about, from 1."
    )
    text = api.Text(
        required=False, max_length=2_000, help_text="In place of `line`: words of that sentence."
    )


class ProposalShown(serializers.ModelSerializer[Proposal]):
    state = serializers.ChoiceField(ProposalState.choices)
    expected_micros = serializers.SerializerMethodField()
    most_micros = serializers.SerializerMethodField()

    class Meta:
        model = Proposal
        fields = [
            "id",
            "uid",
            "instruction",
            "writer",
            "state",
            "reason",
            "line",
            "was_narration",
            "was_headline",
            "narration",
            "headline",
            "expected_micros",
            "most_micros",
            "created_at",
        ]

    def get_expected_micros(self, proposal: Proposal) -> int | None:
        return self._costs(proposal.expected_micros)

    def get_most_micros(self, proposal: Proposal) -> int | None:
        return self._costs(proposal.most_micros)

    def _costs(self, micros: int) -> int | None:
        """Null where the token may not see costs."""
        return micros if self.context["view"].by.can_see_costs else None


class _Proposals(OfVideo[Proposal]):
    noun = "proposals"
    serializer_class = ProposalShown

    def rows(self) -> QuerySet[Proposal]:
        mine = Proposal.objects.visible_to(self.by).filter(video=self.video)
        return mine.select_related("video__channel", "video__script")


class ProposalList(_Proposals, api.List[Proposal]):
    """Other words for a scene, or for one sentence of it. A new proposal is priced and not asked
    for yet."""

    input_class = Instruction

    def rows(self) -> QuerySet[Proposal]:
        return super().rows().filter(uid=self.kwargs["uid"])

    @described(
        Instruction,
        ProposalShown,
        status=201,
        summary="Price other words for a scene",
        examples=[examples.INSTRUCTION],
    )
    def post(self, request: Request, pk: int, uid: str) -> Response:
        scenes = Scene.objects.filter(video=self.video).select_related("video")
        scene, wanted = get_object_or_404(scenes, uid=uid), self.checked()
        wanted |= {"version": self.seen(is_needed=False)}
        return self.makes(lambda: proposals.price(by=self.by, scene=scene, **wanted))


class _One(_Proposals, api.One[Proposal]):
    is_kept_by_version = False

    def where(self) -> dict[str, Any]:
        return {"pk": self.kwargs["proposal"]}


class ProposalOne(_One):
    """A proposal: its price, and once the writer has answered, its words."""


class _Answer(_One):
    http_method_names: Sequence[str] = ["post", "options"]
    act: Callable[..., None]

    @described(None, ProposalShown)
    def post(self, request: Request, pk: int, proposal: int) -> Response:
        found = self.get_object()
        self.checked()
        return self.makes(lambda: self._done(found), status=200)

    def _done(self, proposal: Proposal) -> Proposal:
        type(self).act(by=self.by, proposal=proposal)
        return proposal


class Ask(_Answer):
    """Say yes to the price: the writer is asked, once."""

    act = proposals.ask


class Take(_Answer):
    """Let the scene say it."""

    act = proposals.take


class Drop(_Answer):
    """Let go of a proposal; nothing was changed."""

    act = proposals.drop
