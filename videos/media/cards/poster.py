"""The thumbnail: few words, very large, on the video's own picture or a designed ground."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import skia

from videos.contracts import Brand
from videos.media import fonts
from videos.media.cards import backdrops, colours, paint, scene, typeset
from videos.media.cards.chrome import Chrome
from videos.media.cards.elements import Highlighted, Rule, Text
from videos.media.cards.layout import Box, Sheet
from videos.media.cards.motion import Clock
from videos.media.cards.page import Page, column, label, words
from videos.media.cards.shapes import Arcs
from videos.media.cards.typeset import BODY, HEAVY, Face, Ink, Tongue, Wish

SIZE = (1280, 720)
LIMIT = 2_000_000  # YouTube takes 2 MB; this is below it in both senses of MB
DONE = Clock(frame=299, frames=300)
SHEET = Sheet(
    *SIZE,
    content=Box(60, 118, 1160, 500),
    captions=Box(0, 720, 1280, 0),
    bar=Box(60, 700, 1160, 4),
    brand=Box(60, 48, 1160, 46),
)
POSTER = Face(weight=800, tracking=-0.028, leading=1.1)


def draw(given: Mapping[str, Any], canvas: skia.Canvas) -> None:
    """`given`: title, kicker, accent, figure, language, brand, picture (a path or "")."""
    brand = Brand(**given["brand"])
    image = scene.opened(Path(given["picture"])) if given["picture"] else None
    plain = colours.palette(brand)
    look = colours.over_picture(plain) if image is not None else plain
    tongue = scene.tongue_of(given["language"], given["title"], brand.font)
    page = Page(SHEET, look, tongue, kicker=given["kicker"], accent=given["accent"])
    _ground(canvas, page, image)
    wide = 0.66 if given["figure"] else 0.72 if image is not None else 0.86
    if not image and not given["figure"]:
        Arcs(SHEET, look, tongue.rtl).draw(canvas, DONE)
    _words(canvas, page, given["title"], SHEET.content.w * wide)
    if given["figure"]:
        _figure(canvas, page, given["figure"])
    Chrome(SHEET, look, tongue, brand.name, None, 0, 1).draw_brand(canvas)


def _ground(canvas: skia.Canvas, page: Page, image: skia.Image | None) -> None:
    if image is None:
        backdrops.Light(SHEET, page.look, 0).draw(canvas, DONE)
        return
    cover = backdrops.covering(image, *SIZE)
    canvas.drawImage(cover, 0, 0)
    weakest = min(page.look.texts, key=colours.luminance)
    veil = backdrops.needed_veil(cover, page.look.ground, weakest)
    ends = [(0, 0), (SIZE[0], 0)] if not page.tongue.rtl else [(SIZE[0], 0), (0, 0)]
    stops = [(0.0, veil), (0.5, veil * 0.92), (0.78, 0.3), (1.0, 0.05)]
    shader = skia.GradientShader.MakeLinear(
        ends, [colours.argb(page.look.ground, a) for _, a in stops], [p for p, _ in stops]
    )
    canvas.drawRect(paint.rect(SHEET.whole), skia.Paint(Shader=shader, Dither=True))


def _words(canvas: skia.Canvas, page: Page, title: str, width: float) -> None:
    room = page.side(Box(SHEET.content.x, SHEET.content.y, width, SHEET.content.h), SHEET.content)
    main, rest = split(title)
    chip = label(page, width) if not rest else []
    below = page.fit(rest, (width, 150), Wish(58, 40, 2, BODY))
    left = room.h - below.height - (70 if chip else 0) - 50
    block = page.fit(main, (width, left), Wish(206, 92, 4, POSTER))
    pieces = [
        *chip,
        *words(block, page.ink, 26, name="title"),
        *words(below, Ink(page.look.text, page.look.text), 26, name="rest"),
    ]
    for element in column(page, pieces, room):
        if isinstance(element, Text) and any(line.marks for line in element.block.lines):
            Highlighted(element, page.look.accent, page.look.on_accent).draw(canvas, DONE)
        else:
            element.draw(canvas, DONE)
    edge = page.side(Box(0, 0, 16, SIZE[1]), SHEET.whole)
    Rule(edge, page.look.accent, upright=True).draw(canvas, DONE)


def split(title: str) -> tuple[str, str]:
    """`Kelp: the forest below` is a few big words and a smaller line; short titles stay whole."""
    found = re.fullmatch(r"(.{3,40}?)\s*(?::|\s[–—-]\s|[?!]\s)\s*(.{3,})", title)
    if not found or len(title.split()) <= 4:
        return title, ""
    end = title[found.end(1) :].strip()[:1]
    return found.group(1) + (end if end in "?!" else ""), found.group(2)


def _figure(canvas: skia.Canvas, page: Page, figure: str) -> None:
    """The video's figure on a tilted tag, clear of the corner where players show the length."""
    tongue = Tongue(page.tongue.language, False, page.tongue.font)
    text = fonts.drawable(figure, language=tongue.language, font=tongue.font)
    size = min(150.0, 330.0 / max(0.1, typeset.measure(text, 1.0, HEAVY, tongue)))
    wide = typeset.measure(text, size, HEAVY, tongue)
    tag = Box(0, 0, wide + size * 0.6, size * 1.42)
    centre = page.side(Box(1048, 0, 0, 0), SHEET.whole).x
    canvas.save()
    canvas.translate(centre, 500)
    canvas.rotate(6 if page.tongue.rtl else -6)
    canvas.translate(-tag.w / 2, -tag.h / 2)
    paint.shadow(canvas, tag.moved(0, 12), size * 0.26, 18, 0.45)
    canvas.drawRRect(paint.rounded(tag, size * 0.26), paint.fill(page.look.accent))
    line = typeset.paragraph([(text, colours.argb(page.look.on_accent))], size, HEAVY, tongue)
    line.paint(canvas, size * 0.3, tag.h / 2 + 0.36 * size - line.AlphabeticBaseline)
    canvas.restore()


def save(given: Mapping[str, Any], target: Path) -> None:
    """As a JPEG below the limit, with the best quality that stays there."""
    surface = skia.Surface.MakeRasterN32Premul(*SIZE)
    draw(given, surface.getCanvas())
    image = surface.makeImageSnapshot()
    for quality in (92, 86, 80, 70, 60, 45, 30):
        data = bytes(image.encodeToData(skia.kJPEG, quality))
        if len(data) < LIMIT:
            break
    target.write_bytes(data)
