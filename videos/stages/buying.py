"""What a stage buys is paid once, and its cost is told even when the stage has no use for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from config.kit.errors import ProviderError, Spend
from videos.contracts import Replies


class Answer(Protocol):
    """A frozen dataclass that says what it cost."""

    @property
    def spent(self) -> Sequence[Spend]: ...


A = TypeVar("A", bound=Answer)
Ask = Callable[[Path], None]
Read = Callable[[Path], A]


@contextmanager
def telling(spent: Sequence[Spend]) -> Iterator[None]:
    """Whatever says no in here says also what was spent until then."""
    try:
        yield
    except ProviderError as error:
        error.spent = (*spent, *error.spent)
        raise


def bought(replies: Replies, request: str, *, ask: Ask, read: Read[A], into: Path) -> A:
    """An answer that came earlier is read again: it was booked when it came, if need be in full."""
    earlier = replies.once(request)
    if earlier is not None:
        return _booked(replies, request, read, earlier)
    ask(into)
    replies.keep(request, into)
    return read(into)


def _booked(replies: Replies, request: str, read: Read[A], earlier: Path) -> A:
    try:
        said = read(earlier)
    except ProviderError as error:
        if error.spent:
            replies.learn(request, error.spent)
        error.spent = ()
        raise
    replies.learn(request, said.spent)
    return cast(A, replace(cast(Any, said), spent=()))
