"""Comparisons that a source holds: a table of two or three things, "A vs B", "whereas".

All rules are strict: a wrong pair of columns misleads, and a scene always has other cards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from videos.writing.cleaning import cleaned
from videos.writing.documents import Table
from videos.writing.visuals import MAX_SIDE_POINTS, Comparison, Side
from videos.writing.wordsets import wordset

TITLE, POINT, LABEL = 32, 64, 28
FEWEST_ROWS = 2
_VERSUS = re.compile(r"(?:.{2,40}:\s+)?(.{2,32}?)\s+(?:vs\.?|versus)\s+(.{2,32}?)\s*\??", re.I)
_WHEREAS = {
    "en": re.compile(r",?\s+whereas\s+|,\s+while\s+", re.I),
    "es": re.compile(r",?\s+mientras que\s+", re.I),
    "fr": re.compile(r",?\s+(?:tandis|alors) que\s+", re.I),
}
_NO_SUBJECT = wordset(
    "it they this that these those he she we you i there here one some most which who what when"
    " él ella ello ellos esto eso il elle ils elles ce cela on nous vous"
)
_ARTICLES = wordset("the a an el la los las un una le les l' une")
_COPULAS = wordset("is are was were es son era eran est sont était étaient")
_FORMS = {"is": "are", "was": "were", "has": "have", "does": "do", "goes": "go"}
_SUBJECT_WORDS = 4


def from_table(table: Table) -> Comparison | None:
    """Two or three named columns beside one of labels; or two named columns and nothing else."""
    heads = tuple(cleaned(head) for head in table.header)
    rows = [tuple(cleaned(cell) for cell in row) for row in table.rows]
    if not FEWEST_ROWS <= len(rows) <= MAX_SIDE_POINTS or {len(row) for row in rows} != {
        len(heads)
    }:
        return None
    if len(heads) == 2:
        return _sides(heads, rows, ()) if all(map(_is_wordy, rows)) else None
    if len(heads) not in (3, 4):
        return None
    labels = tuple(row[0] for row in rows)
    if any(not 0 < len(label) <= LABEL for label in labels):
        return None
    return _sides(heads[1:], [row[1:] for row in rows], labels)


def _sides(
    heads: Sequence[str], rows: Sequence[Sequence[str]], labels: tuple[str, ...]
) -> Comparison | None:
    texts = [*heads, *(cell for row in rows for cell in row)]
    fits = all(0 < len(head) <= TITLE for head in heads) and all(0 < len(t) <= POINT for t in texts)
    if not fits or len({head.casefold() for head in heads}) < len(heads):
        return None
    columns = zip(*rows, strict=True)
    sides = (Side(title=head, points=column) for head, column in zip(heads, columns, strict=True))
    return Comparison(sides=tuple(sides), labels=labels)


def _is_wordy(row: Sequence[str]) -> bool:
    """Figures belong into a chart, and a name with its explanation is no pair."""
    return all(sum(mark.isalpha() for mark in cell) > len(cell) / 2 for cell in row)


def in_sentence(sentence: str, language: str) -> Comparison | None:
    """ "Kelp grows 60 cm a day, whereas bamboo grows 91 cm a day": two subjects of one verb."""
    mark = _WHEREAS.get(language)
    halves = mark.split(sentence.strip().rstrip(".!")) if mark else []
    if len(halves) != 2 or any(sign in sentence for sign in '“”"«»'):
        return None
    words = [half.split() for half in halves]
    verb = _common_verb(*words)
    if verb is None:
        return None
    sides = [_side(half, place) for half, place in zip(words, verb, strict=True)]
    if sides[0] is None or sides[1] is None or sides[0].title == sides[1].title:
        return None
    return Comparison(sides=(sides[0], sides[1]))


def _common_verb(one: Sequence[str], other: Sequence[str]) -> tuple[int, int] | None:
    """Where the word stands that ends both subjects: of several, a form of "to be"."""
    places = {}
    for place, word in reversed([*enumerate(other)][1 : _SUBJECT_WORDS + 1]):
        places[_form(word)] = place
    shared = [
        (place, places[_form(word)])
        for place, word in [*enumerate(one)][1 : _SUBJECT_WORDS + 1]
        if _form(word) in places and word.casefold() not in _ARTICLES and word.isalpha()
    ]
    being = [pair for pair in shared if one[pair[0]].casefold() in _COPULAS]
    return next(iter(being + shared), None)


def _form(word: str) -> str:
    plain = word.casefold()
    return _FORMS.get(plain, plain[:-1] if len(plain) > 3 and plain.endswith("s") else plain)


def _side(words: Sequence[str], verb: int) -> Side | None:
    subject = [w for n, w in enumerate(words[:verb]) if n or w.casefold() not in _ARTICLES]
    said = words[verb + 1 :] if words[verb].casefold() in _COPULAS else words[verb:]
    title, point = _capital(" ".join(subject)), _capital(" ".join(said))
    named = subject and subject[0].casefold() not in _NO_SUBJECT and "," not in title
    fits = named and len(said) > 1 - (words[verb].casefold() in _COPULAS)
    return Side(title=title, points=(point,)) if fits and _fit(title, point) else None


def _fit(title: str, point: str) -> bool:
    return 0 < len(title) <= TITLE and 0 < len(point) <= POINT


def under_heading(heading: str, texts: Sequence[str]) -> Comparison | None:
    """ "Kelp vs bamboo" over sentences of which each side has its own."""
    named = _VERSUS.fullmatch(heading.strip())
    if not named:
        return None
    names = [name.strip() for name in named.groups()]
    points = [_points(names[n], names[1 - n], texts) for n in (0, 1)]
    if not all(points):
        return None
    sides = (Side(title=_capital(names[n]), points=points[n]) for n in (0, 1))
    return Comparison(sides=tuple(sides))


def _points(name: str, other: str, texts: Sequence[str]) -> tuple[str, ...]:
    found = []
    for text in texts:
        opened = re.match(rf"(?:the |an? )?{re.escape(name)}s?\s+(?=\w)", text, re.I)
        if opened and other.casefold() not in text.casefold():
            point = _capital(text[opened.end() :].rstrip(" .!"))
            found += [point] if len(point) <= POINT else []
    return tuple(found[:MAX_SIDE_POINTS])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
