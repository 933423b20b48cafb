"""Scripts by Anthropic's models: they answer by calling a tool whose input is the answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.kit.errors import Rejected
from config.kit.money import Use
from config.kit.vendors import Account
from videos.contracts import Beat, Recovery, Stop
from videos.providers import calling, tokens
from videos.providers.catalogue import providers
from videos.writing.asked import Prompt, Wrote

VENDOR = "Anthropic"
FRAMING = 1_000  # tokens that the vendor puts before messages with a tool
TOOL = "answer"
REFUSED = "The writer refuses this text: change it, or choose another writer."
UNITS = {
    "tokens_in": "input_tokens",
    "tokens_cached": "cache_read_input_tokens",
    "tokens_written": "cache_creation_input_tokens",
    "tokens_out": "output_tokens",
}


class AnthropicWriter:
    account = "anthropic"
    version = "1"
    recovery: Recovery = "none"
    reads_bytes = 60_000

    def __init__(self, model: str, account: Account) -> None:
        self._account = replace(account, model=model or account.model)
        self.name = f"anthropic:{self._account.model}"

    def uses(self, prompt: Prompt) -> Sequence[Use]:
        return tokens.uses(self.name, self._account.model, prompt, FRAMING)

    def ask(self, prompt: Prompt, *, request: str, into: Path, stopping: Stop, beat: Beat) -> None:
        calling.check_account(VENDOR, self._account)
        body = calling.waited(lambda: self._asked(prompt), stopping=stopping, beat=beat)
        into.write_bytes(body)

    def _asked(self, prompt: Prompt) -> bytes:
        anthropic = calling.client("anthropic")
        client = anthropic.Anthropic(
            api_key=self._account.key or "none",
            base_url=self._account.base_url,
            timeout=calling.TIMEOUT,
            max_retries=0,
        )
        tool = {"name": TOOL, "description": "Takes the answer.", "input_schema": prompt.schema}
        with client:
            sent: Any = client.messages.with_raw_response.create
            try:
                answer = sent(
                    model=self._account.model,
                    system=prompt.rules,
                    messages=[{"role": "user", "content": prompt.said}],
                    tools=[tool],
                    tool_choice={"type": "tool", "name": TOOL},
                    max_tokens=prompt.most_tokens,
                )
            except (anthropic.APIStatusError, anthropic.APIConnectionError) as error:
                raise calling.of_client(VENDOR, self._account, error) from error
            return bytes(answer.read())

    def read(self, reply: Path, prompt: Prompt) -> Wrote:
        body = tokens.body_of(reply, VENDOR)
        usage = body.get("usage") or {}
        counted = {unit: int(usage.get(named) or 0) for unit, named in UNITS.items()}
        spent = tokens.spent(self.name, self._account.model, counted)
        if body.get("stop_reason") == "refusal":
            raise Rejected(REFUSED, spent=spent)
        blocks = body.get("content") or []
        given = [block.get("input") for block in blocks if block.get("type") == "tool_use"]
        said = [str(block.get("text", "")) for block in blocks if block.get("type") == "text"]
        text = json.dumps(given[0], ensure_ascii=False) if given else "".join(said)
        return Wrote(text, spent)


providers.add("script:anthropic", AnthropicWriter)
