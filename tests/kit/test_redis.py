"""Redis alive, dead, mute and back; its address; what is told of one that can't serve."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.cache import cache

from channels_app.actions import change_channel
from channels_app.models import Channel
from config.kit import redis_pools
from config.kit.cache import cache_result, take_turn
from config.kit.redis import client, key
from config.kit.redis_address import REST_S, TOLD, address
from teams.models import Team
from tests import stack as stacks
from tests.kit.conftest import lie_in
from tests.processes import ROOT, until

PAGES = ("/", "/videos/", "/channels/")
real = pytest.mark.processes


@cache_result(ttl=60, of=(Channel,))
def names(team_id: int) -> list[str]:
    return list(Channel.objects.filter(team_id=team_id).values_list("name", flat=True))


def pid_of(redis: stacks.Redis) -> int:
    return int((Path(redis.folder) / "redis.pid").read_text())


def look(client) -> float:
    """Seconds that the slowest page took."""
    slowest = 0.0
    for page in PAGES:
        began = time.monotonic()
        assert client.get(page).status_code == 200
        slowest = max(slowest, time.monotonic() - began)
    return slowest


@real
@pytest.mark.django_db(transaction=True)
def test_pages_need_no_redis(in_redis, browser, ana, by_ana, channel):
    client = browser(ana)
    look(client)
    in_redis.kill()
    change_channel(by=by_ana, channel=channel, settings={"name": "Dulse"})
    assert look(client) < 3
    assert "Dulse" in client.get("/channels/").content.decode()
    assert take_turn("draw", 10)


@real
@pytest.mark.django_db(transaction=True)
def test_pages_wait_little_for_a_redis_that_does_not_answer(in_redis, browser, ana, channel):
    client = browser(ana)
    look(client)
    os.kill(pid_of(in_redis), signal.SIGSTOP)
    try:
        look(client)
        assert look(client) < 3
    finally:
        os.kill(pid_of(in_redis), signal.SIGCONT)


@real
@pytest.mark.django_db(transaction=True)
def test_what_changed_while_redis_was_away_is_not_shown_as_it_was(in_redis, team, by_ana, channel):
    assert names(team.pk) == ["Kelp"]
    os.kill(pid_of(in_redis), signal.SIGSTOP)  # it keeps what it has, as behind a broken line
    try:
        change_channel(by=by_ana, channel=channel, settings={"name": "Dulse"})
    finally:
        os.kill(pid_of(in_redis), signal.SIGCONT)
    until(lambda: client("test").ping(), what="Redis answers")
    assert names(team.pk) == ["Dulse"]
    time.sleep(REST_S)
    assert names(team.pk) == ["Dulse"]


@real
@pytest.mark.django_db(transaction=True)
def test_a_redis_that_comes_back_or_is_emptied_is_used_again(in_redis, team, channel):
    names(team.pk)
    in_redis.kill()
    cache.set("one", 1)
    assert cache.get("one") is None
    in_redis.start()
    time.sleep(REST_S)
    cache.set("one", 1)
    assert cache.get("one") == 1
    client("test").flushall()
    Channel.objects.update(name="Dulse")
    assert names(team.pk) == ["Dulse"]


@real
def test_of_a_dead_redis_one_line_is_told(in_redis, caplog):
    in_redis.kill()
    with caplog.at_level(logging.WARNING, "showrunner.cache"):
        for _ in range(20):
            cache.get("one")
    told = [record for record in caplog.records if record.name == "showrunner.cache"]
    assert len(told) <= 1  # none, where another test has just told of it
    assert not any(record.exc_info for record in told)


@real
def test_to_empty_the_cache_leaves_the_keys_of_others(in_redis):
    client("test").set("strange", "kept")
    cache.set("ours", 1)
    cache.clear()
    assert (client("test").get("strange"), cache.get("ours")) == (b"kept", None)


@real
def test_each_use_has_connections_of_its_own_and_no_more(in_redis, settings):
    settings.REDIS_POOL = 2
    first, second = redis_pools.pool("cache"), redis_pools.pool("layer")
    assert first is redis_pools.pool("cache")
    assert first is not second
    held = [first.get_connection() for _ in range(2)]
    with pytest.raises(redis_pools.ConnectionError, match="No connection available"):
        first.get_connection()
    assert client("layer").ping()
    for one in held:
        first.release(one)
    assert client("cache").ping()
    assert key("presence", 7) == "showrunner:presence:7"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://cache.example", "can't be read"),
        ("redis://", "can't be read"),
        ("redis://:pa/ss@cache.example", "can't be read"),
        ("redis://cache.example:port", "can't be read"),
        ("redis://cache.example/first", "'first' is no number of a database"),
        ("redis://cache.example?pool=7", "pool is not known"),
        ("redis://cache.example?ssl_cert_reqs=none", "needs rediss://"),
        ("rediss://cache.example?ssl_cert_reqs=maybe", "ssl_cert_reqs is required or none"),
    ],
)
def test_an_address_that_is_none_stops_the_start_with_a_sentence(url, told):
    with pytest.raises(SystemExit, match="REDIS_URL") as stopped:
        address(url)
    assert told in str(stopped.value)
    assert "pa" not in str(stopped.value).replace("password", "")


@real
def test_a_wrong_address_stops_every_command():
    command = [sys.executable, "manage.py", "check"]
    environment = {**os.environ, "REDIS_URL": "redis:/cache"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [f"REDIS_URL can't be read: {TOLD}."]


@real
def test_what_is_wrong_with_a_redis_is_told_in_a_sentence(redis):
    assert redis_pools.trouble_at(redis.url) == ""
    with redis_pools.Redis.from_url(redis.url) as asked:
        asked.config_set("maxmemory", "8mb")
        assert "8 MB only" in redis_pools.trouble_at(redis.url)
        asked.config_set("maxmemory", "64mb")
        assert "allkeys-lru" in redis_pools.trouble_at(redis.url)
        asked.config_set("maxmemory-policy", "allkeys-lru")
        assert redis_pools.trouble_at(redis.url) == ""
        asked.config_set("requirepass", "secret")
    assert "refuses" in redis_pools.trouble_at(redis.url)
    assert "refuses" in redis_pools.trouble_at(redis.url.replace("//", "//:wrong@"))
    assert redis_pools.trouble_at(redis.url.replace("//", "//:secret@")) == ""
    redis.kill()
    assert "no Redis answers at 127.0.0.1" in redis_pools.trouble_at(redis.url)


@pytest.fixture
def with_tls(tmp_path):
    """The port of a Redis that shows a certificate of its own making, and the certificate."""
    folder, port = tmp_path / "tls", stacks.free_port()
    folder.mkdir()
    made = [shutil.which("openssl") or "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes"]
    made += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made += ["-keyout", str(folder / "key"), "-out", str(folder / "certificate")]
    subprocess.run(made, check=True, capture_output=True)
    command = ["redis-server", "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1"]
    command += ["--tls-cert-file", str(folder / "certificate"), "--tls-key-file"]
    command += [str(folder / "key"), "--tls-auth-clients", "no", "--save", ""]
    started = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
    yield port, folder / "certificate"
    started.kill()
    started.wait()


@real
def test_tls_asks_for_a_known_certificate_unless_it_is_told_not_to(with_tls, settings, tmp_path):
    port, certificate = with_tls
    url = f"rediss://localhost:{port}/0"
    until(lambda: not redis_pools.trouble_at(f"{url}?ssl_cert_reqs=none"), within_s=10)
    assert "certificate verify failed" in redis_pools.trouble_at(url)
    assert redis_pools.trouble_at(f"{url}?ssl_ca_certs={certificate}") == ""
    lie_in(settings, tmp_path, redis_url=f"{url}?ssl_cert_reqs=none")
    cache.set("one", Team(name="Kelp"))
    assert cache.get("one").name == "Kelp"
