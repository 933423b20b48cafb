"""A real cluster of three workers that publishes slowly: it stays healthy, and nothing is lost."""

import pytest

from tests.kit.test_qscale import end
from tests.processes import Installation, family, until

pytestmark = pytest.mark.processes

ORDER = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from channels_app import actions
from teams.access import operator
from teams.actions import home_team
from videos.models import Video
team = home_team()
channel = actions.home_channel(by=operator(team))
for n in range(3):
    video = Video.objects.create(team=team, channel=channel, state="scheduled", title=f"Kelp {n}")
    actions.request_publication(
        channel=channel, video_id=video.pk, title=video.title, files={}, metadata={}
    )
"""

# An impatient watchdog over a publisher that takes eight seconds and beats all the while.
SLOW = """
import os, time
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from channels_app.publishers import publishers
from config.kit import qscale
from config.kit.errors import Stopped

class Slow:
    def deliver(self, parcel, beat):
        for _ in range(40):
            time.sleep(0.2)
            if not beat():
                raise Stopped("told to stop")
        return "/slowly/" + parcel.uid

publishers._things["folder"] = Slow()
qscale.PROBE_S, qscale.STUCK_S, qscale.SWEEP_S = 0.5, 3.0, 2.0
raise SystemExit(qscale.Scale("studio").run())
"""


@pytest.fixture
def ordered(installation: Installation) -> Installation:
    installation.env["WORKERS_STUDIO"] = "3"
    assert installation.start("-c", ORDER).wait(60) == 0, installation.log()
    return installation


@pytest.fixture
def cluster(ordered):
    process = ordered.start("-c", SLOW)
    yield process
    for member in family(process.pid):
        member.kill()
    process.kill()
    process.wait()


def count(installation: Installation, state: str) -> int:
    sql = "select count(*) from channels_app_upload where state = ?"
    return int(installation.ask(sql, state)[0][0])


def test_three_slow_uploads_on_three_workers_leave_the_watchdog_an_answer(cluster, ordered):
    until(lambda: count(ordered, "running") == 2, what="two uploads at once")
    most = 0

    def all_out() -> bool:
        nonlocal most
        most = max(most, count(ordered, "running"))
        return count(ordered, "done") == 3

    until(all_out, within_s=60, what="three uploads")
    assert most == 2
    assert ordered.ask("select distinct attempt from channels_app_upload") == [(1,)]
    assert "no worker answered" not in ordered.log()
    assert end(cluster) == 0


def test_stopping_the_cluster_costs_an_upload_no_attempt(cluster, ordered):
    until(lambda: count(ordered, "running") == 2, what="two uploads at once")
    assert end(cluster) == 0
    rows = ordered.ask("select distinct state, attempt from channels_app_upload")
    assert rows == [("waiting", 0)]
