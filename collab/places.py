"""Finds words again in a text that has changed around them."""

from collections.abc import Iterable, Iterator
from itertools import takewhile

LONGEST = 20_000  # characters of a text in which words are sought; no scene has as many


def find_words(text: str, quote: str, before: str = "", after: str = "") -> int | None:
    """Where the quote stands, by what stands around it; None: nowhere, or at several places alike.

    A text quote selector as in W3C's Web Annotation. Where there is no quote (words to be put in)
    all of what stands around must be there.
    """
    if len(text) > LONGEST:
        return None
    places = [
        (_around(text, place, len(quote), before, after), place) for place in _found(text, quote)
    ]
    if not quote:
        places = [one for one in places if one[0] == len(before) + len(after)]
    places.sort(reverse=True)
    if not places or (len(places) > 1 and places[0][0] == places[1][0]):
        return None
    return places[0][1]


def _found(text: str, quote: str) -> Iterator[int]:
    place = text.find(quote)
    while place >= 0:
        yield place
        place = text.find(quote, place + 1)


def _around(text: str, place: int, length: int, before: str, after: str) -> int:
    """How many characters on both sides are as they were."""
    ahead = text[max(0, place - len(before)) : place]
    behind = text[place + length : place + length + len(after)]
    return _alike(reversed(ahead), reversed(before)) + _alike(behind, after)


def _alike(one: Iterable[str], other: Iterable[str]) -> int:
    """From their beginning."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
