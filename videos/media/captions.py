"""Words with times become captions: cues of at most two short lines, SRT and WebVTT."""

from __future__ import annotations

import functools
import html
import itertools
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from videos.contracts import FPS, Format

LINE_LETTERS: Mapping[Format, int] = {"short": 20, "landscape": 34, "square": 24}
CUE_LETTERS: Mapping[Format, int] = {"short": 34, "landscape": 64, "square": 42}
SPEED = 20.0  # letters a second that people can read
SHORTEST_S = 0.8
LONGEST_S = 5.0
GAP_S = 0.25  # a shorter hole between two cues would flicker
LINGER_S = 0.4
PAUSE_S = 0.3
SENTENCE_ENDS = ".!?…。！？؟।"
CLAUSE_ENDS = ",;:–—、，；：،؛"
CLOSERS = "\"'”’»)]」』"
RLM = "\u200f"


@dataclass(frozen=True)
class Timed:
    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Cue:
    words: tuple[Timed, ...]
    start_s: float
    end_s: float

    @property
    def text(self) -> str:
        return joined([word.text for word in self.words])


def cues(words: Sequence[Timed], *, length_s: float, form: Format) -> list[Cue]:
    """Cues in order, without overlaps, none past `length_s`."""
    clean = _in_order([word for word in words if word.text.strip()], length_s)
    if not clean:
        return []
    return _timed(_parted(tuple(clean), form), length_s)


def _in_order(words: Sequence[Timed], length_s: float) -> list[Timed]:
    """Times that never run backwards nor past the end."""
    found: list[Timed] = []
    now = 0.0
    for word in words:
        start = min(max(word.start_s, now), length_s)
        end = min(max(word.end_s, start), length_s)
        found.append(Timed(word.text.strip(), start, end))
        now = end
    return found


def _parted(words: tuple[Timed, ...], form: Format) -> list[tuple[Timed, ...]]:
    """The cheapest way to cut the words into cues, by dynamic programming."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(words) + 1):
        choices = []
        for start in range(end - 1, max(-1, end - 25), -1):
            cost = _cost(words, start, end, form)
            if cost is None:
                break
            choices.append((best[start][0] + cost, start))
        best.append(min(choices))
    found, end = [], len(words)
    while end:
        start = best[end][1]
        found.append(words[start:end])
        end = start
    return found[::-1]


def _cost(words: Sequence[Timed], start: int, end: int, form: Format) -> float | None:
    """How bad words[start:end] is as one cue; None when it can't be one."""
    part = words[start:end]
    letters = len(joined([word.text for word in part]))
    if len(part) > 1 and not _fits(part, form):
        return None
    length = part[-1].end_s - part[0].start_s
    if len(part) > 1 and length > LONGEST_S:
        return None
    cost = 3.0 + (letters / CUE_LETTERS[form] - 0.72) ** 2 * 4
    if len(part) == 1 and len(words) > 1:
        cost += 1.5 if _ends(part[0].text, SENTENCE_ENDS) else 5.0
    room = (words[end].start_s if end < len(words) else length + part[0].start_s + LINGER_S) - part[
        0
    ].start_s
    cost += max(0.0, letters / max(room, 0.05) / SPEED - 1) * 3
    cost += max(0.0, SHORTEST_S - room) * 3
    return cost + _break_cost(words, end) + _inner_cost(part)


def _break_cost(words: Sequence[Timed], end: int) -> float:
    """What it costs to end a cue before words[end]."""
    if end == len(words):
        return 0.0
    last = words[end - 1]
    cost = 2.0
    if _ends(last.text, SENTENCE_ENDS):
        cost = -3.0
    elif _ends(last.text, CLAUSE_ENDS):
        cost = -1.2
    elif len(last.text) <= 3:
        cost = 3.2  # articles and prepositions belong to what follows
    if words[end].start_s - last.end_s >= PAUSE_S:
        cost -= 2.0
    return cost


def _inner_cost(part: Sequence[Timed]) -> float:
    """A sentence should not end, nor a pause lie, in the middle of a cue."""
    cost = 0.0
    for word, after in itertools.pairwise(part):
        cost += 4.0 if _ends(word.text, SENTENCE_ENDS) and not _is_short(word.text) else 0.0
        cost += 6.0 if after.start_s - word.end_s >= 2 * PAUSE_S else 0.0
    return cost


def _is_short(text: str) -> bool:
    """`Dr.` and `e.g.` end with a point without ending a sentence."""
    return len(text) <= 3 and text.endswith(".")


def _fits(part: Sequence[Timed], form: Format) -> bool:
    texts = [word.text for word in part]
    if _weight(joined(texts)) > CUE_LETTERS[form]:
        return False
    return len(lines(texts, LINE_LETTERS[form])) <= 2


