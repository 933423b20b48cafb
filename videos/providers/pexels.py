"""Photos and videos of Pexels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from videos.contracts import Format
from videos.providers.calling import Ask
from videos.providers.catalogue import providers
from videos.providers.stock import Hit, Stock
from videos.shots import Brief, Shows

A_PAGE = 40
SHAPES: Mapping[Format, str] = {"short": "portrait", "landscape": "landscape", "square": "square"}
LOCALES = {
    "en": "en-US", "pt": "pt-BR", "es": "es-ES", "ca": "ca-ES", "de": "de-DE", "it": "it-IT",
    "fr": "fr-FR", "sv": "sv-SE", "id": "id-ID", "pl": "pl-PL", "ja": "ja-JP", "zh": "zh-CN",
    "ko": "ko-KR", "th": "th-TH", "nl": "nl-NL", "hu": "hu-HU", "vi": "vi-VN", "cs": "cs-CZ",
    "da": "da-DK", "fi": "fi-FI", "uk": "uk-UA", "el": "el-GR", "ro": "ro-RO", "nb": "nb-NO",
    "sk": "sk-SK", "tr": "tr-TR", "ru": "ru-RU",
}  # fmt: skip


class Pexels(Stock):
    account = "pexels"
    vendor = "pexels"
    hosts = ("images.pexels.com", "videos.pexels.com", "www.pexels.com")
    licence = "Pexels License, https://www.pexels.com/license/"

    def headers(self) -> Mapping[str, str]:
        return {"authorization": self._account.key}

    def asking(self, words: str, brief: Brief, shows: Shows) -> Ask:
        query: dict[str, str | int] = {
            "query": words,
            "orientation": SHAPES[brief.format],
            "per_page": A_PAGE,
        }
        if brief.language in LOCALES:
            query["locale"] = LOCALES[brief.language]
        return Ask("GET", "/v1/search" if shows == "picture" else "/videos/search", query=query)

    def hits(self, told: Any, shows: Shows) -> Sequence[Hit]:
        if shows == "picture":
            return [_photo(one) for one in told["photos"]]
        return [_video(one) for one in told["videos"]]


def _photo(told: Mapping[str, Any]) -> Hit:
    size = (int(told["width"]), int(told["height"]))
    scale = min(1, 1_300 / size[1])
    smaller = (round(size[0] * scale), round(size[1] * scale))
    files = ((*size, str(told["src"]["original"])), (*smaller, str(told["src"]["large2x"])))
    return Hit(
        id=str(told["id"]),
        page=str(told["url"]),
        author=str(told["photographer"]),
        author_url=str(told["photographer_url"]),
        size=size,
        files=files,
    )


def _video(told: Mapping[str, Any]) -> Hit:
    files = tuple(
        (int(one["width"]), int(one["height"]), str(one["link"]))
        for one in told["video_files"]
        if one.get("file_type") == "video/mp4" and one.get("width") and one.get("height")
    )
    return Hit(
        id=str(told["id"]),
        page=str(told["url"]),
        author=str(told["user"]["name"]),
        author_url=str(told["user"]["url"]),
        size=(int(told["width"]), int(told["height"])),
        files=files,
        seconds=float(told["duration"]),
    )


providers.add("footage:pexels", Pexels)
