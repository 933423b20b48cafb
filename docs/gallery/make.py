"""Makes the pictures of this folder from sample fields, through the program that draws videos."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import skia
from PIL import Image

from channels_app.samples import KITS
from videos.contracts import SIZES, Brand, Format
from videos.media import captions, clips
from videos.media.captions import Timed
from videos.media.cards.layout import sheet_for

HERE = Path(__file__).parent
SAMPLES = json.loads((HERE / "samples.json").read_text("utf-8"))
LIMIT = 220 * 1024
BRANDS = {
    kit.name: Brand(
        name="Slow Money",
        ink=kit.ink,
        paper=kit.paper,
        accent=kit.accent,
        second=kit.second,
        glow=kit.glow,
        font=kit.font,
    )
    for kit in KITS
}
MAIN = next(iter(BRANDS.values()))
TEMPLATES = (
    *("title", "opening", "statement", "list", "number", "quote", "chart", "bars"),
    *("comparison", "comparison-three", "picture", "clip"),
)
BRANDED = ("title", "statement", "list", "number", "bars", "comparison", "quote-long", "picture")
HEIGHTS: dict[str, int] = {"short": 560, "landscape": 300, "square": 380}


class Studio:
    """Writes specs into a folder and has single frames drawn from them."""

    def __init__(self, room: Path) -> None:
        self.room = room
        self.photo = hills(room / "hills.jpg")
        self.film = filmed(self.photo, room / "hills.mp4")
        self.made = 0

    def card(self, sample: str, form: Format, brand: Brand = MAIN) -> dict[str, Any]:
        given = SAMPLES[sample]
        fields = dict(given["fields"])
        template = fields.pop("template")
        spec = {
            "version": 1,
            "template": template,
            "format": form,
            "language": given.get("language", "en"),
            "brand": asdict(brand),
            "fields": fields,
            "headline": given.get("headline", ""),
            "pictures": {},
        }
        pictures = {"main": str(self.photo)} if fields.get("picture") else {}
        if template == "clip":
            pictures["main"] = str(self._picture(form))
        return {"spec": str(self._write(spec)), "pictures": pictures}

    def _picture(self, form: Format) -> Path:
        """A frame of the clip as it fills the page."""
        layers = clips.Layers(sheet_for(*SIZES[form]), has_words=True, frames=30, push=0)
        target = self.room / f"clip-{form}.jpg"
        clips.picture(self.film, layers, target, stop=lambda: False, number=12)
        return target

    def still(
        self,
        card: dict[str, Any],
        form: Format,
        frame: int = 110,
        before: dict[str, Any] | None = None,
    ) -> Image.Image:
        spec = {
            "size": SIZES[form],
            "fps": 30,
            "frames": 150,
            "index": 2,
            "count": 6,
            "scene": card,
            "previous": before and {**before, "frames": 150},
            "captions": str(self._write(self._captions(card, form))),
        }
        return self._drawn(spec, "--still", str(frame))

    def poster(self, **changes: Any) -> Image.Image:
        given = {
            "title": "Small money, big time",
            "kicker": "The 40-dollar story",
            "accent": "big time",
            "figure": "",
            "language": "en",
            "brand": asdict(MAIN),
            "picture": "",
        }
        return self._drawn({"poster": {**given, **changes}})

    def _captions(self, card: dict[str, Any], form: Format) -> dict[str, Any]:
        language = json.loads(Path(card["spec"]).read_text("utf-8"))["language"]
        said = SAMPLES["said"].get(language, SAMPLES["said"]["en"]).split()
        words = [Timed(word, 0.2 + n * 0.42, 0.56 + n * 0.42) for n, word in enumerate(said)]
        return captions.document(captions.cues(words, length_s=5, form=form), language)

    def _write(self, value: Any) -> Path:
        self.made += 1
        path = self.room / f"{self.made}.json"
        path.write_text(json.dumps(value), "utf-8")
        return path

    def _drawn(self, spec: dict[str, Any], *options: str) -> Image.Image:
        out = self.room / f"{self.made}.png"
        command = [sys.executable, "-m", "videos.media.draw", str(self._write(spec)), *options]
        subprocess.run([*command, "--out", str(out)], check=True)
        return Image.open(out).convert("RGB")


def hills(path: Path) -> Path:
    """A landscape of our own, in place of somebody's photograph."""
    wide, high = 2000, 1300
    surface = skia.Surface.MakeRasterN32Premul(wide, high)
    canvas = surface.getCanvas()
    colours, stops = [0xFF4D7FC4, 0xFFF3CFA2, 0xFFE79A63], [0.0, 0.5, 1.0]
    sky = skia.GradientShader.MakeLinear([(0, 0), (0, high * 0.75)], colours, stops)
    canvas.drawRect(skia.Rect.MakeWH(wide, high), skia.Paint(Shader=sky))
    canvas.drawCircle(1380, 520, 105, skia.Paint(Color=0xFFFFF1CF, AntiAlias=True))
    for row, colour in enumerate((0xFF8C7CA6, 0xFF625E88, 0xFF3F4A66, 0xFF232F3F)):
        ridge = skia.PathBuilder()
        ridge.moveTo(0, high)
        for x in range(0, wide + 20, 20):
            bends = math.sin(x / (210 + 60 * row) + row * 2) + 0.4 * math.sin(x / 71 + row)
            ridge.lineTo(x, 720 + row * 135 + bends * (74 - row * 9))
        ridge.lineTo(wide, high)
        ridge.close()
        canvas.drawPath(ridge.detach(), skia.Paint(Color=colour, AntiAlias=True))
    surface.makeImageSnapshot().save(str(path), skia.kJPEG)
    return path


