import os
import stat

import pytest

from config import env
from config.kit.database import databases


@pytest.mark.parametrize(
    ("value", "read"), [("1", True), ("true", True), ("off", False), ("", False)]
)
def test_flags_are_read(monkeypatch, value, read):
    monkeypatch.setenv("SOME_FLAG", value)
    assert env.flag("SOME_FLAG") is read


@pytest.mark.parametrize("value", ["maybe", "2"])
def test_a_flag_that_is_no_flag_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("SOME_FLAG", value)
    with pytest.raises(SystemExit, match="SOME_FLAG"):
        env.flag("SOME_FLAG")


@pytest.mark.parametrize("value", ["-1", "many", "1.5", "9"])
def test_a_number_out_of_range_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("SOME_NUMBER", value)
    with pytest.raises(SystemExit, match="from 1 to 8"):
        env.number("SOME_NUMBER", 2, least=1, most=8)


def test_a_secret_is_made_once_and_kept_private(monkeypatch, tmp_path):
    monkeypatch.delenv("SOME_SECRET", raising=False)
    first = env.secret("SOME_SECRET", tmp_path / "secret")
    assert env.secret("SOME_SECRET", tmp_path / "secret") == first
    assert len(first) > 40
    assert stat.S_IMODE(os.stat(tmp_path / "secret").st_mode) == 0o600


@pytest.mark.parametrize("value", ["studio.example", "ftp://studio.example", "https://"])
def test_an_address_that_is_none_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("SOME_URL", value)
    with pytest.raises(SystemExit, match="SOME_URL"):
        env.web_address("SOME_URL", "http://127.0.0.1:8000")


def test_half_of_two_names_that_go_together_stops_the_start(monkeypatch):
    monkeypatch.delenv("SOME_ID", raising=False)
    monkeypatch.delenv("SOME_SECRET", raising=False)
    env.both("SOME_ID", "SOME_SECRET")
    monkeypatch.setenv("SOME_ID", "kelp")
    with pytest.raises(SystemExit, match="SOME_SECRET is not set"):
        env.both("SOME_ID", "SOME_SECRET")
    monkeypatch.setenv("SOME_SECRET", "tang")
    env.both("SOME_ID", "SOME_SECRET")


@pytest.mark.parametrize("value", ["http://studio.example", "studio.example:8000"])
def test_a_host_is_a_name_alone(monkeypatch, value):
    monkeypatch.setenv("SOME_HOSTS", value)
    with pytest.raises(SystemExit, match="SOME_HOSTS"):
        env.hosts("SOME_HOSTS", "localhost")


@pytest.mark.parametrize("path", ["/proc/nope/x.sqlite3", "", "/tmp", "/bin/sh"])
def test_a_database_that_is_none_stops_the_start(tmp_path, path):
    with pytest.raises(SystemExit, match="DATABASE_URL"):
        databases(f"sqlite:///{path}", tmp_path)


@pytest.mark.parametrize(("value", "read"), [("4..16", (4, 16)), ("3", (3, 3)), ("", (1, 2))])
def test_workers_are_a_range_or_one_number(monkeypatch, value, read):
    monkeypatch.setenv("WORKERS_SOME", value)
    assert env.worker_range("WORKERS_SOME", 1, 2) == read


@pytest.mark.parametrize("value", ["8,16", "16..4", "many", "0..4", "4..", "4..65", "-1", "4...8"])
def test_a_range_that_is_none_stops_the_start_with_a_sentence(monkeypatch, value):
    monkeypatch.setenv("WORKERS_SOME", value)
    with pytest.raises(SystemExit, match=r"WORKERS_SOME is .*: write a range such as 4\.\.16"):
        env.worker_range("WORKERS_SOME", 1, 2)


def test_the_cluster_of_qscale_is_where_django_q_looks_for_it(monkeypatch):
    monkeypatch.setenv("Q_CLUSTER_NAME", "")
    env.serve_cluster(["manage.py", "qscale", "--with-parent", "7", "ai"], ["batch", "ai"])
    assert os.environ["Q_CLUSTER_NAME"] == "ai"


def test_a_cluster_that_nobody_knows_stops_the_start(monkeypatch):
    monkeypatch.setenv("Q_CLUSTER_NAME", "elsewhere")
    with pytest.raises(SystemExit, match="Q_CLUSTER_NAME is 'elsewhere': write batch, ai"):
        env.serve_cluster(["manage.py", "qcluster"], ["batch", "ai"])
