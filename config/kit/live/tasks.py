"""Background work of a web process: none ends unseen, and the database is asked in threads."""

import asyncio
import contextvars
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0
WELL_S = 60.0  # who has worked for so long begins anew without a long pause
THREADS = 4  # each holds at most one connection, and gives it back at once

log = logging.getLogger("showrunner.live")
restarted: Counter[str] = Counter()  # by name, in this process
_running: set[asyncio.Task[None]] = set()  # a loop holds its tasks weakly
_threads = ThreadPoolExecutor(THREADS, "live")


def keep(name: str, work: Callable[[], Awaitable[None]]) -> "asyncio.Task[None]":
    """Does `work` for as long as the loop runs: where it fails or ends, it begins anew after a
    pause that grows."""
    return soon(name, _again(name, work))


def soon(name: str, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    """Does `work` once, beside what goes on; what it raises is logged."""
    # an empty context: it outlives the request or socket that began it
    task = asyncio.get_running_loop().create_task(work, name=name, context=contextvars.Context())
    _running.add(task)
    task.add_done_callback(_ended)
    return task


async def _again(name: str, work: Callable[[], Awaitable[None]]) -> None:
    pause_s, clock = FIRST_PAUSE_S, asyncio.get_running_loop().time
    while True:
        began = clock()
        try:
            await work()
            log.error("%s has ended, and begins anew", name)
        except Exception:
            log.exception("%s failed, and begins anew", name)
        restarted[name] += 1
        if clock() - began > WELL_S:
            pause_s = FIRST_PAUSE_S
        await asyncio.sleep(pause_s * random.uniform(0.7, 1.3))  # noqa: S311 - jitter
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


def _ended(task: "asyncio.Task[None]") -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s failed", task.get_name(), exc_info=error)


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """For what asks the database: with a connection that is given back at its end."""

    def call() -> R:
        try:
            return function(*args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_threads, call)
