"""A stack that faults may stop and kill: no other test looks at it."""

import tempfile
from pathlib import Path

import pytest

from tests import stack as stacks
from tests.faults.plant import Plant


@pytest.fixture(scope="session")
def own_stack():
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        stack = stacks.made(Path(folder))
        yield stack
        stack.end()


@pytest.fixture
def plant(own_stack, tmp_path, tmp_path_factory):
    made = Plant(own_stack, tmp_path / "var", tmp_path_factory.getbasetemp() / "run")
    yield made
    made.stop()
