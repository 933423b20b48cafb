"""Endpoints of the links by which people outside the team see a video."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from collab import actions
from collab.models import ShareLink, ShareRole
from config.kit import api
from config.kit.openapi import described
from videos.api.shown import OfVideo
from videos.models import Video

FOR_A_CLIENT = OpenApiExample(
    "For a client, a week long",
    value={"name": "Client", "role": "commenter", "days": 7},
    request_only=True,
)


class ShareLinkShown(serializers.ModelSerializer[ShareLink]):
    role = serializers.ChoiceField(ShareRole.choices)

    class Meta:
        model = ShareLink
        fields = [
            "id",
            "name",
            "role",
            "created_by_id",
            "created_at",
            "expires_at",
            "last_used_at",
        ]


class ShareLinkMade(ShareLinkShown):
    secret = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta(ShareLinkShown.Meta):
        fields = [*ShareLinkShown.Meta.fields, "secret", "url"]

    @extend_schema_field(
        {
            "type": ["string", "null"],
            "description": "What opens the room; told once. Null where a request is repeated.",
        }
    )
    def get_secret(self, link: ShareLink) -> str | None:
        secrets: dict[int, str] = self.context["view"].secrets
        return secrets.get(link.pk)

    @extend_schema_field(
        {
            "type": ["string", "null"],
            "format": "uri",
            "description": "The page to send to people, which holds the secret; told once as well.",
        }
    )
    def get_url(self, link: ShareLink) -> str | None:
        secret = self.get_secret(link)
        return settings.PUBLIC_URL + reverse("collab:open_link", args=[secret]) if secret else None


class NewShareLink(api.Input):
    name = api.Text(required=False, allow_blank=True, max_length=100)
    role = api.Choice(ShareRole.choices, required=False)
    days = api.Number(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=actions.LONGEST_DAYS,
        help_text="30 if not said; null: it does not expire.",
    )


class _Links(OfVideo[ShareLink]):
    noun = "share links"
    serializer_class: type[ShareLinkShown] = ShareLinkShown

    def rows(self) -> QuerySet[ShareLink]:
        return ShareLink.objects.visible_to(self.by).usable().filter(video=self.video)


class ShareLinkList(_Links, api.List[ShareLink]):
    """The links to a video that are good yet; their secrets were shown once."""

    input_class = NewShareLink

    def get_serializer_class(self) -> type[ShareLinkShown]:
        return ShareLinkShown if self.request.method == "GET" else ShareLinkMade

    @described(
        NewShareLink,
        ShareLinkMade,
        status=201,
        summary="Make a link to this video",
        examples=[FOR_A_CLIENT],
    )
    def post(self, request: Request, pk: int) -> Response:
        video, wanted = self.video, self.checked()
        self.secrets: dict[int, str] = {}
        return self.makes(lambda: self._made(video, wanted))

    def _made(self, video: Video, wanted: dict[str, Any]) -> ShareLink:
        link, secret = actions.create_share_link(by=self.by, video=video, **wanted)
        self.secrets[link.pk] = secret
        return link


class ShareLinkOne(_Links, api.One[ShareLink]):
    """A link to a video."""

    def where(self) -> dict[str, Any]:
        return {"pk": self.kwargs["link"]}

    @described(None, None, status=204, summary="Revoke a link")
    def delete(self, request: Request, pk: int, link: int) -> Response:
        actions.revoke_share_link(by=self.by, link=self.get_object())
        return Response(status=204)
