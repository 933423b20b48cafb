"""Which models have changed, told to every process through numbers in the cache.

A watched model has a number in each team, and one over all teams. A change writes new ones once it
is committed. config.kit.cache keeps answers together with the numbers that they were computed
under; use its names, this is its lower half.
"""

import dataclasses
import functools
import logging
import pickle
import threading
import time
import zlib
from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from django.core.cache import caches
from django.db import DatabaseError, connection, models, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from django_redis.exceptions import ConnectionInterrupted

M = TypeVar("M", bound=models.Model)
C = TypeVar("C", bound=type[models.Model])

NUMBERS_KEPT_S = 7 * 24 * 3600  # a number that is gone is never given again: an old one is a miss
MANY_TEAMS = 50  # of more at once, all teams are asked anew
EVERYWHERE = "cv:all"
# A cache may be away, full or hold what an older version wrote; unpickling may raise nearly all.
FAULTS = (
    AttributeError,
    ConnectionInterrupted,
    DatabaseError,
    EOFError,
    ImportError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
    pickle.PickleError,
    zlib.error,
)
NOTHING: Any = object()
logger = logging.getLogger("showrunner.cache")


def ask(method: str, *args: Any) -> Any:
    """The cache's answer; NOTHING: it could not be had."""
    cache = caches["default"]
    try:
        # django-redis hides faults; its client shows them
        return getattr(getattr(cache, "client", cache), method)(*args)
    except FAULTS as error:
        logger.warning("the cache was not there: %s", getattr(error, "__cause__", None) or error)
        return NOTHING


@dataclasses.dataclass(frozen=True)
class Watched:
    """How rows of a model tell their team: the path to its id; empty: they have none."""

    path: str
    unseen: frozenset[str]

    def team_of(self, row: models.Model) -> int | None:
        if not self.path:
            return None
        found: Any = functools.reduce(getattr, self.path.split("__"), row)
        return None if found is None else int(found)


watched_models: dict[type[models.Model], Watched] = {}
owed: set[str] = set()  # numbers that could not be written: before anything else is read
owed_lock = threading.Lock()


def numbers_of(model: type[models.Model], team_id: int | None) -> list[str]:
    label = model._meta.label
    return [f"cv:{label}"] if team_id is None else [f"cv:{label}", f"cv:{label}:{team_id}"]


def write_numbers(names: Collection[str]) -> bool:
    """False: the cache can't be had. What it holds must not be believed until they are written."""
    with owed_lock:
        wanted = owed.union(names)
        owed.clear()
    numbers = {name: time.time_ns() for name in wanted}
    if ask("set_many", numbers, NUMBERS_KEPT_S) is not NOTHING:
        return True
    with owed_lock:
        owed.update(wanted)
    return False


@dataclasses.dataclass(frozen=True)
class _Change:
    """Waits for the commit; undone with its savepoint, as Django does with all that waits."""

    names: frozenset[str]

    def __call__(self) -> None:
        write_numbers(self.names)


def _changed(names: Iterable[str]) -> None:
    change = _Change(frozenset(names))
    around = set(connection.savepoint_ids)
    for savepoints, waits, *_ in connection.run_on_commit:
        if waits == change and savepoints <= around:
            return  # once a transaction
    transaction.on_commit(change, robust=True)


def is_changing(names: Iterable[str]) -> bool:
    """Whether this connection has a change of these that others do not see yet."""
    waiting = [waits for _, waits, *_ in connection.run_on_commit if isinstance(waits, _Change)]
    return any(not waits.names.isdisjoint(names) for waits in waiting)


def invalidate(model: type[models.Model], team_id: int | None = None) -> None:
    """For changes that no signal tells of (raw SQL, a base manager): what was kept of the model's
    rows in this team, or in every team, is asked for anew after the commit."""
    watched = watched_models[model]
    if team_id is None and watched.path:
        _changed([EVERYWHERE])
    else:
        _changed(numbers_of(model, team_id))


def invalidate_row(row: models.Model) -> None:
    watched = watched_models.get(type(row))
    if watched is not None:
        invalidate(type(row), watched.team_of(row))


def forget_everything() -> None:
    """Empties the cache: after a migration or a restore nobody knows what has changed."""
    try:
        caches["default"].clear()
    except FAULTS as error:
        logger.warning("the cache was not emptied: %s", error)


def _invalidate_teams(model: type[models.Model], team_ids: Collection[int | None]) -> None:
    if len(team_ids) > MANY_TEAMS:
        _changed([EVERYWHERE])
        return
    for team_id in team_ids:
        invalidate(model, team_id)


def invalidate_cache_on_update(
    model: C | None = None, *, team: str = "", unseen: Collection[str] = ()
) -> Any:
    """A class decorator: changes of the model's rows make what was read of them be read anew.

    `team` is the path to the team's id (`video__team_id`), needed where the model has no `team`
    field. Updates of nothing but `unseen` fields, such as leases, are not told: what is kept must
    not show them. `update()` and `bulk_create()` are seen where the managers are made of
    CachedQuerySet.
    """

    def watch(found: C) -> C:
        names = {field.name for field in found._meta.local_fields}
        path = team or ("team_id" if "team" in names else "")
        watched_models[found] = Watched(path, frozenset(unseen))
        for signal in (post_save, post_delete):
            signal.connect(_on_row, sender=found, dispatch_uid=f"kit.cache:{found._meta.label}")
        return found

    return watch if model is None else watch(model)


def _on_row(instance: models.Model, update_fields: Collection[str] | None = None, **_: Any) -> None:
    watched = watched_models[type(instance)]
    if not update_fields or not watched.unseen.issuperset(update_fields):
        invalidate_row(instance)


def _on_links(instance: Any, model: type[models.Model], action: str, **_: Any) -> None:
    if not action.startswith("post_"):
        return
    invalidate_row(instance)
    if model in watched_models:  # the other side: whose rows they are is not worth a query
        invalidate(model)


m2m_changed.connect(_on_links, dispatch_uid="kit.cache")


class CachedQuerySet(models.QuerySet[M]):
    """Tells of what signals do not: `update` (and `bulk_update`, made of it), `bulk_create`.

    `update` asks for the teams of its rows first, unless all that it changes is unseen.
    """

    def update(self, **kwargs: Any) -> int:
        watched = watched_models.get(self.model)
        if watched is None or watched.unseen.issuperset(kwargs):
            return super().update(**kwargs)
        teams = self._teams(watched)
        changed = super().update(**kwargs)
        if changed:
            _invalidate_teams(self.model, teams or [None])
        return changed

    update.alters_data = True  # type: ignore[attr-defined]  # templates must not call it

    def _teams(self, watched: Watched) -> list[int | None]:
        if not watched.path:
            return [None]
        asked = self.order_by()
        asked.query.select_for_update = False
        return list(asked.values_list(watched.path, flat=True).distinct()[: MANY_TEAMS + 1])

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        made = super().bulk_create(objs, *args, **kwargs)
        watched = watched_models.get(self.model)
        if watched is not None and made:
            _invalidate_teams(self.model, {watched.team_of(row) for row in made})
        return made
