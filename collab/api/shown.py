"""What comments and suggestions have in common, and what the reference shows of them."""

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.response import Response

from collab.models import MAX_QUOTE, Anchored, relative_range, scene_uid
from config.kit import api
from config.kit.openapi import EXAMPLES
from teams.models import User
from videos.api.shown import M, OfVideo

A = TypeVar("A", bound=Anchored)
WORDS = "Otters guard it."
ANCHOR = {
    "start": {"item": {"client": 2147483, "clock": 12}, "assoc": 0},
    "end": {"item": {"client": 2147483, "clock": 28}, "assoc": -1},
}
EXAMPLES.update(
    {
        "text": "Is this figure still right?",
        "quote": WORDS,
        "anchor": ANCHOR,
        "scene_uid": "aaaa0002",
        "at_ms": 4_200,
        "frame": 126,
        "cut": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "guest": "",
        "mentions": [1],
        "before": "",
        "after": " Urchins",
        "replacement": "Sea otters guard it.",
        "note": "Which otters?",
        "secret": "V3Zo0vNq2m0mXo3Y5S7t1b4r9kQe8wUj6aLcDxHfPgI",
    }
)


class Person(serializers.ModelSerializer[User]):
    name = serializers.CharField(source="get_short_name")

    class Meta:
        model = User
        fields = ["id", "name"]


class AnchoredShown(serializers.ModelSerializer[A]):
    author = Person(allow_null=True, help_text="Null: somebody who came by a link, or has gone.")
    guest = serializers.CharField(help_text="The name that somebody gave who came by a link.")
    anchor = api.Object(
        help_text="{start, end}: relative positions of Yjs in the document's text; or {}."
    )


class PlaceGiven(api.Input):
    """Where in the script."""

    scene_uid = api.Text(required=False, allow_blank=True, max_length=8, validators=[scene_uid])
    anchor = api.Object(
        required=False,
        validators=[relative_range],
        help_text="{start, end}: relative positions of Yjs as JSON.",
    )
    quote = api.Text(
        required=False,
        allow_blank=True,
        max_length=MAX_QUOTE,
        trim_whitespace=False,
        help_text="The words as they stand.",
    )


class Said(OfVideo[M]):
    """Of one video; who may comment writes."""

    right = "may_comment"

    def of_video(self, rows: QuerySet[M]) -> QuerySet[M]:
        return rows.filter(video=self.video)


class Act(Said[M], api.One[M]):
    """Its subclass does one thing with one row."""

    http_method_names: Sequence[str] = ["post", "options"]

    def acted(self) -> Response:
        row = self.get_object()
        self.checked()
        return self.makes(lambda: self.act(row), status=200)

    def act(self, row: M) -> M:
        raise NotImplementedError
