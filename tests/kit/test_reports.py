"""Error reports and spans, sent by real processes to a server that keeps what comes."""

import httpx
import pytest

from tests.browser.served import served
from tests.doubles.collector import collecting
from tests.processes import until

pytestmark = pytest.mark.processes
STUMBLES = """
import logging
from config.kit import logs
with logs.work("stage narration", team=3, run=21):
    letter = "to ana@kelp.example"
    try:
        raise ValueError("no voice for " + letter)
    except ValueError:
        logging.getLogger("showrunner.pipeline").exception("run 21 stumbled")
"""
SECRET = "Zk3v9QpTfWm2Lr8sXyB1Ua"


@pytest.fixture
def collector():
    with collecting() as found:
        yield found


def test_a_bug_is_reported_with_its_run_and_nobodys_address(installation, collector):
    installation.env["SENTRY_DSN"] = collector.dsn
    done = installation.manage("shell", "--no-imports", "-c", STUMBLES)
    assert done.returncode == 0, done.stderr
    (event,) = until(collector.events, what="a report")
    assert (event["tags"]["run"], event["tags"]["team"]) == ("21", "3")
    error = event["exception"]["values"][0]
    assert (error["type"], error["value"]) == ("ValueError", "no voice for to [mail]")
    assert "vars" not in error["stacktrace"]["frames"][0]
    assert "kelp" not in collector.text()


def test_a_dsn_that_is_none_stops_the_start(installation):
    for wrong in ("sentry", "https://sentry.example"):
        installation.env["SENTRY_DSN"] = wrong
        done = installation.manage("check")
        assert done.returncode != 0
        assert done.stderr.strip().splitlines()[-1].startswith("SENTRY_DSN can't be read")
        assert "Traceback" not in done.stderr


def test_a_collector_that_is_none_stops_the_start(installation):
    installation.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = "collector:4318"
    done = installation.manage("check")
    assert "OTEL_EXPORTER_OTLP_ENDPOINT can't be read" in done.stderr


def test_a_stage_is_a_span_with_its_run(installation, collector):
    installation.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.address
    done = installation.manage("shell", "--no-imports", "-c", STUMBLES)
    assert done.returncode == 0, done.stderr
    (span,) = until(collector.spans, what="a span")
    assert (span["name"], span["showrunner.run"]) == ("stage narration", 21)


def test_a_request_is_a_span_without_the_secret_of_its_address(installation, collector):
    installation.manage("first_owner")
    installation.env |= {
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    with served(installation, with_workers=False) as studio:
        httpx.get(f"{studio.address}/healthz")
        headers = {"X-Request-ID": "from-the-router-1"}
        httpx.get(f"{studio.address}/invitations/{SECRET}/?code=77aa", headers=headers)
        span = until(lambda: asked(collector), what="a span of the request")
    assert span["name"] == "GET /invitations/<str:secret>/"
    assert SECRET not in collector.text()
    assert "77aa" not in collector.text()
    assert not [one for one in collector.spans() if "healthz" in str(one)]


def asked(collector):
    found = [
        span for span in collector.spans() if span.get("showrunner.request") == "from-the-router-1"
    ]
    return found[0] if found else None
