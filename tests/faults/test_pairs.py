"""Every pair of verbs on one team from two connections: none fails but by a rule that says so, no
news is lost, and nobody waits for each other in a circle."""

import importlib
import inspect
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection

from config.kit import database, jobs
from config.kit.database import verb
from config.kit.errors import Refused, Stopped
from config.kit.scaling import Board
from teams.access import Forbidden
from teams.models import Event, TeamJournal
from tests.faults.verbs import CORE, NEEDS, VERBS
from tests.faults.world import World

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
OURS = ("teams", "billing", "channels_app", "videos", "batches", "collab")
NO_TEAMS = {  # they come before there is a team that works, or are the operators' own
    "billing.price_lists.change",
    "billing.price_lists.remove",
    "channels_app.google.change",
    "channels_app.google.enter",
    "channels_app.quotas.change",
    "channels_app.quotas.enter",
    "channels_app.quotas.remove",
    "channels_app.quotas.reopen",
    "channels_app.quotas.settle_lost",
    "teams.accounts._sign_up",
    "teams.actions.create_owner",
    "teams.actions.home_team",
    "teams.actions.set_up",
    "videos.limits.count",
    "videos.limits.lift",
    "videos.limits.set_limit",
    "videos.resting.failed",
    "videos.resting.wake_up",
    "videos.resting.worked",
    "videos.routes.add",
    "videos.routes.change",
    "videos.routes.drop",
}
RULES = (Refused, Stopped, Forbidden, ObjectDoesNotExist)


def at_once(*acts: Callable[[], object]) -> list[BaseException]:
    """Both from the same moment on, each over a connection of its own; what no rule explains."""
    ready, strange = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            ready.wait()
            act()
        except RULES:
            pass
        except Exception as error:
            strange.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    return strange


def deadlocks() -> int:
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        cursor.execute(query)
        return int(cursor.fetchone()[0])


@pytest.fixture(autouse=True)
def cluster_of_two(monkeypatch):
    """A worker that knows how many others there are takes up its next run as it ends one."""
    monkeypatch.setattr(jobs, "_board", Board(size=2, wanted=2))


def world_for(*names: str) -> World:
    world = World(secrets.token_hex(6))
    for need in [need for name in names for need in NEEDS.get(name, ())]:
        getattr(world, need)
    return world


def they_meet(first: str, second: str) -> None:
    world = world_for(first, second)
    strange = at_once(lambda: VERBS[first](world), lambda: VERBS[second](world))
    assert strange == [], second
    numbers = list(Event.objects.filter(team=world.team).values_list("seq", flat=True))
    assert sorted(numbers) == list(range(1, len(numbers) + 1)), second
    assert TeamJournal.objects.get(team=world.team).seq == len(numbers), second


def all_meet(first: str, others: list[str]) -> None:
    before = deadlocks()
    for second in others:
        they_meet(first, second)
    time.sleep(0.1)
    assert deadlocks() == before


def met_by(first: str) -> list[str]:
    names = list(CORE)
    return names[names.index(first) :]


@pytest.mark.parametrize("first", CORE)
def test_a_verb_meets_itself_and_some(first):
    all_meet(first, met_by(first)[::4])


@pytest.mark.long
@pytest.mark.parametrize("first", CORE)
def test_a_verb_meets_every_other(first):
    all_meet(first, [name for n, name in enumerate(met_by(first)) if n % 4])


@pytest.mark.long
@pytest.mark.parametrize("first", VERBS)
def test_a_verb_meets_the_further_ones(first):
    names = list(VERBS)
    all_meet(first, [name for name in names[names.index(first) :] if name not in CORE])


def test_no_verb_is_left_out(monkeypatch):
    """Each of ours is entered by one of these at least, when nobody is in its way."""
    entered, once = set[str](), database._once

    def noting(function, *args, **kwargs):
        entered.add(f"{function.__module__}.{function.__name__}")
        return once(function, *args, **kwargs)

    monkeypatch.setattr(database, "_once", noting)
    refused = {}
    for name, act in VERBS.items():
        world = world_for(name)
        try:
            act(world)
        except RULES as rule:
            refused[name] = f"{type(rule).__name__}: {rule}"
    # a video in work needs no resuming (but where `pause` was faster), and no paid writer is set up
    assert set(refused) == {"resume", "price other words"}, refused
    assert verbs_there_are() - entered == NO_TEAMS


def modules() -> list[str]:
    """Of ours, whoever else may have loaded them."""
    paths = (path for app in OURS for path in (ROOT / app).rglob("*.py"))
    found = [path.relative_to(ROOT).with_suffix("") for path in paths if path.stem != "__init__"]
    return [".".join(path.parts) for path in found if "migrations" not in path.parts]


def verbs_there_are() -> set[str]:
    wrapper = verb(lambda: None).__code__
    found = set()
    for name in modules():
        module = importlib.import_module(name)
        for there in vars(module).values():
            while inspect.isfunction(there):
                inner = getattr(there, "__wrapped__", None)
                if there.__code__ is wrapper:
                    found.add(f"{inner.__module__}.{inner.__name__}")
                there = inner
    return found
