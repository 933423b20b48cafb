"""Slow statements and repeated ones: told at once, added up by day, without what was asked for."""

import logging
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections, transaction
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import path

from config.kit import logs, slow_queries
from config.kit.database import verb
from config.kit.models import SlowQuery
from teams.models import Team, User

LOGGER = "showrunner.db.slow"


@pytest.fixture
def all_slow(settings, monkeypatch):
    """Every statement counts as slow, and nothing waits to be written."""
    monkeypatch.setattr(slow_queries, "_waiting", slow_queries._Waiting())
    monkeypatch.setattr(slow_queries, "_lines", slow_queries._Lines())
    monkeypatch.setattr(slow_queries, "WRITE_EVERY_S", 0.0)
    settings.SLOW_QUERY_MS = 0


def ask_for(name: str) -> None:
    list(User.objects.filter(email=name, pk__in=[1, 2, 3]).values("pk"))


def kept() -> SlowQuery:
    return SlowQuery.objects.get(statement__contains='"teams_user"."email" = %s')


@pytest.mark.django_db(transaction=True)
def test_a_slow_statement_is_told_with_its_place_and_without_its_values(all_slow, caplog):
    with logs.work("stage mix", run=7):
        ask_for("ana@kelp.example")
        ask_for("ben@kelp.example")
    told = [one for one in caplog.records if one.name == LOGGER][-1]
    assert told.count == 2
    assert told.caller.startswith("tests/kit/test_slow_queries.py:")
    assert "IN (%s, ..)" in told.statement
    assert "kelp" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_an_overload_floods_no_log_and_is_counted_in_full(all_slow, caplog, monkeypatch):
    second = [1.0]
    monkeypatch.setattr(slow_queries, "_lines", slow_queries._Lines(lambda: second[0]))
    for _ in range(50):
        ask_for("ana@kelp.example")
    second[0] = 2.0
    ask_for("ana@kelp.example")
    told = [one for one in caplog.records if one.name == LOGGER]
    assert len(told) == slow_queries.LINES_A_SECOND + 1
    assert told[-1].left_out >= 50 - slow_queries.LINES_A_SECOND
    assert kept().count == 51


@pytest.mark.django_db(transaction=True)
def test_the_times_of_a_day_are_added_up(all_slow):
    for _ in range(3):
        with logs.work("stage mix", run=7):
            ask_for("ana@kelp.example")
    row = kept()
    assert row.count == 3
    assert row.worst_in == "run=7"
    assert row.caller.endswith(" ask_for")
    assert row.total_ms >= row.worst_ms >= 0


@pytest.mark.django_db(transaction=True)
def test_what_is_quick_is_not_kept(all_slow, settings):
    settings.SLOW_QUERY_MS = 60_000
    ask_for("ana@kelp.example")
    assert not SlowQuery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nobodys_transaction_holds_them_and_no_rollback_loses_them(all_slow, settings):
    def change() -> None:
        with transaction.atomic():
            ask_for("ana@kelp.example")
            raise LookupError

    with pytest.raises(LookupError):
        change()
    Team.objects.exists()
    assert kept().count == 1


@pytest.mark.django_db(transaction=True)
def test_the_writing_is_no_query_of_the_callers(all_slow):
    with CaptureQueriesContext(connection) as seen:
        ask_for("ana@kelp.example")
    assert len(seen) == 1
    assert not SlowQuery.objects.filter(statement__contains="kit_slowquery").exclude(
        caller__contains="test_slow"
    )