def _weight(text: str) -> int:
    """Letters as wide as Latin ones; those of Chinese and Japanese count twice."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _ends(text: str, marks: str) -> bool:
    return text.rstrip(CLOSERS).endswith(tuple(marks))


def _timed(parts: list[tuple[Timed, ...]], length_s: float) -> list[Cue]:
    """A cue stays as long as reading needs, where the next one leaves it the time."""
    found: list[Cue] = []
    for number, part in enumerate(parts):
        start, said = part[0].start_s, part[-1].end_s
        limit = parts[number + 1][0].start_s if number + 1 < len(parts) else length_s
        letters = len(joined([word.text for word in part]))
        wanted = max(said + LINGER_S, start + SHORTEST_S, start + letters / SPEED)
        end = limit if limit - wanted < GAP_S else wanted
        found.append(Cue(part, round(start, 3), round(max(end, start), 3)))
    return found


def joined(texts: Sequence[str]) -> str:
    """Words as they are written: no blank inside Chinese and Japanese."""
    return "".join(
        text + separator(text, after) for text, after in zip(texts, [*texts[1:], ""], strict=True)
    )


def separator(before: str, after: str) -> str:
    if not before or not after:
        return ""
    return "" if _is_spaceless(before[-1]) and _is_spaceless(after[0]) else " "


@functools.lru_cache(maxsize=2048)
def _is_spaceless(letter: str) -> bool:
    name = unicodedata.name(letter, "").split(" ")[0].split("-")[0]
    scripts = {
        "CJK",
        "HIRAGANA",
        "KATAKANA",
        "IDEOGRAPHIC",
        "FULLWIDTH",
        "THAI",
        "LAO",
        "KHMER",
        "MYANMAR",
    }
    return name in scripts or letter in "、。「」『』（）！？・ー〜"


def lines(texts: Sequence[str], limit: int) -> list[str]:
    """Greedy lines of at most `limit` letters, evened out when there are two."""
    whole = joined(texts)
    if _weight(whole) <= limit or len(texts) == 1:
        return [whole]
    pairs = [(joined(texts[:cut]), joined(texts[cut:])) for cut in range(1, len(texts))]
    short = [pair for pair in pairs if max(map(_weight, pair)) <= limit]
    if short:
        return list(min(short, key=lambda pair: _unevenness(*pair)))
    first = max(
        (cut for cut in range(1, len(texts)) if _weight(joined(texts[:cut])) <= limit), default=1
    )
    return [joined(texts[:first]), *lines(texts[first:], limit)]


def _unevenness(first: str, second: str) -> float:
    """A line that ends with a comma may be a little longer or shorter than the other."""
    difference = abs(_weight(first) - _weight(second))
    has_lone = " " in first + second and min(len(first.split()), len(second.split())) == 1
    return difference + 8 * has_lone - 5 * _ends(first, CLAUSE_ENDS + SENTENCE_ENDS)


def is_rtl(text: str) -> bool:
    kinds = [unicodedata.bidirectional(letter) for letter in text]
    return sum(kind in {"R", "AL"} for kind in kinds) > sum(kind == "L" for kind in kinds)


def document(found: Sequence[Cue], language: str) -> dict[str, Any]:
    """`captions.json`."""
    return {
        "language": language,
        "rtl": is_rtl("".join(cue.text for cue in found)),
        "cues": [
            {
                "start_s": cue.start_s,
                "end_s": cue.end_s,
                "words": [
                    {"text": w.text, "start_s": round(w.start_s, 3), "end_s": round(w.end_s, 3)}
                    for w in cue.words
                ],
            }
            for cue in found
        ],
    }


def read(document: Mapping[str, Any]) -> list[Cue]:
    return [
        Cue(
            tuple(Timed(w["text"], w["start_s"], w["end_s"]) for w in cue["words"]),
            cue["start_s"],
            cue["end_s"],
        )
        for cue in document["cues"]
    ]


def whole(scenes: Sequence[tuple[Sequence[Cue], int]]) -> list[Cue]:
    """All scenes' cues on the video's clock; each scene comes with its length in frames."""
    found: list[Cue] = []
    frames = 0
    for scene, length in scenes:
        offset = frames / FPS
        found += [
            Cue(
                tuple(Timed(w.text, w.start_s + offset, w.end_s + offset) for w in cue.words),
                cue.start_s + offset,
                cue.end_s + offset,
            )
            for cue in scene
        ]
        frames += length
    return found


def srt(found: Sequence[Cue], form: Format) -> str:
    blocks = [
        f"{number}\n{_clock(cue.start_s, ',')} --> {_clock(cue.end_s, ',')}\n{_plain(cue, form)}\n"
        for number, cue in enumerate(found, start=1)
    ]
    return "\n".join(blocks)


def vtt(found: Sequence[Cue], form: Format) -> str:
    blocks = [
        f"{_clock(cue.start_s, '.')} --> {_clock(cue.end_s, '.')}\n"
        + html.escape(_written(cue, form), quote=False)
        + "\n"
        for cue in found
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _plain(cue: Cue, form: Format) -> str:
    """SRT knows no escapes, so an arrow that would look like a time line is replaced."""
    return _written(cue, form).replace("-->", "→")


def _written(cue: Cue, form: Format) -> str:
    """Marks at both ends keep the full stop on the left in right-to-left lines."""
    made = lines([word.text for word in cue.words], LINE_LETTERS[form])
    return "\n".join(f"{RLM}{line}{RLM}" if is_rtl(line) else line for line in made)


def _clock(seconds: float, mark: str) -> str:
    total = round(seconds * 1000)
    minutes, rest = divmod(total, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}{mark}{rest % 1000:03d}"
