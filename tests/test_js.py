"""The scripts of the pages, by node's own runner and TypeScript's checker."""

import re
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


@pytest.mark.parametrize("project", [".", "tests/js"])
def test_the_scripts_keep_to_their_types(root, project):
    check = root / "node_modules" / ".bin" / "tsc"
    assert check.exists(), "TypeScript is not installed: run bin/setup --dev"
    done = subprocess.run(
        [check, "-p", project], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_script_is_left_out_of_the_types(root):
    check = root / "node_modules" / ".bin" / "tsc"
    found = subprocess.run(
        [check, "-p", ".", "--listFilesOnly"], cwd=root, capture_output=True, text=True, check=True
    )
    checked = set(found.stdout.splitlines())
    ours = [path for place in ("js", "src") for path in (root / "static" / place).rglob("*.js")]
    assert ours
    assert [path.name for path in ours if str(path) not in checked] == []
    ways_out = re.compile("@ts-(ignore|nocheck|expect-error)")
    excused = [path.name for path in ours if ways_out.search(path.read_text())]
    assert excused == []
