"""Keeps what hot reads answer until something that they read changes, whoever changes it.

    @invalidate_cache_on_update
    class Channel(models.Model):
        team = models.ForeignKey(Team, ...)
        objects = CachedQuerySet["Channel"].as_manager()

    @cache_result(ttl=300, of=(Channel,))
    def channels_of(team_id: int) -> list[Channel]: ...

Each model has a number in each team, and one over all teams. A change writes new numbers once it
is committed; an answer is kept together with the numbers that were read before it was computed,
and counts for as long as they are the same. So whoever computed before a commit and stores after
it does no harm. `docs/decisions/cache.md` says why, and what is never kept.

A verb reads the truth: inside one, and after a change that is not committed yet, nothing is taken
from the cache or put into it. No fault of the cache is more than a miss.
"""

import dataclasses
import datetime
import enum
import functools
import hashlib
import inspect
import random
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar, cast
from uuid import UUID

import django
from django.apps import apps
from django.conf import settings
from django.db import models

from config.kit.endings import in_verb
from config.kit.invalidation import (
    EVERYWHERE,
    NOTHING,
    NUMBERS_KEPT_S,
    ask,
    is_changing,
    numbers_of,
    owed,
    watched_models,
    write_numbers,
)
from config.kit.invalidation import CachedQuerySet as CachedQuerySet
from config.kit.invalidation import forget_everything as forget_everything
from config.kit.invalidation import invalidate as invalidate
from config.kit.invalidation import invalidate_cache_on_update as invalidate_cache_on_update
from config.kit.invalidation import invalidate_row as invalidate_row

P = ParamSpec("P")
R = TypeVar("R")

TURN_S = 10  # one who computes and dies holds the others up for no longer
PATIENCE_S = 3.0


def take_turn(key: str, seconds: float) -> bool:
    """False: somebody else does this now. Without a cache everybody may."""
    return ask("add", key, True, seconds) is not False


def end_turn(key: str) -> None:
    ask("delete", key)


def keep(name: str, value: Any, seconds: float) -> None:
    """What does not come from rows of ours, for so long at most. No secret stands in `name`."""
    ask("set", _key_of(name), value, seconds)


def kept(name: str) -> Any:
    """None: nothing, or there is no cache now."""
    found = ask("get", _key_of(name))
    return None if found is NOTHING else found


def _key_of(name: str) -> str:
    return f"kept:{hashlib.sha256(name.encode()).hexdigest()[:40]}"


_PLAIN = (bool, int, float, str, bytes, Decimal, UUID, enum.Enum, datetime.date, datetime.timedelta)


def _check_plain(value: Any) -> None:
    """Raises TypeError for what is told by an address in memory, and so has another key each time,
    or by less than what it is."""
    if value is None or isinstance(value, _PLAIN):
        return
    if isinstance(value, tuple):
        parts: Iterable[Any] = value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = [getattr(value, one.name) for one in dataclasses.fields(value)]
    else:
        raise TypeError(f"{type(value).__name__} is no argument of a kept answer: give its id")
    for part in parts:
        _check_plain(part)


@functools.cache
def release() -> str:
    """Tells this version of the code: what another one has kept may have another shape."""
    told = hashlib.sha256(f"{sys.version_info} {django.VERSION}".encode())
    root = Path(settings.BASE_DIR)
    homes = {Path(config.path) for config in apps.get_app_configs()}
    ours = [one for one in homes if one.is_relative_to(root) and ".venv" not in one.parts]
    for path in sorted(path for home in ours for path in home.rglob("*.py")):
        told.update(path.read_bytes())
    return told.hexdigest()[:12]


