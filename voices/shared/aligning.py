# SPDX-License-Identifier: MIT
"""Which sounds of a spoken chunk belong to which of its words.

In a sentence words merge ("for the" becomes one group of sounds) and change, so each word's own
sounds, spoken alone, are laid against the sentence's sounds by the cheapest alignment.
"""

from __future__ import annotations

from collections.abc import Sequence

VOWELS = set("aeiouyæøœɑɐɒɔəɚɛɜɝɞɤɨɪɯɵɶʉʊʌʏᵊᵻAIOQWY")
GAP, OTHER_KIND = 1.0, 2.2


def word_spans(sounds: str, alone: Sequence[str]) -> list[tuple[int, int]]:
    """For each word its [first, last) in `sounds`; `alone` holds the words' own sounds.

    Spans are in order and cover all letters; a word without sounds gets an empty span.
    """
    own = [(letter, n) for n, word in enumerate(alone) for letter in word if is_sound(letter)]
    places = [n for n, letter in enumerate(sounds) if is_sound(letter)]
    owners = _owners([letter for letter, _ in own], [sounds[n] for n in places])
    firsts: dict[int, int] = {}
    lasts: dict[int, int] = {}
    for mine, theirs in owners:
        word = own[mine][1]
        firsts.setdefault(word, places[theirs])
        lasts[word] = places[theirs] + 1
    return _in_order(firsts, lasts, len(alone), len(sounds))


def is_sound(letter: str) -> bool:
    """Stress, length and other marks move between words freely and would only disturb."""
    return letter.isalpha() and letter not in "ˈˌːˑʰʲʷˠˤ"


def _cost(one: str, other: str) -> float:
    if one == other:
        return 0.0
    return 0.7 if (one in VOWELS) == (other in VOWELS) else OTHER_KIND


def _owners(own: list[str], heard: list[str]) -> list[tuple[int, int]]:
    """Pairs (index in own, index in heard), by dynamic programming over all alignments."""
    table = [[column * GAP for column in range(len(heard) + 1)]]
    for row, mine in enumerate(own, 1):
        above, line = table[-1], [row * GAP]
        for column, theirs in enumerate(heard, 1):
            keep = above[column - 1] + _cost(mine, theirs)
            line.append(min(keep, above[column] + GAP, line[-1] + GAP))
        table.append(line)
    return _trace(table, own, heard)


def _trace(table: list[list[float]], own: list[str], heard: list[str]) -> list[tuple[int, int]]:
    pairs = []
    row, column = len(own), len(heard)
    while row and column:
        here = table[row][column]
        if here == table[row - 1][column - 1] + _cost(own[row - 1], heard[column - 1]):
            row, column = row - 1, column - 1
            pairs.append((row, column))
        elif here == table[row - 1][column] + GAP:
            row -= 1
        else:
            column -= 1
    return pairs[::-1]


def _in_order(
    firsts: dict[int, int], lasts: dict[int, int], words: int, end: int
) -> list[tuple[int, int]]:
    """Words without a partner share the gap between their neighbours."""
    spans: list[tuple[int, int]] = []
    at = 0
    for word in range(words):
        if word in firsts:
            spans.append((max(at, firsts[word]), max(at, lasts[word])))
        else:
            following = [firsts[n] for n in range(word + 1, words) if n in firsts]
            spans.append((at, max(at, min([*following[:1], end]))))
        at = spans[-1][1]
    return spans
