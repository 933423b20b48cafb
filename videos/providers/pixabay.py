"""Photos and videos of Pixabay. Its key goes into the address, and its errors are plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from config.kit.errors import AccountFault, ProviderError, Rejected
from videos.contracts import Format
from videos.providers.calling import Ask
from videos.providers.catalogue import providers
from videos.providers.stock import KEY, Hit, Stock
from videos.shots import Brief, Shows

A_PAGE = 50
SHAPES: Mapping[Format, str] = {"short": "vertical", "landscape": "horizontal", "square": "all"}
LANGUAGES = {
    "bg", "cs", "da", "de", "el", "en", "es", "fi", "fr", "hu", "id", "it", "ja", "ko", "nl", "no",
    "pl", "pt", "ro", "ru", "sk", "sv", "th", "tr", "vi", "zh",
}  # fmt: skip


class Pixabay(Stock):
    account = "pixabay"
    vendor = "pixabay"
    hosts = ("pixabay.com",)
    licence = "Pixabay Content License, https://pixabay.com/service/license-summary/"

    def asking(self, words: str, brief: Brief, shows: Shows) -> Ask:
        query: dict[str, str | int] = {
            KEY: self._account.key,
            "q": words,
            "per_page": A_PAGE,
            "safesearch": "true",
        }
        if brief.language in LANGUAGES:
            query["lang"] = brief.language
        if shows == "picture":
            more = {"image_type": "photo", "orientation": SHAPES[brief.format]}
            return Ask("GET", "/api/", query={**query, **more})
        return Ask("GET", "/api/videos/", query={**query, "video_type": "film"})

    def hits(self, told: Any, shows: Shows) -> Sequence[Hit]:
        """Without what a machine has made: that would have to be disclosed."""
        real = [one for one in told["hits"] if not one.get("isAiGenerated")]
        return [_photo(one) if shows == "picture" else _video(one) for one in real]

    def understood(self, error: ProviderError) -> ProviderError:
        if isinstance(error, Rejected) and "API key" in error.message:
            env = self._account.env
            return AccountFault(
                f"pixabay does not take the key in {env}_API_KEY: set a good one, then try again."
            )
        return error


def _hit(told: Mapping[str, Any], **more: Any) -> Hit:
    user = str(told["user"])
    return Hit(
        id=str(told["id"]),
        page=str(told["pageURL"]),
        author=user,
        author_url=f"https://pixabay.com/users/{user}-{told['user_id']}/",
        **more,
    )


def _photo(told: Mapping[str, Any]) -> Hit:
    size = (int(told["imageWidth"]), int(told["imageHeight"]))
    scale = 1280 / max(size)  # what the vendor hands out to everybody
    shown = (round(size[0] * scale), round(size[1] * scale))
    return _hit(told, size=size, files=((*shown, str(told["largeImageURL"])),))


def _video(told: Mapping[str, Any]) -> Hit:
    files = tuple(
        (int(one["width"]), int(one["height"]), str(one["url"]))
        for one in told["videos"].values()
        if one.get("url")
    )
    size = max(((w, h) for w, h, _ in files), default=(0, 0))
    return _hit(told, size=size, files=files, seconds=float(told["duration"]))


providers.add("footage:pixabay", Pixabay)
