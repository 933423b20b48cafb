"""What operators see of Postgres and pgbouncer, on the real ones."""

import json
import threading
import time

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.browser.served import served
from tests.doubles.collector import collecting
from tests.plane.test_overload import blocked
from tests.processes import Installation, until

pytestmark = pytest.mark.processes


@pytest.fixture
def installation(database, tmp_path):
    (tmp_path / "var").mkdir()
    found = Installation(tmp_path / "var", database_url=database)
    found.env |= {"LOG_FORMAT": "json", "SLOW_QUERY_MS": "300"}
    return found


def gauges(studio) -> dict[tuple[str, str], float]:
    """(name, state) summed over databases."""
    found: dict[tuple[str, str], float] = {}
    text = httpx.get(f"{studio.address}/metrics", timeout=30).text
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name.removeprefix("showrunner_"), sample.labels.get("state", ""))
            found[key] = found.get(key, 0) + sample.value
    return found


def lines(installation, logger: str) -> list[dict[str, object]]:
    told = [json.loads(line) for line in installation.log().splitlines() if line.startswith("{")]
    return [line for line in told if line["logger"] == logger]


def asking(studio, **headers: str) -> threading.Thread:
    """Somebody whose request needs that table."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    thread = threading.Thread(
        target=httpx.get,
        args=[f"{studio.address}/set-up/"],
        kwargs={"timeout": 60, "headers": told},
    )
    thread.start()
    time.sleep(0.7)
    return thread


def test_pools_are_measured_on_both_sides(installation):
    with served(installation, with_workers=False) as studio:
        found = gauges(studio)
        assert found["pgbouncer_servers", "active"] + found["pgbouncer_servers", "idle"] >= 1
        assert found["pgbouncer_clients", "active"] >= 1
        assert found["pgbouncer_transactions_total", ""] >= 1
        assert found["db_pool_size", ""] >= 1
        assert found["measure_failed", ""] == 0
        assert httpx.get(f"{studio.address}/readyz", timeout=30).status_code == 200
    assert lines(installation, "showrunner.db.pool")


def test_a_slow_statement_is_logged_with_its_request_and_kept(installation, database):
    with served(installation, with_workers=False) as studio:
        with blocked(database):
            asked = asking(studio, X_Request_ID="the-slow-one")
        asked.join()
        until(lambda: kept(database), what="a row of the slow statement")
    slow = lines(installation, "showrunner.db.slow")
    told = next(line for line in slow if line.get("request") == "the-slow-one")
    assert told["ms"] >= 300
    assert told["caller"].startswith("teams/")
    assert "teams_user" in told["statement"]
    statement, worst_ms, worst_in = kept(database)[0]
    assert statement == told["statement"]
    assert worst_ms >= 300
    assert "request=the-slow-one" in worst_in


def kept(database: str):
    with psycopg.connect(database) as connection:
        return connection.execute(
            "SELECT statement, worst_ms, worst_in FROM kit_slowquery "
            "WHERE statement LIKE '%teams_user%'"
        ).fetchall()


def test_who_waits_for_a_connection_is_seen_while_nobody_gets_one(installation, database):
    """One server connection, and somebody has it: the console answers all the same."""
    installation.env |= {"PGBOUNCER_POOL": "2", "PGBOUNCER_RESERVE": "0"}
    installation.env |= {"PGBOUNCER_WAIT_WEB_S": "4"}
    with served(installation, with_workers=False) as studio:
        with blocked(database):
            asked = asking(studio)
            waiting = threading.Thread(target=gauges, args=[studio])
            waiting.start()
            time.sleep(0.7)
            found = gauges(studio)
            assert httpx.get(f"{studio.address}/healthz", timeout=30).status_code == 200
            answer = httpx.get(f"{studio.address}/readyz", timeout=30)
        asked.join()
        waiting.join()
    assert found["pgbouncer_clients", "waiting"] >= 1
    assert found["measure_failed", ""] >= 1
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "It did not answer within 2 s."


def test_a_database_that_is_gone_is_named_without_its_address(installation, stack, database):
    with served(installation, with_workers=False) as studio:
        stack.postgres.drop(database)
        answer = until(
            lambda: (
                (found := httpx.get(f"{studio.address}/readyz", timeout=30)).status_code == 503
                and found
            ),
            what="the probe fails",
        )
        assert set(answer.json()["parts"]) == {"database", "storage", "queue"}
        assert answer.json()["parts"]["storage"] == "ok"
        assert answer.json()["parts"]["database"].startswith("It ")
        assert httpx.get(f"{studio.address}/healthz").status_code == 200
    assert lines(installation, "showrunner.health")[0]["message"].startswith("not ready: database:")


def test_statements_are_spans_inside_their_request_alone(installation):
    with collecting() as collector:
        installation.env |= {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        with served(installation, with_workers=False) as studio:
            httpx.get(f"{studio.address}/set-up/")
            until(lambda: statements(collector), what="a statement's span")
        known = {span["id"] for span in collector.spans()}
        assert all(span["parent"] for span in statements(collector))
        assert any(span["parent"] in known for span in statements(collector))


def statements(collector):
    return [span for span in collector.spans() if span["name"].startswith("SELECT")]


TOO_MANY = "Connections: The pools may open 350 and 10 are needed beside them, but max_connections"


def test_each_process_says_at_its_start_that_postgres_is_too_small(installation):
    installation.env["PGBOUNCER_RESERVE"] = "300"
    with served(installation, with_workers=False):
        worker = installation.start("manage.py", "qscale", "ai")
        try:
            told = until(lambda: len(warnings(installation)) > 1 and warnings(installation))
        finally:
            worker.terminate()
            worker.wait(60)
    assert len({line["process"] for line in told}) == 2
    assert all(str(line["message"]).startswith(TOO_MANY) for line in told)


def warnings(installation) -> list[dict[str, object]]:
    return lines(installation, "showrunner.health")


def test_a_worker_warns_of_clients_that_wait(installation, database):
    """Its sweep asks the console of the pgbouncer beside it."""
    installation.env |= {"PGBOUNCER_POOL": "2", "PGBOUNCER_RESERVE": "0"}
    script = """
import threading, time
from django.db import connection
from config.kit import pools
def hold():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(3)")
    connection.close()
for _ in range(2):
    threading.Thread(target=hold).start()
time.sleep(2)
pools.look()
"""
    done = installation.manage("shell", "--no-imports", "-c", script)
    told = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    warned = [line for line in told if line.get("event") == "queued"]
    assert warned, done.stderr
    assert warned[0]["waiting"] == 1
    opened = [line for line in told if line.get("event") == "opened"]
    assert opened
    assert opened[0]["alias"] == "default"
