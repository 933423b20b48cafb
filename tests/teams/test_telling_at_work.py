"""From a verb to a receiver and the bell through real workers: nothing is lost, nothing doubled."""

import json

import pytest

from tests.doubles.receiver import receiver
from tests.processes import until

pytestmark = pytest.mark.processes
SET_UP = """
from teams import actions, webhooks
from teams.access import actor_for
ana = actions.set_up(
    email="ana@example.org", password="correct horse", name="Ana", team_name="Kelp Films"
)
webhooks.create(by=actor_for(ana, None), url="{url}", kinds=["teams.brake_released"])
"""
TELL = """
from teams import brakes
from teams.access import operator
from teams.models import Team
by = operator(Team.objects.get())
for _ in range({n}):
    brakes.release(by=by, brake=brakes.pull(by=by, what="spending"))
"""
COUNT = """
from teams.models import Delivery, Notification
print(Notification.objects.filter(kind="brake_pulled").count())
print(Delivery.objects.filter(state="delivered").count())
"""


def shell(installation, code: str) -> str:
    done = installation.manage("shell", "--no-imports", "-v", "0", "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_verbs_tell_reaches_the_bell_and_the_address_once(installation):
    installation.env["OUTBOUND_LOOPBACK"] = "1"
    with receiver() as there:
        shell(installation, SET_UP.format(url=there.url))
        workers = installation.start("manage.py", "qscale", "studio")
        try:
            shell(installation, TELL.format(n=20))
            until(lambda: len(there.got) >= 20, what="all arrive")
            counts = until(
                lambda: (told := shell(installation, COUNT).split()) == ["20", "20"] and told,
                what="all are told and noted",
            )
        finally:
            workers.terminate()
            workers.wait(30)
    assert counts == ["20", "20"]
    seqs = [json.loads(body)["seq"] for _, body in there.got]
    assert len(seqs) == len(set(seqs)) == 20
