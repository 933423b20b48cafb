"""The sweep of a cluster, which no fault of one app may end."""

import pytest
from django.db import OperationalError, connection

from config.kit import jobs, qscale, registry, sweeps
from config.kit.errors import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sweeping(monkeypatch):
    """The apps sweep so, and nothing else."""

    def by(*acts) -> None:
        found: registry.Ports = registry.Ports()
        for act in acts:
            found.fill(act)
        monkeypatch.setattr(registry, "sweep", found)

    return by


@pytest.mark.parametrize("error", [Refused("This hold has ended."), KeyError("audio")])
def test_a_sweep_that_fails_is_logged_and_the_others_go_on(sweeping, caplog, error):
    swept = []

    def fail() -> None:
        raise error

    sweeping(fail, lambda: swept.append("others"))
    qscale.Scale(jobs.cluster("batch"))._sweep()
    assert swept == ["others"]
    assert caplog.records[0].exc_info[1] is error


def by_cluster() -> None:
    cluster = qscale.Scale(jobs.cluster("batch"))
    for _ in range(3):
        cluster._unless_database_fails(cluster._sweep, qscale._Every(0))


@pytest.mark.parametrize("sweep", [by_cluster, sweeps.sweep])
def test_a_database_that_is_away_is_one_line_for_all_sweeps(sweeping, caplog, sweep):
    sqlite = connection.vendor == "sqlite"

    def fail() -> None:
        raise OperationalError("database is locked" if sqlite else "server closed it")

    sweeping(fail, fail)
    sweep()
    [line] = caplog.records
    assert line.levelname in ("WARNING", "ERROR")
    assert not line.exc_info
