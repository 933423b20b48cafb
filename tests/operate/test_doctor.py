"""`manage.py doctor` before servers that are well, ill, shy or not there."""

import json
import secrets
import shutil
import sqlite3

import psycopg
import pytest
import redis
from psycopg import sql

from config import env
from config.kit.database import set_role_timeouts
from config.kit.doctor import machine, services, setup
from tests import s3
from tests import stack as stacks
from tests.doubles import post
from tests.processes import Installation, until
from videos import tools

pytestmark = pytest.mark.processes
SECRET, KEPT = "0123456789abcdefghijklmnopqrstuvwxyz" * 2, "zyxwvutsrqponmlkjihgfedcba" * 2


def bad(found: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {about: told for about, (verdict, told) in found.items() if verdict == "FAIL"}


def test_a_new_installation_is_told_to_migrate_and_nothing_else(embedded):
    assert set(bad(embedded.says())) == {"Migrations"}


def test_json_says_the_same(embedded):
    told = json.loads(embedded.manage("doctor", "--json").stdout)
    assert {one["about"]: one["verdict"] for one in told} == {
        about: verdict for about, (verdict, _) in embedded.says().items()
    }


def test_a_warning_is_enough_for_who_is_strict(migrated):
    assert migrated.manage("doctor").returncode == 0
    assert migrated.manage("doctor", "--strict").returncode == 1


def test_a_production_that_only_lacks_workers(production):
    found = production.says()
    assert {name for name in bad(found) if not name.startswith("Cluster ")} == set()
    assert bad(found)["Cluster ai"] == "Nobody works for it: start manage.py qscale ai."
    assert found["Pooling"] == ("OK", "through pgbouncer")
    assert found["DATABASE_DIRECT_URL"][0] == found["Connections"][0] == "OK"
    assert found["Time-outs"] == (
        "WARN",
        "statement_timeout is 0 instead of 30s: run manage.py release.",
    )


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda url: url.replace("showrunner:", "showrunner:wrong"), "refuses user 'showrunner'"),
        (lambda url: url.rpartition("/")[0] + "/nothing", 'database "nothing" does not exist'),
        (lambda _: "postgres://a:b@127.0.0.1:1/c", "Nobody answers at 127.0.0.1:1 (Connection"),
    ],
    ids=["password", "database", "nobody there"],
)
def test_a_database_that_can_not_be_had(production, database, broken, said):
    production.through = []
    told = bad(production.says(DATABASE_URL=broken(database)))["Postgres"]
    assert said in told
    assert told.count(". ") == 0


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "postgres://a@", "DATABASE_URL can't be read"),
        ("REDIS_URL", "http://redis", "REDIS_URL can't be read"),
        ("MEDIA_S3_URL", "s3://", "MEDIA_S3_URL"),
        ("EMAIL_URL", "post://office", "EMAIL_URL can't be read"),
        ("PUBLIC_URL", "studio", "PUBLIC_URL is 'studio'"),
        ("PGBOUNCER_POOL", "many", "PGBOUNCER_POOL is 'many'"),
        ("DYNOS", "500", "DYNOS is 500"),
        ("WORKERS_AI", "16..4", "WORKERS_AI is '16..4'"),
    ],
)
def test_what_can_not_be_read_stops_the_start_with_a_sentence(production, name, value, said):
    production.through = []
    done = production.run(**{name: value})
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_server_with_too_few_connections(production):
    told = bad(production.says(PGBOUNCER_RESERVE="300"))["Connections"]
    assert told.startswith("The pools may open 350 and 10 are needed beside them")
    assert "max_connections leaves 227" in told
    shared = production.says(PGBOUNCER_RESERVE="150", DYNOS="4")
    assert shared["Connections"] == ("OK", "the pools may open 196 of 227")


def test_a_role_that_may_open_few(production, stack):
    with stack.postgres.admin() as admin:
        role = "CREATE ROLE shy LOGIN PASSWORD {} CONNECTION LIMIT 40 IN ROLE showrunner"
        admin.execute(sql.SQL(role).format(sql.Literal(stack.postgres.password)))
    try:
        url = production.settings["DATABASE_URL"].replace("//showrunner:", "//shy:")
        told = bad(production.says(DATABASE_URL=url))["Connections"]
        assert "CONNECTION LIMIT of the role leaves 40" in told
    finally:
        with stack.postgres.admin() as admin:
            admin.execute("DROP ROLE shy")


def test_a_direct_url_that_leads_through_a_pooler(production):
    script = 'DATABASE_DIRECT_URL=$DATABASE_URL exec "$0" "$@"'
    production.through = ["bin/with-pgbouncer", "sh", "-c", script]
    assert "leads through a pooler" in bad(production.says())["DATABASE_DIRECT_URL"]


def test_who_connects_directly_is_told_so(production):
    production.through = []
    assert production.says()["Pooling"][0] == "WARN"


