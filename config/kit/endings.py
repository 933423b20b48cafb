"""What verbs want written just before the outermost commit: each kind once, all in one go."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django.db import connection

from config.kit import together
from config.kit.together import Rows, Statement

Asking = Generator[Sequence[Statement | None], list[Rows], None]
Flush = Callable[[Sequence[Any]], Asking | None]


@dataclass
class Buffer:
    """Of one connection."""

    depth: int = 0
    items: list[tuple[str, Flush, Any]] = field(default_factory=list)

    def flush(self) -> None:
        """What one of them adds is written after all."""
        while self.items:
            items, self.items[:] = list(self.items), []
            _go_on([asking for asking in _begun(items) if asking is not None])


def _begun(items: Sequence[tuple[str, Flush, Any]]) -> Iterator[Asking | None]:
    for key in sorted({key for key, _, _ in items}):
        mine = [(flush, item) for name, flush, item in items if name == key]
        yield mine[0][0]([item for _, item in mine])


def _go_on(left: list[Asking]) -> None:
    """What they ask is asked in one round trip, and again, until none has a question."""
    answers: list[list[Rows] | None] = [None] * len(left)
    while True:
        asked = [_next(one, answer) for one, answer in zip(left, answers, strict=True)]
        left = [one for one, statements in zip(left, asked, strict=True) if statements is not None]
        still = [statements for statements in asked if statements is not None]
        if not still:
            return
        found = together.ask(*(one for statements in still for one in statements))
        answers = []
        for statements in still:
            answers.append(found[: len(statements)])
            found = found[len(statements) :]


def _next(asking: Asking, answer: list[Rows] | None) -> Sequence[Statement | None] | None:
    """None: it has written all that it wants."""
    try:
        return next(asking) if answer is None else asking.send(answer)
    except StopIteration:
        return None


def buffer() -> Buffer:
    found = getattr(connection, "showrunner_buffer", None)
    if found is None:
        found = connection.showrunner_buffer = Buffer()  # type: ignore[attr-defined]
    return cast(Buffer, found)


def before_commit(key: str, flush: Flush, item: Any) -> None:
    """Calls `flush` once with all items of `key` as the last act of the outermost verb, keys in
    their order. One that yields statements gets their rows: they travel with those of the other
    keys."""
    found = buffer()
    if not found.depth:
        raise RuntimeError(f"{key}: only a verb may change things and tell of them")
    found.items.append((key, flush, item))


def in_verb() -> bool:
    return buffer().depth > 0
