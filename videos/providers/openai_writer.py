"""Scripts by OpenAI, or by any endpoint that speaks its HTTP.

Only OpenAI itself is sent what OpenAI alone knows: `max_completion_tokens`, and for models that
reason `reasoning_effort`. Others are sent `max_tokens`; one that knows the new name alone says so
and is asked again. https://developers.openai.com/api/reference/resources/chat
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2

from config.kit.errors import Rejected, Spend
from videos.providers import tokens
from videos.providers.catalogue import providers
from videos.providers.chat_writer import REFUSED, ChatWriter, complaint, with_schema
from videos.writing.asked import Prompt, Wrote

OLD_LIMIT, NEW_LIMIT = "max_tokens", "max_completion_tokens"
REASONS = ("gpt-5", "gpt-6", "o1", "o3", "o4")
EFFORT = "low"  # what is thought is billed as what is told
TOO_MUCH = ("too large", "at most", "less than or equal", "maximum")
# Groq: the model was held to the schema, and what it wrote did not fit
FAILED_DRAFT = "json_validate_failed"


@dataclass(frozen=True)
class Form:
    schema: str = "json_schema"  # "json_schema", "json_object", "" for words alone
    limit: str = OLD_LIMIT
    effort: str = ""


SIMPLER = {"json_schema": "json_object", "json_object": ""}


class OpenAIWriter(ChatWriter[Form]):
    account = "llm"
    vendor = "OpenAI"
    kind = "openai"
    host = "api.openai.com"
    client = "openai"
    framing = 100

    def _opened(self, module: Any, session: httpx2.Client) -> Any:
        return module.OpenAI(
            api_key=self._account.key or "none",
            base_url=self._account.base_url,
            max_retries=0,
            timeout=session.timeout,
            http_client=session,
        )

    def _best_form(self) -> Form:
        if not self.is_vendors_own:
            return Form()
        return Form(limit=NEW_LIMIT, effort=EFFORT if self.model.startswith(REASONS) else "")

    def _simpler(self, form: Form, error: Any) -> Form | None:
        said = complaint(error)
        if form.limit in said and not any(words in said for words in TOO_MUCH):
            other = NEW_LIMIT if form.limit == OLD_LIMIT else OLD_LIMIT
            return replace(form, limit=other) if other in said or form.limit == NEW_LIMIT else None
        if form.effort and "reasoning" in said:
            return replace(form, effort="")
        if form.schema and ("response_format" in said or "json_" in said):
            return replace(form, schema=SIMPLER[form.schema])
        return None

    def _is_failed_draft(self, error: Any) -> bool:
        return bool(error.code == FAILED_DRAFT)

    def _sent(self, client: Any, prompt: Prompt, form: Form) -> bytes:
        is_held = form.schema == "json_schema"
        told: dict[str, Any] = {form.limit: self.most_out(prompt)}
        if is_held:
            named = {"name": "answer", "strict": True, "schema": prompt.schema}
            told["response_format"] = {"type": form.schema, "json_schema": named}
        elif form.schema:
            told["response_format"] = {"type": form.schema}
        if form.effort:
            told["reasoning_effort"] = form.effort
        sent: Any = client.chat.completions.with_raw_response.create
        said = prompt.said if is_held else with_schema(prompt)
        messages = [{"role": "system", "content": prompt.rules}, {"role": "user", "content": said}]
        return bytes(sent(model=self.model, messages=messages, **told).content)

    def read(self, reply: Path, prompt: Prompt) -> Wrote:
        body = tokens.body_of(reply, self.vendor)
        spent = self._spent(body.get("usage"), prompt)
        if "choices" not in body and isinstance(failed := body.get("error"), dict):
            return Wrote(str(failed.get("failed_generation") or ""), spent)
        choice = (body.get("choices") or [{}])[0]
        message = choice.get("message") or {}
        if message.get("refusal") or choice.get("finish_reason") == "content_filter":
            raise Rejected(REFUSED, spent=spent)
        return Wrote(str(message.get("content") or ""), spent)

    def _spent(self, usage: Any, prompt: Prompt) -> Sequence[Spend]:
        """Some leave what was thought out of the completion, and bill it all the same: then the
        total is more than both."""
        asked, told = (tokens.number(usage, f"{name}_tokens") for name in ("prompt", "completion"))
        cached = tokens.number(usage, "prompt_tokens_details", "cached_tokens") or 0
        kept = tokens.number(usage, "prompt_tokens_details", "cache_write_tokens") or 0
        whole = tokens.number(usage, "total_tokens")
        if None not in (asked, told, whole):
            told = max(told or 0, (whole or 0) - (asked or 0))
        counted = {
            tokens.IN: None if asked is None else max(0, asked - cached - kept),
            tokens.OUT: told,
            "tokens_cached": cached,
            "tokens_written": kept,
        }
        return tokens.spent(self.uses(prompt), counted)


providers.add("script:openai", OpenAIWriter)
