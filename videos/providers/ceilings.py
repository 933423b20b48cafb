"""How many tokens a model answers with at most: a request that allows more is refused.

Sources, as of November 2026: https://developers.openai.com/api/docs/models (max output tokens of
each model), https://platform.claude.com/docs/en/about-claude/models/overview,
https://api-docs.deepseek.com/quick_start/pricing. Of all other models an operator may say it:
LLM_MAX_OUTPUT_TOKENS, ANTHROPIC_MAX_OUTPUT_TOKENS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from config.kit.vendors import Account

V = TypeVar("V")
USUAL = 16_384
MOST_OUT: Mapping[str, int] = {
    "gpt-3.5": 4_096,
    "gpt-4": 8_192,
    "gpt-4-turbo": 4_096,
    "gpt-4o": 16_384,
    "gpt-4.1": 32_768,
    "gpt-5": 128_000,
    "gpt-6": 128_000,
    "o1": 100_000,
    "o3": 100_000,
    "o4": 100_000,
    "claude-3": 4_096,
    "claude-3-5": 8_192,
    "claude-3-7": 64_000,
    "claude-opus-4": 32_000,
    "claude-sonnet-4": 64_000,
    "claude-haiku-4-5": 64_000,
    "claude-opus-4-5": 64_000,
    "claude-opus-4-6": 128_000,
    "claude-opus-4-7": 128_000,
    "claude-opus-4-8": 128_000,
    "claude-sonnet-4-6": 128_000,
    "claude-haiku-5": 128_000,
    "claude-sonnet-5": 128_000,
    "claude-opus-5": 128_000,
    "claude-fable-5": 128_000,
    "deepseek-chat": 8_192,
}


def most_out(account: Account) -> int:
    """Tokens of one answer. What an operator said goes before what we know."""
    return account.most_tokens or by_name(MOST_OUT, account.model) or USUAL


def by_name(known: Mapping[str, V], model: str) -> V | None:
    """Of the longest name that the model's begins with, as dated and routed names do
    (`openai/gpt-4.1-mini`, `claude-haiku-4-5-20251001`)."""
    name = model.rpartition("/")[2]
    fitting = [one for one in known if name == one or name.startswith((f"{one}-", f"{one}."))]
    return known[max(fitting, key=len)] if fitting else None
