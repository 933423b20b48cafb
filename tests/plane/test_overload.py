"""What people and programs see when the database is full or away: 503 and when to ask again."""

import contextlib
import threading
import time

import httpx
import psycopg
import pytest

from tests.browser.served import served
from tests.processes import Installation

pytestmark = pytest.mark.processes


ONE_OF_PGBOUNCER = {"PGBOUNCER_POOL": "2", "PGBOUNCER_RESERVE": "0"}
ONE_OF_THE_WEB = {"WEB_POOL": "1"}


@pytest.fixture(params=[ONE_OF_PGBOUNCER, ONE_OF_THE_WEB], ids=["pgbouncer", "web"])
def studio(request, database, tmp_path):
    """A web process with one connection for all."""
    (tmp_path / "var").mkdir()
    installation = Installation(tmp_path / "var", database_url=database)
    installation.env |= {"PGBOUNCER_WAIT_WEB_S": "1", **request.param}
    with served(installation, with_workers=False) as found:
        yield found


@contextlib.contextmanager
def blocked(database: str):
    """Nobody reads a table that every request needs."""
    with psycopg.connect(database) as connection:
        connection.execute("LOCK TABLE teams_user IN ACCESS EXCLUSIVE MODE")
        yield


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/set-up/", "text/html"), ("/api/v1/videos/", "application/problem+json")],
)
def test_who_gets_no_connection_is_told_when_to_ask_again(studio, database, path, kind):
    headers = {"Authorization": "Bearer sr_none"}
    with blocked(database):
        first = threading.Thread(
            target=httpx.get, args=[f"{studio.address}/set-up/"], kwargs={"timeout": 60}
        )
        first.start()
        time.sleep(0.5)
        asked_at = time.monotonic()
        answer = httpx.get(studio.address + path, headers=headers, timeout=30)
        waited_s = time.monotonic() - asked_at
    first.join()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.headers["Content-Type"].startswith(kind)
    assert waited_s < 5
    assert "Traceback" not in answer.text + studio.installation.log()
    assert httpx.get(studio.address + path, headers=headers, timeout=30).status_code < 500
