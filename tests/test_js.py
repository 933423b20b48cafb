"""The scripts of the pages, by node's own runner."""

import shutil
import subprocess

import pytest

pytestmark = pytest.mark.processes


def test_the_scripts_do_what_they_say(root):
    node = shutil.which("node")
    assert node, "node is not installed: run bin/setup --dev"
    tests = sorted(str(path) for path in (root / "tests" / "js").glob("*.test.mjs"))
    done = subprocess.run([node, "--test", *tests], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
