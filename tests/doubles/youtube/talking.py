"""How tests speak to the stand-in: Google's own client, and plain requests."""

import hashlib
import io
from typing import Any

import httpx
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.http import MediaIoBaseUpload

from tests.doubles.youtube.client import CLIENT_ID, CLIENT_SECRET, StandIn
from tests.doubles.youtube.document import document

STEP = 256 * 1024
BODY = {"snippet": {"title": "Kelp", "categoryId": "27"}, "status": {"privacyStatus": "private"}}


def google(youtube: StandIn, name: str = "youtube.v3", channel: str = "Northlight", **told: Any):
    """Google's client, led to the stand-in by the static document."""
    grant = youtube.grant(channel, **told)
    about = document(name)
    about["rootUrl"] = about["baseUrl"] = f"{youtube.address}/"
    credentials = Credentials(
        grant["access_token"],
        grant["refresh_token"],
        token_uri=f"{youtube.address}/token",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )
    return build_from_document(about, credentials=credentials)


def media(raw: bytes, kind: str = "video/mp4", **more: Any) -> MediaIoBaseUpload:
    return MediaIoBaseUpload(io.BytesIO(raw), kind, **more)


def bytes_of(size: int) -> bytes:
    """The same each time, and no two pieces alike."""
    block = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(size // 32 + 1))
    return block[:size]


class Plain:
    """Bare requests with a token."""

    def __init__(self, youtube: StandIn, **told: Any) -> None:
        self.youtube = youtube
        self.token = youtube.grant(**told)["access_token"]
        heads = {"Authorization": f"Bearer {self.token}"}
        self.client = httpx.Client(base_url=youtube.address, headers=heads, timeout=20)

    def start(self, size: int, body: Any = None, **query: str) -> httpx.Response:
        return self.client.post(
            "/upload/youtube/v3/videos",
            params={"uploadType": "resumable", "part": "snippet,status", **query},
            json=BODY if body is None else body,
            headers={"X-Upload-Content-Length": str(size), "X-Upload-Content-Type": "video/mp4"},
        )

    def session(self, size: int, **query: str) -> str:
        return self.start(size, **query).headers["location"]

    def put(self, session: str, raw: bytes, start: int, total: int) -> httpx.Response:
        span = f"bytes {start}-{start + len(raw) - 1}/{total}"
        return self.client.put(session, content=raw, headers={"Content-Range": span})

    def held(self, session: str, total: int) -> httpx.Response:
        return self.client.put(session, headers={"Content-Range": f"bytes */{total}"})

    def upload(self, raw: bytes = b"0" * 1000, body: Any = None, **query: str) -> dict[str, Any]:
        session = self.start(len(raw), body, **query).headers["location"]
        return self.put(session, raw, 0, len(raw)).json()

    def get(self, name: str, **query: Any) -> httpx.Response:
        return self.client.get(f"/youtube/v3/{name}", params=query)


def reason(answer: httpx.Response) -> str:
    return answer.json()["error"]["errors"][0]["reason"]
