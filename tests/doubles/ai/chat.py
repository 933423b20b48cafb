"""What a language model says, before a vendor wraps it."""

import json
from dataclasses import dataclass, replace
from typing import Any

from tests.doubles.ai import brief as briefs
from tests.doubles.ai.brief import Writer
from tests.doubles.ai.schema import WORDS, Filling
from tests.doubles.ai.state import BYTES_A_TOKEN, State, tokens
from tests.doubles.ai.talk import Asked, Trouble

SORRY = "I'm sorry, but I can't help with that request."


@dataclass(frozen=True)
class Prompt:
    rules: str  # of the system
    said: str  # by the user, all of it
    schema: dict[str, Any] | None  # of the answer; None: text
    most_tokens: int  # 0: as many as it takes
    is_cached: bool = True

    @property
    def text(self) -> str:
        return f"{self.rules}\n{self.said}{json.dumps(self.schema) if self.schema else ''}"


@dataclass(frozen=True)
class Reply:
    text: str
    ended: str  # `stop`, `length` or `refused`
    tokens_in: int
    tokens_cached: int
    tokens_out: int

    @property
    def units(self) -> dict[str, int | float]:
        return {
            "tokens_in": self.tokens_in - self.tokens_cached,
            "tokens_cached": self.tokens_cached,
            "tokens_out": self.tokens_out,
        }


def reply(asked: Asked, state: State, prompt: Prompt, account: str, window: int) -> Reply:
    """Raises Trouble where the prompt is longer than `window` tokens."""
    paid_in = tokens(prompt.text)
    if paid_in > window:
        raise Trouble(
            "too_long",
            f"This model's maximum context length is {window} tokens. However, your messages "
            f"resulted in {paid_in} tokens. Please reduce the length of the messages.",
        )
    text, ended = _said(asked, state, prompt)
    most = prompt.most_tokens
    if asked.is_to("length"):
        most = max(1, tokens(text) // 2)
    if most and tokens(text) > most:
        text = text.encode()[: most * BYTES_A_TOKEN].decode("utf-8", "ignore")
        ended = "length"
    paid_in = state.strayed(paid_in, prompt.text)
    out = state.strayed(tokens(text), prompt.text)
    return Reply(
        text,
        ended,
        paid_in,
        min(state.cached(account, prompt.text), paid_in) if prompt.is_cached else 0,
        min(out, most) if most else out,
    )


def _said(asked: Asked, state: State, prompt: Prompt) -> tuple[str, str]:
    if asked.is_to("refused"):
        return SORRY, "refused"
    if asked.is_to("empty"):
        return "", "stop"
    brief = briefs.read(prompt.said, prompt.rules)
    if asked.is_to("obeyed"):
        brief = replace(brief, source=briefs.obeyed(brief.source))
    if prompt.schema is None:
        count = (brief.words or WORDS) * asked.times
        said = Writer(brief, state.seed, count).say(count)
        return " ".join(one.text for one in said), "stop"
    made = Filling(prompt.schema, brief, state.seed, asked.times).made()
    if asked.is_to("off_schema") and isinstance(made, dict):
        made.pop(next(iter(made), ""), None)
    text = json.dumps(made, ensure_ascii=False)
    return text[: len(text) * 2 // 3] if asked.is_to("garbled") else text, "stop"


def described(text: str) -> dict[str, Any] | None:
    """The last JSON schema that stands in a text."""
    decoder, found, at = json.JSONDecoder(), None, text.find("{")
    while at >= 0:
        try:
            told, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            if isinstance(told, dict) and {"properties", "$defs", "type"} & set(told):
                found = told
        at = text.find("{", end)
    return found
