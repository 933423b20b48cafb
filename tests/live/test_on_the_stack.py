"""The same on Postgres behind pgbouncer and with Redis, as in production."""

import os
import subprocess
import sys

import pytest

from tests.processes import ROOT


@pytest.mark.processes
def test_doors_and_feed_are_the_same_in_production(stack, tmp_path):
    tests = ["tests/live/test_feed.py", "tests/live/test_doors.py", "tests/live/test_events_api.py"]
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--basetemp", str(tmp_path / "t")]
    inherited = {name: value for name, value in os.environ.items() if "XDIST" not in name}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *tests, *options],
        cwd=ROOT,
        env={**inherited, **stack.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]
