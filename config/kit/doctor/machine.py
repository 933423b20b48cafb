"""The machine under this process: Python, room on the disks, folders, open files."""

import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat

from config.kit.doctor.told import fail, warn, well
from config.kit.registry import Finding

LEAST_PYTHON = (3, 11)
TIGHT_MB, LITTLE_MB = 300, 5_000  # below the first runs are put off (videos.pipeline)
FEW_FILES = 4_096


def check() -> Iterator[Finding]:
    yield _python()
    for name in ("VAR_DIR", "RUN_DIR", "MEDIA_DIR", "ROOMS_DIR"):
        found = _folder(name, Path(getattr(settings, name)))
        if found is not None or name == "VAR_DIR":
            yield found or well(name, f"{settings.VAR_DIR} can be written")
    yield _room(Path(settings.VAR_DIR))
    yield _files()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < LEAST_PYTHON:
        return fail("Python", f"It is {version}: install 3.11 or newer and run bin/setup again.")
    return well("Python", version)


def _folder(name: str, folder: Path) -> Finding | None:
    """None: it can be written, or it is made when it is needed."""
    try:
        while not folder.exists():
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"?")
    except OSError as error:
        return fail(
            name,
            f"{folder} can't be written ({error.strerror}): give it to the user that runs this.",
        )
    return None


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    told = filesizeformat(free).replace("\xa0", " ")
    if free < TIGHT_MB * 2**20:
        return fail(
            "Disk",
            f"{told} are free at {folder}, and no work starts: free some, or manage.py prune.",
        )
    if free < LITTLE_MB * 2**20:
        return warn("Disk", f"{told} are free at {folder}: a few videos more. Make room soon.")
    return well("Disk", f"{told} are free at {folder}")


def _files() -> Finding:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FEW_FILES:
        return warn(
            "Open files",
            f"A process may open {hard}; pgbouncer then takes fewer clients: raise ulimit -n to "
            f"{FEW_FILES}.",
        )
    return well("Open files", "no limit" if hard == resource.RLIM_INFINITY else f"up to {hard}")
