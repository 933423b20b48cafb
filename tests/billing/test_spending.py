"""What was spent, as page, export and API show it to those who see costs: sums of the ledger."""

import csv
import io

import pytest

from billing import ledger
from billing.models import CostEntry
from config.kit.errors import Spend
from teams.access import SCOPES
from tests.kit.test_api import problem

pytestmark = pytest.mark.django_db


def spend(team, channel, video, amount: int, provider="acme:joe", stage="narration", part="a"):
    why = ledger.Purpose(team.pk, video.pk, 1, stage, part, channel_id=channel.pk)
    ledger.book(why, [Spend(provider, "characters", 12, amount, model="m-1")])


@pytest.fixture
def spent(team, channel, video):
    spend(team, channel, video, 3_000_000)
    spend(team, channel, video, 1_000_000, "acme:ann", part="b")
    spend(team, channel, video, 500_000, "writer", "script")
    return video


def streamed(answer) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_page_shows_sums_by_whom_and_for_what(browser, ana, spent):
    page = browser(ana).get("/costs/").content.decode()
    for told in ("USD 4.50", "acme", "writer", "narration", "Kelp", "characters"):
        assert told in page


def test_a_click_narrows_the_page(browser, ana, spent):
    page = browser(ana).get("/costs/?provider=writer").content.decode()
    assert ("USD 0.50" in page, "USD 4.50" in page) == (True, False)


def test_who_spent_nothing_is_told_what_will_stand_here(browser, ana):
    assert "Nothing was spent yet" in browser(ana).get("/costs/").content.decode()


@pytest.mark.parametrize(
    "query", ["?since=x&until=9999-12-31", "?channel=a", "?period=zz", "?unit=%00"]
)
def test_an_odd_address_still_shows_a_page(browser, ana, spent, query):
    assert browser(ana).get(f"/costs/{query}").status_code == 200


@pytest.mark.parametrize("path", ["/costs/", "/costs/entries.csv"])
def test_who_may_not_see_costs_sees_none(browser, ben, vic, cho, spent, path):
    for who in (ben, vic):
        answer = browser(who).get(path)
        assert answer.status_code in (302, 403)
        assert "4.50" not in answer.content.decode()
    client = browser(cho)
    assert "acme" not in str(client.get("/costs/").content)
    assert not streamed(client.get("/costs/entries.csv"))
    assert browser(None).get(path).status_code == 302


def test_the_entry_in_the_menu_is_for_those_who_see_costs(browser, ana, ben, video):
    assert 'href="/costs/"' in browser(ana).get("/videos/").content.decode()
    assert 'href="/costs/"' not in browser(ben).get("/videos/").content.decode()


def test_the_export_has_each_entry_and_runs_no_formula(browser, ana, team, channel, video):
    spend(team, channel, video, -250_000, provider="=cmd()")
    (line,) = streamed(browser(ana).get("/costs/entries.csv"))
    assert (line["provider"], line["amount"], line["stage"]) == ("'=cmd()", "-0.25", "narration")


def test_programs_read_entries_and_sums(program, ana, spent):
    who = program(ana)
    entries = who.get("costs/?provider=acme").json()["results"]
    assert [one["amount_micros"] for one in entries] == [1_000_000, 3_000_000]
    by_stage = who.get("costs/summary/?by=stage").json()["results"]
    assert {one["key"]: one["amount_micros"] for one in by_stage} == {
        "narration": 4_000_000,
        "script": 500_000,
    }


@pytest.mark.parametrize(
    "by", ["day", "month", "part", "channel", "video", "unit", "kind", "model"]
)
def test_every_way_of_adding_up_gives_the_same_total(program, ana, spent, by):
    found = program(ana).get(f"costs/summary/?by={by}").json()["results"]
    assert sum(one["amount_micros"] for one in found) == 4_500_000


def test_pages_of_entries_follow_one_another(program, ana, spent):
    who = program(ana)
    first = who.get("costs/?limit=2").json()
    then = who.get(first["next"].partition("/api/v1/")[2]).json()
    ids = [one["id"] for one in (*first["results"], *then["results"])]
    assert ids == list(CostEntry.objects.order_by("-id").values_list("pk", flat=True))


@pytest.mark.parametrize("path", ["costs/", "costs/summary/"])
def test_programs_of_others_read_nothing(program, ana, ben, cho, spent, path):
    problem(program(ben).get(path), 403, "forbidden")
    problem(program(ana, "videos:read").get(path), 403, "forbidden")
    problem(program(None).get(path), 401, "not_authenticated")
    assert program(cho).get(path).json()["results"] == []


def test_a_token_for_costs_is_a_scope_of_its_own():
    assert {"costs:read", "costs:write"} <= set(SCOPES)
