"""The five lines of docs/api.md, as they stand there, against a studio that is served."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.served import served

pytestmark = [pytest.mark.processes, pytest.mark.media]


def lines(page: Path) -> str:
    found = re.search(r"```sh\n(.+?)```", page.read_text("utf-8"), re.S)
    assert found
    return found[1]


@pytest.fixture
def folder(root, tmp_path) -> Path:
    """Where a person stands who pastes them: the commands of the studio are there."""
    there = tmp_path / "studio"
    there.mkdir()
    (there / "manage.py").symlink_to(root / "manage.py")
    (there / ".venv").symlink_to(sys.prefix)
    return there


def test_five_lines_make_a_video(root, installation, folder):
    told = lines(root / "docs" / "api.md")
    assert len(told.strip().splitlines()) == 5
    assert installation.manage("first_owner").returncode == 0
    with served(installation) as studio:
        pasted = subprocess.run(
            ["bash", "-c", told],
            cwd=folder,
            env={**os.environ, **installation.env, "HOST": studio.address},
            capture_output=True,
            text=True,
            check=False,
            timeout=420,
        )
    assert pasted.returncode == 0, pasted.stdout + pasted.stderr + installation.log()[-2000:]
    assert (folder / "video.mp4").read_bytes()[4:8] == b"ftyp"
    assert '"name":"captions.srt"' in pasted.stdout
