"""Scripts by OpenAI, or by any endpoint that speaks its HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.kit.errors import Rejected, Spend
from config.kit.money import Use
from config.kit.vendors import Account
from videos.contracts import Beat, Recovery, Stop
from videos.providers import calling, tokens
from videos.providers.catalogue import providers
from videos.writing.asked import Prompt, Wrote

VENDOR = "OpenAI"
FRAMING = 100  # tokens around the messages
REFUSED = "The writer refuses this text: change it, or choose another writer."


class OpenAIWriter:
    account = "llm"
    version = "1"
    recovery: Recovery = "none"
    reads_bytes = 60_000

    def __init__(self, model: str, account: Account) -> None:
        self._account = replace(account, model=model or account.model)
        self.name = f"openai:{self._account.model}"

    def uses(self, prompt: Prompt) -> Sequence[Use]:
        return tokens.uses(self.name, self._account.model, prompt, FRAMING)

    def ask(self, prompt: Prompt, *, request: str, into: Path, stopping: Stop, beat: Beat) -> None:
        calling.check_account(VENDOR, self._account)
        body = calling.waited(lambda: self._asked(prompt), stopping=stopping, beat=beat)
        into.write_bytes(body)

    def _asked(self, prompt: Prompt) -> bytes:
        """A model that knows no structured outputs says so, unbilled, and is asked more simply."""
        openai = calling.client("openai")
        client = openai.OpenAI(
            api_key=self._account.key or "none",
            base_url=self._account.base_url,
            timeout=calling.TIMEOUT,
            max_retries=0,
        )
        with client:
            for form in _forms(prompt):
                try:
                    return self._sent(client, prompt, form)
                except openai.APIStatusError as error:
                    if not (form and _is_of_form(error)):
                        raise calling.of_client(VENDOR, self._account, error) from error
                except openai.APIConnectionError as error:
                    raise calling.of_client(VENDOR, self._account, error) from error
        raise AssertionError("asked without a form, it has no form to complain of")

    def _sent(self, client: Any, prompt: Prompt, form: dict[str, Any]) -> bytes:
        limit = "max_tokens" if self._account.is_local else "max_completion_tokens"
        told = {"response_format": form} if form else {}
        sent: Any = client.chat.completions.with_raw_response.create
        answer = sent(
            model=self._account.model,
            messages=[
                {"role": "system", "content": prompt.rules},
                {"role": "user", "content": _said(prompt, form)},
            ],
            **{limit: prompt.most_tokens},
            **told,
        )
        return bytes(answer.content)

    def read(self, reply: Path, prompt: Prompt) -> Wrote:
        body = tokens.body_of(reply, VENDOR)
        spent = self._spent(body.get("usage"), prompt)
        choice = (body.get("choices") or [{}])[0]
        message = choice.get("message") or {}
        if message.get("refusal") or choice.get("finish_reason") == "content_filter":
            raise Rejected(REFUSED, spent=spent)
        return Wrote(str(message.get("content") or ""), spent)

    def _spent(self, usage: Any, prompt: Prompt) -> Sequence[Spend]:
        """A server that counts nothing is booked by the most that it can have been."""
        if not isinstance(usage, dict):
            return [
                Spend(self.name, use.unit, use.high, model=use.model) for use in self.uses(prompt)
            ]
        cached = int((usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0)
        counted = {
            "tokens_in": int(usage.get("prompt_tokens") or 0) - cached,
            "tokens_cached": cached,
            "tokens_out": int(usage.get("completion_tokens") or 0),
        }
        return tokens.spent(self.name, self._account.model, counted)


def _forms(prompt: Prompt) -> Iterator[dict[str, Any]]:
    named = {"name": "answer", "strict": True, "schema": prompt.schema}
    yield {"type": "json_schema", "json_schema": named}
    yield {"type": "json_object"}
    yield {}


def _is_of_form(error: Any) -> bool:
    said = f"{error.param} {error.message}".lower()
    return error.status_code in (400, 422) and ("response_format" in said or "json_" in said)


def _said(prompt: Prompt, form: dict[str, Any]) -> str:
    """Who isn't held to the schema is shown it."""
    if form.get("type") == "json_schema":
        return prompt.said
    schema = json.dumps(prompt.schema)
    return f"{prompt.said}\n\nAnswer with JSON alone, by this JSON schema:\n{schema}"


providers.add("script:openai", OpenAIWriter)
