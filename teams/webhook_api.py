"""Endpoints of webhooks and their deliveries: of owners and admins alone."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kit import api
from config.kit.openapi import EXAMPLES, described
from teams import webhooks
from teams.models import Delivery, DeliveryState, Webhook

EXAMPLES.update({"kinds": ["videos.video_moved"], "url": "https://studio.example/videos/7/"})


class WebhookShown(serializers.ModelSerializer[Webhook]):
    kinds = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Webhook
        fields = [
            "id",
            "url",
            "kinds",
            "is_active",
            "disabled_reason",
            "failures",
            "failing_since",
            "old_until",
            "created_by_id",
            "created_at",
            "version",
        ]


class WebhookMadeShown(WebhookShown):
    """With the secret, this once: an answer that is replayed has null."""

    secret = serializers.SerializerMethodField()

    class Meta(WebhookShown.Meta):
        fields = [*WebhookShown.Meta.fields, "secret"]

    def get_secret(self, row: Webhook) -> str | None:
        found: str | None = self.context["view"].secret
        return found


class Kinds(serializers.ListField):
    child = api.Text(max_length=60)


class WebhookNew(api.Input):
    url = api.Text(max_length=2000)
    kinds = Kinds(max_length=200, required=False, help_text="Of events; none: all of them.")


class WebhookChange(api.Input):
    url = api.Text(max_length=2000)
    kinds = Kinds(max_length=200)
    is_active = api.Flag()


class _Webhooks(api.Door[Webhook]):
    resource = "team"
    right = "may_admin"
    noun = "webhooks"
    serializer_class: Any = WebhookShown
    input_class: Any = WebhookNew
    secret: str | None = None

    def rows(self) -> QuerySet[Webhook]:
        return webhooks.visible_to(self.by)

    def hook(self) -> Webhook:
        found = self.rows().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def keep(self, made: tuple[Webhook, str]) -> Webhook:
        """The row of what was made; its secret is in this answer and in no other."""
        hook, self.secret = made
        return hook


class WebhookList(_Webhooks, api.List[Webhook]):
    """The team's webhooks."""

    def get_serializer_class(self) -> Any:
        return WebhookMadeShown if self.request.method == "POST" else WebhookShown

    @described(WebhookNew, WebhookMadeShown, status=201, summary="Add a webhook")
    def post(self, request: Request) -> Response:
        wanted = self.checked()
        return self.makes(lambda: self.keep(webhooks.create(by=self.by, **wanted)))


class WebhookOne(_Webhooks, api.One[Webhook]):
    """A webhook."""

    is_kept_by_version = False  # it fails and mends without another version
    input_class = WebhookChange

    @described(WebhookChange, WebhookShown, summary="Change a webhook, or switch it on or off")
    def patch(self, request: Request, pk: int) -> Response:
        hook, wanted = self.get_object(), self.checked(partial=True)
        return self.answers(
            webhooks.change(by=self.by, webhook=hook, settings=wanted, version=self.seen())
        )

    @described(None, None, status=204, summary="Remove a webhook and its deliveries")
    def delete(self, request: Request, pk: int) -> Response:
        hook, version = self.get_object(), self.seen()
        webhooks.remove(by=self.by, webhook=hook, version=version)
        return Response(status=204)


class Rotate(_Webhooks):
    """Make a new secret; the old one signs beside it for a day."""

    serializer_class = WebhookMadeShown
    input_class = api.Nothing

    @described(api.Nothing, WebhookMadeShown)
    def post(self, request: Request, pk: int) -> Response:
        hook = self.hook()
        self.checked()
        return self.makes(lambda: self.keep(webhooks.rotate(by=self.by, webhook=hook)), status=200)


class DeliveryShown(serializers.ModelSerializer[Delivery]):
    webhook_id = serializers.IntegerField()
    message_id = serializers.UUIDField(source="uid")

    class Meta:
        model = Delivery
        fields = [
            "id",
            "webhook_id",
            "message_id",
            "event_seq",
            "kind",
            "state",
            "attempt",
            "due_at",
            "last_status",
            "response",
            "error",
            "took_ms",
            "created_at",
            "ended_at",
        ]


class DeliveryQuery(api.Query):
    state = serializers.ChoiceField(DeliveryState.choices, required=False)


class _Deliveries(api.Door[Delivery]):
    resource = "team"
    right = "may_admin"
    noun = "webhooks"
    serializer_class = DeliveryShown
    input_class: Any = api.Nothing

    def rows(self) -> QuerySet[Delivery]:
        hooks = webhooks.visible_to(self.by)
        return Delivery.objects.filter(webhook__in=hooks).select_related("webhook")


class DeliveryList(_Deliveries, api.List[Delivery]):
    """What was sent to a webhook, and what waits for it; ended ones are kept for 30 days."""

    query_class = DeliveryQuery

    def rows(self) -> QuerySet[Delivery]:
        hook = webhooks.visible_to(self.by).filter(pk=self.kwargs["pk"]).first()
        if hook is None:
            raise Http404
        return super().rows().filter(webhook=hook)

    def narrowed(self, rows: QuerySet[Delivery], asked: Mapping[str, Any]) -> QuerySet[Delivery]:
        return rows.filter(state=asked["state"]) if "state" in asked else rows


class DeliveryOne(_Deliveries, api.One[Delivery]):
    """A delivery."""


class Ping(_Deliveries):
    """Send a test event now, once."""

    @described(api.Nothing, DeliveryShown, status=201)
    def post(self, request: Request, pk: int) -> Response:
        hook = webhooks.visible_to(self.by).filter(pk=pk).first()
        if hook is None:
            raise Http404
        self.checked()
        return self.makes(lambda: webhooks.ping(by=self.by, webhook=hook))


class Replay(_Deliveries):
    """Send an ended delivery again, under the same message id."""

    @described(api.Nothing, DeliveryShown)
    def post(self, request: Request, pk: int) -> Response:
        found = self.rows().filter(pk=pk).first()
        if found is None:
            raise Http404
        self.checked()
        return self.makes(lambda: webhooks.replay(by=self.by, delivery=found), status=200)


class Range(api.Input):
    since_seq = api.Number(min_value=1, max_value=2**53)
    until_seq = api.Number(min_value=1, max_value=2**53)


class ReplayRange(_Webhooks):
    """Send the events of a range of the journal again: at most 1,000 that this webhook wants."""

    input_class = Range

    @described(Range, WebhookShown, status=202)
    def post(self, request: Request, pk: int) -> Response:
        hook, wanted = self.hook(), self.checked()

        def act() -> Webhook:
            webhooks.replay_range(by=self.by, webhook=hook, **wanted)
            return hook

        return self.makes(act, status=202)