def filmed(photo: Path, target: Path) -> clips.Clip:
    """A clip of our own: the landscape passes by."""
    passing = "scale=2000:-2,crop=1920:1080:'n*2':60,format=yuv420p"
    command = ["ffmpeg", "-v", "error", "-y", "-loop", "1", "-framerate", "30", "-i", str(photo)]
    subprocess.run([*command, "-vf", passing, "-frames:v", "30", str(target)], check=True)
    return clips.Clip(target, (1920, 1080), 30)


def sheet(name: str, pictures: Sequence[Image.Image], columns: int, height: int) -> None:
    """Pictures side by side, as a JPEG that stays below the limit."""
    gap = 8
    wide = max(round(one.width * height / one.height) for one in pictures)
    rows = math.ceil(len(pictures) / columns)
    size = (columns * (wide + gap) - gap, rows * (height + gap) - gap)
    whole = Image.new("RGB", size, "#30343c")
    for place, one in enumerate(pictures):
        small = one.resize(
            (round(one.width * height / one.height), height), Image.Resampling.LANCZOS
        )
        whole.paste(small, (place % columns * (wide + gap), place // columns * (height + gap)))
    target = HERE / f"{name}.jpg"
    for quality in (90, 84, 78, 70, 60, 50):
        whole.save(target, "JPEG", quality=quality, optimize=True)
        if target.stat().st_size <= LIMIT:
            break
    print(f"{target.name}: {target.stat().st_size // 1024} KB")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(Path(folder))
        for form, height in HEIGHTS.items():
            columns = {"short": 6, "square": 4, "landscape": 3}[form]
            cards = [studio.still(studio.card(name, form), form) for name in TEMPLATES]
            sheet(form, cards, columns, height)
        for name, brand in BRANDS.items():
            cards = [studio.still(studio.card(one, "short", brand), "short") for one in BRANDED]
            sheet(f"brand-{name.lower().replace(' ', '-')}", cards, len(BRANDED), 460)
        many = [studio.still(studio.card(name, "short"), "short") for name in SAMPLES["scripts"]]
        sheet("scripts", many, 4, 560)
        before = studio.card("statement", "short")
        moving = [
            studio.still(studio.card("list", "short"), "short", frame, before)
            for frame in (0, 4, 7, 10, 16, 26, 40, 149)
        ]
        sheet("push", moving, 8, 460)
        sheet("thumbnails", posters(studio), 2, 300)


def posters(studio: Studio) -> list[Image.Image]:
    photo = str(studio.photo)
    return [
        studio.poster(picture=photo, figure="$5,633"),
        studio.poster(picture=photo),
        studio.poster(),
        studio.poster(
            title="Kelp: the forest below the waves",
            accent="Kelp",
            figure="60 cm",
            brand=asdict(BRANDS["Newsprint"]),
        ),
    ]


if __name__ == "__main__":
    main()
