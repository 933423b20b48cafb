"""Where a backup lies: a folder of this machine, or a prefix of a bucket."""

import re
import shutil
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from config.kit import stores
from config.kit.errors import Refused, Unavailable
from config.kit.stores.address import bucket
from config.kit.stores.folder import Folder

MANIFEST = "manifest.json"
_UNFINISHED = ".unfinished"


class Place(Protocol):
    """Every call may raise Unavailable."""

    shown: str  # its address, without secrets

    @property
    def store(self) -> stores.Store:
        """Of its files."""

    def begin(self) -> None:
        """Raises Refused where something lies there."""

    def write(self, name: str, path: Path) -> None: ...

    def finish(self) -> None: ...

    def give_up(self) -> None:
        """Leaves nothing behind."""

    def read(self, name: str, room: Path) -> Path:
        """A copy of this machine. Raises FileNotFoundError."""


def place(where: str) -> Place:
    """A backup by the address that `backup` has told. Raises SystemExit for a malformed one."""
    if where.startswith("s3://"):
        return _Bucket(where)
    return _Folder(Path(where).resolve())


def below(where: str, name: str) -> str:
    """The address of a backup of this name in a folder, or in a bucket."""
    path, mark, query = where.partition("?")
    return f"{path.rstrip('/')}/{name}{mark}{query}"


class _Folder:
    def __init__(self, root: Path) -> None:
        self.shown, self._root = str(root), root
        self._made = root.with_name(root.name + _UNFINISHED)

    @property
    def store(self) -> stores.Store:
        root = self._made if self._made.exists() else self._root
        return Folder(root / "media", links=True)

    def begin(self) -> None:
        if self._root.exists() or self._made.exists():
            raise Refused(f"{self._root} is there already: name another folder.")
        try:
            self._made.parent.mkdir(parents=True, exist_ok=True)
            self._made.mkdir(mode=0o700)  # it holds what passwords and tokens are checked with
        except OSError as error:
            raise Refused(f"{self._root} can't be made: {error.strerror}.") from None

    def write(self, name: str, path: Path) -> None:
        try:
            shutil.copyfile(path, self._made / name)
        except OSError as error:
            raise Unavailable(f"{self._root} takes no more: {error.strerror}.") from error

    def finish(self) -> None:
        self._made.rename(self._root)

    def give_up(self) -> None:
        shutil.rmtree(self._made, ignore_errors=True)

    def read(self, name: str, room: Path) -> Path:
        path = self._root / name
        if not path.is_file():
            raise FileNotFoundError(name)
        return path


class _Bucket:
    def __init__(self, url: str) -> None:
        found = bucket(url, region=settings.AWS_REGION, name="The address of the backup")
        limit = settings.MEDIA_CACHE_MB * 1_000_000
        store: Any = stores.at(found, Path(settings.MEDIA_CACHE_DIR), limit)
        self.store: stores.Store = store
        self.shown, self._objects = re.sub("//[^@/]*@", "//", url), store.objects

    def begin(self) -> None:
        if next(self._objects.all(""), None) is not None:
            raise Refused(f"{self.shown} is not empty: name another prefix.")

    def write(self, name: str, path: Path) -> None:
        self._objects.put(name, path)

    def finish(self) -> None:
        pass

    def give_up(self) -> None:
        self._objects.remove([one.key for one in self._objects.all("")])

    def read(self, name: str, room: Path) -> Path:
        with (room / name).open("wb") as file:
            self._objects.fetch(name, file)
        return room / name
