"""Texts that a regular expression finds, for schemas which ask for one."""

from re import _constants as kinds  # the parser of `re` has no public name
from re import _parser as parser
from typing import Any

from tests.doubles.ai import dice

About = tuple[object, ...]


def matching(pattern: str, *about: object) -> str:
    """A short one. What it makes is the same for the same `about`."""
    return "".join(_matched(parser.parse(pattern), about))


def _matched(parsed: Any, about: About) -> list[str]:
    return [part for at, one in enumerate(parsed) for part in _one(*one, (*about, at))]


def _one(kind: Any, told: Any, about: About) -> list[str]:
    if kind is kinds.LITERAL:
        return [chr(told)]
    if kind is kinds.IN:
        return [_in_set(*dice.one_of(told, *about), about)]
    if kind is kinds.SUBPATTERN:
        return _matched(told[-1], about)
    if kind is kinds.BRANCH:
        return _matched(dice.one_of(told[1], *about), about)
    if kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT):
        turns = range(max(told[0], min(told[1], 1)))
        return [part for turn in turns for part in _matched(told[2], (*about, turn))]
    return [] if kind is kinds.AT else ["a"]


def _in_set(kind: Any, told: Any, about: About) -> str:
    if kind is kinds.RANGE:
        return chr(told[0] + dice.number("range", *about) % (told[1] - told[0] + 1))
    if kind is kinds.LITERAL:
        return chr(told)
    return {kinds.CATEGORY_DIGIT: "7", kinds.CATEGORY_SPACE: " "}.get(told, "k")
