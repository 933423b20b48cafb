"""Makes the sample article's video in three formats and pulls frames from each."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from docs.gallery.make import HEIGHTS, sheet

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "docs" / "samples" / "lighthouses.md"
SHOWN = 6


def made(form: str, out: Path) -> Path:
    command = [sys.executable, "manage.py", "make_video", str(SAMPLE), "--json", "--voice", "fast"]
    order = ["--format", form, "--seconds", "45", "--out", str(out)]
    done = subprocess.run([*command, *order], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return out / "video.mp4"


def frame(video: Path, at_s: float, target: Path) -> Image.Image:
    command = ["ffmpeg", "-v", "error", "-y", "-ss", f"{at_s:.2f}", "-i", str(video)]
    subprocess.run([*command, "-frames:v", "1", str(target)], check=True)
    return Image.open(target).convert("RGB")


def main() -> None:
    for form, height in HEIGHTS.items():
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder)
            video = made(form, out)
            length_s = json.loads((out / "quality.json").read_text())["figures"]["duration_s"]
            times = [length_s * (n + 0.6) / SHOWN for n in range(SHOWN)]
            stills = [frame(video, at_s, out / f"{n}.png") for n, at_s in enumerate(times)]
            sheet(f"demo-{form}", stills, 3 if form == "landscape" else SHOWN, height)


if __name__ == "__main__":
    main()
