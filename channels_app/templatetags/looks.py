"""Where a look can be seen as the renderer draws it."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from channels_app.looks import COLOURS
from channels_app.models import BrandKit

register = template.Library()


@register.simple_tag
def preview_of(look: BrandKit | Mapping[str, str], shape: str, card: str = "title") -> str:
    """The address of a picture of one card, for a saved kit or for what a form shows."""
    wanted = ("name", *COLOURS, "font", "logo_sha256")
    seen = {n: look[n] if isinstance(look, Mapping) else getattr(look, n) for n in wanted}
    seen["logo"] = seen.pop("logo_sha256")
    return f"{reverse('videos:brand_preview')}?{urlencode({'format': shape, 'card': card, **seen})}"
