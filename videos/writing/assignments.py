"""What a writer is asked: how long, in which language, from which sentences, in which shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from babel import Locale, UnknownLocaleError

from config.kit.errors import Rejected
from videos.contracts import Order
from videos.writing import prompting
from videos.writing.answer_shapes import LINE_SCHEMA, SCENE_SCHEMA, script_schema
from videos.writing.asked import Prompt
from videos.writing.given_sentences import Given
from videos.writing.languages import count_words, primary, seconds_of
from videos.writing.selection import SCENE_S

LONGEST_S = 1_200  # more than a model says in one answer
SCENE_IDEAL_S = 10.0
USUAL_WORD_S = 0.36
TOKENS_A_WORD, TOKENS_A_SCENE, TOKENS_AROUND = 1.6, 120, 350
ROOM = 4  # so many times what is expected is the most that an answer may take
ANSWER_BYTES = 24_000  # of an earlier answer that is shown again
FROM_SOURCE = (
    "Between <source> and </source> stand the sentences of a text, each with its number. Tell what "
    "they say. Every fact, figure and name that you give must stand in them; leave out what you "
    "can't find there."
)
FROM_TOPIC = (
    "Between <source> and </source> stands a topic; there is no source text. Say only what is "
    "widely known and certain, give no figures that you are not sure of, and leave every scene's "
    "cites empty."
)


@dataclass(frozen=True)
class Assignment:
    order: Order
    given: Given

    @cached_property
    def language(self) -> str:
        return primary(self.order.language) if self.order.language else self.given.language

    @property
    def scenes(self) -> int:
        ideal = SCENE_IDEAL_S if self.order.seconds <= 300 else 2 * SCENE_IDEAL_S
        return max(2, round(self.order.seconds / ideal))

    @cached_property
    def words(self) -> int:
        """At the speed at which this language is spoken, without the pauses between scenes."""
        spoken_s = max(3.0, self.order.seconds - self.scenes * SCENE_S)
        return max(5, round(spoken_s / self._word_s))

    @cached_property
    def _word_s(self) -> float:
        """As the source's own words are long, where it is in the language of the video."""
        sample = " ".join(self.given.lines[:200])
        words = count_words(sample, self.language)
        if words < 30 or primary(self.given.language) != self.language:
            return USUAL_WORD_S
        return seconds_of(sample, self.language) / words

    @property
    def expected_tokens(self) -> int:
        return round(TOKENS_AROUND + self.words * TOKENS_A_WORD + self.scenes * TOKENS_A_SCENE)

    def draft(self) -> Prompt:
        """Raises Rejected where it is more than one answer holds."""
        if self.order.seconds > LONGEST_S:
            raise Rejected(
                f"A paid writer writes {LONGEST_S // 60} minutes at most: order a shorter video, "
                "or have it assembled from the text."
            )
        return self._prompt(*prompting.form("script").filled(self._values()))

    def repair(self, answer: str, faults: Sequence[str]) -> Prompt:
        rules, said = prompting.form("script").filled(self._values())
        raw = answer.encode()[:ANSWER_BYTES].decode("utf-8", "ignore")
        values = {
            "rules": rules,
            "said": said,
            "faults": "\n".join(f"- {prompting.material(fault)}" for fault in faults),
            "answer": prompting.block(raw),
        }
        return self._prompt(*prompting.form("repair").filled(values))

    def _prompt(self, rules: str, said: str) -> Prompt:
        schema = script_schema(sorted(self.order.pictures))
        expected = self.expected_tokens
        return Prompt(rules, said, schema, ROOM * expected, expected)

    def _values(self) -> Mapping[str, object]:
        order = self.order
        return {
            "words": self.words,
            "scenes": self.scenes,
            "seconds": order.seconds,
            "language": language_name(self.language),
            "tone": prompting.wish(order.tone, "calm and clear"),
            "audience": prompting.wish(order.audience, "everybody who is curious"),
            "avoided": ", ".join(map(prompting.material, order.avoided)) or "nothing in particular",
            "basis": FROM_TOPIC if self.given.topic else FROM_SOURCE,
            "pictures": _lines(sorted(order.pictures)),
            "told": _lines(order.told),
            "source": self.given.topic or self.given.numbered(),
        }


def scene_prompt(
    order: Order, language: str, instruction: str, texts: Mapping[str, str], words: int
) -> Prompt:
    """One scene anew, or one `line` of it. `texts` are `script`, `scene`, `source` and `line`."""
    values: dict[str, Any] = {
        "words": words,
        "language": language_name(language),
        "tone": prompting.wish(order.tone, "as the script has it"),
        "audience": prompting.wish(order.audience, "everybody who is curious"),
        "avoided": ", ".join(map(prompting.material, order.avoided)) or "nothing in particular",
        "instruction": prompting.wish(instruction, "say it better"),
        **{name: prompting.block(text) for name, text in texts.items()},
    }
    is_line = "line" in texts
    rules, said = prompting.form("line" if is_line else "scene").filled(values)
    expected = round(60 + words * TOKENS_A_WORD)
    schema = LINE_SCHEMA if is_line else SCENE_SCHEMA
    return Prompt(rules, said, schema, ROOM * expected, expected)


def language_name(tag: str) -> str:
    try:
        named = Locale.parse(tag, sep="-").get_language_name("en")
    except (ValueError, UnknownLocaleError):
        named = None
    return f"{named} ({tag})" if named else tag


def _lines(texts: Sequence[str]) -> str:
    return "\n".join(map(prompting.material, texts)) or "(none)"
