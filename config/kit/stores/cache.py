"""Copies of remote blobs on this machine: verified, bounded, shared by all of its processes.

A blob's name is the hash of its bytes, so a copy never grows old. Copies are files under
`<root>/<team>/<2 digits>/<sha256>`, whole or not there; their time is that of the last use. What
was used in the last ten minutes stays whatever the limit is; who needs a path for longer borrows.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from config.kit.errors import Unavailable

GRACE_S = 600
LEFT_S = 24 * 3600  # what a killed process has left behind
SPARE = 0.9  # of the limit, after copies were let go
CHUNK = 2**20
Fetch = Callable[[IO[bytes]], None]  # raises FileNotFoundError, Unavailable


class Cache:
    def __init__(self, root: Path, limit: int) -> None:
        """`limit` is in bytes."""
        self.root, self._limit = root, limit
        self._lent = root / ".lent"

    def place(self, name: str) -> Path:
        return self.root / name

    def path(self, name: str, fetch: Fetch) -> Path:
        """The copy of `team/xx/sha256`, fetched where it is missing (once, however many ask).

        Raises FileNotFoundError, Unavailable.
        """
        kept = self.place(name)
        if _touch(kept):
            return kept
        with self._turn(kept.name):
            if not _touch(kept):
                self._fill(kept, fetch)
        return kept

    def add(self, name: str, source: Path) -> Path:
        """Copies a file of this machine. Raises Unavailable."""

        def read(into: IO[bytes]) -> None:
            with source.open("rb") as file:
                shutil.copyfileobj(file, into, CHUNK)

        return self.path(name, read)

    @contextlib.contextmanager
    def lending(self) -> Iterator[Callable[[Path], Path]]:
        """Second names for copies, which stay until this is left. They lie apart from the rooms:
        what a confined program may write there is never a copy of ours."""
        self._lent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._lent, ignore_cleanup_errors=True) as folder:

            def lend(kept: Path) -> Path:
                name = Path(folder) / f"{kept.parent.parent.name}-{kept.name}"
                with contextlib.suppress(FileExistsError):
                    os.link(kept, name)
                return name

            yield lend

    def _fill(self, kept: Path, fetch: Fetch) -> None:
        try:
            size = self._whole(kept, fetch)
            self._grown(size)
        except FileNotFoundError:
            raise
        except OSError as error:
            self._shrink(0)
            raise Unavailable(
                f"This machine's disk takes no more copies ({error.strerror}): free some space."
            ) from error

    def _whole(self, kept: Path, fetch: Fetch) -> int:
        kept.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=kept.parent, prefix=".")
        try:
            with open(descriptor, "w+b") as unfinished:
                fetch(unfinished)
                unfinished.flush()
                size = unfinished.seek(0, os.SEEK_END)
                unfinished.seek(0)
                if hashlib.file_digest(unfinished, "sha256").hexdigest() != kept.name:
                    raise Unavailable("A file came from the store with other bytes than it had.")
                os.fchmod(descriptor, 0o444)
            os.replace(name, kept)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
        return size

    @contextlib.contextmanager
    def _turn(self, name: str) -> Iterator[None]:
        turns = self.root / ".turns"
        turns.mkdir(parents=True, exist_ok=True)
        with (turns / name[:2]).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _grown(self, size: int) -> None:
        """Counts what all processes of this machine have added; above the limit, counts anew."""
        with (self.root / ".size").open("a+") as counter:
            fcntl.flock(counter, fcntl.LOCK_EX)
            counter.seek(0)
            told = counter.read().strip()
            total = int(told) + size if told.isdecimal() else self._limit + 1
            if total > self._limit:
                total = self._shrink(int(self._limit * SPARE), only_above=self._limit)
            counter.truncate(0)
            counter.write(str(total))

    def _shrink(self, wanted: int, *, only_above: int = 0) -> int:
        """Lets the longest unused go until `wanted` bytes are left; answers how many are."""
        now = time.time()
        copies = sorted(self._copies())
        total = sum(size for _, size, _ in copies)
        if total <= only_above:
            return total
        for used_at, size, path in copies:
            if total <= wanted or now - used_at < GRACE_S:
                break
            path.unlink(missing_ok=True)
            total -= size
        return total

    def _copies(self) -> Iterator[tuple[float, int, Path]]:
        for path in self.root.glob("*/*/*"):
            with contextlib.suppress(FileNotFoundError):
                told = path.stat()
                if path.parent.parent == self._lent or path.name.startswith("."):
                    self._tidy(path, told.st_mtime)
                elif path.is_file():
                    yield told.st_mtime, told.st_size, path

    def _tidy(self, path: Path, made_at: float) -> None:
        if time.time() - made_at > LEFT_S:
            path.unlink(missing_ok=True)


def _touch(path: Path) -> bool:
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True
