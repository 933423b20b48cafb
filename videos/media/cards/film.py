"""The frames of one scene: its card, the push over the scene before it, chrome and captions."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import skia

from videos.media import captions
from videos.media.cards import paint, scene
from videos.media.cards.chrome import Chrome
from videos.media.cards.colours import BLACK
from videos.media.cards.layout import Sheet, sheet_for
from videos.media.cards.motion import FPS, PUSH, ease_in_out
from videos.media.cards.scene import Scene
from videos.media.cards.subtitles import Subtitles

LAG = 0.35  # how much slower the old page leaves than the new one comes
DELAY_S = 0.08


@dataclass(frozen=True)
class Before:
    """The scene that is pushed away, in its last frame."""

    scene: Scene
    frames: int


class Film:
    def __init__(self, spec: Mapping[str, Any]) -> None:
        self.sheet: Sheet = sheet_for(*spec["size"])
        self.frames: int = spec["frames"]
        self.scene = _read(spec["scene"], self.sheet, spec["index"])
        before = spec.get("previous")
        self.before: Before | None = None
        if before:
            old = _read(before, self.sheet, spec["index"] - 1)
            self.before = Before(old, before["frames"])
        self.chrome = self._chrome(spec["index"], spec["count"])
        self.subtitles = self._subtitles(spec.get("captions", ""))

    def _chrome(self, index: int, count: int) -> Chrome:
        card = self.scene
        return Chrome(
            self.sheet,
            card.look,
            card.tongue,
            card.brand.name,
            card.logo,
            index,
            max(count, index + 1),
        )

    def _subtitles(self, path: str) -> Subtitles:
        cues = captions.read(json.loads(Path(path).read_text("utf-8"))) if path else []
        return Subtitles(cues, self.sheet, self.scene.look, self.scene.tongue)

    def draw(self, canvas: skia.Canvas, frame: int) -> None:
        if self.before and frame < PUSH:
            self._push(canvas, frame)
        else:
            self._card(canvas, frame)
        self._over(canvas, frame)

    def draw_over(self, canvas: skia.Canvas, frame: int) -> None:
        """All but what lies behind the words: that is a clip, which is not ours to draw."""
        delay_s = DELAY_S if self.before else 0.0
        self.scene.draw_words(canvas, self.scene.clock(frame, self.frames, delay_s))
        self._over(canvas, frame)

    def _over(self, canvas: skia.Canvas, frame: int) -> None:
        self.chrome.draw(canvas, (frame + 1) / self.frames)
        self.subtitles.draw(canvas, frame / FPS)

    def _card(self, canvas: skia.Canvas, frame: int) -> None:
        self.scene.draw(canvas, frame, self.frames, DELAY_S if self.before else 0.0)

    def _push(self, canvas: skia.Canvas, frame: int) -> None:
        """The new page slides over the old one, which moves on more slowly and darkens."""
        come = ease_in_out((frame + 1) / (PUSH + 1))
        width, way = self.sheet.width, -1 if self.scene.tongue.rtl else 1
        canvas.drawImage(self._last, -way * round(come * width * LAG), 0)
        canvas.drawRect(paint.rect(self.sheet.whole), paint.fill(BLACK, 0.5 * come))
        canvas.save()
        canvas.translate(way * round((1 - come) * width), 0)
        paint.shadow(canvas, self.sheet.whole, 0, 40, 0.5)
        canvas.clipRect(paint.rect(self.sheet.whole))
        self._card(canvas, frame)
        canvas.restore()

    @functools.cached_property
    def _last(self) -> skia.Image:
        before = self.before
        assert before is not None  # noqa: S101 - only drawn when there is one
        return paint.raster(
            self.sheet.width,
            self.sheet.height,
            lambda canvas: before.scene.draw(canvas, before.frames - 1, before.frames),
            opaque=True,
        )


def _read(given: Mapping[str, Any], sheet: Sheet, turn: int) -> Scene:
    spec = json.loads(Path(given["spec"]).read_text("utf-8"))
    pictures = {name: Path(path) for name, path in given["pictures"].items()}
    return scene.build(spec, pictures, sheet, turn)
