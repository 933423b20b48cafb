"""What a room costs: deliveries, latencies, memory, beside a bare server and Channels' own way."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import django
import psutil

from bench import report, rooms_chaos
from tests import stack as stacks
from tests.processes import until

ROOMS, EACH = 200, 10
CLIENTS = 2  # processes of sockets
SECONDS, ROUNDS = 8.0, 3
RATES = (0.5, 1.0, 2.0, 3.0, 4.0)  # moves a second and room: times 1,800 is deliveries a second
LATE_MS = 500  # p99 from which on a server lags
METHOD = (
    "{sockets} sockets in {rooms} rooms on one process of daphne, on Postgres and Redis from "
    "Debian's packages on this machine; each has entered its room and has its document. In each "
    "room one moves its cursor and {others} see it; the frame is an awareness update of some 90 "
    "bytes. cpu_per_delivery: processor time of the server's process from the first move to the "
    "last delivery, by deliveries, at {rate} moves a second and room, for {seconds} s; bare "
    "(`websockets` and Redis pub/sub), stock (Channels' consumer and pub/sub layer on daphne) and "
    "ours take turns, {rounds} times; cpu_per_delivery_vs_bare is the ratio of the medians. Ours "
    "checks the frame, writes who it is from into it, keeps presence, counts credit and limits; "
    "the others hand on bytes. The stock consumer lags from stock_lags_at deliveries a second on "
    "(p99 above {late} ms or something lost); ours is held at twice that for {seconds} s. Memory: "
    "resident, at the end of joining, less that of the process before the first socket."
)


@dataclass
class Process:
    """A server, and the sockets that it holds."""

    kind: str
    port: int
    popen: subprocess.Popen[bytes]
    groups: list[subprocess.Popen[str]]
    idle_kb: float = 0.0

    @property
    def cpu_s(self) -> float:
        times = psutil.Process(self.popen.pid).cpu_times()
        return float(times.user + times.system)

    @property
    def rss_kb(self) -> float:
        return float(psutil.Process(self.popen.pid).memory_info().rss / 1024)

    def moves(self, rate: float) -> dict[str, Any]:
        began = self.cpu_s
        for group in self.groups:
            _say(group, rate=rate, seconds=SECONDS)
        told = [json.loads(_line(group)) for group in self.groups]
        sums = {name: sum(one[name] for one in told) for name in told[0] if name != "late_ms"}
        late = sorted(ms for one in told for ms in one["late_ms"])
        cpu_us = (self.cpu_s - began) / max(1, sums["came"]) * 1e6
        p99 = late[int(len(late) * 0.99)] if late else 0.0
        return {**sums, "cpu_us": cpu_us, "p50_ms": late[len(late) // 2], "p99_ms": p99}

    def stop(self) -> None:
        for group in self.groups:
            group.kill()
            group.wait()
        self.popen.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(10)
        self.popen.kill()


def _say(group: subprocess.Popen[str], **told: Any) -> None:
    pipe: Any = group.stdin
    pipe.write(json.dumps(told) + "\n")
    pipe.flush()


def _line(group: subprocess.Popen[str]) -> str:
    pipe: Any = group.stdout
    return str(pipe.readline())


def begun(kind: str, command: Sequence[str], env: dict[str, str], port: int) -> Process:
    log = open(os.environ.get("BENCH_LOG", os.devnull), "ab")  # noqa: SIM115 - the process keeps it
    popen = subprocess.Popen(
        [sys.executable, *command], cwd=report.ROOT, env=env, stdout=log, stderr=log
    )
    until(lambda: _listens(port), within_s=60, what=f"{kind} listens")
    return Process(kind, port, popen, [])


def _listens(port: int) -> bool:
    return any(
        one.laddr.port == port and one.status == "LISTEN"
        for one in psutil.net_connections("tcp")
        if one.laddr
    )


def filled(server: Process, rooms: Sequence[int], cookie: str) -> Process:
    before = server.rss_kb
    for place in range(CLIENTS):
        group = subprocess.Popen(
            [sys.executable, "-m", "bench.rooms_clients"],
            cwd=report.ROOT,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        server.groups.append(group)
        _say(
            group,
            url=f"ws://127.0.0.1:{server.port}/ws/rooms/",
            rooms=rooms[place::CLIENTS],
            each=EACH,
            cookie=cookie,
            speaks=server.kind == "ours",
        )
    joined = sum(json.loads(_line(group))["joined"] for group in server.groups)
    server.idle_kb = (server.rss_kb - before) / joined
    print(f"{server.kind}: {joined} sockets, {server.idle_kb:.0f} KB each", file=sys.stderr)
    return server


@contextlib.contextmanager
def servers(stack: stacks.Stack) -> Iterator[dict[str, Process]]:
    with tempfile.TemporaryDirectory(prefix="showrunner-rooms-") as folder:
        env = os.environ | stack.environment() | _ours(Path(folder))
        os.environ.update({name: env[name] for name in ("DATABASE_URL", "VAR_DIR", "SECRET_KEY")})
        django.setup()
        rooms, cookie = import_module("tests.collab.seeds").scripts(ROOMS)
        found: dict[str, Process] = {}
        try:
            for kind in ("bare", "stock", "ours"):
                port = stacks.free_port()
                command = ["-m", "bench.rooms_servers", kind, str(port)]
                if kind == "ours":
                    where = ["-b", "127.0.0.1", "-p", str(port)]
                    command = ["-m", "daphne", *where, "config.asgi:application"]
                    env["PUBLIC_URL"] = f"http://127.0.0.1:{port}"
                found[kind] = filled(begun(kind, command, env, port), rooms, cookie)
            yield found
        finally:
            for server in found.values():
                server.stop()


def _ours(folder: Path) -> dict[str, str]:
    many = dict.fromkeys(("HANDSHAKES_PER_ADDRESS", "SOCKETS_PER_USER"), "10000")
    return {**many, "VAR_DIR": str(folder), "SECRET_KEY": "x" * 64, "LOG_LEVEL": "WARNING"}


def lags(told: dict[str, Any]) -> bool:
    return bool(told["p99_ms"] > LATE_MS or told["came"] < told["due"])


def measured(running: dict[str, Process]) -> dict[str, Any]:
    costs: dict[str, list[float]] = {kind: [] for kind in running}
    for _ in range(ROUNDS):
        for kind, server in running.items():
            told = server.moves(RATES[0])
            costs[kind].append(told["cpu_us"])
            print(f"{kind} at {RATES[0]}: {shown(told)}", file=sys.stderr)
    others = EACH - 1
    lags_at = RATES[-1]
    for rate in RATES[1:]:
        told = running["stock"].moves(rate)
        print(f"stock at {rate}: {shown(told)}", file=sys.stderr)
        if lags(told):
            lags_at = rate
            break
    ours = running["ours"].moves(2 * lags_at)
    print(f"ours at {2 * lags_at}: {shown(ours)}", file=sys.stderr)
    median = {kind: sorted(all_)[len(all_) // 2] for kind, all_ in costs.items()}
    return {
        "sockets": ROOMS * EACH,
        "rooms": ROOMS,
        "cpu_per_delivery_vs_bare": round(median["ours"] / median["bare"], 2),
        "cpu_per_delivery_stock_vs_bare": round(median["stock"] / median["bare"], 2),
        "cpu_us_per_delivery": round(median["ours"], 1),
        "stock_lags_at": round(lags_at * others * ROOMS),
        "deliveries_a_second": round(2 * lags_at * others * ROOMS),
        "lost": ours["due"] - ours["came"],
        "doubled": ours["doubled"],
        "closed": ours["closed"],
        "p50_ms": round(ours["p50_ms"]),
        "p99_ms": round(ours["p99_ms"]),
        **{f"kb_per_idle_socket_{kind}": round(one.idle_kb) for kind, one in running.items()},
        "kb_per_idle_socket": round(running["ours"].idle_kb),
    }


def shown(told: dict[str, Any]) -> str:
    return (
        f"{told['came']} of {told['due']} delivered, {told['cpu_us']:.0f} us each, "
        f"p50 {told['p50_ms']:.0f} ms, p99 {told['p99_ms']:.0f} ms, {told['closed']} closed"
    )


def main() -> None:
    parser = report.options("rooms", __doc__ or "")
    parser.add_argument("--chaos", action="store_true", help="bench rooms_chaos instead")
    options = parser.parse_args()
    if options.chaos:
        rooms_chaos.run(options.json)
        return
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    with stacks.stack() as stack, servers(stack) as running:
        figures = measured(running)
    method = METHOD.format(
        sockets=ROOMS * EACH,
        rooms=ROOMS,
        others=EACH - 1,
        rate=RATES[0],
        seconds=SECONDS,
        rounds=ROUNDS,
        late=LATE_MS,
    )
    report.write("rooms", figures, method, options.json)


if __name__ == "__main__":
    main()
