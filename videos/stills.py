"""One frame of a scene as a small picture, drawn from what the visuals stage made."""

import json
import tempfile
import threading
from pathlib import Path
from typing import Any

from django.core.cache import cache

from config.kit import files
from videos.contracts import SIZES
from videos.media import process
from videos.models import Artifact, Video

KEPT_S = 7 * 24 * 3600
FRAME, FRAMES = 75, 120  # when what comes in has come to rest
SCALE = 0.25
LONGEST_S = 15
_TURNS = threading.BoundedSemaphore(2)  # children that draw at once, however many ask


def still(video: Video, visuals: Artifact) -> bytes:
    """A JPEG, kept by the key of what it shows. Raises Unavailable where it can't be drawn."""
    key = f"still:{visuals.team_id}:{visuals.key}"
    kept: bytes | None = cache.get(key)
    if kept is None:
        with _TURNS:
            kept = cache.get(key) or _draw(video, visuals)  # somebody may have drawn it meanwhile
        cache.set(key, kept, KEPT_S)
    return kept


def _draw(video: Video, visuals: Artifact) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder)
        here = {name: _laid(visuals, name, room) for name in visuals.files}
        spec = room / "spec.json"
        spec.write_text(json.dumps(_spec(video, here)), "utf-8")
        out = room / "still.jpg"
        asked = (str(spec), "--still", str(FRAME), "--scale", str(SCALE), "--out", str(out))
        finished = process.run(
            process.python("videos.media.draw", *asked),
            room=room,
            stop=lambda: False,
            timeout_s=LONGEST_S,
            memory_mb=1500,
        )
        process.require(finished, "drawing the scene")
        return out.read_bytes()


def _laid(visuals: Artifact, name: str, room: Path) -> Path:
    """Where the drawing child may read it, whatever the store is."""
    target = room / name
    target.write_bytes(files.path_of(visuals.team_id, visuals.files[name]).read_bytes())
    return target


def _spec(video: Video, here: dict[str, Path]) -> dict[str, Any]:
    scene = json.loads(here["scene.json"].read_text("utf-8"))
    shown = {name: str(here[file]) for name, file in scene["pictures"].items() if file in here}
    return {
        "size": SIZES[video.order().format],
        "fps": 30,
        "frames": FRAMES,
        "index": 0,
        "count": 1,
        "scene": {"spec": str(here["scene.json"]), "pictures": shown},
        "previous": None,
        "captions": "",
    }
