"""Endpoints of what happens: the journal by pages, as a stream, and tickets for sockets."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kit import api, registry
from config.kit.errors import Refused
from config.kit.live.handshake import PROTOCOL, TICKET
from config.kit.live.limits import places
from config.kit.openapi import described
from teams import events, journal, sockets, streams, tickets
from teams.models import ApiToken, Event, SocketTicket
from teams.tailer import sees_kind

MOST_SEQ = 2**53


class EventsForgotten(Refused):
    code = "events_forgotten"
    status = 410


@extend_schema_field(
    {"type": "string", "format": "date-time", "examples": ["2026-11-27T09:30:00.120Z"]}
)
class Moment(serializers.DateTimeField):
    pass


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": True,
        "description": "As the kind has it.",
        "examples": [{"video_id": 12, "state": "producing", "reason": ""}],
    }
)
class Payload(serializers.JSONField):
    pass


class EventShown(serializers.ModelSerializer[Event]):
    at = Moment()
    payload = Payload()

    class Meta:
        model = Event
        fields = ["seq", "kind", "at", "payload"]


class Where(api.Input):
    since = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_SEQ,
        help_text="Only what came behind the event of this number.",
    )
    video = serializers.IntegerField(required=False, min_value=1, max_value=MOST_SEQ)


class EventQuery(Where, api.Query):
    kind = serializers.CharField(
        required=False, max_length=60, help_text="Such as videos.video_moved."
    )

    def validate_kind(self, kind: str) -> str:
        if kind not in events.kinds():
            raise serializers.ValidationError("There is no such kind of event.", code="unknown")
        return kind


class BySeq(api.NewestFirst):
    ordering = "seq"


class EventList(api.List[Event]):
    """What happened in the team, in order. Of kinds that the token's scopes do not open, nothing
    is shown, so numbers have gaps."""

    serializer_class = EventShown
    query_class = EventQuery
    pagination_class = BySeq

    def rows(self) -> QuerySet[Event]:
        return journal.visible_to(self.by)

    def narrowed(self, rows: QuerySet[Event], asked: Mapping[str, Any]) -> QuerySet[Event]:
        if "since" in asked:
            begins = journal.begins_at(self.by.team_id)
            if asked["since"] + 1 < begins:
                told = f"Events are kept from {begins} on: read the rows themselves, then go on."
                raise EventsForgotten(told)
            rows = rows.filter(seq__gt=asked["since"])
        if "kind" in asked:
            rows = rows.filter(kind=asked["kind"])
        if "video" in asked:
            rows = rows.filter(payload__video_id=asked["video"])
        return rows


class EventStream(api.Door[Event]):
    """What happens, as it happens: server-sent events."""

    content_negotiation_class = api.AnyKind

    @extend_schema(
        responses={
            (200, "text/event-stream"): OpenApiResponse(
                OpenApiTypes.STR,
                "Each event has its number as `id` and is an object as of the list. Where some "
                "are missing comes a `snapshot`; `progress` tells of videos at work.",
            )
        },
        parameters=[
            OpenApiParameter("since", int, description="As of the list; without: from now on."),
            OpenApiParameter("video", int, description="Only what is about this video."),
            OpenApiParameter(
                "Last-Event-ID", int, OpenApiParameter.HEADER, description="Counts before since."
            ),
        ],
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        asked = self._asked(request)
        topic, id_ = self._topic(asked)
        name, room = uuid4().hex, streams.room_of(self.by)
        if not places.take(room, name, streams.MOST):
            raise exceptions.Throttled(detail=f"A person has at most {streams.MOST} streams.")
        stream = streams.Stream(self.by, _shown(request), name)
        content = stream.events(topic, id_, asked.get("since"))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingHttpResponse(content, content_type="text/event-stream", headers=headers)

    def _asked(self, request: Request) -> dict[str, Any]:
        told = dict(request.query_params.items())
        if last := request.headers.get("Last-Event-ID"):
            told["since"] = last
        given = Where(data=told)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _topic(self, asked: Mapping[str, Any]) -> tuple[registry.Topic, int]:
        kind, id_ = ("video", asked["video"]) if "video" in asked else ("team", self.by.team_id)
        topic = registry.topic.get(kind)
        if not sees_kind(self.by, topic):
            raise exceptions.PermissionDenied(f"This token lacks the scope {topic.scope}.")
        if not topic.sees(self.by, id_):
            raise Http404
        return topic, id_


def _shown(request: Request) -> sockets.Shown:
    if isinstance(request.auth, ApiToken):
        return sockets.Shown(token_id=request.auth.pk)
    return sockets.Shown(session_key=request.session.session_key or "")


class TicketShown(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="Where the socket is opened.")
    protocols = serializers.ListField(
        child=serializers.CharField(), help_text="What to offer as Sec-WebSocket-Protocol."
    )
    expires_in_s = serializers.IntegerField()


class TicketList(api.Door[SocketTicket]):
    """A ticket opens one socket, once, within 30 seconds, with the rights of the token."""

    serializer_class = TicketShown
    takes_key = False  # each time another secret, which is nowhere kept

    @described(api.Nothing, TicketShown, status=201, summary="Get a ticket for a socket")
    def post(self, request: Request) -> Response:
        self.checked()
        secret = tickets.create_ticket(by=self.by)
        address = settings.PUBLIC_URL.replace("http", "ws", 1) + "/ws/feed/"
        told = {
            "url": address,
            "protocols": [PROTOCOL, TICKET + secret],
            "expires_in_s": round(tickets.LASTS.total_seconds()),
        }
        return Response(told, status=201)