@pytest.fixture
def shy(production, stack):
    """Web and workers are a role of their own, other than the one that migrates."""
    direct, name = production.settings["DATABASE_URL"], f"shy_{secrets.token_hex(4)}"
    with stack.postgres.admin() as admin:
        role = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE showrunner")
        admin.execute(role.format(sql.Identifier(name), sql.Literal(stack.postgres.password)))
    pooled = direct.replace("//showrunner:", f"//{name}:")
    production.settings |= {"DATABASE_URL": pooled, "DATABASE_DIRECT_URL": direct}
    yield pooled
    with stack.postgres.admin() as admin:
        stack.postgres.drop(direct)
        admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def test_time_outs_are_those_of_who_works_not_of_who_migrates(production, shy):
    with psycopg.connect(production.settings["DATABASE_DIRECT_URL"], autocommit=True) as direct:
        set_role_timeouts(direct)
    assert production.says()["Time-outs"] == (
        "WARN",
        "statement_timeout is 0 instead of 30s: run manage.py release.",
    )
    released = production.manage("release")
    assert released.returncode == 0, released.stderr
    assert production.says()["Time-outs"][0] == "OK"


def test_time_outs_that_release_has_set(production, database):
    with psycopg.connect(database, autocommit=True) as direct:
        set_role_timeouts(direct)
    assert production.says()["Time-outs"][0] == "OK"


# --- Redis


@pytest.fixture
def own_redis(tmp_path, production):
    """Configured by who asks for it, so it is nobody else's."""
    own = stacks.Redis(str(tmp_path), stacks.free_port())
    own.start()
    production.settings["REDIS_URL"] = own.url
    with redis.Redis.from_url(own.url) as client:
        yield client
    own.kill()


@pytest.mark.parametrize(
    ("memory", "policy", "verdict", "said"),
    [
        ("0", "noeviction", "WARN", "has no limit: set maxmemory"),
        ("100mb", "noeviction", "FAIL", "set its maxmemory-policy to allkeys-lru"),
        ("8mb", "allkeys-lru", "FAIL", "8 MB only: set its maxmemory to 32 MB or more"),
        ("100mb", "allkeys-lru", "OK", "of 100 MB, allkeys-lru"),
    ],
)
def test_the_memory_of_redis(production, own_redis, memory, policy, verdict, said):
    own_redis.config_set("maxmemory", memory)
    own_redis.config_set("maxmemory-policy", policy)
    found = production.says()["Redis"]
    assert found[0] == verdict
    assert said in found[1]


def test_a_release_refuses_a_redis_that_is_too_small(production, own_redis):
    own_redis.config_set("maxmemory", "8mb")
    done = production.manage("release")
    assert done.returncode == 1
    assert "Redis: Redis may use 8 MB only: set its maxmemory to 32 MB or more." in done.stdout
    assert "Nothing was changed." in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_a_redis_that_wants_a_password(production, own_redis):
    own_redis.config_set("requirepass", "kelp")
    assert "refuses" in bad(production.says())["Redis"]
    with_one = production.settings["REDIS_URL"].replace("//", "//:kelp@")
    assert "Redis" not in bad(production.says(REDIS_URL=with_one))


def test_a_redis_that_is_not_there(production):
    told = bad(production.says(REDIS_URL="redis://127.0.0.1:1"))["Redis"]
    assert told.startswith("no Redis answers at 127.0.0.1:1")


# --- files and mail


def test_files_at_s3_are_tried(production):
    with s3.server() as endpoint:
        bucket = s3.Bucket(endpoint, "kelp")
        assert production.says(MEDIA_S3_URL=bucket.url())["Files"][0] == "OK"
        assert bucket.keys() == {}
        other = bucket.url().replace("@kelp?", "@other?")
        assert "other" in bad(production.says(MEDIA_S3_URL=other))["Files"]
    assert "Files" in bad(production.says(MEDIA_S3_URL=bucket.url()))


def test_files_of_many_machines_need_a_store(production):
    told = bad(production.says(SINGLE_HOST="0"))["Files"]
    assert "set MEDIA_S3_URL, or SINGLE_HOST=1" in told


@pytest.mark.parametrize(
    ("url", "verdict", "said"),
    [
        ("", "WARN", "EMAIL_URL is not set"),
        ("smtp://{}", "OK", "takes letters"),
        ("smtp://ana:kelp@{}", "OK", "takes letters"),
        ("smtp://ana:wrong@{}", "FAIL", "refuses this user and password"),
        ("smtp+tls://{}", "FAIL", "STARTTLS"),
        ("smtp://127.0.0.1:1", "FAIL", "Nobody takes letters at 127.0.0.1:1"),
    ],
)
def test_the_mail_server(settings, monkeypatch, url, verdict, said):
    settings.EMBEDDED = False
    with post.post() as place:
        monkeypatch.setenv("EMAIL_URL", url.format(place))
        server = env.mail_server("EMAIL_URL")
        settings.EMAIL_BACKEND = server.backend
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = server.user, server.password
        settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = server.use_tls, server.use_ssl
        (found,) = services.mail_check()
    assert found.verdict == verdict
    assert said in found.told


