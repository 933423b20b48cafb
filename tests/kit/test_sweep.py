"""The sweep of a cluster, which no fault of one app may end."""

import pytest

from config.kit import jobs, qscale, registry
from config.kit.errors import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("error", [Refused("This hold has ended."), KeyError("audio")])
def test_a_sweep_that_fails_is_logged_and_the_others_go_on(monkeypatch, caplog, error):
    swept = []

    def fail() -> None:
        raise error

    sweeps: registry.Ports = registry.Ports()
    for sweep in (fail, lambda: swept.append("others")):
        sweeps.fill(sweep)
    monkeypatch.setattr(registry, "sweep", sweeps)
    qscale.Scale(jobs.cluster("batch"))._sweep()
    assert swept == ["others"]
    assert caplog.records[0].exc_info[1] is error
