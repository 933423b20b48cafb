"""What /metrics tells of sockets: of the web process that answers."""

from collections.abc import Iterator

from prometheus_client.metrics_core import Metric

from config.kit.live import hub, socket, tasks
from config.kit.metrics import counter, gauge

OF = ", in the web process that answers"


def live() -> Iterator[Metric]:
    yield gauge("sockets", f"Open sockets{OF}", [], [([], len(socket.open_sockets))])
    topics = sum(one.topics for one in hub.hubs())
    yield gauge("live_topics", f"Topics of hints that are listened to{OF}", [], [([], topics)])
    codes = sorted(socket.closed.items())
    about = f"Sockets that were closed from here{OF}, by code"
    yield counter("sockets_closed", about, ["code"], [([code], n) for code, n in codes])
    for name, about in (("pushed", "Hints that went out"), ("dropped", "Hints that did not")):
        yield counter(f"live_{name}", f"{about}{OF}", [], [([], hub.counted[name])])
    restarted = sorted(tasks.restarted.items())
    about = f"Background tasks that failed and began anew{OF}"
    yield counter("live_restarts", about, ["task"], [([name], n) for name, n in restarted])