@dataclasses.dataclass(frozen=True)
class Kept:
    """What an answer is kept for: until a row of one of these models changes, or so long."""

    of: tuple[type[models.Model], ...]
    ttl: float

    def __post_init__(self) -> None:
        for model in self.of:
            if model not in watched_models:
                raise TypeError(f"{model._meta.label} is not @invalidate_cache_on_update")

    def numbers(self, team_id: int | None) -> list[str]:
        names = [EVERYWHERE]
        for model in self.of:
            has_team = team_id is not None and watched_models[model].path
            names.append(numbers_of(model, team_id if has_team else None)[-1])
        return names

    def answer(
        self, compute: Callable[[], R], *, name: str, team_id: int | None, told: tuple[Any, ...]
    ) -> R:
        """What was kept under this name for `told`, all else that it depends on; else computed."""
        names = self.numbers(team_id)
        if in_verb() or is_changing(names) or (owed and not write_numbers(())):
            return compute()
        _check_plain(told)
        digest = hashlib.sha256(repr(told).encode()).hexdigest()[:24]
        key = f"cr:{release()}:{name}:{digest}:{'' if team_id is None else team_id}"
        return _Reading(key, names, self.ttl, compute).answer()


class _Reading(Generic[R]):
    """One call: of all that miss at once, one computes and the others wait a little for it."""

    def __init__(
        self, key: str, names: Sequence[str], ttl: float, compute: Callable[[], R]
    ) -> None:
        self._key, self._names, self._ttl, self._compute = key, names, ttl, compute
        self._numbers: tuple[int, ...] | None = None  # None: no cache

    def answer(self) -> R:
        found = self._look()
        if found is NOTHING and self._numbers is not None:
            found = self._in_turn()
        return self._compute() if found is NOTHING else cast(R, found)

    def _look(self) -> Any:
        """What is kept, if nothing has changed since; everything in one question to the cache."""
        found = ask("get_many", [self._key, *self._names])
        self._numbers = None
        if found is NOTHING:
            return NOTHING
        for name in self._names:
            if name not in found:
                found[name] = self._begun(name)
        numbers = tuple(found[name] for name in self._names)
        if None in numbers:
            return NOTHING
        self._numbers = numbers
        entry = found.get(self._key)
        return entry[1] if entry is not None and entry[0] == numbers else NOTHING

    def _begun(self, name: str) -> int | None:
        number = time.time_ns()
        added = ask("add", name, number, NUMBERS_KEPT_S)
        if added is False:  # another was faster
            number = ask("get", name)
        return None if NOTHING in (added, number) else number

    def _in_turn(self) -> Any:
        turn, mine = f"{self._key}:turn", secrets.token_hex(8)
        ends, pause_s = time.monotonic() + PATIENCE_S, 0.01
        while time.monotonic() < ends:
            taken = ask("add", turn, mine, TURN_S)
            if taken is NOTHING:
                break
            found = self._look()  # another may have ended since
            if taken:
                return self._keeps(turn, mine) if found is NOTHING else self._leaves(turn, found)
            if found is not NOTHING:
                return found
            time.sleep(pause_s * random.uniform(0.7, 1.3))  # noqa: S311 - jitter, not a secret
            pause_s = min(pause_s * 1.5, 0.1)
        return NOTHING

    def _keeps(self, turn: str, mine: str) -> R:
        numbers = self._numbers
        try:
            value = self._compute()
            if numbers is not None:
                ttl = self._ttl * random.uniform(0.9, 1.0)  # noqa: S311 - jitter
                ask("set", self._key, (numbers, value), ttl)
        finally:
            if ask("get", turn) == mine:  # not another's, who came when this took too long
                end_turn(turn)
        return value

    def _leaves(self, turn: str, found: Any) -> Any:
        end_turn(turn)
        return found


def cache_result(
    *, ttl: float, of: Sequence[type[models.Model]]
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keeps what a function answers for `ttl` seconds at most, until a row of a model in `of`
    changes.

    A first parameter `team_id` is the team whose rows it reads; without one, a change in any team
    counts. What it may answer depends on its arguments and those rows alone: never on who asks,
    so rights are looked up beside it. Arguments are plain values; each caller gets a copy of its
    own of what was kept.
    """

    kept = Kept(tuple(of), ttl)

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        has_team = next(iter(inspect.signature(function).parameters), "") == "team_id"
        name = f"{function.__module__}.{function.__qualname__}"

        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            team_id = (args[0] if args else kwargs["team_id"]) if has_team else None
            return kept.answer(
                lambda: function(*args, **kwargs),
                name=name,
                team_id=cast("int | None", team_id),
                told=(args, tuple(sorted(kwargs.items()))),
            )

        return run

    return decorate
