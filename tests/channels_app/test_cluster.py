"""A real cluster of three workers that publishes slowly: it stays healthy, and nothing is lost."""

import signal

import pytest

from tests.kit.test_qscale import end, signal_all, workers_of
from tests.processes import Installation, family, until

pytestmark = pytest.mark.processes
WORKERS = "3"

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
    installation.env["WORKERS_STUDIO"] = WORKERS
    assert installation.start("-c", ORDER).wait(60) == 0, installation.log()
    return installation


@pytest.fixture
def code() -> str:
    return SLOW


@pytest.fixture
def cluster(ordered, code):
    process = ordered.start("-c", code)
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


def test_a_signal_to_every_process_at_once_costs_an_upload_no_attempt(cluster, ordered):
    until(lambda: count(ordered, "running") == 2, what="two uploads at once")
    signal_all(cluster)
    assert cluster.wait(30) == 0
    assert family(cluster.pid) == []
    rows = ordered.ask("select distinct state, attempt from channels_app_upload")
    assert rows == [("waiting", 0)]


def test_a_busy_worker_that_is_told_to_go_gives_back_what_others_then_do(cluster, ordered):
    until(lambda: count(ordered, "running") == 2, what="two uploads at once")
    for worker in workers_of(cluster):
        worker.send_signal(signal.SIGTERM)
    until(lambda: count(ordered, "done") == 3, within_s=90, what="three uploads")
    assert ordered.ask("select distinct attempt from channels_app_upload") == [(1,)]
    assert end(cluster) == 0


def test_a_busy_worker_that_is_killed_is_replaced_and_its_upload_done_again(cluster, ordered):
    until(lambda: count(ordered, "running") == 2, what="two uploads at once")
    before = workers_of(cluster)
    busy = max(before, key=lambda worker: sum(worker.cpu_times()[:2]))
    busy.kill()
    until(lambda: len(workers_of(cluster)) == len(before), what="its replacement")
    ordered.tell("update channels_app_upload set lease_until = '2020-01-01' where state='running'")
    until(lambda: count(ordered, "done") == 3, within_s=90, what="three uploads")
    assert end(cluster) == 0


@pytest.mark.parametrize(
    "code", [SLOW.replace("in range(40)", "in range(400)").replace("not beat()", "beat() is None")]
)
def test_what_is_left_after_the_time_of_grace_is_killed(cluster, ordered, code):
    until(lambda: count(ordered, "running") == 2, what="two uploads at once")
    assert end(cluster) == 1
    assert family(cluster.pid) == []
    assert count(ordered, "running") == 2  # their leases run out


ELASTIC = SLOW.replace("from config.kit import qscale", "from config.kit import qscale, scaling")


class TestElastic:
    @pytest.fixture
    def code(self) -> str:
        return ELASTIC.replace("qscale.PROBE_S", "scaling.Pace.idle_s = 1.0\nqscale.PROBE_S")

    @pytest.fixture
    def installation(self, installation: Installation, monkeypatch) -> Installation:
        monkeypatch.setattr("tests.channels_app.test_cluster.WORKERS", "2..6")
        return installation

    def test_it_grows_to_what_waits_and_shrinks_again(self, cluster, ordered):
        until(lambda: count(ordered, "running") == 3, what="three uploads at once")
        assert 3 <= len(workers_of(cluster)) <= 6
        until(lambda: count(ordered, "done") == 3, what="three uploads")
        until(lambda: len(workers_of(cluster)) == 2, what="two workers")
        assert ordered.ask("select distinct attempt from channels_app_upload") == [(1,)]
        assert end(cluster) == 0
