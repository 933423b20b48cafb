"""Blobs: stored once per team by hash, read by path, served with Range.

Bytes are in the store before the row that names them is committed; a crash between leaves a file
without a row, never a row without a file.
"""

import asyncio
import hashlib
import re
import shutil
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Sum
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.http import content_disposition_header

from config.kit import stores
from config.kit.errors import Unavailable
from config.kit.models import Blob, BlobRef

CHUNK = 256 * 1024
SMALL = 1_000_000  # bytes: what has fewer comes from here, whatever the store is
# how long a signed address serves
DOWNLOAD, PLAYED = timedelta(minutes=5), timedelta(hours=1)
_TYPES = {
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".wav": "audio/wav",
    ".srt": "application/x-subrip",
    ".vtt": "text/vtt",
    ".json": "application/json",
}
_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def path_of(team_id: int, sha256: str) -> Path:
    """Where the file can be read on this machine, for ten minutes at least; there is none where
    its bytes are lost. Raises Unavailable. Who reads for longer is `lending`."""
    return stores.current().path(team_id, sha256)


def lending() -> AbstractContextManager[stores.Lend]:
    """Within it, paths of files that stay until its end."""
    return stores.current().lending()


def store(team_id: int, path: Path) -> str:
    """Copies the file into the store and answers its sha256. Raises Unavailable when full."""
    sha256 = sha256_of(path)
    stores.current().put(team_id, sha256, path)
    return sha256


def hold(team_id: int, sha256: str, *, content_type: str) -> Blob:
    """The row of bytes that `store` has put away; called inside the verb that refers to them.

    Raises Unavailable where they are gone again.
    """
    mine = Blob.objects.filter(team_id=team_id, sha256=sha256)
    blob = mine.first()
    # prune takes rows with their bytes, and only marked ones: without the mark both are there
    if blob is not None and (blob.loose_since is None or mine.update(loose_since=None)):
        return blob
    size = stores.current().size(team_id, sha256)
    if size is None:
        raise Unavailable("The bytes of this file are no longer in the store: try again.")
    blob, _ = Blob.objects.get_or_create(
        team_id=team_id, sha256=sha256, defaults={"size": size, "content_type": content_type}
    )
    return blob


def is_kept(team_id: int, sha256: str) -> bool:
    return stores.current().size(team_id, sha256) is not None


def refer_anew(blobs: Mapping[str, Blob], *, kind: str, ref_id: int) -> None:
    """Makes these, by file name, all that the holder refers to."""
    BlobRef.objects.filter(kind=kind, ref_id=ref_id).delete()
    for name, blob in blobs.items():
        refer(blob, kind=kind, ref_id=ref_id, name=name)


def release(kind: str, ref_ids: Collection[int]) -> None:
    """Lets go of all that these holders refer to; `prune` removes what nobody holds then."""
    BlobRef.objects.filter(kind=kind, ref_id__in=ref_ids).delete()


@dataclass(frozen=True)
class Use:
    """What holders of one kind (`app.model`) keep of a team: files and their bytes."""

    kind: str
    count: int
    size: int


def used_by(team_id: int) -> list[Use]:
    """The team's storage by who holds it, in one query. What two kinds hold counts with each."""
    held = BlobRef.objects.filter(blob__team_id=team_id).values("kind").order_by("kind")
    rows = held.annotate(n=Count("blob", distinct=True), size=Sum("blob__size"))
    return [Use(row["kind"], row["n"], row["size"]) for row in rows]


def kept_of(team_id: int) -> int:
    """Bytes that a team's files take in the store."""
    return Blob.objects.filter(team_id=team_id).aggregate(n=Sum("size"))["n"] or 0


def free_bytes() -> int | None:
    """What the disk of the store has left; None: the store has no end."""
    if settings.MEDIA_S3:
        return None
    folder = Path(settings.MEDIA_DIR)
    there = next(one for one in (folder, *folder.parents) if one.exists())
    return shutil.disk_usage(there).free


def content_type(name: str) -> str:
    return _TYPES.get(Path(name).suffix, "application/octet-stream")


def refer(blob: Blob, *, kind: str, ref_id: int, name: str) -> BlobRef:
    return BlobRef.objects.create(blob=blob, kind=kind, ref_id=ref_id, name=name)


@dataclass(frozen=True)
class _Span:
    """The bytes that are sent; `is_part` says whether they were asked for by a range."""

    start: int
    length: int
    is_part: bool


def _span(request: HttpRequest, etag: str, size: int) -> _Span | None:
    """None: the range lies behind the end. One that is not understood is ignored (RFC 9110)."""
    found = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if not found or request.headers.get("If-Range", etag) != etag:
        return _Span(0, size, is_part=False)
    first, last, suffix = found.groups()
    start = max(0, size - int(suffix)) if suffix else int(first)
    end = min(int(last), size - 1) if last else size - 1
    return _Span(start, end - start + 1, is_part=True) if start <= end else None


async def _read(path: Path, start: int, length: int) -> AsyncIterator[bytes]:
    """A chunk at a time: Django's FileResponse reads the whole file under ASGI."""
    file = await asyncio.to_thread(path.open, "rb")
    try:
        file.seek(start)
        while length > 0:
            chunk = await asyncio.to_thread(file.read, min(CHUNK, length))
            if not chunk:
                return
            length -= len(chunk)
            yield chunk
    finally:
        file.close()


def serve(request: HttpRequest, blob: Blob, *, filename: str, download: bool) -> HttpResponseBase:
    """The blob as an HTTP answer: whole, one range (206), or 416. The caller checked access.

    Where the store has addresses of its own, pictures, sound and films are a redirect to one that
    is signed for a while. What is small (captions: a page may not load those from elsewhere) and
    HEAD, which is no signed GET, are answered here.
    """
    etag = f'"{blob.sha256}"'
    disposition = content_disposition_header(download, filename) or "inline"
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    if blob.size >= SMALL and request.method != "HEAD":
        lasts = DOWNLOAD if download else PLAYED
        link = stores.Link(blob.content_type, disposition, lasts)
        address = stores.current().link(blob.team_id, blob.sha256, link)
        if address:
            return _elsewhere(address, lasts)
    span = _span(request, etag, blob.size)
    if span is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{blob.size}"})
    response = StreamingHttpResponse(
        _body(request, blob, span, filename),
        status=206 if span.is_part else 200,
        content_type=blob.content_type,
    )
    if span.is_part:
        end = span.start + span.length - 1
        response["Content-Range"] = f"bytes {span.start}-{end}/{blob.size}"
    response["Content-Length"] = str(span.length)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = disposition
    return response


def _elsewhere(address: str, lasts: timedelta) -> HttpResponse:
    """A browser asks again before the address expires: a player that goes on after a pause too."""
    age_s = int(lasts.total_seconds() // 2)
    response = HttpResponse(status=302, headers={"Location": address})
    response["Cache-Control"] = f"private, max-age={age_s}"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _body(request: HttpRequest, blob: Blob, span: _Span, filename: str) -> AsyncIterator[bytes]:
    """Raises Http404 where the bytes are lost."""
    if request.method == "HEAD":
        if not is_kept(blob.team_id, blob.sha256):
            raise Http404(filename)
        return _nothing()
    path = path_of(blob.team_id, blob.sha256)
    if not path.exists():
        raise Http404(filename)
    return _read(path, span.start, span.length)


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
