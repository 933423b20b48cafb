"""Blobs on disk: stored once per team by hash, read by path, served with Range.

Bytes are in the store before the row that names them is committed; a crash between leaves a file
without a row, never a row without a file.
"""

import asyncio
import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass
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

from config.kit.errors import Unavailable
from config.kit.models import Blob, BlobRef

CHUNK = 256 * 1024
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
    return Path(settings.MEDIA_DIR) / str(team_id) / sha256[:2] / sha256


def store(team_id: int, path: Path) -> str:
    """Copies the file into the store and answers its sha256. Raises Unavailable when full."""
    sha256 = sha256_of(path)
    kept = path_of(team_id, sha256)
    with contextlib.suppress(OSError):
        os.utime(kept)  # prune leaves alone what was put away lately
        return sha256
    try:
        _put_away(path, kept)
    except OSError as error:
        raise Unavailable(
            f"The media folder takes no more ({error.strerror}): free some space and retry."
        ) from error
    return sha256


def _put_away(path: Path, kept: Path) -> None:
    """Whole or not at all; of two writers of the same bytes each has a file of its own."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=kept.parent, prefix=".")
    try:
        with open(descriptor, "wb") as unfinished, path.open("rb") as source:
            shutil.copyfileobj(source, unfinished, CHUNK)
            unfinished.flush()
            os.fsync(descriptor)
            os.fchmod(descriptor, 0o444)
        os.replace(name, kept)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def hold(team_id: int, sha256: str, *, content_type: str) -> Blob:
    """The row of bytes that `store` has put away; called inside the verb that refers to them.

    Raises Unavailable where they are gone again.
    """
    try:
        size = path_of(team_id, sha256).stat().st_size
    except FileNotFoundError:
        raise Unavailable("The bytes of this file are no longer in the store: try again.") from None
    blob, _ = Blob.objects.get_or_create(
        team_id=team_id, sha256=sha256, defaults={"size": size, "content_type": content_type}
    )
    return blob


def is_kept(team_id: int, sha256: str) -> bool:
    return path_of(team_id, sha256).exists()


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
    """Bytes that a team's files take on disk."""
    return Blob.objects.filter(team_id=team_id).aggregate(n=Sum("size"))["n"] or 0


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
    """The blob as an HTTP answer: whole, one range (206), or 416. The caller checked access."""
    path = path_of(blob.team_id, blob.sha256)
    if not path.exists():
        raise Http404(filename)
    etag = f'"{blob.sha256}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    span = _span(request, etag, blob.size)
    if span is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{blob.size}"})
    body = _nothing() if request.method == "HEAD" else _read(path, span.start, span.length)
    response = StreamingHttpResponse(
        body, status=206 if span.is_part else 200, content_type=blob.content_type
    )
    if span.is_part:
        end = span.start + span.length - 1
        response["Content-Range"] = f"bytes {span.start}-{end}/{blob.size}"
    response["Content-Length"] = str(span.length)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=3600"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = content_disposition_header(download, filename) or "inline"
    return response


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
