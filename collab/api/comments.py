"""Endpoints of the comments on a video."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from collab import actions, moments
from collab.api.shown import ANCHOR, WORDS, Act, AnchoredShown, Person, PlaceGiven, Said
from collab.models import LAST_MS, MAX_COMMENT, Comment, cut
from config.kit import api
from config.kit.openapi import described

IN_TEXT = OpenApiExample(
    "At words of the script",
    value={"text": "Sea otters?", "scene_uid": "aaaa0002", "anchor": ANCHOR, "quote": WORDS},
    request_only=True,
)
AT_A_MOMENT = OpenApiExample(
    "At a moment of the video",
    value={"text": "The cut comes too late.", "frame": 126},
    request_only=True,
)
OTHERWISE = OpenApiExample(
    "Said otherwise", value={"text": "Sea otters, I think."}, request_only=True
)


class CommentShown(AnchoredShown[Comment]):
    thread = serializers.IntegerField(
        source="parent_id", allow_null=True, help_text="The comment that it answers."
    )
    at_ms = serializers.IntegerField(allow_null=True, help_text="Of the rendered video.")
    frame = serializers.IntegerField(allow_null=True, help_text="The one shown at `at_ms`, from 0.")
    cut = serializers.CharField(
        help_text="The sha256 of the video.mp4 that it speaks of; empty: not known."
    )
    mentions = serializers.PrimaryKeyRelatedField(many=True, read_only=True)  # type: ignore[var-annotated]
    resolved_by = Person(allow_null=True)

    class Meta:
        model = Comment
        fields = [
            "id",
            "thread",
            "author",
            "guest",
            "text",
            "scene_uid",
            "anchor",
            "quote",
            "at_ms",
            "frame",
            "cut",
            "mentions",
            "created_at",
            "edited_at",
            "resolved_at",
            "resolved_by",
            "version",
        ]


class _Mentions(serializers.ListField):
    child = api.Number(min_value=1)


class Words(PlaceGiven):
    text = api.Text(max_length=MAX_COMMENT)
    thread = api.Number(
        required=False, help_text="A comment of this video, which this one answers; no place then."
    )
    at_ms = api.Number(
        required=False, min_value=0, max_value=LAST_MS, help_text="Of the rendered video."
    )
    frame = api.Number(
        required=False,
        min_value=0,
        max_value=moments.frame_at(LAST_MS),
        help_text="Of the rendered video, from 0, instead of `at_ms`.",
    )
    cut = api.Text(
        required=False,
        max_length=64,
        validators=[cut],
        help_text="The sha256 of the video.mp4 that was looked at; if not said, the one of now.",
    )


class NewComment(Words):
    mentions = _Mentions(required=False, help_text="Ids of people of the team: they are told.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "frame" in attrs:
            if "at_ms" in attrs:
                told = ["Say the moment once: frame or at_ms."]
                raise serializers.ValidationError({"frame": told})
            attrs["at_ms"] = moments.first_ms(attrs.pop("frame"))
        return attrs


class CommentChange(api.Input):
    text = api.Text(required=False, max_length=MAX_COMMENT)
    mentions = _Mentions(required=False)


class CommentQuery(api.Query):
    state = serializers.ChoiceField(
        ["open", "resolved"], required=False, help_text="Of threads; replies are left out."
    )
    thread = serializers.IntegerField(
        required=False, min_value=1, max_value=2**62, help_text="Its replies, without itself."
    )


class _Comments(Said[Comment]):
    noun = "comments"
    serializer_class = CommentShown

    def rows(self) -> QuerySet[Comment]:
        found = self.of_video(Comment.objects.visible_to(self.by))
        return found.select_related("author", "resolved_by").prefetch_related("mentions")


class CommentList(_Comments, api.List[Comment]):
    """What people say about a video, the newest first."""

    input_class: type[Words] = NewComment
    query_class = CommentQuery

    def narrowed(self, rows: QuerySet[Comment], asked: Mapping[str, Any]) -> QuerySet[Comment]:
        if "state" in asked:
            rows = rows.filter(parent=None, resolved_at__isnull=asked["state"] == "open")
        return rows.filter(parent=asked["thread"]) if "thread" in asked else rows

    @described(
        NewComment,
        CommentShown,
        status=201,
        summary="Comment on a video, or answer a comment",
        examples=[IN_TEXT, AT_A_MOMENT],
    )
    def post(self, request: Request, pk: int) -> Response:
        video, wanted = self.video, self.checked()
        said = {"text": wanted.pop("text"), "mentions": wanted.pop("mentions", ())}
        thread = self._thread(wanted)
        if thread is not None:
            return self.makes(lambda: actions.reply(by=self.by, comment=thread, **said))
        return self.makes(
            lambda: actions.create_comment(by=self.by, video=video, place=wanted, **said)
        )

    def _thread(self, wanted: dict[str, Any]) -> Comment | None:
        thread_id = wanted.pop("thread", None)
        if thread_id is None:
            return None
        if wanted:
            told = "An answer stands where its thread does."
            raise serializers.ValidationError({min(wanted): [told]})
        found = self.rows().filter(pk=thread_id).first()
        if found is None:
            raise serializers.ValidationError({"thread": ["There is no such comment here."]})
        return found


class _One(_Comments, api.One[Comment]):
    def where(self) -> dict[str, Any]:
        return {"pk": self.kwargs["comment"]}


class CommentOne(_One):
    """A comment."""

    input_class = CommentChange

    @described(
        CommentChange, CommentShown, summary="Change one's own comment", examples=[OTHERWISE]
    )
    def patch(self, request: Request, pk: int, comment: int) -> Response:
        row, wanted, version = self.get_object(), self.checked(partial=True), self.seen()
        actions.edit_comment(by=self.by, comment=row, version=version, **wanted)
        return self.answers(self.get_object())

    @described(None, None, status=204, summary="Delete one's own comment, with its replies")
    def delete(self, request: Request, pk: int, comment: int) -> Response:
        row, version = self.get_object(), self.seen()
        actions.delete_comment(by=self.by, comment=row, version=version)
        return Response(status=204)


class Resolve(Act[Comment], _One):
    """Say that a thread is dealt with."""

    @described(None, CommentShown)
    def post(self, request: Request, pk: int, comment: int) -> Response:
        return self.acted()

    def act(self, row: Comment) -> Comment:
        return actions.resolve_thread(by=self.by, comment=row)


class Reopen(Act[Comment], _One):
    """Take up a thread that was resolved."""

    @described(None, CommentShown)
    def post(self, request: Request, pk: int, comment: int) -> Response:
        return self.acted()

    def act(self, row: Comment) -> Comment:
        return actions.reopen_thread(by=self.by, comment=row)
