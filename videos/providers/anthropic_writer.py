"""Scripts by Anthropic's models, whose text is held to a schema.

https://platform.claude.com/docs/en/build-with-claude/structured-outputs: models from 4.5 on know
`output_config`. The newest refuse to be told which tool to call, so no tool stands in for it; older
ones, and endpoints that only speak as Anthropic does, are shown the schema in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2

from config.kit.errors import Rejected
from videos.providers import ceilings, tokens
from videos.providers.catalogue import providers
from videos.providers.chat_writer import REFUSED, ChatWriter, complaint, with_schema
from videos.writing.asked import Prompt, Wrote

UNITS = {
    tokens.IN: "input_tokens",
    tokens.OUT: "output_tokens",
    "tokens_cached": "cache_read_input_tokens",
    "tokens_written": "cache_creation_input_tokens",
}
# how models that think unless they are told otherwise are told: what is thought is billed
# https://platform.claude.com/docs/en/build-with-claude/thinking#configuring-thinking
UNTHINKING: Mapping[str, str] = {
    "claude-sonnet-5": "disabled",
    "claude-sonnet-5-5": "between_tools",
    "claude-haiku-5-5": "disabled",
}


@dataclass(frozen=True)
class Form:
    is_held: bool = True
    thinking: str = ""


class AnthropicWriter(ChatWriter[Form]):
    account = "anthropic"
    vendor = "Anthropic"
    kind = "anthropic"
    host = "api.anthropic.com"
    client = "anthropic"
    framing = 1_000  # with the words by which the vendor tells the model of a schema

    def _opened(self, module: Any, session: httpx2.Client) -> Any:
        return module.Anthropic(
            api_key=self._account.key or "none",
            base_url=self._account.base_url,
            max_retries=0,
            timeout=session.timeout,
            http_client=session,
        )

    def _best_form(self) -> Form:
        return Form(thinking=ceilings.by_name(UNTHINKING, self.model) or "")

    def _simpler(self, form: Form, error: Any) -> Form | None:
        said = complaint(error)
        if form.thinking and "thinking" in said:
            return replace(form, thinking="")
        if form.is_held and ("output_config" in said or "schema" in said):
            return replace(form, is_held=False)
        return None

    def _sent(self, client: Any, prompt: Prompt, form: Form) -> bytes:
        told: dict[str, Any] = {}
        if form.is_held:
            told["output_config"] = {"format": {"type": "json_schema", "schema": prompt.schema}}
        if form.thinking:
            told["thinking"] = {"type": form.thinking}
        is_enough = form.is_held and self.is_vendors_own
        sent: Any = client.messages.with_raw_response.create
        answer = sent(
            model=self.model,
            system=prompt.rules,
            messages=[
                {"role": "user", "content": prompt.said if is_enough else with_schema(prompt)}
            ],
            max_tokens=self.most_out(prompt),
            **told,
        )
        return bytes(answer.read())

    def read(self, reply: Path, prompt: Prompt) -> Wrote:
        body = tokens.body_of(reply, self.vendor)
        counted = {unit: tokens.number(body, "usage", named) for unit, named in UNITS.items()}
        spent = tokens.spent(self.uses(prompt), counted)
        if body.get("stop_reason") == "refusal":
            raise Rejected(REFUSED, spent=spent)
        blocks = body.get("content") or []
        said = [str(block.get("text", "")) for block in blocks if block.get("type") == "text"]
        return Wrote("".join(said), spent)


providers.add("script:anthropic", AnthropicWriter)
