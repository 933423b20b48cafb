"""Endpoints of what people suggest for the script of a video."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from collab import actions
from collab.api.shown import WORDS, Act, AnchoredShown, Person, PlaceGiven, Said
from collab.models import MAX_REPLACEMENT, Suggestion, SuggestionState
from config.kit import api
from config.kit.openapi import described

OTHER_WORDS = OpenApiExample(
    "Other words for a sentence",
    value={
        "scene_uid": "aaaa0002",
        "quote": WORDS,
        "after": " Urchins",
        "replacement": "Sea otters guard it.",
        "note": "Which otters?",
    },
    request_only=True,
)


class SuggestionShown(AnchoredShown[Suggestion]):
    state = serializers.ChoiceField(SuggestionState.choices)
    decided_by = Person(allow_null=True)

    class Meta:
        model = Suggestion
        fields = [
            "id",
            "state",
            "author",
            "guest",
            "scene_uid",
            "anchor",
            "quote",
            "before",
            "after",
            "replacement",
            "note",
            "created_at",
            "decided_at",
            "decided_by",
            "version",
        ]


class _Exact(api.Text):
    """Blanks at its ends count."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_blank=True, trim_whitespace=False, **kwargs)


class NewSuggestion(PlaceGiven):
    scene_uid = api.Text(max_length=8)
    before = _Exact(max_length=64, help_text="What stands right before the words.")
    after = _Exact(max_length=64, help_text="What stands right behind them.")
    replacement = _Exact(max_length=MAX_REPLACEMENT, help_text="Empty: take the words out.")
    note = api.Text(required=False, allow_blank=True, max_length=500)


class SuggestionQuery(api.Query):
    state = serializers.ChoiceField(SuggestionState.choices, required=False)


class _Suggestions(Said[Suggestion]):
    noun = "suggestions"
    serializer_class = SuggestionShown

    def rows(self) -> QuerySet[Suggestion]:
        found = self.of_video(Suggestion.objects.visible_to(self.by))
        return found.select_related("author", "decided_by")


class SuggestionList(_Suggestions, api.List[Suggestion]):
    """Other words that people suggest, the newest first."""

    input_class = NewSuggestion
    query_class = SuggestionQuery

    def narrowed(
        self, rows: QuerySet[Suggestion], asked: Mapping[str, Any]
    ) -> QuerySet[Suggestion]:
        return rows.filter(state=asked["state"]) if "state" in asked else rows

    @described(
        NewSuggestion,
        SuggestionShown,
        status=201,
        summary="Suggest other words",
        examples=[OTHER_WORDS],
    )
    def post(self, request: Request, pk: int) -> Response:
        video, wanted = self.video, self.checked()
        return self.makes(lambda: actions.suggest(by=self.by, video=video, **wanted))


class _One(_Suggestions, api.One[Suggestion]):
    def where(self) -> dict[str, Any]:
        return {"pk": self.kwargs["suggestion"]}


class SuggestionOne(_One):
    """A suggestion."""


class Accept(Act[Suggestion], _One):
    """Write the suggested words into the script."""

    right = "may_edit"

    @described(None, SuggestionShown)
    def post(self, request: Request, pk: int, suggestion: int) -> Response:
        return self.acted()

    def act(self, row: Suggestion) -> Suggestion:
        return actions.accept_suggestion(by=self.by, suggestion=row)


class Reject(Act[Suggestion], _One):
    """Leave the script as it is."""

    right = "may_edit"

    @described(None, SuggestionShown)
    def post(self, request: Request, pk: int, suggestion: int) -> Response:
        return self.acted()

    def act(self, row: Suggestion) -> Suggestion:
        return actions.reject_suggestion(by=self.by, suggestion=row)


class Withdraw(Act[Suggestion], _One):
    """Take one's own suggestion back."""

    @described(None, SuggestionShown)
    def post(self, request: Request, pk: int, suggestion: int) -> Response:
        return self.acted()

    def act(self, row: Suggestion) -> Suggestion:
        return actions.withdraw_suggestion(by=self.by, suggestion=row)
