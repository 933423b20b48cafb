"""Blobs in a folder of this machine, or of a disk that several machines share."""

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from config.kit.errors import Unavailable
from config.kit.stores.names import Kept, name_of

CHUNK = 256 * 1024


class Folder:
    """`links=True` gives a file of the same disk a second name instead of copying it."""

    def __init__(self, root: Path, *, links: bool = False) -> None:
        self.root, self._links = root, links
        self.place = str(root)

    def path(self, team_id: int, sha256: str) -> Path:
        return self.root / name_of(team_id, sha256)

    @contextlib.contextmanager
    def lending(self) -> Iterator[Callable[[int, str], Path]]:
        yield self.path

    def put(self, team_id: int, sha256: str, path: Path) -> None:
        kept = self.path(team_id, sha256)
        with contextlib.suppress(OSError):
            os.utime(kept)  # prune leaves alone what was put away lately
            return
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            if self._links and _linked(path, kept):
                return
            _copy(path, kept)
        except OSError as error:
            raise Unavailable(
                f"The media folder takes no more ({error.strerror}): free some space and retry."
            ) from error

    def size(self, team_id: int, sha256: str) -> int | None:
        told = _stat(self.path(team_id, sha256))
        return told.st_size if told else None

    def age_s(self, name: str) -> float | None:
        told = _stat(self.root / name)
        return time.time() - told.st_mtime if told else None

    def remove(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    def all(self) -> Iterator[Kept]:
        for team in sorted(self.root.iterdir()) if self.root.is_dir() else ():
            for path in sorted(team.glob("*/*")) if team.name.isdecimal() else ():
                told = _stat(path)
                if told is not None:
                    name = path.relative_to(self.root).as_posix()
                    yield Kept(name, told.st_size, time.time() - told.st_mtime)

    def link(self, team_id: int, sha256: str, told: Any) -> None:
        return None


def _stat(path: Path) -> os.stat_result | None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        return path.stat()
    return None


def _linked(path: Path, kept: Path) -> bool:
    """False: it lies on another disk, or the disk knows no second names."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != kept.name:
            raise Unavailable(f"{path} holds other bytes than its name says.")
        os.link(path, kept)
        return True
    return False


def _copy(path: Path, kept: Path) -> None:
    """Whole or not at all; of two writers of the same bytes each has a file of its own."""
    descriptor, name = tempfile.mkstemp(dir=kept.parent, prefix=".")
    try:
        with open(descriptor, "wb") as unfinished, path.open("rb") as source:
            digest = hashlib.sha256()
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                unfinished.write(chunk)
            if digest.hexdigest() != kept.name:
                raise Unavailable(f"{path} holds other bytes than its name says.")
            unfinished.flush()
            os.fsync(descriptor)
            os.fchmod(descriptor, 0o444)
        os.replace(name, kept)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
