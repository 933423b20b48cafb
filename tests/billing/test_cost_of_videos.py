"""What each video was expected to cost, has cost, and the difference: as API and CSV tell it."""

import pytest
from django.db.models.functions import Now

from billing.models import CostEntry, Estimate
from tests.billing.test_cost_page import book, told
from tests.billing.test_spending import streamed
from tests.kit.test_api import problem
from videos.models import Video

pytestmark = pytest.mark.django_db
CSV = "/costs/videos.csv"


@pytest.fixture
def made(video) -> Video:
    """Expected at 2, with 3 spent on it."""
    entry = book(video, 3_000_000)
    CostEntry.objects.filter(pk=entry.pk).update(batch_id=12, at="2026-03-04T12:00Z")
    told(video, 2_000_000, 3_000_000)
    Estimate.objects.update(settled_at="2026-03-04T13:00Z")
    return video


EVER = "since=2026-01-01&until=2026-12-31"


def test_the_export_has_a_line_for_each_video(browser, ana, channel, made):
    (line,) = streamed(browser(ana).get(f"{CSV}?{EVER}"))
    assert line == {
        "video_id": str(made.pk),
        "title": "Kelp",
        "channel_id": str(channel.pk),
        "channel": "Kelp",
        "batch_id": "12",
        "batch": "Batch 12",
        "month": "2026-03",
        "low": "0.000001",
        "expected": "2",
        "high": "4",
        "spent": "3",
        "actual": "3",
        "difference": "1",
        "percent": "50",
        "currency": "USD",
    }


def test_programs_read_the_same_columns(program, browser, ana, made):
    (told,) = program(ana).get("costs/videos/").json()["results"]
    (line,) = streamed(browser(ana).get(f"{CSV}?{EVER}"))
    assert [name.removesuffix("_micros") for name in told] == list(line)
    assert (told["expected_micros"], told["difference_micros"], told["percent"]) == (
        2_000_000,
        1_000_000,
        50,
    )


def test_there_is_no_difference_before_it_is_made(program, ana, made):
    Estimate.objects.update(actual_micros=None, settled_at=None)
    (told,) = program(ana).get("costs/videos/").json()["results"]
    assert (told["actual_micros"], told["difference_micros"], told["percent"]) == (
        3_000_000,
        None,
        None,
    )


def test_spent_is_of_the_days_and_actual_of_all(program, ana, made):
    book(made, 500_000)
    (told,) = program(ana).get("costs/videos/?since=2026-03-01&until=2026-03-31").json()["results"]
    assert (told["spent_micros"], told["actual_micros"]) == (3_000_000, 3_500_000)


def test_pages_of_videos_follow_one_another(program, ana, channel, by_ana, team):
    videos = [
        Video.objects.create(team=team, channel=channel, title=f"{n}", source="Kelp.", plan={})
        for n in range(3)
    ]
    for video in videos:
        book(video, 1_000_000)
    who = program(ana)
    first = who.get("costs/videos/?limit=2").json()
    then = who.get(first["next"].partition("/api/v1/")[2]).json()
    ids = [one["video_id"] for one in (*first["results"], *then["results"])]
    assert ids == [video.pk for video in reversed(videos)]


@pytest.mark.parametrize(
    ("by", "key", "label"),
    [
        ("channel", "{channel}", "Kelp"),
        ("batch", "12", "Batch 12"),
        ("month", "2026-03", "2026-03"),
        ("day", "2026-03-04", "2026-03-04"),
        ("stage", "narration", "Narration"),
        ("provider", "acme", "Acme"),
        ("video", "{video}", "Kelp"),
    ],
)
def test_sums_say_how_near_estimates_came(program, ana, channel, made, by, key, label):
    (one,) = program(ana).get(f"costs/summary/?by={by}").json()["results"]
    wanted = key.format(channel=channel.pk, video=made.pk)
    assert (one["key"], one["label"], one["amount_micros"]) == (wanted, label, 3_000_000)
    estimated = one["estimated"]
    assert (estimated["videos"], estimated["expected_micros"], estimated["percent"]) == (
        1,
        2_000_000,
        50,
    )


def test_a_month_in_which_a_video_was_made_stands_there_though_nothing_was_spent(
    program, ana, made
):
    Estimate.objects.update(settled_at=Now())
    found = program(ana).get("costs/summary/?by=month").json()["results"]
    assert [(one["amount_micros"], one["estimated"]["videos"]) for one in found] == [
        (3_000_000, 0),
        (0, 1),
    ]


def test_nobody_estimates_by_unit(program, ana, made):
    (one,) = program(ana).get("costs/summary/?by=unit").json()["results"]
    assert one["estimated"] is None


def test_who_may_not_see_costs_sees_none(program, browser, ana, ben, vic, cho, made):
    for who in (ben, vic):
        answer = browser(who).get(CSV)
        assert answer.status_code in (302, 403)
        assert "Kelp" not in answer.content.decode()
        problem(program(who).get("costs/videos/"), 403, "forbidden")
    problem(program(ana, "videos:read").get("costs/videos/"), 403, "forbidden")
    problem(program(None).get("costs/videos/"), 401, "not_authenticated")
    assert browser(None).get(CSV).status_code == 302
    assert streamed(browser(cho).get(f"{CSV}?{EVER}")) == []
    assert program(cho).get("costs/videos/").json()["results"] == []
    for by in ("channel", "video", "month"):
        assert program(cho).get(f"costs/summary/?by={by}").json()["results"] == []
