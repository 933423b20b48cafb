"""Clients of the pool bench: threads with a Django connection each, 50 to a process.

Prints `ready` once all are connected, begins at a line on stdin, prints one JSON line. More threads
to a process would measure how they wait for each other.
"""

import json
import multiprocessing
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import django
from django.apps import apps
from django.db import connection, transaction
from django.db.models.functions import Now

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
THREADS = 50
RateBucket = apps.get_model("kit", "RateBucket")


@dataclass
class Tally:
    latencies_s: list[float] = field(default_factory=list)
    ended: float = 0.0  # by the machine's monotonic clock
    errors: list[str] = field(default_factory=list)


def one(key: str) -> None:
    """A short transaction: a read and a write of a row of one's own."""
    with transaction.atomic():
        RateBucket.objects.get(pk=key)
        RateBucket.objects.filter(pk=key).update(due_at=Now())


class Clients:
    def __init__(self, first: int, count: int, seconds: float, *, unpooled: bool) -> None:
        self.keys = [f"bench:{first + n}" for n in range(count)]
        self.seconds, self.unpooled = seconds, unpooled
        self.begin = threading.Event()
        self.connected, self.connecting = threading.Semaphore(0), threading.Semaphore(10)
        self.tallies = [Tally() for _ in self.keys]

    def work(self, key: str, tally: Tally) -> None:
        try:
            with self.connecting:
                RateBucket.objects.get_or_create(pk=key, defaults={"due_at": Now()})
        except Exception as error:  # told to the bench, which counts it
            tally.errors.append(f"{type(error).__name__}: {error}")
        self.connected.release()
        self.begin.wait()
        ends = time.monotonic() + self.seconds
        while (began := time.monotonic()) < ends:
            try:
                one(key)
                if self.unpooled:
                    connection.close()
            except Exception as error:
                tally.errors.append(f"{type(error).__name__}: {error}")
                connection.close()
            else:
                tally.ended = time.monotonic()
                tally.latencies_s.append(tally.ended - began)
        connection.close()

    def run(self, parent: Connection) -> None:
        threads = [
            threading.Thread(target=self.work, args=pair)
            for pair in zip(self.keys, self.tallies, strict=True)
        ]
        for thread in threads:
            thread.start()
        for _ in threads:
            self.connected.acquire()
        parent.send("ready")
        parent.recv()
        self.begin.set()
        for thread in threads:
            thread.join()
        parent.send(merged(self.tallies))


def merged(tallies: list[Tally]) -> Tally:
    return Tally(
        [late for one in tallies for late in one.latencies_s],
        max(one.ended for one in tallies),
        [error for one in tallies for error in one.errors],
    )


def in_processes(count: int, seconds: float, *, unpooled: bool) -> tuple[Tally, float]:
    fork = multiprocessing.get_context("fork")
    pipes = []
    for first in range(0, count, THREADS):
        mine, childs = fork.Pipe()
        clients = Clients(first, min(THREADS, count - first), seconds, unpooled=unpooled)
        fork.Process(target=clients.run, args=[childs], daemon=True).start()
        mine.recv()
        pipes.append(mine)
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    for pipe in pipes:
        pipe.send("go")
    told = merged([pipe.recv() for pipe in pipes])
    return told, told.ended - began


if __name__ == "__main__":
    count, seconds, mode = sys.argv[1:]
    told, took_s = in_processes(int(count), float(seconds), unpooled=mode == "unpooled")
    failed = {"errors": told.errors[:5], "failed": len(told.errors)}
    print(json.dumps({"seconds": took_s, "latencies_s": told.latencies_s, **failed}))
