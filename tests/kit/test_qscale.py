import os
import signal
from pathlib import Path

import psutil
import pytest

from tests.processes import Installation, family, until
from tests.stack import free_port

pytestmark = pytest.mark.processes

IMPATIENT = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from config.kit import qscale
qscale.PROBE_S, qscale.STUCK_S = 0.5, 3.0
raise SystemExit(qscale.Scale("studio").run())
"""


@pytest.fixture
def cluster(installation: Installation):
    """A cluster whose watchdog has little patience, with at least one probe answered."""
    process = installation.start("-c", IMPATIENT)
    until(lambda: answered(installation), what="the first probe")
    yield process
    for member in family(process.pid):
        member.kill()
    process.kill()
    process.wait()


def answered(installation: Installation) -> str:
    rows = installation.ask("select answered_at from kit_clusterbeat")
    return rows[0][0] if rows and rows[0][0] else ""


def next_answer(installation: Installation) -> str:
    before = answered(installation)
    return until(lambda: answered(installation) not in ("", before), what="another answer")


def sentinel_of(process) -> psutil.Process:
    return psutil.Process(process.pid).children()[0]


def workers_of(process) -> list[psutil.Process]:
    """The sentinel's children but pusher and monitor."""
    helpers = helpers_of(process)
    return [child for child in sentinel_of(process).children() if child.pid not in helpers]


def helpers_of(process) -> set[int]:
    """They ignore SIGTERM, as workers don't."""
    found = set()
    for child in sentinel_of(process).children():
        status = Path(f"/proc/{child.pid}/status").read_text()
        (ignored,) = [line.split()[1] for line in status.splitlines() if "SigIgn" in line]
        if int(ignored, 16) >> (signal.SIGTERM - 1) & 1:
            found.add(child.pid)
    return found


def signal_all(process) -> None:
    for member in [*family(process.pid), psutil.Process(process.pid)]:
        member.send_signal(signal.SIGTERM)


def end(process) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(30)


def test_told_to_end_it_leaves_cleanly(cluster, installation):
    assert end(cluster) == 0
    assert family(cluster.pid) == []
    assert installation.ask("select count(*) from kit_clusterbeat") == [(0,)]


def test_a_signal_to_the_whole_group_ends_it_cleanly(cluster):
    os.killpg(cluster.pid, signal.SIGTERM)
    assert cluster.wait(30) == 0
    assert family(cluster.pid) == []


def test_a_signal_to_every_process_at_once_ends_it_cleanly(cluster):
    signal_all(cluster)
    assert cluster.wait(30) == 0
    assert family(cluster.pid) == []


def test_an_idle_worker_that_is_told_to_go_goes_and_is_replaced(cluster, installation):
    before = workers_of(cluster)
    for worker in before:
        worker.send_signal(signal.SIGTERM)
    until(lambda: not [worker for worker in before if worker.is_running()], what="their leaving")
    until(lambda: len(workers_of(cluster)) == len(before), what="their replacement")
    next_answer(installation)
    assert end(cluster) == 0


def test_told_to_end_while_it_starts_it_ends(installation):
    process = installation.start("-c", IMPATIENT)
    until(lambda: installation.ask("select pid from kit_clusterbeat"), what="its row")
    assert end(process) == 0
    assert family(process.pid) == []


def test_an_idle_worker_killed_hard_does_not_stop_the_cluster(cluster, installation):
    workers = [child for child in family(cluster.pid) if child.pid != sentinel_of(cluster).pid]
    for worker in workers:
        worker.kill()
    next_answer(installation)
    assert end(cluster) == 0


def test_a_killed_sentinel_leaves_no_orphans_and_is_replaced(cluster, installation):
    old = family(cluster.pid)
    sentinel_of(cluster).kill()
    next_answer(installation)
    assert not {member.pid for member in old} & {member.pid for member in family(cluster.pid)}
    assert end(cluster) == 0


def test_when_the_main_process_is_killed_its_workers_go_too(cluster):
    members = family(cluster.pid)
    cluster.kill()
    cluster.wait()
    until(lambda: not [m for m in members if m.is_running() and m.status() != "zombie"])


def test_it_ends_with_the_process_that_started_it(installation):
    starter = installation.start(
        "-c",
        "import os, subprocess, sys, time; "
        "subprocess.Popen([sys.executable, 'manage.py', 'qscale', 'studio',"
        " '--with-parent', str(os.getpid())]); "
        "time.sleep(60)",
    )
    until(lambda: installation.ask("select pid from kit_clusterbeat"), what="a cluster")
    (pid,) = installation.ask("select pid from kit_clusterbeat")[0]
    starter.kill()
    starter.wait()
    until(lambda: not psutil.pid_exists(pid), within_s=30, what="the cluster's end")


def test_a_cluster_that_does_not_exist_is_refused(installation):
    answer = installation.manage("qscale", "elsewhere")
    assert answer.returncode != 0
    assert "studio" in answer.stderr


def test_it_waits_for_a_database_that_is_away_and_can_be_ended_meanwhile(installation):
    installation.env["DATABASE_URL"] = f"postgres://studio:secret@127.0.0.1:{free_port()}/studio"
    process = installation.start("manage.py", "qscale", "ai")
    until(lambda: "ai: waits for the database" in installation.log(), what="its word")
    assert "Traceback" not in installation.log()
    assert "secret" not in installation.log()
    process.terminate()
    assert process.wait(20) == 0


def test_a_database_that_nobody_has_migrated_stops_it_with_a_sentence(tmp_path):
    new = Installation(tmp_path)
    process = new.start("manage.py", "qscale", "studio")
    assert process.wait(60) == 1
    assert "studio: the database refuses: no such table" in new.log()
    assert "Traceback" not in new.log()