# --- settings and the machine


HERE = {"PUBLIC_URL": "http://127.0.0.1:8000", "ALLOWED_HOSTS": ["127.0.0.1"]}


@pytest.mark.parametrize(
    ("changed", "about", "verdict"),
    [
        ({}, "SECRET_KEY", "OK"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY", "FAIL"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY", "FAIL"),
        ({"SECRET_KEY": KEPT, "SINGLE_HOST": False}, "SECRET_KEY", "FAIL"),
        ({"SECRET_KEY": KEPT}, "SECRET_KEY", "OK"),
        ({"ALLOWED_HOSTS": ["other.example"]}, "ALLOWED_HOSTS", "FAIL"),
        ({"ALLOWED_HOSTS": [".example"]}, "ALLOWED_HOSTS", "OK"),
        ({"ALLOWED_HOSTS": ["*"]}, "ALLOWED_HOSTS", "WARN"),
        ({"TRUST_PROXY": False}, "PUBLIC_URL", "WARN"),
        (HERE, "PUBLIC_URL", "WARN"),
        ({**HERE, "EMBEDDED": True}, "PUBLIC_URL", "OK"),
        ({"PUBLIC_URL": "http://studio.example"}, "PUBLIC_URL", "WARN"),
        ({"DEBUG": True}, "DEBUG", "FAIL"),
        ({"DEBUG": True, "EMBEDDED": True}, "DEBUG", "OK"),
        ({"IS_COLLECTED": True}, "Static files", "OK"),
        ({"IS_COLLECTED": False}, "Static files", "WARN"),
    ],
)
def test_settings_that_do_not_fit(settings, tmp_path, changed, about, verdict):
    (tmp_path / "secret_key").write_text(KEPT)
    well = {"SECRET_KEY": SECRET, "SINGLE_HOST": True, "EMBEDDED": False, "DEBUG": False}
    well |= {"PUBLIC_URL": "https://studio.example", "ALLOWED_HOSTS": ["studio.example"]}
    well |= {"TRUST_PROXY": True, "VAR_DIR": tmp_path}
    for name, value in {**well, **changed}.items():
        setattr(settings, name, value)
    found = {one.about: one.verdict for one in setup.check()}
    assert found[about] == verdict


def test_tools_that_are_not_there(monkeypatch):
    monkeypatch.setenv("PATH", "/usr/nothing")
    found = {one.about: one for one in tools.check()}
    assert found["ffmpeg"].told == "ffmpeg is not installed: run bin/setup."
    assert found["Voices"].verdict == found["Fonts"].verdict == "OK"


def test_a_full_disk_and_a_folder_of_somebody_else(settings, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    settings.VAR_DIR, settings.RUN_DIR = tmp_path, "/proc/nothing"
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100 * 2**20))
    found = {one.about: one for one in machine.check()}
    assert found["Disk"].verdict == found["RUN_DIR"].verdict == "FAIL"
    assert found["Disk"].told.startswith("100.0 MB are free at")


def test_processes_with_a_pool_that_nobody_counted(production, database):
    beat = (
        "INSERT INTO kit_clusterbeat (cluster, host, pid, workers, started_at, beat_at) "
        "VALUES ('ai', 'a', %s, 4, now(), now())"
    )
    with psycopg.connect(database) as connection:
        for pid in (1, 2):
            connection.execute(beat, [pid])
    found = production.says()
    assert found["Cluster ai"][0] == "OK"
    assert found["Pools"][0] == "WARN"
    assert "set DYNOS to how many run bin/with-pgbouncer, 3 or more" in found["Pools"][1]
    assert production.says(DYNOS="3")["Pools"][0] == "OK"


def test_a_brake_that_somebody_forgot(migrated):
    assert migrated.manage("brake", "on", "--what", "spending").returncode == 0
    assert migrated.says()["Brake"] == (
        "WARN",
        "all teams: Spending is stopped on this whole server: it goes on by itself once the "
        "server’s operators release the brake.",
    )


def test_a_schedule_that_is_gone(migrated):
    with sqlite3.connect(migrated.folder / "showrunner.sqlite3") as database:
        database.execute("DELETE FROM django_q_schedule WHERE name = 'showrunner: prune'")
    assert "showrunner: prune is missing" in bad(migrated.says())["Schedules"]


def test_workers_that_live_are_seen(migrated):
    assert migrated.says()["Cluster studio"][0] == "WARN"
    installation = Installation(migrated.folder)
    process = installation.start("manage.py", "qscale", "studio")
    try:
        until(lambda: migrated.says()["Cluster studio"][0] == "OK", what="its beat")
    finally:
        process.terminate()
        process.wait()
