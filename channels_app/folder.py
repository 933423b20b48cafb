"""The keyless publisher: a folder per video under PUBLISH_DIR, complete or not there at all."""

import json
import os
import re
import shutil
from pathlib import Path

from django.conf import settings

from channels_app.publishers import Parcel, publishers
from config.kit.errors import Unavailable
from config.kit.files import sha256_of

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
    def deliver(self, parcel: Parcel) -> str:
        shelf = Path(settings.PUBLISH_DIR) / parcel.channel
        target = shelf / _name(parcel)
        if target.exists() and _is_whole(target, parcel):
            return str(target)
        unfinished = shelf / f".{parcel.uid}.{os.getpid()}"
        try:
            self._fill(unfinished, parcel)
            if target.exists():
                shutil.rmtree(target)
            unfinished.rename(target)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise Unavailable(
                f"The folder {shelf} can't be written ({error.strerror}): free space and retry."
            ) from error
        return str(target)

    def _fill(self, folder: Path, parcel: Parcel) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, path in parcel.files.items():
            shutil.copyfile(path, folder / name)
        text = json.dumps(parcel.metadata, ensure_ascii=False, indent=2, sort_keys=True)
        (folder / "metadata.json").write_text(text, encoding="utf-8")


publishers.add("folder", FolderPublisher())
