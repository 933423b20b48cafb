"""Files that come here piece by piece: on this machine's disk, or at S3 where any machine of the
web may take the next piece.

At S3 each piece is objects of its own under `uploads/<uid>/<offset>`. Their chain from offset 0 on
is the file, so a piece that was sent twice replaces itself. (A multipart upload of S3's would want
5 MB of each piece, and would still have to be read once more for its hash.)
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from django.conf import settings

from config.kit import stores
from config.kit.errors import Refused, Unavailable

CHUNK = 1024 * 1024
OBJECT = 8 * 2**20  # bytes that one object holds at most
SMALL, MOST = 256 * 1024, 1000  # pieces below this size are counted, and end at this number
SPARE_BYTES = 500_000_000
AT_ONCE = 4
FOLDER = "uploads/"


class Lost(Refused):
    code = "upload_lost"
    status = 410

    def __init__(self) -> None:
        super().__init__("What has come of this file is no longer here: send it anew.")


@dataclass(frozen=True)
class Piece:
    """`most` bytes of an upload may still come, from `offset` on."""

    uid: str
    offset: int
    most: int


class Pieces(Protocol):
    def free_bytes(self) -> int:
        """What the disk that they lie on has left."""

    def add(self, piece: Piece, stream: IO[bytes]) -> int:
        """How many bytes came: one more than `most` where there were more. Raises Lost,
        Unavailable."""

    def whole(self, uid: str, size: int) -> contextlib.AbstractContextManager[Path]:
        """The file, once all of it has come. Raises Lost, Unavailable."""

    def drop(self, uid: str) -> None: ...

    def strays(self, older_than_s: float) -> list[str]:
        """Uids of what nobody has added to for so long."""


def pieces() -> Pieces:
    """Where this installation keeps them."""
    objects = stores.bucket_objects()
    return Files(_folder()) if objects is None else ObjectsOf(objects)


class Files:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def free_bytes(self) -> int:
        return shutil.disk_usage(self._folder).free - SPARE_BYTES

    def add(self, piece: Piece, stream: IO[bytes]) -> int:
        written = 0
        path = self._folder / piece.uid
        if piece.offset and (not path.exists() or path.stat().st_size < piece.offset):
            raise Lost
        with path.open("r+b" if piece.offset else "wb") as file:
            file.seek(piece.offset)
            file.truncate()
            while chunk := stream.read(min(CHUNK, piece.most - written + 1)):
                written += len(chunk)
                if written > piece.most:
                    break
                file.write(chunk)
        return written

    @contextlib.contextmanager
    def whole(self, uid: str, size: int) -> Iterator[Path]:
        path = self._folder / uid
        if not path.exists() or path.stat().st_size != size:
            raise Lost
        yield path

    def drop(self, uid: str) -> None:
        (self._folder / uid).unlink(missing_ok=True)

    def strays(self, older_than_s: float) -> list[str]:
        now = time.time()
        return [
            path.name
            for path in self._folder.iterdir()
            if path.is_file() and now - path.stat().st_mtime > older_than_s
        ]


class ObjectsOf:
    """Of a bucket, as config.kit.stores.objects has it."""

    def __init__(self, objects: Any) -> None:
        self._objects = objects

    def free_bytes(self) -> int:
        return 2**62

    def add(self, piece: Piece, stream: IO[bytes]) -> int:
        written = 0
        while chunk := stream.read(min(OBJECT, piece.most - written + 1)):
            written += len(chunk)
            if written > piece.most:
                break
            if len(chunk) < SMALL and written < piece.most:
                self._refuse_crumbs(piece.uid)
            self._objects.write(_key(piece.uid, piece.offset + written - len(chunk)), chunk)
        return written

    @contextlib.contextmanager
    def whole(self, uid: str, size: int) -> Iterator[Path]:
        offsets = list(self._chain(uid, size))
        folder = _folder()
        if shutil.disk_usage(folder).free < size + SPARE_BYTES:
            raise Unavailable("This server's disk is almost full: free some space and retry.")
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".whole-") as file:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                for _ in pool.map(lambda at: self._lay(uid, at, file.fileno()), offsets):
                    pass
            yield Path(file.name)

    def _lay(self, uid: str, offset: int, descriptor: int) -> None:
        with tempfile.SpooledTemporaryFile(OBJECT + 1) as piece:
            try:
                self._objects.fetch(_key(uid, offset), piece)
            except FileNotFoundError:
                raise Lost from None
            piece.seek(0)
            while chunk := piece.read(CHUNK):
                offset += os.pwrite(descriptor, chunk, offset)

    def _chain(self, uid: str, size: int) -> Iterator[int]:
        sizes = {
            int(one.key.rpartition("/")[2]): one.size
            for one in self._objects.all(f"{FOLDER}{uid}/")
        }
        at = 0
        while at < size:
            if not sizes.get(at):
                raise Lost
            yield at
            at += sizes[at]
        if at != size:
            raise Lost

    def _refuse_crumbs(self, uid: str) -> None:
        """Each piece is an object that is paid for: a gigabyte in single bytes is no upload."""
        if sum(1 for _ in self._objects.all(f"{FOLDER}{uid}/")) > MOST:
            raise Refused(f"This upload came in {MOST} pieces: send larger ones.")

    def drop(self, uid: str) -> None:
        self._objects.remove([one.key for one in self._objects.all(f"{FOLDER}{uid}/")])

    def strays(self, older_than_s: float) -> list[str]:
        youngest: dict[str, float] = {}
        for one in self._objects.all(FOLDER):
            uid = one.key.split("/")[1]
            youngest[uid] = min(one.age_s, youngest.get(uid, one.age_s))
        return [uid for uid, age_s in youngest.items() if age_s > older_than_s]


def _key(uid: str, offset: int) -> str:
    return f"{FOLDER}{uid}/{offset:015d}"


def _folder() -> Path:
    folder = Path(settings.UPLOADS_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
