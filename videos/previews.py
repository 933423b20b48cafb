"""A brand's look on one card, drawn as a video's scene is, before anything is saved."""

import hashlib
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.cache import cache

from config.kit import files
from config.kit.cache import end_turn, take_turn
from config.kit.errors import Refused, Rejected, Unavailable
from videos.contracts import SIZES, Brand, Format
from videos.media import fonts, pictures, process, thumbs

KEPT_S = 24 * 3600
LONGEST_S = 10
PATIENCE_S = 3
FRAME, FRAMES = 100, 150  # when everything on the card has come to rest
SCALES: Mapping[str, float] = {"short": 0.4, "landscape": 0.5, "square": 0.5}
CARDS: Mapping[str, Mapping[str, Any]] = {
    "title": {
        "kicker": "Deep water",
        "title": "The forest below the waves",
        "accent": "below the waves",
    },
    "list": {
        "ordered": True,
        "items": [
            {"title": "Kelp grows fast", "detail": "Half a metre on a good day"},
            {"title": "Otters guard it", "detail": "They eat the urchins"},
            {"title": "Storms renew it", "detail": ""},
        ],
    },
    "chart": {
        "kind": "bar",
        "labels": ["Kelp", "Bamboo", "Oak"],
        "values": [60, 91, 12],
        "shown": ["60 cm", "91 cm", "12 cm"],
        "highlight": 0,
    },
}


class Busy(Refused):
    code = "busy"
    status = 429


@dataclass(frozen=True)
class Preview:
    """What is drawn: the same values give the same picture."""

    team_id: int
    brand: Brand
    format: Format
    card: str

    @property
    def key(self) -> str:
        text = json.dumps(asdict(self), sort_keys=True)
        return f"preview:{hashlib.sha256(text.encode()).hexdigest()}"


def picture_of(preview: Preview, *, asked_by: int) -> bytes:
    """A JPEG. Raises Busy when others that the same person asked for take too long."""
    kept: bytes | None = cache.get(preview.key)
    if kept is not None:
        return kept
    with _one_at_a_time(asked_by):
        kept = cache.get(preview.key) or _draw(preview)
        cache.set(preview.key, kept, KEPT_S)
    return kept


@contextmanager
def _one_at_a_time(user_id: int) -> Iterator[None]:
    turn = f"drawing:{user_id}"
    until = time.monotonic() + PATIENCE_S
    while not take_turn(turn, 2 * LONGEST_S):
        if time.monotonic() > until:
            raise Busy("One preview is drawn at a time: ask again in a moment.")
        time.sleep(0.05)
    try:
        yield
    finally:
        end_turn(turn)


def _draw(preview: Preview) -> bytes:
    fonts.check([preview.brand.name], font=preview.brand.font)
    with tempfile.TemporaryDirectory() as folder:
        room, drawn = Path(folder), Path(folder) / "drawn.jpg"
        spec = room / "spec.json"
        spec.write_text(json.dumps(_spec(preview, room)), "utf-8")
        scale = str(SCALES[preview.format])
        command = ("videos.media.draw", str(spec), "--still", str(FRAME), "--scale", scale)
        finished = process.run(
            process.python(*command, "--out", str(drawn)),
            room=room,
            stop=lambda: False,
            timeout_s=LONGEST_S,
            memory_mb=1500,
        )
        process.require(finished, "drawing the preview")
        return drawn.read_bytes()


def _spec(preview: Preview, room: Path) -> dict[str, Any]:
    card = room / "scene.json"
    scene = {
        "version": 1,
        "template": preview.card,
        "format": preview.format,
        "language": "en",
        "brand": asdict(preview.brand),
        "fields": CARDS[preview.card],
        "headline": "" if preview.card == "title" else "How a forest stands",
        "pictures": {},
    }
    card.write_text(json.dumps(scene), "utf-8")
    shown = {}
    if preview.brand.logo:
        shown["logo"] = str(room / "logo.png")
        (room / "logo.png").write_bytes(logo_of(preview.team_id, preview.brand.logo))
    return {
        "size": SIZES[preview.format],
        "fps": 30,
        "frames": FRAMES,
        "index": 1,
        "count": 4,
        "scene": {"spec": str(card), "pictures": shown},
        "previous": None,
        "captions": "",
    }


def clean_logo(came: Path, target: Path) -> None:
    """A harmless copy of somebody's picture. Raises Refused with what is wrong with it."""
    try:
        pictures.prepare(came, target, form="square", name="", stop=lambda: False, logo=True)
    except FileNotFoundError:
        raise Refused("This picture is no longer there: upload it again.") from None
    except (Rejected, Unavailable) as error:
        raise Refused(error.message, code="not_a_picture") from error


def logo_of(team_id: int, sha256: str) -> bytes:
    """A PNG, whatever was stored. Raises Refused where it is no picture."""
    key = f"logo:{team_id}:{sha256}"
    kept: bytes | None = cache.get(key)
    if kept is None:
        with tempfile.TemporaryDirectory() as folder:
            clean = Path(folder) / "logo.png"
            clean_logo(files.path_of(team_id, sha256), clean)
            kept = clean.read_bytes()
        cache.set(key, kept, KEPT_S)
    return kept


def small(team_id: int, sha256: str) -> bytes:
    """A stored picture as a small JPEG for lists. Raises Unavailable where none can be made."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "small.jpg"
        thumbs.make(files.path_of(team_id, sha256), target)
        return target.read_bytes()
