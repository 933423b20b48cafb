"""What YouTube knows: accounts and their channels, grants, videos, playlists, captions, time."""

import hashlib
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.doubles.youtube.quota import Quota

ACCOUNTS: list[dict[str, Any]] = [
    {"email": "ana@example.org", "channels": ["Northlight", "Kelp Daily", "Tide Tables"]},
    {"email": "ben@example.org", "channels": ["Ben Builds"]},
    {"email": "cho@example.org", "channels": ["Cho Cooks", "Cho Climbs"]},
    {"email": "nobody@example.org", "channels": []},
    {"email": "gone@example.org", "channels": ["Suspended Songs"], "state": "suspended"},
]
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def made_id(length: int, *about: object) -> str:
    raw = hashlib.sha512("\x1f".join(map(str, about)).encode()).digest()
    return "".join(SIGNS[one % 64] for one in raw[:length])


def spelled(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def read_time(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


@dataclass
class Channel:
    id: str
    title: str
    account: str
    state: str = "active"  # or `suspended`, `closed`
    daily_uploads: int = 0  # of any 24 hours; 0: as many as come
    custom_thumbnails: bool = True
    made_at: float = 0

    @property
    def uploads(self) -> str:
        return f"UU{self.id[2:]}"


@dataclass
class Account:
    email: str
    state: str = "active"
    channels: list[Channel] = field(default_factory=list)


@dataclass
class Video:
    id: str
    channel: Channel
    parts: dict[str, dict[str, Any]]  # snippet, status and what else was written
    size: int
    sha256: str
    kind: str
    file: Path | None
    uploaded_at: float
    notify: bool = True
    polls: int = 0  # times that somebody asked how the processing goes
    published_at: float = 0  # 0: never yet
    outcome: str = "processed"
    reason: str = ""  # why it failed or was rejected
    thumbnail: bytes = b""
    thumbnail_kind: str = ""
    duration_s: float | None = None

    @property
    def snippet(self) -> dict[str, Any]:
        return self.parts["snippet"]

    @property
    def status(self) -> dict[str, Any]:
        return self.parts["status"]


@dataclass
class Caption:
    id: str
    video: Video
    snippet: dict[str, Any]
    text: bytes


@dataclass
class Playlist:
    id: str
    channel: Channel
    parts: dict[str, dict[str, Any]]
    items: list[tuple[str, str, float]] = field(default_factory=list)  # item, video, when
    made_at: float = 0


@dataclass
class Processing:
    """How long a new video is processed (until both are over), and what comes of it."""

    polls: int = 2
    seconds: float = 0
    outcome: str = "processed"
    reason: str = ""


class World:
    def __init__(self, folder: Path, keep_bytes: bool = True) -> None:
        self.folder, self.keep_bytes = folder, keep_bytes
        self.turn = threading.RLock()
        self.quota = Quota()
        self.number: Callable[[], int] = itertools.count(1).__next__
        self.forget()

    def forget(self) -> None:
        with self.turn:
            self.shift_s = 0.0
            self.accounts: dict[str, Account] = {}
            self.channels: dict[str, Channel] = {}
            self.videos: dict[str, Video] = {}
            self.captions: dict[str, Caption] = {}
            self.playlists: dict[str, Playlist] = {}
            self.sessions: dict[str, Any] = {}
            self.grants: dict[str, Any] = {}
            self.codes: dict[str, Any] = {}
            self.tokens: dict[str, Any] = {}
            self.processing = Processing()
            self.consent = "production"
            self.redirects: list[str] = []  # empty: any
            self.session_life_s = 7 * 86_400.0
            self.token_life_s = 3_599.0
            for path in self.folder.iterdir() if self.folder.exists() else ():
                path.unlink()
            self.folder.mkdir(parents=True, exist_ok=True)
            for one in ACCOUNTS:
                self.set_account(one)
        self.quota.forget()

    def now(self) -> float:
        return time.time() + self.shift_s

    def set_account(self, told: dict[str, Any]) -> Account:
        """Makes or changes one. `channels`: titles or objects with the fields of a Channel."""
        with self.turn:
            account = self.accounts.setdefault(told["email"], Account(told["email"]))
            account.state = told.get("state", account.state)
            for one in told.get("channels", []):
                about = one if isinstance(one, dict) else {"title": one}
                self._set_channel(account, about)
        return account

    def _set_channel(self, account: Account, about: dict[str, Any]) -> None:
        name = about.get("id") or f"UC{made_id(22, account.email, about['title'])}"
        channel = self.channels.get(name)
        if channel is None:
            channel = Channel(name, about["title"], account.email, made_at=self.now())
            self.channels[name] = channel
            account.channels.append(channel)
        for key, value in about.items():
            setattr(channel, key, value)

    def uploads_of(self, channel: Channel, since: float = 0) -> list[Video]:
        """The newest first."""
        found = [
            one
            for one in self.videos.values()
            if one.channel is channel and one.uploaded_at >= since
        ]
        return sorted(found, key=lambda one: (-one.uploaded_at, one.id))

    def is_processed(self, video: Video) -> bool:
        waits = self.processing
        return video.polls >= waits.polls and self.now() - video.uploaded_at >= waits.seconds

    def freshen(self, video: Video) -> Video:
        """What time has done to it: a scheduled video goes public at its time."""
        with self.turn:
            due = video.status.get("publishAt")
            if due and read_time(due) <= self.now() and video.outcome == "processed":
                video.status["privacyStatus"] = "public"
                del video.status["publishAt"]
                video.published_at = read_time(due)
            is_open = video.status["privacyStatus"] in ("public", "unlisted")
            if is_open and not video.published_at:
                video.published_at = self.now()
        return video

    def told_videos(self) -> list[dict[str, Any]]:
        return [
            {
                "id": one.id,
                "channel": one.channel.id,
                "size": one.size,
                "sha256": one.sha256,
                "notify": one.notify,
                "has_thumbnail": bool(one.thumbnail),
                "thumbnail_sha256": hashlib.sha256(one.thumbnail).hexdigest(),
                "captions": [c.snippet for c in self.captions.values() if c.video is one],
                "uploaded_at": spelled(one.uploaded_at),
                **self.freshen(one).parts,
            }
            for one in self.videos.values()
        ]
