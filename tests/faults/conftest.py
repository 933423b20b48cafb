"""A stack that faults may stop and kill: no other test looks at it."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import stack as stacks
from tests.faults.plant import Plant
from tests.processes import until

AS_ROOT = () if os.getuid() == 0 else ("sudo", "-n")
SMALL_MB = 700


@pytest.fixture(scope="session")
def own_stack():
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        stack = stacks.made(Path(folder))
        yield stack
        stack.end()


@pytest.fixture
def plant(own_stack, tmp_path, tmp_path_factory) -> Iterator[Plant]:
    made = Plant(own_stack, tmp_path / "var", tmp_path_factory.getbasetemp() / "run")
    yield made
    made.stop()


@pytest.fixture
def at_work(plant: Plant) -> Plant:
    """A production that renders one of the videos which it was asked for."""
    plant.start()
    plant.order()
    until(lambda: plant.runs("render"), within_s=300, what="it renders")
    return plant


@pytest.fixture
def buying(plant: Plant) -> Plant:
    """A production that has asked a service for something it has not been given yet."""
    plant.start()
    plant.order()
    until(plant.buys, within_s=120, what="it buys")
    return plant


@contextmanager
def disk(folder: Path, size_mb: int) -> Iterator[None]:
    """Over an empty folder lies a disk of so many MB."""
    options = f"size={size_mb}m,mode=755,uid={os.getuid()},gid={os.getgid()}"
    mount = [*AS_ROOT, "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("A disk that fills takes root, or a sudo that asks for no password.")
    try:
        yield
    finally:
        subprocess.run([*AS_ROOT, "umount", "-l", str(folder)], check=False, timeout=30)


@pytest.fixture
def small_disk(plant: Plant) -> Iterator[Path]:
    """All that the production writes lies on a disk of 700 MB."""
    folder = plant.installation.folder
    for left in folder.iterdir():
        left.unlink()
    with disk(folder, SMALL_MB):
        yield folder
        plant.kill()
