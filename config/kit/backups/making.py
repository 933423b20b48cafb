"""`backup`: the dump first, then the files that it names, and last the manifest."""

import json
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from config.kit import stores
from config.kit.backups import dumps, places
from config.kit.backups.places import Place
from config.kit.files import sha256_of

FORMAT = 1
AT_ONCE = 4
HERE = "here"
Tell = Callable[[str], None]


@dataclass
class Made:
    """What a backup holds; `missing` are files that the database names and the store has lost."""

    where: str
    at: datetime
    count: int = 0
    size: int = 0  # bytes
    missing: list[str] = field(default_factory=list)
    has_files: bool = True


def make(where: str, *, with_files: bool, tell: Tell) -> Made:
    """`with_files` says whether files that lie at S3 are copied too; those of a folder always are.
    Raises Refused, Unavailable; nothing is left behind then."""
    name = f"showrunner-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    place = places.place(places.below(where, name))
    place.begin()
    try:
        with dumps.dump() as dump, tempfile.TemporaryDirectory() as folder:
            made = _make(place, dump, Path(folder), with_files or settings.MEDIA_S3 is None, tell)
        place.finish()
    except BaseException:
        place.give_up()
        raise
    return made


def _make(place: Place, dump: dumps.Dump, room: Path, with_files: bool, tell: Tell) -> Made:
    made = Made(place.shown, datetime.now(UTC), has_files=with_files)
    tell("Dumping the database")
    file = room / dump.name
    dump.write(file)
    place.write(dump.name, file)
    listed = room / "files.jsonl"
    tell("Copying files" if with_files else "Looking for files at S3")
    with listed.open("w") as lines:
        keep = _Copies(place.store) if with_files else _Presence()
        for blob, is_there in keep.each(dump, tell):
            team_id, sha256, size = blob
            if not is_there:
                made.missing.append(stores.name_of(team_id, sha256))
                continue
            lines.write(json.dumps({"team": team_id, "sha256": sha256, "size": size}) + "\n")
            made.count += 1
            made.size += size
    place.write(listed.name, listed)
    _write_manifest(place, dump, room, made)
    return made


def _write_manifest(place: Place, dump: dumps.Dump, room: Path, made: Made) -> None:
    file, listed = room / dump.name, room / "files.jsonl"
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "made_at": made.at.isoformat(timespec="seconds"),
        "database": {"name": dump.name, "sha256": sha256_of(file), "rows": dump.rows()},
        "migrations": dump.migrations(),
        "files": {
            "where": HERE if made.has_files else stores.current().place,
            "list": {"name": listed.name, "sha256": sha256_of(listed)},
            "count": made.count,
            "size": made.size,
            "missing": made.missing,
        },
    }
    path = room / places.MANIFEST
    path.write_text(json.dumps(manifest, indent=1))
    place.write(places.MANIFEST, path)


Blob = tuple[int, str, int]


class _Copies:
    """Each file goes into the backup, and its hash is verified on the way."""

    def __init__(self, target: stores.Store) -> None:
        self._target, self._source = target, stores.current()

    def each(self, dump: dumps.Dump, tell: Tell) -> Any:
        progress = Progress(tell)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for some in batches(dump.blobs()):
                for blob, is_there in zip(some, pool.map(self._copy, some), strict=True):
                    progress.moved(blob[2])
                    yield blob, is_there

    def _copy(self, blob: Blob) -> bool:
        team_id, sha256, _ = blob
        path = self._source.path(team_id, sha256)
        if not path.is_file():
            return False
        self._target.put(team_id, sha256, path)
        return True


class _Presence:
    """The files stay at S3; those that are not there, with the size that they had, are named."""

    def each(self, dump: dumps.Dump, tell: Tell) -> Any:
        there = {kept.name: kept.size for kept in stores.current().all()}
        for blob in dump.blobs():
            team_id, sha256, size = blob
            yield blob, there.get(stores.name_of(team_id, sha256)) == size


def batches(blobs: Any, at_once: int = 200) -> Any:
    some: list[Any] = []
    for blob in blobs:
        some.append(blob)
        if len(some) == at_once:
            yield some
            some = []
    if some:
        yield some


class Progress:
    """Tells at every gigabyte and every thousand files."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self._count, self._size, self._told = tell, 0, 0, (0, 0)

    def moved(self, size: int) -> None:
        self._count, self._size = self._count + 1, self._size + size
        step = (self._count // 1000, self._size // 10**9)
        if step != self._told:
            self._told = step
            self._tell(f"  {self._count} files, {self._size / 10**9:.1f} GB")
