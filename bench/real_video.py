"""One video through `manage.py make_video`, its workers watched from outside while they render."""

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bench.voice_text import SCENES
from tests.processes import ROOT, Installation
from tests.videos.looks import SHORT
from tests.videos.sounds import TEMPLATES

DRAWS = "videos.media.draw"
ENCODES = "ffmpeg"
LOOK_EVERY_S = 0.05
MADE_OR_HELD_BACK = (0, 2)  # three words of a sentence can't all be understood
WORDS_A_SECOND = 2.9
SILENCE_S = 0.6  # before and after a scene's words
RENDER = "FROM videos_stagerun WHERE stage = 'render'"


@dataclass
class Watched:
    """Of the render stage: memory of the worker and all below it, and how long it took."""

    video_s: float = 0.0
    wall_s: float = 0.0
    resident_mb: float = 0.0
    shared_out_mb: float = 0.0


def make(scenes: int, seconds: int) -> Watched:
    """A 1080x1920 video of about so many seconds, spoken by Piper, from a ready script."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        installation = Installation(place / "var")
        installation.folder.mkdir()
        installation.manage("migrate", "--no-input")
        source = place / "script.json"
        source.write_text(script(scenes, seconds))
        command = ["manage.py", "make_video", str(source), "--out", str(place / "out"), "--json"]
        with (place / "result.json").open("wb") as result:
            running = subprocess.Popen(
                [sys.executable, *command, "--format", "short", "--voice", "piper:joe"],
                cwd=ROOT,
                env=installation.env,
                stdout=result,
            )
            found = Watched()
            while running.poll() is None:
                if _is_rendering(installation):
                    _look(psutil.Process(running.pid), found)
                time.sleep(LOOK_EVERY_S)
        if running.returncode not in MADE_OR_HELD_BACK:
            raise RuntimeError((place / "result.json").read_text())
        found.video_s = _length_s(place / "out" / "video.mp4")
        found.wall_s = _render_s(installation)
        return found


def script(scenes: int, seconds: int) -> str:
    """A ready script.json."""
    words = " ".join(SCENES).split()
    each = max(3, round((seconds / scenes - SILENCE_S) * WORDS_A_SECOND))
    told = {
        "title": "Kelp",
        "language": "en",
        "scenes": [_scene(n, words, each) for n in range(scenes)],
    }
    return json.dumps(told)


def _scene(n: int, words: list[str], each: int) -> dict[str, Any]:
    template = TEMPLATES[n % len(TEMPLATES)]
    start = n * each % (len(words) - each)
    return {
        "narration": " ".join(words[start : start + each]).rstrip(".,") + ".",
        "headline": f"Part {n + 1}",
        "visual": {"template": template, **SHORT[template]},
    }


def _is_rendering(installation: Installation) -> bool:
    with suppress(sqlite3.Error):  # before the tables are there
        return bool(installation.ask(f"SELECT 1 {RENDER} AND state = 'running'"))
    return False


def _look(command: psutil.Process, found: Watched) -> None:
    """A render's tree is the worker that draws or encodes frames, with all its descendants."""
    with suppress(psutil.Error):
        below = command.children(recursive=True)
        workers = {parent for each in below if _renders(each) and (parent := each.parent())}
        if not workers:
            return
        resident = shared_out = 0.0
        for each in set(_trees(workers)):
            with suppress(psutil.Error):
                memory = each.memory_full_info()
                resident += memory.rss / 2**20
                shared_out += memory.pss / 2**20
        found.resident_mb = max(found.resident_mb, resident)
        found.shared_out_mb = max(found.shared_out_mb, shared_out)


def _renders(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        line = process.cmdline()
        return DRAWS in line or any(word.endswith(ENCODES) for word in line[:4])
    return False


def _trees(workers: set[psutil.Process]) -> Iterator[psutil.Process]:
    for worker in workers:
        yield worker
        yield from worker.children(recursive=True)


def _length_s(video: Path) -> float:
    ask = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"]
    told = subprocess.run([*ask, str(video)], capture_output=True, check=True, text=True)
    return float(told.stdout)


def _render_s(installation: Installation) -> float:
    days = installation.ask(f"SELECT julianday(ended_at) - julianday(started_at) {RENDER}")
    return float(days[0][0]) * 86_400
