"""`manage.py release` on a new Postgres, twice, at once, and on one that is not there."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests import stack as stacks

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def empty(stack):
    """The URL of a database in which nothing is."""
    with stack.postgres.admin() as admin:
        name = f"bare_{secrets.token_hex(4)}"
        names = map(sql.Identifier, (name, stacks.ROLE))
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
    url = stack.postgres.url(name)
    yield url
    stack.postgres.drop(url)


def releasing(url: str, var: Path, **more: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "DATABASE_URL": url, "VAR_DIR": str(var), **more}
    environment |= {"SECRET_KEY": "k" * 25 + "-" * 13 + "0123456789abcdefghij"}
    environment |= {"PUBLIC_URL": "https://studio.example", "ALLOWED_HOSTS": "studio.example"}
    environment |= {"SINGLE_HOST": "1"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "release"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_releases_at_once_migrate_once_and_set_the_time_outs(empty, tmp_path):
    both = [releasing(empty, tmp_path / str(n)) for n in (1, 2)]
    told = [one.communicate(timeout=120) for one in both]
    assert [one.returncode for one in both] == [0, 0], told
    with psycopg.connect(empty) as connection:
        asked = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
        found = [connection.execute(f"SHOW {name}").fetchone()[0] for name in asked]
        done = "SELECT count(*), count(DISTINCT (app, name)) FROM django_migrations"
        twice, once = connection.execute(done).fetchone()
    assert found == ["30s", "10s", "1min"]
    assert twice == once > 0


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda url: url.replace("showrunner:", "showrunner:wrong"), "authentication failed"),
        (lambda url: url.replace("/bare_", "/nothing_"), "does not exist"),
        (lambda _: "postgres://nobody@/", "host and database are needed"),
        (lambda _: "mysql://a@b/c", "starts with 'mysql'"),
        (lambda url: f"{url}?sslmodus=on", "sslmodus is not known"),
    ],
    ids=["password", "database", "no host", "another kind", "option"],
)
def test_what_is_wrong_with_the_address_is_said_in_a_sentence(empty, tmp_path, broken, said):
    one = releasing(broken(empty), tmp_path)
    out, err = one.communicate(timeout=60)
    assert one.returncode == 1
    assert said in err
    assert "Traceback" not in out + err


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"DEBUG": "1"}, "DEBUG is on and shows the insides to everybody: unset it."),
        ({"PGBOUNCER_RESERVE": "300"}, "but max_connections leaves 227: raise it, or lower"),
    ],
    ids=["settings", "Postgres"],
)
def test_what_does_not_fit_is_refused_before_anything_is_changed(empty, tmp_path, changed, said):
    one = releasing(empty, tmp_path, **changed)
    out, err = one.communicate(timeout=60)
    assert one.returncode == 1
    assert said in out
    assert "Nothing was changed." in err
    assert "Traceback" not in out + err
    with psycopg.connect(empty) as connection:
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert connection.execute(tables).fetchone() == (0,)


LOST = (
    "INSERT INTO django_q_schedule (func, schedule_type, repeats, name, cluster) "
    "VALUES (%s, 'D', -1, %s, %s)"
)


def test_a_schedule_that_no_cluster_would_run_fails_the_release(database, tmp_path):
    with psycopg.connect(database) as connection:
        connection.execute(LOST, ["kelp.grow", "Grow kelp", None])
        connection.execute(LOST, ["kelp.cut", "Cut kelp", "reef"])
    one = releasing(database, tmp_path)
    out, err = one.communicate(timeout=120)
    assert one.returncode == 1
    assert "The schedule 'Grow kelp' names no cluster." in err
    assert "The schedule 'Cut kelp' names the cluster 'reef', which nobody runs." in err
    assert "Write one of batch, ai, render, publish." in err
    assert "Traceback" not in out + err
    assert "Released" not in out
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM django_q_schedule WHERE func LIKE 'kelp.%'")
    again = releasing(database, tmp_path)
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
