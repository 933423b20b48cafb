"""The page of costs narrows all of its figures alike, and compares what can be compared."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from billing import ledger, spending
from billing.models import CostEntry, Estimate
from config.kit.errors import Spend
from tests.billing.test_spending import streamed
from videos.models import Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(team, channel, by_ana) -> Video:
    return Video.objects.create(
        team=team, channel=channel, title="Otters", source="Otters.", plan={}, state="review"
    )


def purpose(video: Video, stage: str = "narration", channel: int = 0) -> ledger.Purpose:
    of = channel or video.channel_id
    return ledger.Purpose(video.team_id, video.pk, 1, stage, "a", channel_id=of)


def book(video: Video, amount: int, provider: str = "acme:joe", channel: int = 0) -> CostEntry:
    ledger.book(purpose(video, channel=channel), [Spend(provider, "characters", 1, amount)])
    return CostEntry.objects.latest("id")


def hold(video: Video, amount: int, provider: str = "acme:joe") -> None:
    ledger.hold(purpose(video), amount_micros=amount, request=ledger.Request(provider, f"{amount}"))


def told(video: Video, expected: int, actual: int, provider: str = "acme") -> None:
    Estimate.objects.create(
        team_id=video.team_id,
        video_id=video.pk,
        stage="narration",
        provider=provider,
        low_micros=1,
        expected_micros=expected,
        high_micros=expected * 2,
        plain_micros=expected,
        actual_micros=actual,
        settled_at=datetime.now(UTC),
    )


def figures(client, query: str = "") -> str:
    page = client.get(f"/costs/{query}").content.decode()
    return re.sub(r"\s+", " ", page.partition('id="cost-figures"')[2].partition("</dl>")[0])


def test_what_is_set_aside_follows_the_filters(browser, ana, video, other):
    book(video, 1_000_000)
    hold(video, 2_000_000)
    hold(other, 5_000_000, "writer:m")
    client = browser(ana)
    for query, amount in (
        ("", "7.00"),
        (f"?video={video.pk}", "2.00"),
        (f"?video={other.pk}", "5.00"),
        ("?provider=writer", "5.00"),
        ("?provider=nobody", "0.00"),
        ("?period=last", "7.00"),
    ):
        aside = figures(client, query).partition("Set aside now")[2]
        assert aside.startswith(f'</dt><dd class="big">USD {amount}<'), query


def test_how_near_estimates_came_follows_the_filters(browser, ana, video, other):
    book(video, 3_000_000, channel=7)
    book(other, 1_000_000, "writer", channel=8)
    told(video, 2_000_000, 3_000_000)
    told(other, 2_000_000, 1_000_000, "writer")
    client = browser(ana)
    for query, percent in (
        ("", "0 %"),
        (f"?video={video.pk}", "+50 %"),
        ("?channel=8", "-50 %"),
        ("?channel=9", "–"),
        ("?provider=acme", "+50 %"),
        ("?stage=script", "–"),
        ("?unit=characters", "–"),
        ("?period=last", "–"),
    ):
        near = figures(client, query).partition("Against estimates")[2]
        assert f">{percent}</dd>" in near, query


@pytest.mark.parametrize(
    ("since", "until", "today", "first", "last"),
    [
        ("2026-11-01", "2026-11-30", "2026-11-10", "2026-10-01", "2026-10-10"),
        ("2026-03-01", "2026-03-31", "2026-03-30", "2026-02-01", "2026-02-28"),
        ("2026-10-01", "2026-10-31", "2026-11-10", "2026-09-01", "2026-09-30"),
        ("2026-10-12", "2026-11-10", "2026-11-10", "2026-09-12", "2026-10-11"),
        ("2026-11-05", "2026-12-31", "2026-11-10", "2026-10-30", "2026-11-04"),
        ("2027-01-05", "2027-01-06", "2026-11-10", "2027-01-04", "2027-01-04"),
    ],
)
def test_as_many_days_are_compared_as_have_come(since, until, today, first, last):
    days = [date.fromisoformat(one) for one in (since, until, today)]
    found = spending.before(*days)
    assert [one.isoformat() for one in found] == [first, last]


def test_the_page_names_the_days_that_it_compares_with(browser, ana, video):
    entry = book(video, 1_000_000)
    CostEntry.objects.filter(pk=entry.pk).update(at=datetime(2026, 3, 4, 12, tzinfo=UTC))
    shown = figures(browser(ana), "?since=2026-03-05&until=2026-03-06")
    assert "USD 1.00 from 3 Mar to 4 Mar" in shown


def test_the_export_has_every_day_that_was_asked_for(browser, ana, video):
    long_ago, now = book(video, 1_000_000), book(video, 2_000_000)
    then = datetime.now(UTC) - timedelta(days=800)
    CostEntry.objects.filter(pk=long_ago.pk).update(at=then)
    days = f"?since={then.date()}&until={spending.today()}"
    client = browser(ana)
    lines = streamed(client.get(f"/costs/entries.csv{days}"))
    assert [line["id"] for line in lines] == [str(long_ago.pk), str(now.pk)]
    assert "USD 3.00" in figures(client, days)


def test_each_video_says_how_far_it_is_from_its_estimate(browser, ana, video, other):
    book(video, 3_000_000)
    book(other, 1_000_000)
    told(video, 2_000_000, 3_000_000)
    page = browser(ana).get("/costs/").content.decode().partition('aria-labelledby="by-video"')[2]
    rows = page.partition("</section>")[0].split("<li>")[1:]
    assert [("+50 %" in row, "Against its estimate" in row) for row in rows] == [
        (True, True),
        (False, False),
    ]


def test_what_was_made_in_a_batch_can_be_looked_at_alone(browser, ana, video):
    assert 'id="by-batch"' not in browser(ana).get("/costs/").content.decode()
    entry, _ = book(video, 3_000_000), book(video, 1_000_000)
    CostEntry.objects.filter(pk=entry.pk).update(batch_id=7)
    client = browser(ana)
    page = client.get("/costs/").content.decode()
    assert 'id="by-batch"' in page
    assert "Batch 7" in page
    alone = client.get("/costs/?batch=7").content.decode()
    assert ("USD 3.00" in alone, "USD 4.00" in alone) == (True, False)
    assert len(streamed(client.get("/costs/entries.csv?batch=7"))) == 1


@pytest.fixture
def years(video) -> Video:
    """3 in March 2024, 2 in April 2024, 1 this month."""
    for amount, at in ((3, "2024-03-04T12:00Z"), (2, "2024-04-05T12:00Z"), (1, "")):
        entry = book(video, amount * 1_000_000)
        if at:
            CostEntry.objects.filter(pk=entry.pk).update(at=at)
    return video


def test_any_month_with_spending_can_be_chosen(browser, ana, years):
    client = browser(ana)
    page = client.get("/costs/?month=2024-03").content.decode()
    assert '<option value="2024-03" selected>March 2024</option>' in page
    assert '<option value="2024-04">' in page
    assert '<option value="2024-05">' not in page
    assert "USD 3.00" in figures(client, "?month=2024-03")
    assert "USD 1.00" in figures(client, "?month=nonsense")
    assert [
        line["amount"] for line in streamed(client.get("/costs/entries.csv?month=2024-04"))
    ] == ["2"]


def test_all_time_is_shown_by_month_and_stays_when_narrowed(browser, ana, years):
    page = browser(ana).get("/costs/?period=all").content.decode()
    assert "By month" in page
    assert "USD 6.00" in figures(browser(ana), "?period=all")
    assert "<td>2024-04</td>" in page
    narrower = re.search(r'<a class="share-name" href="\?([^"]*provider=acme[^"]*)"', page)
    assert narrower
    assert "USD 6.00" in figures(browser(ana), "?" + narrower[1].replace("&amp;", "&"))


def test_the_bars_are_made_of_what_the_legend_names(browser, ana, video):
    for n, amount in enumerate((9, 8, 7, 6, 5, 4, 3), 1):
        book(video, amount * 1_000_000, provider=f"vendor{n}")
    page = browser(ana).get("/costs/").content.decode()
    legend = page.partition('class="legend')[2].partition("</ul>")[0]
    assert [f"vendor{n}" in legend for n in range(1, 8)] == [True] * 5 + [False] * 2
    assert re.search(r"Others\s*<span[^>]*>USD 7.00", legend)
    by_step = browser(ana).get("/costs/?split=stage").content.decode()
    assert "narration" in by_step.partition('class="legend')[2].partition("</ul>")[0]


def test_each_list_ends_with_what_all_of_it_comes_to(browser, ana, video, other):
    book(video, 3_000_000)
    book(other, 1_500_000)
    page = browser(ana).get("/costs/").content.decode()
    for way in ("channel", "video", "provider", "stage"):
        shown = page.partition(f'aria-labelledby="by-{way}"')[2].partition("</section>")[0]
        assert re.search(r"Total</span><span[^>]*>USD 4.50<", shown), way


def test_one_video_is_shown_by_scene_and_for_each_step(browser, ana, video, by_ana):
    video.scenes.create(position=0, uid="aaaa0001", headline="Otters", narration="Otters.")
    for stage, part, amount in (
        ("narration", "scene:aaaa0001", 3),
        ("visuals", "scene:aaaa0001", 2),
        ("visuals", "scene:bbbb0002", 1),
        ("script", "whole", 4),
    ):
        why = ledger.Purpose(video.team_id, video.pk, 1, stage, part, channel_id=video.channel_id)
        ledger.book(why, [Spend("acme", "characters", 1, amount * 1_000_000)])
    client = browser(ana)
    assert 'id="by-part"' not in client.get("/costs/").content.decode()
    for query, told in (
        ("", [("1. Otters", 5), ("The whole video", 4), ("Scenes that are gone", 1)]),
        ("&stage=visuals", [("1. Otters", 2), ("Scenes that are gone", 1)]),
    ):
        page = client.get(f"/costs/?video={video.pk}{query}").content.decode()
        shown = page.partition('aria-labelledby="by-part"')[2].partition("</section>")[0]
        rows = shown.split("<li>")[1:]
        assert len(rows) == len(told)
        for row, (name, amount) in zip(rows, told, strict=True):
            assert name in row
            assert f"USD {amount}.00" in row


def test_days_without_spending_lead_to_all_time(browser, ana, years):
    page = browser(ana).get("/costs/?month=2023-01&provider=acme").content.decode()
    assert "Nothing was spent on this in these days" in page
    way_out = re.search(r'class="button small" href="\?([^"]*)">Show all time', page)
    assert way_out
    assert "USD 6.00" in figures(browser(ana), "?" + way_out[1].replace("&amp;", "&"))
