"""Endpoints of the team's own files; they come in through /uploads/."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kit import api, files
from config.kit.models import Blob
from config.kit.openapi import described, serves_bytes
from videos import shelf
from videos.models import Asset, AssetKind, AssetState


class AssetShown(serializers.ModelSerializer[Asset]):
    kind = serializers.ChoiceField(AssetKind.choices)
    state = serializers.ChoiceField(AssetState.choices)
    reason = serializers.CharField(help_text="Why it was refused.")
    progress = serializers.FloatField(source="fraction", help_text="From 0 to 1.")
    sha256 = serializers.CharField(
        help_text="Of the file that was made harmless; empty until it is ready."
    )
    facts = api.Object(help_text="Such as width, height, duration_s.")

    class Meta:
        model = Asset
        fields = [
            "id",
            "name",
            "kind",
            "state",
            "reason",
            "progress",
            "sha256",
            "content_type",
            "size",
            "facts",
            "created_at",
        ]


class AssetChange(api.Input):
    name = api.Text(max_length=200)


class AssetQuery(api.Query):
    kind = serializers.ChoiceField(AssetKind.choices, required=False)
    state = serializers.ChoiceField(AssetState.choices, required=False)


class _Assets(api.Door[Asset]):
    resource = "assets"
    right = "may_edit"
    serializer_class = AssetShown

    def rows(self) -> QuerySet[Asset]:
        return Asset.objects.visible_to(self.by)


class AssetList(_Assets, api.List[Asset]):
    """The team's own pictures, clips and music."""

    query_class = AssetQuery

    def narrowed(self, rows: QuerySet[Asset], asked: Mapping[str, Any]) -> QuerySet[Asset]:
        return rows.filter(**{name: asked[name] for name in ("kind", "state") if name in asked})


class AssetOne(_Assets, api.One[Asset]):
    """A picture, a clip or a track."""

    input_class = AssetChange

    @described(AssetChange, AssetShown, summary="Rename a file")
    def patch(self, request: Request, pk: int) -> Response:
        asset, wanted = self.get_object(), self.checked()
        return self.answers(shelf.rename_asset(by=self.by, asset=asset, name=wanted["name"]))

    @described(None, None, status=204, summary="Delete a file that nothing uses")
    def delete(self, request: Request, pk: int) -> Response:
        shelf.delete_asset(by=self.by, asset=self.get_object())
        return Response(status=204)


class AssetFile(_Assets, api.One[Asset]):
    """The bytes of the file that was made harmless, whole or as the Range that is asked for."""

    content_negotiation_class = api.AnyKind

    @serves_bytes
    def get(self, request: Request, pk: int) -> HttpResponseBase:  # type: ignore[override]
        asset = self.get_object()
        kept = Blob.objects.filter(team_id=asset.team_id, sha256=asset.sha256)
        blob = kept.first() if asset.state == AssetState.READY else None
        if blob is None:
            raise Http404(asset.name)
        return files.serve(request._request, blob, filename=asset.name, download=True)
