"""Endpoints of channels and brand kits."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from channels_app import actions, removals
from channels_app.forms import free_slug
from channels_app.models import Approval, BrandKit, Channel, Music, Publisher, Unsupported
from config.kit import api
from config.kit.cache import Kept
from config.kit.openapi import EXAMPLES, described

_LOOK = {"ink": "#101820", "paper": "#f4efe6", "accent": "#f2aa4c"}
_KIT = OpenApiExample("Night", value={"name": "Night", **_LOOK}, request_only=True)
_CHANNEL = OpenApiExample(
    "With a look of its own",
    value={"name": "Deep Water", "language": "en", "external_id": "dw-1", "look": _LOOK},
    request_only=True,
)
_OTHER_VOICE = OpenApiExample(
    "Another voice", value={"language": "de", "voice": "hd"}, request_only=True
)
EXAMPLES.update({**_LOOK, "second": "#33d69f", "glow": "#6d5ef6", "font": "Inter"})
EXAMPLES.update({"unsupported_claims": "ask", "blocked_topics": "", "blocked_words": "cheap"})
EXAMPLES.update({"name": "Deep Water", "slug": "deep-water", "logo_sha256": ""})


class Look(api.Input):
    ink = api.Text(required=False, max_length=7, help_text="The background, as #rrggbb.")
    paper = api.Text(required=False, max_length=7, help_text="Text.")
    accent = api.Text(required=False, max_length=7, help_text="Key words, figures, progress.")
    second = api.Text(required=False, max_length=7, help_text="The other colour of charts.")
    glow = api.Text(required=False, max_length=7, help_text="A soft light behind the card.")
    font = api.Text(required=False, max_length=60, help_text="A family installed on the server.")
    logo_sha256 = api.Text(
        required=False,
        allow_blank=True,
        max_length=64,
        help_text="`sha256` of a picture of /assets/; empty: no logo.",
    )


class NewBrandKit(Look):
    name = api.Text(max_length=60)


class BrandKitShown(serializers.ModelSerializer[BrandKit]):
    class Meta:
        model = BrandKit
        fields = [
            "id",
            "name",
            "ink",
            "paper",
            "accent",
            "second",
            "glow",
            "font",
            "logo_sha256",
            "version",
        ]


class _BrandKits(api.Door[BrandKit]):
    resource = "channels"
    right = "may_edit"
    serializer_class = BrandKitShown
    input_class = NewBrandKit

    def rows(self) -> QuerySet[BrandKit]:
        return BrandKit.objects.visible_to(self.by)


class BrandKitList(_BrandKits, api.KeptList[BrandKit]):
    """Brand kits: how the videos of a channel look."""

    kept = Kept((BrandKit,), ttl=300)

    @described(NewBrandKit, BrandKitShown, status=201, summary="Make a brand kit", examples=[_KIT])
    def post(self, request: Request) -> Response:
        look = self.checked()
        name = look.pop("name")
        return self.makes(lambda: actions.create_brand_kit(by=self.by, name=name, look=look))


class BrandKitOne(_BrandKits, api.One[BrandKit]):
    """A brand kit. Videos that were ordered keep the look that they were ordered with."""

    @described(NewBrandKit, BrandKitShown, summary="Change a brand kit")
    def patch(self, request: Request, pk: int) -> Response:
        kit, look, version = self.get_object(), self.checked(partial=True), self.seen()
        changed = actions.change_brand_kit(by=self.by, kit=kit, look=look, version=version)
        return self.answers(changed)

    @described(None, None, status=204, summary="Delete a brand kit that no channel wears")
    def delete(self, request: Request, pk: int) -> Response:
        kit, version = self.get_object(), self.seen()
        removals.delete_brand_kit(by=self.by, kit=kit, version=version)
        return Response(status=204)


class ChannelChange(api.Input):
    name = api.Text(max_length=100)
    brand_kit = api.Row(BrandKit, required=False, help_text="Not said: a new one, as `look` says.")
    publisher = api.Choice(Publisher.choices, required=False)
    approval = api.Choice(
        Approval.choices, required=False, help_text="Whether a person lets finished videos out."
    )
    language = api.Text(
        required=False, allow_blank=True, max_length=10, help_text="Empty: by each text."
    )
    voice = api.Text(
        required=False,
        allow_blank=True,
        max_length=60,
        help_text="`engine:name`, `fast` or `hd`; empty: the best one for the language.",
    )
    music = api.Choice(Music.choices, required=False)
    unsupported_claims = api.Choice(
        Unsupported.choices,
        required=False,
        help_text="What becomes of a written script that claims what its source does not say.",
    )
    blocked_topics = api.Text(
        required=False,
        allow_blank=True,
        max_length=4_000,
        trim_whitespace=False,
        help_text="One a line: no video is made of a text that speaks of one.",
    )
    blocked_words = api.Text(
        required=False,
        allow_blank=True,
        max_length=4_000,
        trim_whitespace=False,
        help_text="One a line: no script may say one.",
    )
    external_id = api.Text(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text="The channel's number in your system; one channel of a team has it.",
    )


class NewChannel(ChannelChange):
    slug = api.Text(required=False, max_length=60, help_text="Not said: made from the name.")
    look = Look(required=False)

    def validate(self, attrs: Mapping[str, Any]) -> Mapping[str, Any]:
        if "look" in attrs and "brand_kit" in attrs:
            raise serializers.ValidationError({"look": "Name a brand kit or a look, not both."})
        return attrs


class ChannelShown(serializers.ModelSerializer[Channel]):
    class Meta:
        model = Channel
        fields = [
            "id",
            "name",
            "slug",
            "external_id",
            "publisher",
            "approval",
            "brand_kit",
            "language",
            "voice",
            "music",
            "unsupported_claims",
            "blocked_topics",
            "blocked_words",
            "version",
            "created_at",
        ]


class ChannelQuery(api.Query):
    external_id = serializers.CharField(required=False, max_length=100)


class _Channels(api.Door[Channel]):
    resource = "channels"
    right = "may_edit"
    serializer_class = ChannelShown
    input_class: type[serializers.BaseSerializer[Any]] = ChannelChange

    def rows(self) -> QuerySet[Channel]:
        return Channel.objects.visible_to(self.by)


class ChannelList(_Channels, api.KeptList[Channel]):
    """Channels: where a team's videos go out, with what they share."""

    kept = Kept((Channel,), ttl=300)
    input_class = NewChannel
    query_class = ChannelQuery

    def narrowed(self, rows: QuerySet[Channel], asked: Mapping[str, Any]) -> QuerySet[Channel]:
        return rows.filter(external_id=asked["external_id"]) if "external_id" in asked else rows

    @described(NewChannel, ChannelShown, status=201, summary="Make a channel", examples=[_CHANNEL])
    def post(self, request: Request) -> Response:
        wanted = self.checked()
        return self.makes(lambda: self._create(dict(wanted)))

    def _create(self, wanted: dict[str, Any]) -> Channel:
        name = wanted.pop("name")
        return actions.create_channel(
            by=self.by,
            name=name,
            slug=wanted.pop("slug", "") or free_slug(self.by, name),
            brand=wanted.pop("look", {}),
            kit=wanted.pop("brand_kit", None),
            settings=wanted,
        )


class ChannelOne(_Channels, api.One[Channel]):
    """A channel. Videos that were ordered keep what they were ordered with."""

    @described(ChannelChange, ChannelShown, summary="Change a channel", examples=[_OTHER_VOICE])
    def patch(self, request: Request, pk: int) -> Response:
        channel, settings, version = self.get_object(), self.checked(partial=True), self.seen()
        changed = actions.change_channel(
            by=self.by, channel=channel, settings=settings, version=version
        )
        return self.answers(changed)
