"""Pictures of OpenAI, and of servers that speak as it does. A request can't be looked up."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from config.kit.errors import Rejected, Spend
from config.kit.money import Use, exactly
from config.kit.vendors import Account
from videos.contracts import Format, Recovery
from videos.providers.calling import Ask, Caller
from videos.providers.catalogue import providers
from videos.shots import Brief, Credit, Ordered, Shot

MOST_WORDS = 1_000  # characters: more describes nothing, and each is paid
QUALITY = "medium"
SQUARE_TOKENS, OBLONG_TOKENS = 1_056, 1_584  # of a picture of that quality, as OpenAI lists them
SPARE = 1.5  # what a picture may take beyond the list
SIZES: Mapping[Format, str] = {
    "short": "1024x1536",
    "landscape": "1536x1024",
    "square": "1024x1024",
}
DALL_E_SIZES: Mapping[Format, str] = {
    "short": "1024x1792",
    "landscape": "1792x1024",
    "square": "1024x1024",
}
BARE = "No words, letters, numbers, logos or frames in the picture."
KNOWS_TOKENS = ("gpt-image", "chatgpt-image")


class OpenAiImages:
    """Models that are named gpt-image bill tokens, all others pictures."""

    account = "image"
    kind = "image"
    recovery: Recovery = "none"
    version = "1"

    def __init__(self, model: str, account: Account) -> None:
        self.model = model or account.model
        self.name = f"openai:{self.model}"
        self.licence = f"Made by {self.model} on order; what it makes is its customer's."
        self._caller = Caller(
            "openai", account, {"authorization": f"Bearer {account.key}"} if account.key else {}
        )

    @property
    def _bills_tokens(self) -> bool:
        return self.model.startswith(KNOWS_TOKENS)

    def uses(self, brief: Brief) -> Sequence[Use]:
        if not self._bills_tokens:
            return [exactly(self.name, "images", 1, self.model)]
        letters, made = len(_prompt(brief).encode()), _tokens(brief.format)
        return [
            Use(self.name, "tokens_in", letters / 8, letters / 4, letters, self.model),
            Use(self.name, "tokens_out", made / SPARE, made, made * SPARE, self.model),
        ]

    def ask(self, brief: Brief, order: Ordered, *, into: Path) -> None:
        ask = Ask("POST", "/images/generations", self._content(brief))
        self._caller.send(ask, into=into, stopping=order.stopping, beat=order.beat)

    def _content(self, brief: Brief) -> dict[str, Any]:
        content = {"model": self.model, "prompt": _prompt(brief), "n": 1}
        if self._bills_tokens:
            made = {"size": SIZES[brief.format], "quality": QUALITY, "output_format": "jpeg"}
            return {**content, **made}
        sizes = DALL_E_SIZES if self.model == "dall-e-3" else SIZES
        return {**content, "size": sizes[brief.format], "response_format": "b64_json"}

    def read(self, reply: Path, brief: Brief, *, into: Path) -> Shot:
        try:
            told = json.loads(reply.read_bytes())
            spent = self._spent(told)
            listed = list(told["data"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Rejected("The answer of openai can't be read: do this stage again.") from error
        try:
            into.write_bytes(base64.b64decode(listed[0]["b64_json"], validate=True))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise Rejected("openai sent no picture: do this stage again.", spent=spent) from error
        return Shot(into, "picture", Credit("openai", model=self.model), spent)

    def _spent(self, told: Mapping[str, Any]) -> list[Spend]:
        if not self._bills_tokens:
            return [Spend(self.name, "images", 1, model=self.model)]
        usage = told["usage"]
        return [
            Spend(self.name, "tokens_in", int(usage["input_tokens"]), model=self.model),
            Spend(self.name, "tokens_out", int(usage["output_tokens"]), model=self.model),
        ]


def _prompt(brief: Brief) -> str:
    return f"{brief.words[:MOST_WORDS]}\n{BARE}" + (f" Take {brief.turn}." * bool(brief.turn))


def _tokens(form: Format) -> int:
    return SQUARE_TOKENS if form == "square" else OBLONG_TOKENS


providers.add("image:openai", OpenAiImages)
