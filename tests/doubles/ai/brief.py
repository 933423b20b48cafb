"""What a prompt asks for, and the words of the source that it carries."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from typing import Any

import stopwordsiso

from tests.doubles.ai import dice

WORDS_A_SECOND = 2.5
BLOCK = re.compile(r"<(\w*(?:source|text|article|document|topic)\w*)[^>]*>(.*?)</\1>", re.S | re.I)
TOPIC = re.compile(r"^\W*(?:topic|subject|theme)\W*[:=]\s*(.+)$", re.I | re.M)
FENCED = re.compile(r'"""(.*?)"""|```\w*\n(.*?)```', re.S)
COUNT = r"(\d[\d,]*)(?:\s*(?:to|-|–)\s*(\d[\d,]*))?"
WISHED = re.compile(rf"(?:about|around|approximately|roughly|exactly)\s+{COUNT}\s+words", re.I)
ANY_WORDS = re.compile(
    rf"(?<!most )(?<!least )(?<!than )(?<!to ){COUNT}\s+words(?!\s+(?:per|each|a|an|or)\b)", re.I
)
SECONDS = re.compile(rf"{COUNT}[\s-]+(?:seconds?|s)\b", re.I)
SCENES = re.compile(rf"{COUNT}\s+(?:\w+\s+)?(?:scenes|parts|sections|items|variants)\b", re.I)
INJECTION = re.compile(
    r"(?:ignore|disregard|forget)\b[^.!?]*\b(?:instructions?|rules|above)\b[^.!?]*[.!?:]\s*(.+)",
    re.S | re.I,
)
MARK = re.compile(r"^\s*\[(\d+)\]\s*")
ORNAMENT = re.compile(r"^\s*(?:#+|[-*>]|\d+[.)])\s+|[*_`#]|\[|\]\([^)]*\)")
SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")
IDLE = stopwordsiso.stopwords(["en", "de", "fr", "es"])
# a prompt without a marked source is its own source, without what orders
ORDER = re.compile(r"^(?:write|tell|make|return|answer|use|give|create|explain)\b|\bjson\b", re.I)
IDLE |= {"script", "video", "scene", "scenes", "seconds", "narration", "title", "json", "schema"}
ENGLISH = {"the", "of", "and", "to", "a", "is", "in", "it", "that", "about"}
TURNS = (
    "Few people stop to ask what {a} means for {b}.",
    "Look closely at {a}, and {b} begins to make sense.",
    "What happens to {a} decides what becomes of {b}.",
    "For a long time nobody linked {a} with {b}.",
    "The story of {a} is also a story of {b}.",
    "Where there is {a}, {b} is seldom far away.",
    "Small changes in {a} move {b} further than anyone thought.",
    "Those who know {a} best speak of {b} first.",
)

TITLES = (
    "What {a} Does for {b}",
    "The Hidden Life of {a}",
    "{a}, {b} and You",
    "Why {a} Matters",
)


@dataclass(frozen=True)
class Sentence:
    text: str
    number: int  # as the prompt numbers it, else its place from 1


@dataclass(frozen=True)
class Brief:
    asks: str  # the prompt without its source
    source: str
    is_marked: bool  # the prompt says where its source begins and ends
    words: int  # 0: the prompt names no length
    seconds: int
    scenes: int

    @cached_property
    def sentences(self) -> list[Sentence]:
        found: list[Sentence] = []
        for line in self.source.splitlines():
            mark = MARK.match(line)
            plain = " ".join(ORNAMENT.sub("", MARK.sub("", line)).split())
            for text in SENTENCE_END.split(plain):
                is_order = not self.is_marked and ORDER.search(text)
                if len(text.split()) >= 4 and text[-1] in ".!?…" and not is_order:
                    found.append(Sentence(text, int(mark[1]) if mark else len(found) + 1))
        return found

    @cached_property
    def is_english(self) -> bool:
        words = self.source.lower().split()
        return not words or sum(word in ENGLISH for word in words) > len(words) / 20

    @cached_property
    def subjects(self) -> list[str]:
        """What the source speaks of most, the most frequent first."""
        words = re.findall(r"[^\W\d_]{4,}", self.source)
        counted = Counter(word.lower() for word in words if word.lower() not in IDLE)
        return [word for word, _ in counted.most_common(24)] or ["this", "everything else"]


def _of_json(said: str) -> Iterator[str]:
    """The texts of a prompt that is JSON, each with the number that stands beside it."""
    try:
        told = json.loads(said)
    except ValueError:
        return
    if isinstance(told, dict | list):
        yield "\n".join(text for text in _texts(told) if len(text.split()) >= 4)


def _texts(told: Any) -> Iterator[str]:
    if isinstance(told, str):
        yield told
        return
    ones = list(told.values()) if isinstance(told, dict) else told
    number = next((one for one in ones if isinstance(one, int)), None)
    mark = "" if number is None or isinstance(told, list) else f"[{number}] "
    for one in ones:
        if isinstance(one, str | dict | list):
            yield from (f"{mark}{text}" if isinstance(one, str) else text for text in _texts(one))


def obeyed(source: str) -> str:
    """What a source orders in place of the prompt; without an order, the source."""
    found = INJECTION.search(source)
    return found[1] if found else source


def _count(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    if not found:
        return 0
    ends = [int(one.replace(",", "")) for one in found.groups() if one]
    return round(sum(ends) / len(ends))


def read(said: str, rules: str = "") -> Brief:
    """`said` is what the user wrote, `rules` what stands around it (a system prompt)."""
    blocks = [one[2] for one in BLOCK.finditer(said)]
    blocks = blocks or [one[1] or one[2] for one in FENCED.finditer(said)]
    blocks = blocks or [one[1] for one in TOPIC.finditer(said)] or list(_of_json(said))
    source = max(blocks, key=len, default=said)
    asks = f"{rules}\n{said.replace(source, ' ') if blocks else said}"
    seconds = _count(SECONDS, asks)
    words = _count(WISHED, asks) or _count(ANY_WORDS, asks) or round(seconds * WORDS_A_SECOND)
    return Brief(asks, source, bool(blocks), words, seconds, _count(SCENES, asks))


class Writer:
    """Tells what the source says, in its order, for as many words as are asked for."""

    def __init__(self, brief: Brief, seed: int, total: int) -> None:
        self._brief = brief
        self._seed = (seed, dice.token(16, brief.asks))  # asked otherwise, it tells otherwise
        self._subjects = brief.subjects
        self._turn = 0
        self._next = self._told(total)

    def _told(self, total: int) -> Iterator[Sentence]:
        found = self._brief.sentences
        yield from found[self._begin(found, total) :]
        while found and not self._brief.is_english:
            yield from found
        while True:
            yield Sentence(self._turned(), 0)

    def _begin(self, found: list[Sentence], total: int) -> int:
        """Anywhere from where there is still more than enough to tell."""
        left = list(accumulate(len(one.text.split()) for one in reversed(found)))
        return dice.number("begin", *self._seed) % max(1, sum(one > 1.25 * total for one in left))

    def _turned(self) -> str:
        """A sentence of no source, about its subjects."""
        self._turn += 1
        about = (*self._seed, self._turn, self._brief.source[:200])
        first = dice.number("a", *about) % len(self._subjects)
        rest = self._subjects[:first] + self._subjects[first + 1 :]
        other = dice.one_of(rest or ["us"], "b", *about)
        turn = dice.one_of(TURNS, "turn", *about)
        told = turn.format(a=self._subjects[first], b=other)
        return told[0].upper() + told[1:]

    def say(self, count: int) -> list[Sentence]:
        """Whole sentences of about so many words, one at least."""
        said = [next(self._next)]
        left = count - len(said[0].text.split())
        while left > 0:
            one = next(self._next)
            size = len(one.text.split())
            if size > 2 * left:
                self._next = chain([one], self._next)
                break
            said.append(one)
            left -= size
        return said

    def title(self, *about: object) -> str:
        first, *others = self._subjects
        other = dice.one_of(others or ["us"], "title", *self._seed, *about)
        form = dice.one_of(TITLES, "form", *self._seed, *about)
        return form.format(a=first.capitalize(), b=other.capitalize())

    def subject(self, place: int) -> str:
        return self._subjects[place % len(self._subjects)]


def shortened(said: list[Sentence], count: int) -> list[Sentence]:
    """With so many words at most: the last sentence may end early."""
    kept, left = [], count
    for one in said:
        words = one.text.split()[: max(0, left)]
        left -= len(words)
        if words:
            text = " ".join(words)
            text = text if text[-1] in ".!?…" else text.rstrip(",;:–-") + "."
            kept.append(Sentence(text, one.number))
    return kept
