"""Quota enforcement over five and more channels: no call is made that YouTube would refuse."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import F, Sum

from channels_app import quotas, reference
from channels_app.models import QuotaBucket, QuotaDay, QuotaLedger, QuotaRule, Use

pytestmark = pytest.mark.django_db
CHANNELS = range(1, 8)


@pytest.fixture(autouse=True)
def rules(db) -> None:
    reference.write()  # a test of transactions has emptied the tables before


def limited(bucket: str, units: int, kept_percent: int = 0) -> None:
    rows = QuotaBucket.objects.filter(name=bucket)
    rows.update(units_a_day=units, kept_percent=kept_percent)


def taken(bucket: str) -> int:
    days = QuotaDay.objects.filter(bucket__name=bucket)
    return days.aggregate(sum=Sum(F("spent") + F("reserved")))["sum"] or 0


def publish(name: str, channel_id: int) -> bool:
    try:
        with quotas.counted("videos.insert", request=name, channel_id=channel_id):
            return True
    except quotas.UsedUp:
        return False


def test_seven_channels_share_the_uploads_of_a_day_and_the_rest_waits_for_the_next():
    limited("uploads", 10)
    went = [publish(f"{turn}/{one}", one) for turn in range(2) for one in CHANNELS]
    assert went == [True] * 10 + [False] * 4
    assert taken("uploads") == 10
    with pytest.raises(quotas.UsedUp, match="no more uploads through today") as refused:
        quotas.reserve("videos.insert", request="one more")
    assert 0 < refused.value.retry_after_s <= 25 * 3600
    assert refused.value.resets_at.hour in (7, 8)


def test_a_bucket_that_is_used_up_stops_no_other():
    limited("uploads", 0)
    assert not publish("a", 1)
    with quotas.counted("thumbnails.set", request="b", channel_id=1) as call:
        assert call.units == 50
    assert taken("units") == 50


def test_what_is_kept_for_people_is_left_alone_by_publications():
    limited("units", 1_000, kept_percent=10)
    for number in range(9):
        quotas.spend(quotas.reserve("captions.list", request=f"{number}"))
        quotas.spend(quotas.reserve("videos.update", request=f"u{number}"))
    with pytest.raises(quotas.UsedUp):
        quotas.reserve("videos.list", request="by machine")
    assert quotas.reserve("videos.update", request="by hand", is_by_hand=True).units == 50


def test_the_same_call_is_reserved_once_however_often_it_is_said():
    first = quotas.reserve("videos.insert", request="same", channel_id=3)
    assert quotas.reserve("videos.insert", request="same", channel_id=3) == first
    quotas.spend(first)
    quotas.spend(first)
    assert taken("uploads") == 1


def test_a_call_that_never_left_takes_nothing():
    with (
        pytest.raises(quotas.NotSent),
        quotas.counted("videos.insert", request="never"),
    ):
        raise quotas.NotSent("No connection.")
    assert taken("uploads") == 0


def test_a_call_whose_answer_was_lost_counts():
    with pytest.raises(OSError, match="cut"), quotas.counted("videos.insert", request="lost"):
        raise OSError("cut")
    assert QuotaLedger.objects.get().state == Use.SPENT


def test_calls_of_a_worker_that_died_count_after_a_while():
    call = quotas.reserve("captions.insert", request="died", channel_id=1)
    assert quotas.settle_lost() == 0
    QuotaLedger.objects.update(at=F("at") - timedelta(minutes=20))
    assert quotas.settle_lost() == 1
    call.refresh_from_db()
    day = QuotaDay.objects.get()
    assert (call.state, day.spent, day.reserved) == (Use.SPENT, 400, 0)


def test_what_google_says_goes_before_what_we_counted():
    quotas.spend(quotas.reserve("videos.insert", request="first"))
    assert "uploads" in quotas.close("videos.insert").message
    assert not publish("second", 2)
    assert {one.bucket: one.left for one in quotas.today()}["uploads"] == 0
    quotas.reopen(QuotaDay.objects.get())
    assert publish("third", 2)


def test_a_rule_that_an_operator_changes_counts_from_the_next_call_on():
    bucket = QuotaBucket.objects.get(name="units")
    QuotaRule.objects.filter(method="thumbnails.set").update(cost=7)
    assert quotas.reserve("thumbnails.set", request="a").units == 7
    QuotaRule.objects.create(
        method="thumbnails.set", bucket=bucket, cost=9, valid_from=date(2026, 7, 1)
    )
    assert quotas.reserve("thumbnails.set", request="b").units == 9
    assert quotas.costs(date(2026, 6, 30))["thumbnails.set"] == ("units", 7)


def test_a_method_without_a_rule_is_not_called():
    with pytest.raises(quotas.NoRule, match="says what members"):
        quotas.reserve("members.list", request="a")


def test_what_operators_changed_is_left_alone_at_the_next_release():
    limited("uploads", 5_000)
    reference.write()
    assert QuotaBucket.objects.get(name="uploads").units_a_day == 5_000


@pytest.mark.parametrize(
    ("now", "day", "resets"),
    [
        ("2026-11-28T07:59:59", date(2026, 11, 27), "2026-11-28T08:00:00"),
        ("2026-11-28T08:00:00", date(2026, 11, 28), "2026-11-29T08:00:00"),
        ("2026-07-01T06:59:59", date(2026, 6, 30), "2026-07-01T07:00:00"),
        ("2026-03-08T12:00:00", date(2026, 3, 8), "2026-03-09T07:00:00"),  # clocks go forward
        ("2026-11-01T12:00:00", date(2026, 11, 1), "2026-11-02T08:00:00"),  # and back
    ],
)
def test_a_day_begins_at_midnight_in_california(now, day, resets):
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert quotas.pacific_day(at) == day
    assert quotas.resets_at(at) == datetime.fromisoformat(resets).replace(tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_never_pass_the_quota():
    reference.write()
    limited("uploads", 20)

    def one(number: int) -> bool:
        try:
            return publish(f"{number}", number % 7 + 1)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        went = list(threads.map(one, range(60)))
    assert sum(went) == taken("uploads") == 20
