"""Endpoints of a person's own notifications."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kit import api
from config.kit.openapi import described
from teams import notices
from teams.models import NoticeKind, Notification


class NotificationShown(serializers.ModelSerializer[Notification]):
    url = serializers.SerializerMethodField()
    is_read = serializers.SerializerMethodField()

    class Meta:
        model = Notification
        fields = [
            "id",
            "kind",
            "text",
            "url",
            "event_seq",
            "is_read",
            "read_at",
            "created_at",
            "version",
        ]

    def get_url(self, row: Notification) -> str:
        return settings.PUBLIC_URL + row.url

    def get_is_read(self, row: Notification) -> bool:
        return row.read_at is not None


class NotificationChange(api.Input):
    is_read = api.Flag()


class NotificationQuery(api.Query):
    unread = serializers.BooleanField(required=False, help_text="true: only what is unread.")
    kind = serializers.ChoiceField(NoticeKind.choices, required=False)


class _Notifications(api.Door[Notification]):
    resource = "notifications"
    serializer_class = NotificationShown
    input_class = NotificationChange

    def rows(self) -> QuerySet[Notification]:
        return Notification.objects.of(self.by.user_id, self.by.team_id)


class NotificationList(_Notifications, api.List[Notification]):
    """What the person whose token this is was told in this team."""

    query_class = NotificationQuery

    def narrowed(
        self, rows: QuerySet[Notification], asked: Mapping[str, Any]
    ) -> QuerySet[Notification]:
        found = rows.filter(read_at=None) if asked.get("unread") else rows
        return found.filter(kind=asked["kind"]) if "kind" in asked else found


class NotificationOne(_Notifications, api.One[Notification]):
    """A notification."""

    @described(NotificationChange, NotificationShown, summary="Mark as read or unread")
    def patch(self, request: Request, pk: int) -> Response:
        row, wanted, version = self.get_object(), self.checked(), self.seen()
        return self.answers(
            notices.mark(by=self.by, notification=row, is_read=wanted["is_read"], version=version)
        )


class MarkedShown(serializers.Serializer[Any]):
    marked = serializers.IntegerField()


class ReadAll(api.Door[Notification]):
    """Mark all as read. Sent again it marks what came since."""

    resource = "notifications"
    serializer_class = MarkedShown

    @described(api.Nothing, MarkedShown)
    def post(self, request: Request) -> Response:
        self.checked()
        return Response({"marked": notices.mark_all(by=self.by)})
