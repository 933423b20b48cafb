"""Pages of the team's own pictures, clips and music."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views import View

from config.kit import files
from config.kit.errors import ProviderError, Refused
from config.kit.models import Blob
from config.kit.rows import storable
from teams.access import team_for_edit
from teams.pages import SignedIn
from videos import previews, shelf
from videos.models import Asset, AssetKind, AssetState

PER_PAGE = 24
THUMB_KEPT_S = 7 * 24 * 3600
SOUNDS = ("audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg", "audio/flac", "audio/wav")
# What a browser shows as what it is and nothing else.
SHOWN = {"image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4", "video/webm", *SOUNDS}


class Library(SignedIn, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        kind = request.GET.get("kind", "")
        asked = request.GET.get("q", "").replace("\0", "").strip()[:100]
        mine = Asset.objects.visible_to(self.by)
        counts = dict(mine.order_by().values_list("kind").annotate(n=Count("pk")))
        found = self._found(mine, kind, asked)
        context = {
            "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
            "kind": kind,
            "asked": asked,
            "kinds": [(one.value, one.label, counts.get(one.value, 0)) for one in AssetKind],
            "total": sum(counts.values()),
            "usage": shelf.usage(self.by),
        }
        return render(request, "videos/library.html", context)

    def _found(self, mine: QuerySet[Asset], kind: str, asked: str) -> QuerySet[Asset]:
        if kind in AssetKind.values:
            mine = mine.filter(kind=kind)
        if asked:
            mine = mine.filter(name__icontains=asked)
        return mine.order_by("-id")


class NameForm(forms.Form):
    name = forms.CharField(max_length=200, validators=[storable])


class _OneAsset(SignedIn, View):
    def asset(self, pk: int) -> Asset:
        return get_object_or_404(Asset.objects.visible_to(self.by), pk=pk)


class AssetPage(_OneAsset):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        asset = self.asset(pk)
        return self._page(asset, NameForm(initial={"name": asset.name}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        asset = self.asset(pk)
        team_for_edit(self.by, asset.team_id)
        form = NameForm(request.POST)
        if not form.is_valid():
            return self._page(asset, form, status=422)
        shelf.rename_asset(by=self.by, asset=asset, name=form.cleaned_data["name"])
        messages.success(request, "Renamed.")
        return redirect("videos:asset", pk)

    def _page(self, asset: Asset, form: NameForm, status: int = 200) -> HttpResponse:
        used = shelf.used_by(asset).filter(deleted_at=None).only("pk", "title", "state")
        context = {"asset": asset, "form": form, "used": used.order_by("-id")[:20]}
        return render(self.request, "videos/asset.html", context, status=status)


class DeleteAsset(_OneAsset):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        asset = self.asset(pk)
        shelf.delete_asset(by=self.by, asset=asset)
        messages.success(request, f"{asset.name} is deleted.")
        return redirect("videos:library")


class AssetFile(_OneAsset):
    """The clean file, with Range; `?download` to keep it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        asset = self.asset(pk)
        blob = _clean_blob(asset)
        as_file = "download" in request.GET
        return files.serve(request, blob, filename=asset.name, download=as_file)


class AssetThumb(_OneAsset):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        asset = self.asset(pk)
        blob = _poster_blob(asset) if asset.kind == AssetKind.CLIP else _clean_blob(asset)
        if asset.kind == AssetKind.MUSIC:
            raise Http404(asset.name)
        key = f"thumb:{asset.team_id}:{blob.sha256}"
        small = cache.get(key)
        if small is None:
            try:
                small = previews.small(asset.team_id, blob.sha256)
            except (Refused, ProviderError) as error:
                raise Http404(error.message) from error
            cache.set(key, small, THUMB_KEPT_S)
        headers: dict[str, Any] = {"Cache-Control": "private, max-age=604800"}
        return HttpResponse(small, content_type="image/jpeg", headers=headers)


def _clean_blob(asset: Asset) -> Blob:
    """Raises Http404 for what is not ready, or is nothing that a browser shows harmlessly."""
    blob = None
    if asset.state == AssetState.READY:
        blob = Blob.objects.filter(team_id=asset.team_id, sha256=asset.sha256).first()
    if blob is None or blob.content_type not in SHOWN:
        raise Http404(asset.name)
    return blob


def _poster_blob(asset: Asset) -> Blob:
    poster = str(asset.facts.get("poster", ""))
    found = Blob.objects.filter(team_id=asset.team_id, sha256=poster).first() if poster else None
    if found is None:
        raise Http404(asset.name)
    return found
