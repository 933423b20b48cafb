"""What writers that are models of a vendor share: what a request may use, how long its answer is
waited for, and that a form which a model does not know is left out when it says so, unbilled."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import urlsplit

import httpx2

from config.kit.money import Use
from config.kit.vendors import Account
from videos.contracts import Beat, Recovery, Stop
from videos.providers import calling, tokens
from videos.writing.asked import Prompt, Wrote

F = TypeVar("F")
REFUSED = "The writer refuses this text: change it, or choose another writer."
TOKENS_A_SECOND = 40.0  # nobody who is slower by far is waited for
AROUND_S = 60.0
MOST_FORMS = 6


class ChatWriter(ABC, Generic[F]):
    """Subclasses name their vendor, and know its forms (F), from the best to the simplest."""

    account: ClassVar[str]
    vendor: ClassVar[str]  # for people
    kind: ClassVar[str]  # in names
    host: ClassVar[str]  # of the vendor itself
    client: ClassVar[str]  # the module of its own client
    framing: ClassVar[int]  # tokens around the messages
    version = "1"
    recovery: Recovery = "none"
    reads_bytes = 60_000

    def __init__(self, model: str, account: Account) -> None:
        self._account = replace(account, model=model or account.model)
        self.name = f"{self.kind}:{self._account.model}"

    @property
    def model(self) -> str:
        return self._account.model

    @property
    def is_vendors_own(self) -> bool:
        """Not another endpoint that speaks as the vendor does."""
        return urlsplit(self._account.base_url).hostname == self.host

    def uses(self, prompt: Prompt) -> Sequence[Use]:
        """Raises Rejected for what does not fit into an answer of the model."""
        return tokens.uses(self.name, self._account, prompt, self.framing)

    def most_out(self, prompt: Prompt) -> int:
        return tokens.most_out(self._account, prompt)

    def ask(self, prompt: Prompt, *, request: str, into: Path, stopping: Stop, beat: Beat) -> None:
        """The answer comes in one piece, so the longer it may be the longer nothing is heard."""
        calling.check_account(self.vendor, self._account)
        silence_s = calling.ANSWER_S + self.most_out(prompt) / TOKENS_A_SECOND
        whole_s = silence_s + AROUND_S
        with calling.translated(self.vendor, is_paid=not self._account.is_local):
            body = calling.waited(
                lambda: self._asked(prompt, silence_s, whole_s),
                stopping=stopping,
                beat=beat,
                whole_s=whole_s,
            )
        into.write_bytes(body)

    def _asked(self, prompt: Prompt, silence_s: float, whole_s: float) -> bytes:
        module = calling.client(self.client)
        patience = httpx2.Timeout(silence_s, connect=calling.CONNECT_S)
        with self._opened(module, calling.session(patience, whole_s)) as client:
            form = self._best_form()
            for _ in range(MOST_FORMS):
                try:
                    return self._sent(client, prompt, form)
                except module.APIStatusError as error:
                    if self._is_failed_draft(error):
                        return bytes(error.response.content)
                    simpler = self._simpler(form, error) if _is_of_request(error) else None
                    if simpler is None:
                        raise calling.of_client(self.vendor, self._account, error) from error
                    form = simpler
                except module.APIConnectionError as error:
                    raise calling.of_client(self.vendor, self._account, error) from error
        raise AssertionError("each form is simpler than the one before it")

    def _is_failed_draft(self, error: Any) -> bool:
        """A refusal of what the model has written, which is billed, and not of the request."""
        return False

    @abstractmethod
    def _opened(self, module: Any, session: httpx2.Client) -> Any:
        """The vendor's client, over this one."""

    @abstractmethod
    def _best_form(self) -> F: ...

    @abstractmethod
    def _simpler(self, form: F, error: Any) -> F | None:
        """Without what the vendor complains of; None: it complains of something else."""

    @abstractmethod
    def _sent(self, client: Any, prompt: Prompt, form: F) -> bytes: ...

    @abstractmethod
    def read(self, reply: Path, prompt: Prompt) -> Wrote: ...


def _is_of_request(error: Any) -> bool:
    return error.status_code in (400, 422)


def complaint(error: Any) -> str:
    """All that the vendor said, in small letters."""
    return f"{getattr(error, 'param', '')} {error.message} {error.response.text}".lower()


def with_schema(prompt: Prompt) -> str:
    """For who isn't held to the schema."""
    schema = json.dumps(prompt.schema)
    return f"{prompt.said}\n\nAnswer with JSON alone, by this JSON schema:\n{schema}"
