"""What a writer that is paid is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from config.kit.errors import Spend
from config.kit.money import Use
from videos.contracts import Beat, Recovery, ScriptWriter, Stop

if TYPE_CHECKING:
    from typing_extensions import TypeIs


TITLE, DESCRIPTION = "title", "description"  # claims that stand in no scene


@dataclass(frozen=True)
class Claim:
    scene: str  # its id, TITLE or DESCRIPTION
    text: str  # a sentence that a writer wrote, or a line of a card
    sentences: tuple[int, ...] = ()  # of the source, which are to bear it out
    evidence: str = ""  # the first of those sentences, as the source has it
    is_supported: bool = False


@dataclass(frozen=True)
class Prompt:
    rules: str  # ours
    said: str  # what a model is given to work with
    schema: Mapping[str, Any]  # of the answer
    most_tokens: int  # of the answer
    expected_tokens: int


@dataclass(frozen=True)
class Wrote:
    text: str  # JSON, if the model did as it was told
    spent: Sequence[Spend] = ()


class BoughtWriter(Protocol):
    """A model that a service sells. What it answers is kept between asking and reading."""

    name: str
    version: str
    recovery: Recovery
    reads_bytes: int  # of a source

    def uses(self, prompt: Prompt) -> Sequence[Use]: ...

    def ask(self, prompt: Prompt, *, request: str, into: Path, stopping: Stop, beat: Beat) -> None:
        """Buys one answer and writes it to `into` as it came; raises as a bought voice does."""

    def read(self, reply: Path, prompt: Prompt) -> Wrote: ...


def is_bought_writer(writer: ScriptWriter | BoughtWriter) -> TypeIs[BoughtWriter]:
    return hasattr(writer, "ask")
