"""bin/with-pgbouncer: what it passes on, what it shields, what it caps."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from config import pgbouncer
from config.pgbouncer_ini import Plan
from tests.processes import until

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]
SLOW_WORK = """
    import psycopg, sys
    from config.kit.addresses import address
    from config import env
    with psycopg.connect(**address(env.text("DATABASE_URL")).libpq()) as connection:
        connection.execute("CREATE TABLE done (at timestamptz)")
        connection.execute("INSERT INTO done VALUES (now())")
        print("in flight", flush=True)
        connection.execute("SELECT pg_sleep(1.5)")
    sys.exit(7)
"""
WAITS = """
    import signal, sys, time
    def end(*_):
        print("told to end", flush=True)
        sys.exit(0)
    signal.signal(signal.SIGTERM, end)
    print("ready", flush=True)
    time.sleep(60)
"""


class Wrapped:
    def __init__(self, url: str, script: str, **settings: object) -> None:
        environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
        environment |= {name: str(value) for name, value in settings.items()}
        self.process = subprocess.Popen(
            ["bin/with-pgbouncer", sys.executable, "-c", textwrap.dedent(script)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def says(self, line: str) -> None:
        assert self.process.stdout
        assert self.process.stdout.readline().strip() == line

    def children(self) -> dict[str, psutil.Process]:
        return {child.name(): child for child in psutil.Process(self.process.pid).children()}

    def stop(self) -> None:
        for child in psutil.Process(self.process.pid).children(recursive=True):
            child.kill()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def wrapped(database):
    started: list[Wrapped] = []

    def start(script: str, **settings: object) -> Wrapped:
        started.append(Wrapped(database, script, **settings))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop()


@pytest.fixture
def run_dir():
    """Short, and open to pgbouncer, which is another user where we are root."""
    folder = Path(tempfile.mkdtemp(prefix="run-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.unlink(missing_ok=True)


def is_gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def ask(url: str, query: str):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone()[0]


def test_what_is_in_flight_survives_a_signal_to_every_process(wrapped, database):
    """Platforms send SIGTERM to all processes of a machine; pgbouncer would drop everything."""
    one = wrapped(
        "import signal; signal.signal(signal.SIGTERM, lambda *_: None)\n"
        + textwrap.dedent(SLOW_WORK)
    )
    one.says("in flight")
    for child in one.children().values():
        child.send_signal(signal.SIGTERM)
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(20) == 7
    assert ask(database, "SELECT count(*) FROM done") == 1


def test_a_signal_reaches_the_command_and_pgbouncer_ends_after_it(wrapped):
    one = wrapped(WAITS)
    one.says("ready")
    pooler = one.children()["pgbouncer"]
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(20) == 0
    until(lambda: not pooler.is_running(), what="pgbouncer has ended")


def test_pgbouncer_comes_back_when_it_is_killed(wrapped):
    one = wrapped(WAITS)
    one.says("ready")
    killed = one.children()["pgbouncer"]
    killed.kill()
    until(lambda: one.children().get("pgbouncer", killed).pid != killed.pid, what="another one")
    assert one.process.poll() is None


def test_what_runs_ends_with_a_wrapper_that_is_killed(wrapped):
    one = wrapped(WAITS)
    one.says("ready")
    children = one.children().values()
    one.process.kill()
    until(lambda: all(map(is_gone, children)), within_s=10, what="both are gone")
    assert one.process.stdout.read() == "told to end\n"


def test_the_next_one_removes_what_a_killed_one_left(wrapped, run_dir):
    one = wrapped(WAITS, RUN_DIR=run_dir)
    one.says("ready")
    (left,) = run_dir.iterdir()
    other = wrapped(WAITS, RUN_DIR=run_dir)
    other.says("ready")
    pooler = one.children()["pgbouncer"]
    one.process.kill()
    until(lambda: is_gone(pooler), what="its pgbouncer is gone")
    for folder in run_dir.iterdir():
        os.utime(folder, (0, 0))
    wrapped(WAITS, RUN_DIR=run_dir).says("ready")
    assert not left.exists()
    assert len(list(run_dir.iterdir())) == 2


def test_what_runs_is_ended_when_pgbouncer_cannot_come_back(wrapped, run_dir):
    """Its folder is gone, and where it lay nothing can be written any more."""
    one = wrapped(WAITS, RUN_DIR=run_dir)
    one.says("ready")
    shutil.rmtree(run_dir)
    run_dir.write_text("")
    one.children()["pgbouncer"].kill()
    said, told = one.process.communicate(timeout=40)
    assert (one.process.returncode, said) == (1, "told to end\n")
    assert told.endswith("\npgbouncer can't be brought back: ending what needs it.\n")
    assert "Traceback" not in told


def test_a_pgbouncer_that_hangs_is_replaced(wrapped):
    one = wrapped(WAITS)
    one.says("ready")
    hangs = one.children()["pgbouncer"]
    hangs.suspend()
    until(lambda: one.children().get("pgbouncer", hangs).pid != hangs.pid, what="another one")
    assert one.process.poll() is None


def test_a_pgbouncer_that_was_told_to_pause_is_well(database, monkeypatch):
    """As the runbook does while Postgres restarts; it answers, and lets nobody work."""
    monkeypatch.setattr(pgbouncer, "MISSES", 1)
    monkeypatch.setattr(pgbouncer, "LOOK_S", 0)
    pooler = pgbouncer.Pooler(database, Plan(4, 0, 1, wait_s=20, recycle_s=1800))
    pooler.start()
    try:
        os.kill(pooler.pid, signal.SIGUSR1)
        time.sleep(0.5)
        assert pooler.is_well()
        os.kill(pooler.pid, signal.SIGSTOP)
        assert not pooler.is_well()
    finally:
        os.kill(pooler.pid, signal.SIGKILL)
        pooler.stop()


def test_its_folder_lies_in_run_dir_and_is_private(wrapped, run_dir):
    one = wrapped(WAITS, RUN_DIR=run_dir)
    one.says("ready")
    (folder,) = run_dir.iterdir()
    assert folder.name.startswith("pgbouncer-")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {path.name for path in folder.iterdir()} >= {".s.PGSQL.6432", "pgbouncer.ini"}
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(20) == 0
    assert list(run_dir.iterdir()) == []


def test_a_run_dir_too_long_for_a_socket_is_passed_over(wrapped, run_dir):
    long = run_dir / ("long" * 25)
    one = wrapped(WAITS, RUN_DIR=long)
    one.says("ready")
    assert list(long.iterdir()) == []


def test_the_cap_holds_and_who_waits_too_long_is_told_so(wrapped, database, stack):
    script = """
        import psycopg, threading
        from config.kit.addresses import address
        from config import env
        where, told = address(env.text("DATABASE_URL")).libpq(), []
        def work():
            try:
                with psycopg.connect(**where) as connection:
                    connection.execute("SELECT pg_sleep(3)")
                told.append("done")
            except psycopg.OperationalError as error:
                told.append("waited" if "query_wait_timeout" in str(error) else str(error))
        threads = [threading.Thread(target=work) for _ in range(12)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        print(*sorted(set(told)), flush=True)
    """
    one = wrapped(script, PGBOUNCER_POOL=8, PGBOUNCER_RESERVE=4, DYNOS=2, PGBOUNCER_WAIT_S=2)
    most, ended = 0, threading.Event()

    def watch() -> None:
        nonlocal most
        name = database.rpartition("/")[2]
        with stack.postgres.admin() as admin:
            while not ended.is_set():
                query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
                most = max(most, admin.execute(query, [name]).fetchone()[0])
                time.sleep(0.05)

    watching = threading.Thread(target=watch)
    watching.start()
    one.says("done waited")
    ended.set()
    watching.join()
    assert most == 5  # (8 + 4) / 2, less the one for sessions


def test_a_lock_of_a_session_holds_through_the_session_alias(wrapped, database):
    one = wrapped(
        """
        import psycopg, time
        from config.kit.addresses import address
        from config import env
        where = address(env.text("DATABASE_SESSION_URL")).libpq()
        connection = psycopg.connect(**where, autocommit=True)
        connection.execute("SELECT pg_advisory_lock(5)")
        connection.execute("SELECT 1")
        print("locked", flush=True)
        time.sleep(60)
        """
    )
    one.says("locked")
    assert ask(database, "SELECT pg_try_advisory_lock(5)") is False


def test_a_password_with_every_sign_gets_through(stack, wrapped):
    url = stack.postgres.new_database()
    odd = 'it\'s a "pass\\word"; #1 %&='
    with stack.postgres.admin() as admin:
        admin.execute("CREATE ROLE odd LOGIN PASSWORD 'it''s a \"pass\\word\"; #1 %&='")
    quoted = "".join(f"%{byte:02x}" for byte in odd.encode())
    environment = {
        **os.environ,
        "DATABASE_URL": url.replace(url.split("//")[1].split("@")[0], f"odd:{quoted}"),
    }
    script = (
        "import psycopg; from config import env; from config.kit.addresses import address;"
        "print(psycopg.connect(**address(env.text('DATABASE_URL')).libpq())"
        ".execute('SELECT current_user').fetchone()[0])"
    )
    done = subprocess.run(
        ["bin/with-pgbouncer", sys.executable, "-c", script],
        cwd=ROOT,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    with stack.postgres.admin() as admin:
        stack.postgres.drop(url)
        admin.execute("DROP ROLE odd")
    assert done.stdout.strip() == "odd", done.stderr


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"DYNOS": "300"}, "DYNOS is 300"),
        ({"PGBOUNCER_POOL": "many"}, "PGBOUNCER_POOL is 'many'"),
        ({"PGBOUNCER_WAIT_S": "0"}, "PGBOUNCER_WAIT_S is '0'"),
    ],
)
def test_numbers_that_make_no_pool_stop_the_start_with_a_sentence(named, told):
    environment = {**os.environ, "DATABASE_URL": "postgres://a:b@127.0.0.1:1/c", **named}
    done = subprocess.run(
        ["bin/with-pgbouncer", "true"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.startswith(told), "Traceback" in done.stderr) == (
        1,
        True,
        False,
    )


def test_without_postgres_the_command_runs_as_it_is():
    environment = {**os.environ, "DATABASE_URL": ""}
    done = subprocess.run(
        ["bin/with-pgbouncer", "echo", "ran"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "ran\n"


@pytest.mark.parametrize("with_postgres", [True, False])
@pytest.mark.parametrize(
    ("program", "code", "why"),
    [
        ("nosuchcommand", 127, "No such file or directory"),
        ("/etc/passwd", 126, "Permission denied"),
    ],
)
def test_a_program_that_cannot_be_run_is_refused_as_a_shell_does(
    database, with_postgres, program, code, why
):
    done = subprocess.run(
        ["bin/with-pgbouncer", program],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database if with_postgres else ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (code, f"{program} can't be run: {why}.\n")


@pytest.mark.parametrize(
    "url",
    ["postgres://user:se/cret@host/db", "postgres://user:secret@host:5999", "postgres://[/db"],
)
def test_an_address_that_cannot_be_read_stops_the_start_and_tells_no_password(url):
    done = subprocess.run(
        ["bin/with-pgbouncer", "true"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("DATABASE_URL can't be read: write postgres://")
    assert len(done.stderr.splitlines()) == 1
    assert "'se'" not in done.stderr
    assert "secret" not in done.stderr
