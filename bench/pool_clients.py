"""Clients of the pool bench: greenlets with a Django connection each, in one process.

`python -m bench.pool_clients FIRST COUNT SECONDS MODE` prints `ready` once all are connected,
begins at a line on stdin and prints one JSON line. Greenlets, as threads measure how they wait for
each other: 50 to a process switched 67,000 times a second, and 2,000 took twice the CPU time that
200 did for a transaction.
"""

from gevent import monkey

monkey.patch_all()

import gc  # noqa: E402 - what waits is patched first
import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from dataclasses import dataclass, field  # noqa: E402

import django  # noqa: E402
import gevent  # noqa: E402
from django.apps import apps  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.db.models.functions import Now  # noqa: E402
from gevent.event import Event  # noqa: E402
from gevent.lock import Semaphore  # noqa: E402
from gevent.threadpool import ThreadPool  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
RateBucket = apps.get_model("kit", "RateBucket")


@dataclass
class Tally:
    latencies_s: list[float] = field(default_factory=list)
    ended: float = 0.0  # by the machine's monotonic clock
    errors: list[str] = field(default_factory=list)


def one(key: str) -> None:
    """A short transaction: a read and a write of a row of one's own."""
    with transaction.atomic():
        RateBucket.objects.values_list("due_at").get(pk=key)
        RateBucket.objects.filter(pk=key).update(due_at=Now())


class Clients:
    def __init__(self, first: int, count: int, seconds: float, *, unpooled: bool) -> None:
        self.keys = [f"bench:{first + n}" for n in range(count)]
        self.seconds, self.unpooled = seconds, unpooled
        self.begin, self.connecting = Event(), Semaphore(10)
        self.tally = Tally()

    def connect(self, key: str) -> None:
        try:
            with self.connecting:
                RateBucket.objects.get_or_create(pk=key, defaults={"due_at": Now()})
        except Exception as error:  # told to the bench, which counts it
            self.failed(error)

    def failed(self, error: Exception) -> None:
        self.tally.errors.append(f"{type(error).__name__}: {error}")

    def work(self, key: str, connected: Event) -> None:
        self.connect(key)
        connected.set()
        self.begin.wait()
        ends = time.monotonic() + self.seconds
        while (began := time.monotonic()) < ends:
            try:
                one(key)
                if self.unpooled:
                    connection.close()
            except Exception as error:
                self.failed(error)
                connection.close()
            else:
                self.tally.ended = time.monotonic()
                self.tally.latencies_s.append(self.tally.ended - began)
        connection.close()

    def run(self) -> Tally:
        pairs = [(key, Event()) for key in self.keys]
        working = [gevent.spawn(self.work, *pair) for pair in pairs]
        for _, connected in pairs:
            connected.wait()
        print("ready", flush=True)
        ThreadPool(1).apply(sys.stdin.readline)
        gc.freeze()  # not to be walked again and again by the collector
        self.begin.set()
        gevent.joinall(working)
        return self.tally


if __name__ == "__main__":
    first, count, seconds, mode = sys.argv[1:]
    clients = Clients(int(first), int(count), float(seconds), unpooled=mode == "unpooled")
    told = clients.run()
    failed = {"errors": told.errors[:5], "failed": len(told.errors)}
    print(json.dumps({"ended": told.ended, "latencies_s": told.latencies_s, **failed}))
