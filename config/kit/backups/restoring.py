"""`restore`: what is in the backup is verified, then the files, and last the database."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config.kit import cache, stores
from config.kit.backups import dumps, places
from config.kit.backups.making import AT_ONCE, FORMAT, HERE, Blob, Progress, Tell, batches
from config.kit.backups.places import Place
from config.kit.database import after
from config.kit.errors import Refused
from config.kit.files import sha256_of
from config.kit.models import Blob as BlobRow
from config.kit.models import ClusterBeat

ALIVE = timedelta(seconds=60)


@dataclass
class Restored:
    made_at: str
    count: int = 0
    size: int = 0  # bytes
    damaged: list[str] = field(default_factory=list)  # names of files that could not be had
    was_older: bool = False  # made by an older version: the database was migrated


def restore(where: str, *, replace: bool, skip_damaged: bool, tell: Tell) -> Restored:
    """Raises Refused, Unavailable; the database is as it was then."""
    place = places.place(where)
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        manifest = _manifest(place, room)
        _refuse_strange(manifest)
        _refuse_in_use(replace=replace)
        tell("Verifying the dump")
        dump = _verified(place, manifest["database"], room)
        listed = _verified(place, manifest["files"]["list"], room)
        restored = Restored(manifest["made_at"])
        _files(place, manifest["files"], listed, restored, tell)
        if restored.damaged and not skip_damaged:
            raise Refused(_damage(restored.damaged))
        tell("Restoring the database")
        dumps.load(dump)
        _refuse_other_counts(manifest["database"]["rows"])
        restored.was_older = _is_older(manifest)
        if restored.was_older:
            tell("Migrating the database to this version")
            call_command("migrate", interactive=False, verbosity=0)
        cache.forget_everything()
    return restored


def _manifest(place: Place, room: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(place.read(places.MANIFEST, room).read_text())
    except (FileNotFoundError, ValueError):
        raise Refused(f"{place.shown} is no whole backup: it has no {places.MANIFEST}.") from None
    if found.get("format") != FORMAT:
        raise Refused(f"This backup has format {found.get('format')}; this version reads {FORMAT}.")
    return found


def _refuse_strange(manifest: Mapping[str, Any]) -> None:
    name = manifest["database"]["name"]
    if name != dumps.name_here():
        raise Refused(
            f"This backup holds {name}, this installation takes {dumps.name_here()}: set "
            "DATABASE_URL to the kind of database that it was made of."
        )
    known = set(MigrationLoader(None).disk_migrations)
    ours = {config.label for config in apps.get_app_configs()}
    newer = [one for one in map(tuple, manifest["migrations"]) if one not in known]
    newer = [one for one in newer if one[0] in ours]
    if newer:
        raise Refused(f"A newer version made this backup ({'.'.join(newer[0])}): install that one.")
    where = manifest["files"]["where"]
    if where not in (HERE, stores.current().place):
        raise Refused(f"Its files lie at {where}: set MEDIA_S3_URL to that bucket.")


def _refuse_in_use(*, replace: bool) -> None:
    if not connection.introspection.table_names():
        return
    if ClusterBeat.objects.filter(beat_at__gt=after(-ALIVE)).exists():
        raise Refused("Workers are running: stop all processes first, and wait for a minute.")
    is_empty = not (get_user_model().objects.exists() or BlobRow.objects.exists())
    if not is_empty and not replace:
        raise Refused(
            "This installation is not empty. Make a backup of it, then say --replace: all that its "
            "database holds is lost."
        )


def _verified(place: Place, told: Mapping[str, Any], room: Path) -> Path:
    try:
        path = place.read(told["name"], room)
    except FileNotFoundError:
        raise Refused(f"{told['name']} is missing in the backup.") from None
    if sha256_of(path) != told["sha256"]:
        raise Refused(f"{told['name']} holds other bytes than it was made with: take another.")
    return path


def _files(
    place: Place, told: Mapping[str, Any], listed: Path, restored: Restored, tell: Tell
) -> None:
    is_here = told["where"] == HERE
    tell("Restoring files" if is_here else "Looking for files at S3")
    back = _returning(place) if is_here else _presence()
    progress = Progress(tell)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for some in batches(_blobs(listed)):
            for blob, is_there in zip(some, pool.map(back, some), strict=True):
                if not is_there:
                    restored.damaged.append(stores.name_of(blob[0], blob[1]))
                    continue
                restored.count += 1
                restored.size += blob[2]
                progress.moved(blob[2])
    if restored.count + len(restored.damaged) != told["count"]:
        raise Refused(f"The list of files has not the {told['count']} that it was made with.")


def _blobs(listed: Path) -> Iterator[Blob]:
    with listed.open() as lines:
        for line in lines:
            one = json.loads(line)
            yield one["team"], one["sha256"], one["size"]


def _returning(place: Place) -> Callable[[Blob], bool]:
    """Puts a file into the store of this installation; its hash is verified on the way."""
    target, source = stores.current(), place.store

    def back(blob: Blob) -> bool:
        team_id, sha256, size = blob
        if target.size(team_id, sha256) == size and _is_sound(target, team_id, sha256):
            return True
        path = source.path(team_id, sha256)
        if not path.is_file() or sha256_of(path) != sha256:
            return False
        target.remove(stores.name_of(team_id, sha256))
        target.put(team_id, sha256, path)
        return True

    return back


def _is_sound(target: stores.Store, team_id: int, sha256: str) -> bool:
    """What lies at S3 was verified when it came there, and is when it is read."""
    return bool(settings.MEDIA_S3) or sha256_of(target.path(team_id, sha256)) == sha256


def _presence() -> Callable[[Blob], bool]:
    there = {kept.name: kept.size for kept in stores.current().all()}
    return lambda blob: there.get(stores.name_of(blob[0], blob[1])) == blob[2]


def _damage(names: list[str]) -> str:
    return (
        f"{len(names)} files of this backup are missing or damaged (the first is {names[0]}); the "
        "database was not changed. --skip-damaged goes on: what stages made is made again."
    )


def _refuse_other_counts(expected: Mapping[str, int]) -> None:
    found = dumps.rows_now()
    wrong = [name for name, count in expected.items() if found.get(name) != count]
    if wrong:
        raise Refused(
            f"{wrong[0]} has {found.get(wrong[0])} rows, not {expected[wrong[0]]}: something wrote "
            "to the database meanwhile. Stop all processes and restore again."
        )


def _is_older(manifest: Mapping[str, Any]) -> bool:
    ours = {config.label for config in apps.get_app_configs()}
    disk = MigrationLoader(None).disk_migrations
    applied = {tuple(one) for one in manifest["migrations"]}
    return any(one not in applied for one in disk if one[0] in ours)
