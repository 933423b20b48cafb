"""Sets text: measures words, breaks lines, finds the largest size that fits, draws lines."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import skia

from videos.media import fonts
from videos.media.cards import breaks
from videos.media.cards.breaks import Token
from videos.media.cards.colours import Rgb, argb

REFERENCE = 100.0  # widths are measured once at this size and scale with the letters
STEP = 0.95
RLE, PDF = "\u202b", "\u202c"


@dataclass(frozen=True)
class Face:
    """How letters look. `leading` is the line pitch as a multiple of the size."""

    weight: int = 800
    display: bool = True
    tracking: float = -0.022
    leading: float = 1.06


HEAVY = Face()
BOLD = Face(weight=700, tracking=-0.012, leading=1.14)
LABEL = Face(weight=600, display=False, tracking=0.0, leading=1.3)
BODY = Face(weight=500, display=False, tracking=0.0, leading=1.34)
KICKER = Face(weight=700, display=False, tracking=0.06, leading=1.3)


@dataclass(frozen=True)
class Tongue:
    """The language that decides glyphs, hyphens and the side where lines begin."""

    language: str = ""
    rtl: bool = False
    font: str = fonts.INTER


@dataclass(frozen=True)
class Ink:
    plain: Rgb
    accent: Rgb


@dataclass(frozen=True)
class Line:
    """`runs` are pieces of one colour; `marks` are the accents' spans, from the line's left."""

    runs: tuple[tuple[str, bool], ...]
    width: float
    marks: tuple[tuple[float, float], ...] = ()

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.runs)


@dataclass(frozen=True)
class Block:
    """A text that has been fitted: all its lines have one size."""

    lines: tuple[Line, ...]
    size: float
    pitch: float
    face: Face
    tongue: Tongue
    is_whole: bool = True  # False: the end was cut off with an ellipsis

    @property
    def width(self) -> float:
        return max((line.width for line in self.lines), default=0.0)

    @property
    def height(self) -> float:
        return len(self.lines) * self.pitch

    def baseline(self, number: int) -> float:
        return number * self.pitch + self.pitch / 2 + 0.36 * self.size


NOTHING = Block((), 0.0, 0.0, HEAVY, Tongue())


@dataclass(frozen=True)
class Wish:
    """What a text would like to be: from `largest` down to `smallest`, in at most `lines`."""

    largest: float
    smallest: float
    lines: int = 3
    face: Face = field(default=HEAVY)

    @property
    def floor(self) -> float:
        """Below `smallest`, rather than losing words."""
        return max(18.0, self.smallest * 0.62)


def fit(
    text: str, room: tuple[float, float], wish: Wish, tongue: Tongue, accent: str = ""
) -> Block:
    """Shrinks, then wraps, then divides words, then takes more lines; cuts only at the very end."""
    words = breaks.tokens(fonts.drawable(text, language=tongue.language, font=tongue.font))
    if not words:
        return NOTHING
    setter = _Setter(words, room, wish.face, tongue, _span(text, accent))
    for size in _steps(wish.largest, wish.smallest):
        if block := setter.whole(size, wish.lines, divided=False):
            return block
    for size in _steps(wish.largest * 0.8, wish.smallest):
        if block := setter.whole(size, wish.lines, divided=True):
            return block
    for size in _steps(wish.smallest, wish.floor):
        if block := setter.whole(size, 99, divided=True):
            return block
    return setter.cut(wish.floor)


def _steps(largest: float, smallest: float) -> list[float]:
    sizes = [largest]
    while sizes[-1] * STEP > smallest:
        sizes.append(sizes[-1] * STEP)
    return [*sizes, smallest] if smallest < largest else sizes


def _span(text: str, accent: str) -> tuple[int, int]:
    start = text.find(accent) if accent else -1
    return (start, start + len(accent)) if start >= 0 else (0, 0)


@dataclass(frozen=True)
class _Setter:
    words: Sequence[Token]
    room: tuple[float, float]
    face: Face
    tongue: Tongue
    span: tuple[int, int]

    def whole(self, size: float, most: int, *, divided: bool) -> Block | None:
        """All words in at most so many lines, or None."""
        pitch = self._pitch(size)
        most = min(most, int(self.room[1] / pitch + 0.01))
        lines = self._wrap(size, self.room[0], divided)
        if not lines or len(lines) > most:
            return None
        block = self._block(self._balanced(lines, size, divided), size)
        return block if block.width <= self.room[0] + 1 else None

    def cut(self, size: float) -> Block:
        most = max(1, int(self.room[1] / self._pitch(size) + 0.01))
        lines = self._wrap(size, self.room[0], divided=True)[:most]
        last = list(lines[-1])
        while len(last) > 1 and self._extent([*last, Token("…", 0)], size) > self.room[0]:
            last.pop()
        last[-1] = Token(last[-1].text.rstrip("-.,;: ") + "…", last[-1].start)
        block = self._block([*lines[:-1], last], size)
        if block.width > self.room[0] + 1:  # a pile of marks on one letter can't be divided
            return self.cut(size * self.room[0] / block.width * 0.98)
        return replace(block, is_whole=False)

    def _pitch(self, size: float) -> float:
        return size * self.face.leading * _stretch("".join(word.text for word in self.words))

    def _wrap(self, size: float, width: float, divided: bool) -> list[list[Token]]:
        """Greedy. Empty when a word is too wide for the line and may not be divided."""
        lines: list[list[Token]] = [[]]
        for word in self.words:
            pieces = [word]
            if self._extent([word], size) > width:
                if not divided:
                    return []
                pieces = self._divided(word, size, width)
            for piece in pieces:
                if lines[-1] and self._extent([*lines[-1], piece], size) > width:
                    lines.append([])
                lines[-1].append(piece)
        return lines

    def _divided(self, word: Token, size: float, width: float) -> list[Token]:
        """The word in pieces that each fill a line as far as they can."""
        pieces: list[Token] = []
        for part in breaks.divide(word, self.tongue.language):
            joined = _join(pieces[-1], part) if pieces else part
            if pieces and self._extent([joined], size) <= width:
                pieces[-1] = joined
            else:
                pieces.append(part)
        return pieces

    def _balanced(self, lines: list[list[Token]], size: float, divided: bool) -> list[list[Token]]:
        """The same number of lines, as even as they can be."""
        if len(lines) < 2 or divided:
            return lines
        low, high = self.room[0] * 0.4, self.room[0]
        for _ in range(7):
            middle = (low + high) / 2
            tried = self._wrap(size, middle, divided=False)
            if tried and len(tried) <= len(lines):
                lines, high = tried, middle
            else:
                low = middle
        return lines

    def _extent(self, line: Sequence[Token], size: float) -> float:
        total = sum(_width(word.text, self.face, self.tongue) for word in line)
        spaces = sum(word.space for word in line[:-1])
        return (total + spaces * _width(" ", self.face, self.tongue)) * size / REFERENCE

    def _block(self, lines: list[list[Token]], size: float) -> Block:
        made = tuple(self._line(line, size) for line in lines)
        return Block(made, size, self._pitch(size), self.face, self.tongue)

    def _line(self, line: list[Token], size: float) -> Line:
        runs: list[tuple[str, bool]] = []
        marks: list[tuple[float, float]] = []
        for place, word in enumerate(line):
            lit = self.span[0] < word.start + len(word.text) and word.start < self.span[1]
            space = " " if word.space and place < len(line) - 1 else ""
            if runs and runs[-1][1] == lit:
                runs[-1] = (runs[-1][0] + word.text + space, lit)
            else:
                runs.append((word.text + space, lit))
            if lit:
                marks.append(self._mark(line, place, size))
        whole = _width("".join(text for text, _ in runs), self.face, self.tongue) * size / REFERENCE
        return Line(tuple(runs), whole, _merged(marks))

    def _mark(self, line: list[Token], place: int, size: float) -> tuple[float, float]:
        before, width = self._extent(line[:place], size), self._extent([line[place]], size)
        if place and line[place - 1].space:
            before += _width(" ", self.face, self.tongue) * size / REFERENCE
        whole = self._extent(line, size)
        return (whole - before - width if self.tongue.rtl else before, width)


def _join(one: Token, other: Token) -> Token:
    """Takes back the hyphen between two pieces of a divided word."""
    text = one.text[:-1] if one.start + len(one.text) > other.start else one.text
    return Token(text + other.text, one.start, other.space)


def _merged(marks: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Neighbouring accents become one span, with the spaces between them."""
    if not marks:
        return ()
    left = min(start for start, _ in marks)
    return ((left, max(start + width for start, width in marks) - left),)