@pytest.mark.django_db(transaction=True)
def test_a_request_writes_after_its_answer(all_slow, browser, ana):
    client = browser(ana)
    SlowQuery.objects.all().delete()

    def ask() -> None:
        client.get("/team/")
        connections.close_all()

    server = threading.Thread(target=ask)
    server.start()
    server.join()
    assert SlowQuery.objects.filter(worst_in__startswith="request=").exists()


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_nothing_costs_the_caller_nothing(all_slow, caplog):
    where = connection.settings_dict["NAME"]
    with sqlite3.connect(where, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        ask_for("ana@kelp.example")
        ask_for("ben@kelp.example")
        other.execute("ROLLBACK")
    assert not SlowQuery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_day_keeps_so_many_shapes_and_goes_on_counting_them(all_slow, monkeypatch):
    ask_for("ana@kelp.example")
    monkeypatch.setattr(slow_queries, "MOST_A_DAY", SlowQuery.objects.count())
    known = set(SlowQuery.objects.values_list("fingerprint", flat=True))
    list(Team.objects.filter(slug="kelp"))
    ask_for("ben@kelp.example")
    assert set(SlowQuery.objects.values_list("fingerprint", flat=True)) <= known | set()
    assert kept().count == 2


def row(days_ago: int) -> SlowQuery:
    day = datetime.now(UTC).date() - timedelta(days=days_ago)
    return SlowQuery.objects.create(
        day=day,
        fingerprint=f"f{days_ago}",
        statement=f"SELECT day {days_ago}",
        count=2,
        worst_ms=900,
        total_ms=1000 + days_ago,
    )


@pytest.mark.django_db
def test_two_weeks_are_kept():
    for days in (0, 13, 15):
        row(days)
    slow_queries.prune()
    ours = SlowQuery.objects.filter(
        fingerprint__in=["f0", "f13", "f15"]
    )  # a busy machine has others
    assert sorted(ours.values_list("fingerprint", flat=True)) == ["f0", "f13"]


@pytest.mark.django_db
def test_the_admin_shows_the_worst_of_the_day_first(admin_client):
    for days in (0, 3, 10):
        row(days)
    today = admin_client.get("/admin/kit/slowquery/").content.decode()
    assert "SELECT day 0" in today
    assert "SELECT day 3" not in today
    week = admin_client.get("/admin/kit/slowquery/?days=7").content.decode()
    assert week.index("SELECT day 3") < week.index("SELECT day 0")
    assert "SELECT day 10" not in week


@pytest.mark.parametrize(
    ("statement", "shape"),
    [
        ("SELECT 1 FROM t WHERE a = 'it''s' AND b IN (1, 2,3)", "t WHERE a = ? AND b IN (%s, ..)"),
        ("SELECT *\n  FROM T4 WHERE U0.id = %s", "FROM T4 WHERE U0.id = %s"),
        ("INSERT INTO t VALUES (%s, %s), (%s, %s), (%s, %s)", "VALUES (%s, ..), .."),
    ],
)
def test_a_shape_has_no_values(statement, shape):
    assert slow_queries.shape(statement).endswith(shape)


# A page that asks the same question for each of its rows
def careless(request):
    return HttpResponse(
        "".join(str(Team.objects.filter(pk=number).exists()) for number in range(20))
    )


def careful(request):
    @verb
    def change() -> None:
        for number in range(20):
            Team.objects.filter(pk=number).exists()

    change()
    return HttpResponse("ok")


urlpatterns = [path("careless/", careless), path("careful/", careful)]


@pytest.fixture
def pages(settings):
    settings.ROOT_URLCONF = __name__


@pytest.mark.django_db
@pytest.mark.repeats("that is what it is about")
def test_a_page_that_asks_again_and_again_is_noticed(pages, client, asked_once):
    client.get("/careless/")
    assert len(asked_once) == 1
    assert "tests/kit/test_slow_queries.py:" in asked_once[0]
    assert "careless" in asked_once[0] or "genexpr" in asked_once[0]


@pytest.mark.django_db
def test_a_verb_may_ask_for_each_row(pages, client, asked_once):
    client.get("/careful/")
    assert asked_once == []


@pytest.mark.django_db
@pytest.mark.repeats("that is what it is about")
def test_debug_warns_of_it(pages, client, caplog):
    slow_queries.watch_repeats(slow_queries._warn_of_repeats)
    with caplog.at_level(logging.WARNING, LOGGER):
        client.get("/careless/")
    assert "asked 10 times in one request" in caplog.text


@pytest.mark.processes
def test_a_test_that_asks_again_and_again_fails(tmp_path):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "tests/kit/offending.py"],
        cwd=django_settings.BASE_DIR,
        env={"PATH": "/usr/bin:/bin", "VAR_DIR": str(tmp_path / "var")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "10 times in one request" in done.stdout
