"""One client of the ledger bench, with a database connection of its own.

`python -m bench.ledger_client NUMBER` prints `ready`, then for each line on stdin, such as
`ours 100 5.0` (way, teams, seconds), the number of pairs that it did.
"""

import os
import random
import sys
import time
from collections.abc import Callable
from importlib import import_module

import django
from django.db import transaction
from django.db.models import F

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
ledger = import_module("billing.ledger")
Spend = import_module("config.kit.errors").Spend
Balance = import_module("billing.models").Balance
Team = import_module("teams.models").Team
VIDEOS, CHANNELS, AMOUNT = 50, 5, 1_000
WORK = [Spend("voice:paid", "characters", 100, AMOUNT // 2)]


class Client:
    def __init__(self, number: int) -> None:
        self.dice = random.Random(number)  # noqa: S311 - a schedule, not a secret
        self.teams = list(Team.objects.order_by("pk").values_list("pk", flat=True))
        whole = Balance.objects.filter(budget__scope="team").order_by("budget__team_id")
        self.rows = dict(whole.values_list("budget__team_id", "pk"))

    def ours(self, team_id: int) -> None:
        """A hold and its settling, through the budgets of video, channel and team."""
        video = self.dice.randrange(1, VIDEOS)
        channel = self.dice.randrange(1, CHANNELS)
        why = ledger.Purpose(team_id, video, 1, "narration", "scene:aa", channel_id=channel)
        ledger.settle(ledger.hold(why, amount_micros=AMOUNT), why, WORK)

    def bare(self, team_id: int) -> None:
        """Two transactions of one UPDATE each, of a row of the team's."""
        for by in (AMOUNT, -AMOUNT):
            with transaction.atomic():
                Balance.objects.filter(pk=self.rows[team_id]).update(
                    held_micros=F("held_micros") + by
                )

    def pairs(self, act: Callable[[int], None], teams: int, seconds: float) -> int:
        done, ends = 0, time.monotonic() + seconds
        while time.monotonic() < ends:
            act(self.dice.choice(self.teams[:teams]))
            done += 1
        return done


def main() -> None:
    client = Client(int(sys.argv[1]))
    print("ready", flush=True)
    for line in sys.stdin:
        way, teams, seconds = line.split()
        print(client.pairs(getattr(client, way), int(teams), float(seconds)), flush=True)


if __name__ == "__main__":
    main()
