"""The keyless publisher: a folder per video under PUBLISH_DIR, complete or not there at all."""

import json
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from channels_app.publishers import Parcel, publishers
from config.kit.errors import Rejected, Stopped, Unavailable
from config.kit.files import sha256_of

CHUNK = 8 * 2**20
BEAT_S = 5.0
_UNSAFE = re.compile(r"[^\w.-]+", re.UNICODE)


def _name(parcel: Parcel) -> str:
    title = _UNSAFE.sub("-", parcel.title).strip("-.")[:60] or "video"
    return f"{title}-{parcel.uid[:8]}"


def _is_whole(folder: Path, parcel: Parcel) -> bool:
    return (folder / "metadata.json").exists() and all(
        (folder / name).exists() and sha256_of(folder / name) == sha256_of(path)
        for name, path in parcel.files.items()
    )


class FolderPublisher:
    def deliver(self, parcel: Parcel, beat: Callable[[], bool]) -> str:
        _check_store(parcel)
        shelf = Path(settings.PUBLISH_DIR) / parcel.shelf
        target = shelf / _name(parcel)
        try:
            if not _is_whole(target, parcel):
                _put(target, parcel, beat)
        except OSError as error:
            raise Unavailable(
                f"The folder {shelf} can't be written ({error.strerror}): free space and retry."
            ) from error
        return str(target)


def _check_store(parcel: Parcel) -> None:
    for name, path in parcel.files.items():
        if not path.is_file():
            raise Rejected(
                f"The bytes of {name} are gone from the media folder: "
                "do the stage that makes it again, then publish."
            )


def _put(target: Path, parcel: Parcel, beat: Callable[[], bool]) -> None:
    for left in target.parent.glob(f".{parcel.uid}.*"):  # of attempts that died
        shutil.rmtree(left, ignore_errors=True)
    unfinished = target.with_name(f".{parcel.uid}.{parcel.fence}")
    try:
        _fill(unfinished, parcel, beat)
        if target.exists() and not _is_whole(target, parcel):
            shutil.rmtree(target)
        if not target.exists():
            unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _fill(folder: Path, parcel: Parcel, beat: Callable[[], bool]) -> None:
    folder.mkdir(parents=True)
    for name, path in parcel.files.items():
        _copy(path, folder / name, beat)
    text = json.dumps(parcel.metadata, ensure_ascii=False, indent=2, sort_keys=True)
    (folder / "metadata.json").write_text(text, encoding="utf-8")


def _copy(source: Path, target: Path, beat: Callable[[], bool]) -> None:
    next_beat = time.monotonic() + BEAT_S
    with source.open("rb") as reading, target.open("wb") as writing:
        while chunk := reading.read(CHUNK):
            writing.write(chunk)
            if time.monotonic() > next_beat:
                next_beat = time.monotonic() + BEAT_S
                if not beat():
                    raise Stopped(f"the delivery of {target.name} was told to stop")


publishers.add("folder", FolderPublisher())
