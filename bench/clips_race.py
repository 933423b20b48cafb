"""The same job twice: own clips as scenes through the render stage, and a script on moviepy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bench.driver import Studio
from bench.report import ROOT
from tests.videos.sounds import WORDS, narrate
from videos.contracts import FPS, SIZES, Brand, Order, SceneText, Script, scene_part
from videos.media import audio, ffmpeg, takes
from videos.stages import captions, render, visuals

STAGES = (visuals, captions, render)  # registered by being imported
SIZE = SIZES["short"]
SECONDS = 4  # of each clip
PRESET, CRF = "medium", 23
SHAPES = ((1920, 1080),) * 3  # as cameras give them
PEER = ROOT / "bench" / "moviepy"
BED = "f" * 64


@dataclass(frozen=True)
class Material:
    clips: tuple[Path, ...]
    bed: Path


def material(room: Path) -> Material:
    """Noise that is panned, with grain, as hard to encode as what cameras give."""
    filmed = tuple(_filmed(room / f"clip{n}.mp4", shape, n) for n, shape in enumerate(SHAPES))
    made = tuple(_cleaned(path) for path in filmed)
    bed = room / "bed.m4a"
    tone = "sine=frequency=220:duration=7,tremolo=f=4:d=0.6"
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", tone, "-ac", "2"]
    subprocess.run([*command, "-ar", "48000", "-c:a", "aac", "-b:a", "192k", str(bed)], check=True)
    return Material(made, bed)


def _filmed(path: Path, shape: tuple[int, int], seed: int) -> Path:
    still, rolls = path.with_suffix(".png"), np.random.default_rng(seed)
    wide, high = shape[0] + 240, shape[1] + 240
    picture = np.zeros((high, wide, 3), "f4")
    for octave in range(1, 7):
        cells = rolls.random((2**octave + 1, 2**octave + 1, 3), "f4")
        coarse = Image.fromarray((cells * 255).astype("u1")).resize((wide, high), Image.BICUBIC)
        picture += np.asarray(coarse, "f4") / octave
    Image.fromarray((picture / picture.max() * 255).astype("u1")).save(still)
    pan = f"crop={shape[0]}:{shape[1]}:'n*1.5':'n*1.2',noise=alls=4:allf=t,format=yuv420p"
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-y",
        "-loop",
        "1",
        "-framerate",
        str(FPS),
        "-i",
        str(still),
    ]
    command += ["-t", str(SECONDS + 0.5), "-vf", pan, "-c:v", "libx264", "-preset", "veryfast"]
    command += ["-crf", "18", "-g", str(FPS), "-colorspace", "bt709", "-color_primaries", "bt709"]
    subprocess.run([*command, "-color_trc", "bt709", str(path)], check=True)
    return path


def _cleaned(path: Path) -> Path:
    """As an upload is kept; both sides get it so."""
    room = path.with_suffix("")
    room.mkdir()
    cleaned = takes.clip(path, room, threads=2, stop=lambda: False, beat=lambda *_: None)
    return cleaned.path


def _covering(name: str) -> dict[str, str]:
    return {"template": "clip", "clip": name, "fit": "cover"}


def ours(room: Path, given: Material) -> Studio:
    """A video of the clips, narrated; nothing of it is cut yet."""
    names = [f"asset:{number}" for number in range(len(given.clips))]
    shas = [f"{number:064x}" for number in range(len(given.clips))]
    scenes = tuple(
        SceneText(f"{n:08x}", " ".join(WORDS), "", _covering(name)) for n, name in enumerate(names)
    )
    clips = dict(zip(names, shas, strict=True))
    order = Order(
        *("Kelp", "Kelp.", "text", "short", 60, "en", "", "asset:9", Brand()),
        clips=clips,
        track=BED,
    )
    found = Studio(room, order, Script("Kelp", "en", "given", scenes))
    for sha, path in zip(shas, given.clips, strict=True):
        found.put("asset", sha, {"file": path}, {})
    found.put("asset", BED, {"file": given.bed}, {})
    for scene in scenes:
        narrate(found, scene_part(scene.id), SECONDS * FPS, WORDS)
    return found


def cut(found: Studio) -> Path:
    with _settings():
        for stage in ("visuals", "captions", "render"):
            found.run(stage)
    return found.path("render/whole/video.mp4")


@contextmanager
def _settings() -> Iterator[None]:
    kept = render.PRESET, render.CRF
    render.PRESET, render.CRF = PRESET, CRF
    try:
        yield
    finally:
        render.PRESET, render.CRF = kept


def job(found: Studio, given: Material) -> Path:
    """What the peer is told: the same clips, sound, times of captions and encoder."""
    found.run("captions")
    voice = found.root / "voice.wav"
    parts = [scene_part(scene.id) for scene in found.script.scenes]
    audio.join_narration([found.path(f"narration/{part}/narration.wav") for part in parts], voice)
    cues = [
        {
            "text": " ".join(word["text"] for word in cue["words"]),
            "start_s": cue["start_s"] + number * SECONDS,
            "end_s": cue["end_s"] + number * SECONDS,
        }
        for number, part in enumerate(parts)
        for cue in json.loads(found.path(f"captions/{part}/captions.json").read_text())["cues"]
    ]
    encoding = ffmpeg.Encoding(SIZE, PRESET, CRF, found.tools.render_threads)
    told = {
        "clips": [str(path) for path in given.clips],
        "seconds": SECONDS * len(given.clips),
        "size": SIZE,
        "fps": FPS,
        "voice": str(voice),
        "bed": str(given.bed),
        "captions": cues,
        "font": str(_font()),
        "preset": PRESET,
        "threads": encoding.threads,
        "encoder": _told_once(ffmpeg.x264(encoding)),
        "into": str(found.root / "peer.mp4"),
    }
    path = found.root / "job.json"
    path.write_text(json.dumps(told), "utf-8")
    return path


def _told_once(options: list[str]) -> list[str]:
    """Without those that moviepy has words of its own for."""
    pairs = zip(options[::2], options[1::2], strict=True)
    own = {"-c:v", "-preset", "-threads"}
    return [word for pair in pairs if pair[0] not in own for word in pair]


def _font() -> Path:
    return next(path for path in Path("/usr/share/fonts").rglob("Inter-Bold.*"))


def peer(told: Path) -> Path:
    command = [str(PEER / ".venv" / "bin" / "python"), str(PEER / "peer.py"), str(told)]
    environment = {**os.environ, "IMAGEIO_FFMPEG_EXE": str(shutil.which("ffmpeg"))}
    subprocess.run(command, check=True, env=environment, cwd=told.parent)
    return Path(json.loads(told.read_text("utf-8"))["into"])


def install() -> None:
    """moviepy wants an older Pillow than we have: it gets a place of its own, once."""
    uv, place = ROOT / ".venv" / "bin" / "uv", PEER / ".venv"
    listed, stamp = PEER / "requirements.txt", PEER / ".venv" / ".installed"
    if stamp.exists() and stamp.read_text() == listed.read_text():
        return
    python = place / "bin" / "python"
    subprocess.run([uv, "venv", "-q", "--clear", place], check=True)
    command = [uv, "pip", "install", "-q", "--python", python, "--require-hashes"]
    subprocess.run([*command, "-r", listed], check=True)
    stamp.write_text(listed.read_text())
