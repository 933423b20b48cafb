"""Doors of the look: a card drawn with unsaved colours, and a kit's logo made harmless."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views import View

from channels_app.models import BrandKit
from config.kit.errors import ProviderError, Refused
from config.kit.models import Blob
from config.kit.rows import storable
from teams.pages import SignedIn
from videos import previews
from videos.contracts import SIZES, Brand
from videos.media import fonts

_colour = RegexValidator(r"^#?[0-9a-fA-F]{6}\Z", "Write a colour as #rrggbb.")
_sha256 = RegexValidator(r"^[0-9a-f]{64}\Z", "This is no sha256.")
PRIVATE = "private, max-age=3600"


class LookForm(forms.Form):
    ink = forms.CharField(validators=[_colour])
    paper = forms.CharField(validators=[_colour])
    accent = forms.CharField(validators=[_colour])
    second = forms.CharField(validators=[_colour])
    glow = forms.CharField(validators=[_colour])
    font = forms.CharField(max_length=60)
    name = forms.CharField(max_length=60, required=False, validators=[storable])
    logo = forms.CharField(required=False, validators=[_sha256])
    format = forms.ChoiceField(choices=[(name, name) for name in SIZES])
    card = forms.ChoiceField(choices=[(name, name) for name in previews.CARDS], required=False)

    def clean_font(self) -> str:
        font: str = self.cleaned_data["font"]
        if not fonts.is_installed(font):
            raise forms.ValidationError("This font is not installed here.")
        return font

    def preview(self, team_id: int) -> previews.Preview:
        given = dict(self.cleaned_data)
        shape, card = given.pop("format"), given.pop("card") or "title"
        for name in ("ink", "paper", "accent", "second", "glow"):
            given[name] = f"#{given[name].removeprefix('#').lower()}"
        return previews.Preview(team_id, Brand(**given), shape, card)


class BrandPreview(SignedIn, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        form = LookForm(request.GET)
        logo = form.is_valid() and form.cleaned_data["logo"]
        if not form.is_valid() or (logo and not self._has(logo)):
            return _plain(400, "This look can't be drawn.")
        try:
            preview = form.preview(self.by.team_id)
            drawn = previews.picture_of(preview, asked_by=self.by.user_id or 0)
        except (Refused, ProviderError) as error:
            return _plain(getattr(error, "status", 409), error.message)
        return HttpResponse(drawn, content_type="image/jpeg", headers={"Cache-Control": PRIVATE})

    def _has(self, sha256: str) -> bool:
        mine = Blob.objects.filter(team_id=self.by.team_id, sha256=sha256)
        return mine.filter(content_type__startswith="image/").exists()


class BrandLogo(SignedIn, View):
    """Cleaned as it is shown: a kit may name a picture as somebody uploaded it."""

    def get(self, request: HttpRequest, pk: int, **_: Any) -> HttpResponse:
        kit = get_object_or_404(BrandKit.objects.visible_to(self.by), pk=pk)
        if not kit.logo_sha256:
            return _plain(404, "This brand kit has no logo.")
        try:
            png = previews.logo_of(kit.team_id, kit.logo_sha256)
        except Refused as refusal:
            return _plain(404, refusal.message)
        return HttpResponse(png, content_type="image/png", headers={"Cache-Control": PRIVATE})


def _plain(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
