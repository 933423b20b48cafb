"""Asks the YouTube Data API about a channel and its videos, and dresses them. Each call is reserved
in the day's quota before it leaves and settled after, whatever was answered.

Source: developers.google.com/youtube/v3/docs. Files of videos go by the uploader.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from channels_app import quotas
from channels_app.youtube.answers import (
    Outcome,
    OutcomeUnknown,
    QuotaDay,
    Said,
    Trouble,
    Unauthorized,
    classify,
)
from channels_app.youtube.line import Line, NoAnswer
from channels_app.youtube.uploader import FRESH_S, Token, Tokens

JSON = "application/json; charset=UTF-8"
MOST_IDS = 50  # of one videos.list


@dataclass(frozen=True)
class Bases:
    """Where the API is, and where it takes files."""

    api: str
    upload: str


@dataclass(frozen=True)
class _Call:
    method: str  # as quota rules name it
    http: str
    url: str
    content: bytes = b""
    kind: str = ""

    @property
    def is_reading(self) -> bool:
        return self.http == "GET"


class Client:
    """Of one channel; `tokens` as of the uploader. `is_by_hand`: somebody waits for it, so it may
    take what is kept for people. Not for several threads.

    Each method answers an Outcome: Done with the resource, or why not. A change that went out and
    got no answer is OutcomeUnknown: look before it is made again. All raise UsedUp where the day's
    quota is gone, NotSent where Google was not reached, NoRule, and what `tokens` raises.
    """

    def __init__(
        self,
        bases: Bases,
        tokens: Tokens,
        line: Line,
        *,
        channel_id: int = 0,
        is_by_hand: bool = False,
    ) -> None:
        self._bases, self._tokens, self._line = bases, tokens, line
        self._channel_id, self._is_by_hand = channel_id, is_by_hand
        self._token = Token("", 0)

    def my_channel(self) -> Outcome:
        """The channel that the token acts for: `items` with one, or none at all."""
        query = {"part": "snippet,contentDetails,status", "mine": "true"}
        return self._ask(_Call("channels.list", "GET", self._api("channels", query)))

    def videos(self, ids: Collection[str], parts: Collection[str]) -> Outcome:
        """At most 50. Those that are gone, or are private to others, are missing in `items`."""
        if not 0 < len(ids) <= MOST_IDS:
            raise ValueError(f"One to {MOST_IDS} videos are asked for at once.")
        query = {"part": ",".join(parts), "id": ",".join(ids)}
        return self._ask(_Call("videos.list", "GET", self._api("videos", query)))

    def update_video(self, video_id: str, parts: Mapping[str, Any]) -> Outcome:
        """Writes these parts anew as a whole: what a part leaves out is gone."""
        url = self._api("videos", {"part": ",".join(parts)})
        raw = json.dumps({"id": video_id, **parts}).encode()
        return self._ask(_Call("videos.update", "PUT", url, raw, JSON))

    def set_thumbnail(self, video_id: str, picture: bytes, kind: str) -> Outcome:
        """`kind` is image/jpeg or image/png; at most 50 MB. May be repeated."""
        query = {"uploadType": "media", "videoId": video_id}
        url = f"{self._bases.upload}/upload/youtube/v3/thumbnails/set?{urlencode(query)}"
        return self._ask(_Call("thumbnails.set", "POST", url, picture, kind))

    def insert_captions(self, video_id: str, language: str, name: str, text: bytes) -> Outcome:
        """A track of captions, as SRT or WebVTT. A second one of the same language and name is
        refused as `captionExists`."""
        url = f"{self._bases.upload}/upload/youtube/v3/captions?" + urlencode(
            {"uploadType": "multipart", "part": "snippet"}
        )
        snippet = {"videoId": video_id, "language": language, "name": name}
        mark = secrets.token_hex(16)
        raw = b"".join(
            [
                f"--{mark}\r\nContent-Type: {JSON}\r\n\r\n".encode(),
                json.dumps({"snippet": snippet}).encode(),
                f"\r\n--{mark}\r\nContent-Type: application/octet-stream\r\n".encode(),
                b"Content-Transfer-Encoding: binary\r\n\r\n",
                text,
                f"\r\n--{mark}--\r\n".encode(),
            ]
        )
        kind = f"multipart/related; boundary={mark}"
        return self._ask(_Call("captions.insert", "POST", url, raw, kind))

    def add_to_playlist(self, playlist_id: str, video_id: str) -> Outcome:
        """At its end. YouTube takes a video twice: look before it is repeated."""
        resource = {"kind": "youtube#video", "videoId": video_id}
        raw = json.dumps({"snippet": {"playlistId": playlist_id, "resourceId": resource}}).encode()
        url = self._api("playlistItems", {"part": "snippet"})
        return self._ask(_Call("playlistItems.insert", "POST", url, raw, JSON))

    def _api(self, name: str, query: Mapping[str, str]) -> str:
        return f"{self._bases.api}/youtube/v3/{name}?{urlencode(query)}"

    def _ask(self, call: _Call) -> Outcome:
        if self._token.expires_at - time.time() < FRESH_S:
            self._token = self._tokens("")  # before anything is reserved
        with quotas.counted(
            call.method,
            request=f"{call.method}:{secrets.token_hex(12)}",
            channel_id=self._channel_id,
            is_by_hand=self._is_by_hand,
        ):
            found = self._once(call)
            if isinstance(found, Unauthorized):
                self._token = self._tokens(self._token.value)
                found = self._once(call)
        if isinstance(found, QuotaDay):
            raise quotas.close(call.method)
        return found

    def _once(self, call: _Call) -> Outcome:
        # a length, be it 0: without one the empty body would travel in chunks
        size = {"Content-Length": str(len(call.content))}
        kind = {"Content-Type": call.kind} if call.content else {}
        heads = {"Authorization": f"Bearer {self._token.value}", **size, **kind}
        try:
            return classify(self._said(call, heads))
        except NoAnswer as error:
            if not error.was_sent:
                raise quotas.NotSent("Google is not to be reached.") from None
            why = "Google does not answer."
            return Trouble(why) if call.is_reading else OutcomeUnknown(why)

    def _said(self, call: _Call, heads: Mapping[str, str]) -> Said:
        return self._line.ask(call.http, call.url, heads, call.content)
