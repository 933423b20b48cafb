"""Nothing that was typed is lost while what is under it dies."""

import json
import os
import subprocess
import sys

import pytest

from tests.processes import ROOT


@pytest.mark.processes
def test_all_read_the_same_after_a_storm():
    command = ["tests.collab.storm", "--clients", "10", "--seconds", "15", "--rate", "2"]
    inherited = {name: value for name, value in os.environ.items() if "XDIST" not in name}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=inherited,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["edits"] > 30  # a busy machine writes fewer
    assert found["aborts"] > 3
    assert found["converged"], found
    assert (found["lost"], found["doubled"]) == (0, 0)
    assert found["cold_reload_equal"]
