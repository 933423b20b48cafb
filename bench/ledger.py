"""What a hold and its settling through three nested budgets cost beside two bare updates."""

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import django
from django.core.management import call_command

from bench import report
from config.env import inherited
from config.pgbouncer import Pooler
from config.pgbouncer_ini import Plan
from tests import stack as stacks

CLIENTS, TEAMS, ROUNDS, SECONDS = 16, 100, 4, 5.0
PLAN = Plan(pool=50, reserve=150, session=5, wait_s=30, recycle_s=1800)
LIMIT = 10**15
METHOD = (
    "Postgres and pgbouncer from Debian's packages on this machine. {clients} processes with one "
    "connection each through pgbouncer take turns of {seconds:.0f} s, {rounds} times: a hold "
    "and its settling, with a cost entry and a journal line, through the monthly budgets of a "
    "video, a channel and a team; or two transactions of one UPDATE each of a row of the team's, "
    "through the same ORM. Each picks one of {teams} teams at random, or all use one team. The "
    "figure is the ratio of pairs a second, bare by ours. overspend_micros is what any balance has "
    "above its limit afterwards, mismatched_entries the balances that are not what holds and "
    "entries add up to."
)


@contextmanager
def clients(url: str) -> Iterator[list[subprocess.Popen[str]]]:
    environment = inherited(DATABASE_URL=url, LOG_LEVEL="ERROR", SLOW_QUERY_MS="600000")
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.ledger_client", str(number)],
            cwd=report.ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(CLIENTS)
    ]
    try:
        for one in started:
            if one.stdout.readline() != "ready\n":
                raise RuntimeError("a client did not start")
        yield started
    finally:
        for one in started:
            one.stdin.close()
            one.wait()


def turn(group: list[subprocess.Popen[str]], way: str, teams: int) -> float:
    """Pairs a second of all clients together."""
    for one in group:
        one.stdin.write(f"{way} {teams} {SECONDS}\n")
        one.stdin.flush()
    return sum(int(one.stdout.readline()) for one in group) / SECONDS


def set_up(url: str) -> None:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": url}
    django.setup()

    call_command("migrate", verbosity=0)
    teams, budgets = import_module("teams.actions"), import_module("billing.budgets")
    operator = import_module("teams.access").operator
    for number in range(TEAMS):
        team = teams.create_team(name="Kelp", slug=f"kelp-{number}", email="k@example.org")
        for scope in ("video", "channel", "team"):
            wanted = {"scope": scope, "window": "month", "limit_micros": LIMIT}
            budgets.set_budget(by=operator(team), **wanted)


def checked() -> dict[str, int]:
    balance = import_module("billing.models").Balance
    rows = balance.objects.values_list("held_micros", "spent_micros", "limit_micros")
    over = max((held + spent - limit for held, spent, limit in rows), default=0)
    wrong = list(import_module("billing.proof").mismatches())
    return {"overspend_micros": max(0, over), "mismatched_entries": len(wrong)}


def main() -> None:
    options = report.options("ledger", __doc__ or "").parse_args()
    rates: dict[tuple[str, int], float] = defaultdict(float)
    with stacks.stack() as stack:
        url = stack.postgres.new_database()
        set_up(url)
        pooler = Pooler(url, PLAN)
        pooler.start()
        try:
            with clients(pooler.url()) as group:
                for _ in range(ROUNDS):
                    for teams in (TEAMS, 1):
                        for way in ("ours", "bare"):
                            rates[way, teams] += turn(group, way, teams) / ROUNDS
        finally:
            pooler.stop()
        found = checked()
    figures = {
        "pair_vs_two_bare_updates_100_teams": round(rates["bare", TEAMS] / rates["ours", TEAMS], 2),
        "pair_vs_two_bare_updates_1_team": round(rates["bare", 1] / rates["ours", 1], 2),
        **found,
        "pairs_a_second_100_teams": round(rates["ours", TEAMS]),
        "pairs_a_second_1_team": round(rates["ours", 1]),
        "bare_pairs_a_second_100_teams": round(rates["bare", TEAMS]),
        "bare_pairs_a_second_1_team": round(rates["bare", 1]),
    }
    method = METHOD.format(clients=CLIENTS, seconds=SECONDS, rounds=ROUNDS, teams=TEAMS)
    report.write("ledger", figures, method, options.json)


if __name__ == "__main__":
    main()
