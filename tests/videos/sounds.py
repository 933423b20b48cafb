"""Sounds and studios that the tests about render and quality share."""

import json
import subprocess
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.driver import Studio
from tests.videos import looks
from videos.contracts import FPS, SAMPLES_PER_FRAME, Order, SceneText, Script, scene_part
from videos.contracts import NARRATION_RATE as RATE
from videos.stages import captions, quality, render, visuals

__all__ = ["captions", "quality", "render", "visuals"]  # registered by being imported
TEXT = "Kelp grows half a metre every single day and nobody has to water it"
WORDS = tuple(TEXT.split())
TEMPLATES = ("title", "number", "list", "quote", "statement", "chart")


def save(path: Path, samples: np.ndarray) -> Path:
    """Samples from -1 to 1 as a narration wave."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def load(path: Path) -> np.ndarray:
    """Any sound file, decoded: rows of left and right."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "f32le", "-ac", "2"]
    raw = subprocess.run([*command, "-ar", str(RATE), "-"], capture_output=True, check=True).stdout
    return np.frombuffer(raw, "<f4").reshape(-1, 2)


def speech(text: str, seconds: float, gain: float = 1.0) -> np.ndarray:
    """Spoken by espeak-ng; cut or filled with silence to a length."""
    command = ["espeak-ng", "--stdout", text]
    said = subprocess.run(command, capture_output=True, check=True).stdout
    convert = ["ffmpeg", "-v", "error", "-i", "-", "-ar", str(RATE), "-ac", "1", "-f", "f32le", "-"]
    raw = subprocess.run(convert, input=said, capture_output=True, check=True).stdout
    wanted = np.zeros(int(seconds * RATE), "<f4")
    heard = np.frombuffer(raw, "<f4")[: len(wanted)]
    wanted[: len(heard)] = heard * gain
    return wanted


def studio(root: Path, lengths: list[int], form: str = "short", music: str = "composed") -> Studio:
    """A video of scenes with so many frames, whose narration, cards and captions are there."""
    scenes = []
    for index in range(len(lengths)):
        template = TEMPLATES[index % len(TEMPLATES)]
        visual = {"template": template, **looks.SHORT[template]}
        scenes.append(SceneText(f"{index:08x}", " ".join(WORDS), f"Headline {index}", visual))
    script = Script("Kelp", "en", "given", tuple(scenes))
    order = Order("Kelp", "Kelp grows.", "text", form, 60, "en", "", music, looks.Brand())
    found = Studio(root, order, script)
    for scene, frames in zip(scenes, lengths, strict=True):
        narrate(found, scene_part(scene.id), frames)
    found.run("visuals")
    found.run("captions")
    return found


def narrate(found: Studio, part: str, frames: int, words: Sequence[str] = WORDS) -> None:
    samples = frames * SAMPLES_PER_FRAME
    folder = found.root / "said" / part.replace(":", "-")
    wav = save(folder / "narration.wav", speech(" ".join(words), frames / FPS))
    each = samples // (len(words) + 1)
    timed = [
        {"text": word, "spoken": word, "start": (n * each), "end": (n + 1) * each}
        for n, word in enumerate(words)
    ]
    told = {"language": "en", "voice": "espeak:en", "rate": RATE, "samples": samples}
    described = folder / "words.json"
    described.write_text(json.dumps({**told, "frames": frames, "words": timed}))
    files = {"narration.wav": wav, "words.json": described}
    found.put("narration", part, files, {"frames": frames, "samples": samples})


def encode(frames: bytes, size: tuple[int, int], into: Path) -> None:
    """Raw BGRA frames as a video."""
    read = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgra"]
    command = [*read, "-s", f"{size[0]}x{size[1]}", "-r", str(FPS), "-i", "-"]
    subprocess.run([*command, "-pix_fmt", "yuv420p", str(into)], input=frames, check=True)