@functools.lru_cache(maxsize=256)
def _stretch(text: str) -> float:
    return breaks.stretch(text)


@functools.lru_cache(maxsize=4096)
def _width(text: str, face: Face, tongue: Tongue) -> float:
    ink = ((text, 0),)
    return float(paragraph(ink, REFERENCE, face, tongue).MaxIntrinsicWidth)


def measure(text: str, size: float, face: Face, tongue: Tongue) -> float:
    return _width(text, face, tongue) * size / REFERENCE


def tracking_of(text: str, face: Face) -> float:
    """Only alphabets like Latin are spaced; joined and square letters keep their own distance."""
    return 0.0 if _stretch(text) > 1 or breaks.is_rtl(text) else face.tracking


def paragraph(
    runs: Sequence[tuple[str, int]], size: float, face: Face, tongue: Tongue
) -> skia.textlayout.Paragraph:
    """One line of (text, colour) runs, never wrapped."""
    whole = "".join(text for text, _ in runs)
    families = fonts.families(
        whole, face.weight, display=face.display, language=tongue.language, font=tongue.font
    )
    builder = fonts.builder()
    tracking = tracking_of(whole, face)
    for place, (text, colour) in enumerate(runs):
        style = skia.textlayout.TextStyle()
        style.setFontSize(size)
        style.setFontFamilies(families)
        style.setColor(colour)
        style.setLetterSpacing(tracking * size)
        style.setLocale(tongue.language)
        builder.pushStyle(style)
        opened = RLE if tongue.rtl and place == 0 else ""
        closed = PDF if tongue.rtl and place == len(runs) - 1 else ""
        builder.addText(opened + text + closed)
        builder.pop()
    made = builder.Build()
    made.layout(1e6)
    return made


def line_paragraph(block: Block, number: int, ink: Ink) -> skia.textlayout.Paragraph:
    runs = [
        (text, argb(ink.accent if lit else ink.plain)) for text, lit in block.lines[number].runs
    ]
    return paragraph(runs, block.size, block.face, block.tongue)
