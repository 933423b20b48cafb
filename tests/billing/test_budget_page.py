"""The page of budgets: what it shows, what is set there, and for whom."""

import json
import re

import pytest

from billing.models import Budget
from config.kit import sweeps
from teams.models import Membership, Role
from tests.billing.spending import USD, is_stopped, limit, set_aside, spend
from tests.conftest import member
from videos.models import Video

PATH = "/costs/budgets/"


def text(answer) -> str:
    told = re.sub(r"<(script|style|dialog).*?</\1>", "", answer.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", told).split())


def sees_costs(user) -> None:
    Membership.objects.filter(user=user).update(can_see_costs=True)


def test_without_a_budget_the_page_says_what_one_does(browser, ana):
    page = text(browser(ana).get(PATH))
    assert "No budget yet" in page
    assert "Nothing is bought that could pass it" in page


def test_a_budget_is_shown_with_what_is_spent_set_aside_and_left(browser, ana, by_ana, video):
    limit(by_ana, "channel", 50, subject_id=video.channel_id)
    spend(video, 30)
    set_aside(video, 5)
    page = text(browser(ana).get(PATH))
    assert "Channels Kelp USD 50.00 a month" in page
    told = ("spent this month USD 30.00", "set aside USD 5.00", "left USD 15.00")
    assert all(one in page for one in told)


def test_what_waits_is_named_and_linked(browser, ana, by_ana, video):
    limit(by_ana, "team", 5)
    is_stopped(video, 6)
    answer = browser(ana).get(PATH)
    assert "1 video waits for room: Kelp" in text(answer)
    assert f'<a href="/videos/{video.pk}/">Kelp</a>' in answer.content.decode()


def test_a_budget_is_set_for_one_channel(browser, ana, channel):
    form = {"scope": "channel", "channel": channel.pk, "window": "day", "amount": "12.50"}
    answer = browser(ana).post(PATH, form)
    budget = Budget.objects.get()
    assert answer.headers["Location"] == f"{PATH}#budget-{budget.pk}"
    told = (budget.scope, budget.subject_id, budget.window, budget.limit_micros)
    assert told == ("channel", channel.pk, "day", 12_500_000)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"amount": "0"}, "Write an amount above 0."),
        ({"amount": "-3"}, "Write an amount above 0."),
        ({"amount": "much"}, "Write an amount, such as 50 or 12.50."),
        ({"amount": "0.0000001"}, "no more than 6 decimal places"),
        ({"channel": "999"}, "There is no such channel in this team."),
        ({"channel": "x"}, "Enter a whole number."),
        ({"scope": "galaxy"}, "not one of the available choices"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(browser, ana, channel, wrong, says):
    form = {"scope": "channel", "channel": channel.pk, "window": "day", "amount": "12.50"}
    answer = browser(ana).post(PATH, {**form, **wrong})
    assert answer.status_code == 422
    assert says in text(answer)
    assert f'value="{wrong.get("amount", "12.50")}"' in answer.content.decode()
    assert '<option value="day" selected>' in answer.content.decode()
    assert not Budget.objects.exists()


def test_a_second_budget_for_the_same_is_refused(browser, ana, by_ana):
    limit(by_ana, "team", 5)
    answer = browser(ana).post(PATH, {"scope": "team", "window": "month", "amount": "7"})
    assert (answer.status_code, Budget.objects.get().limit_micros) == (422, 5 * USD)
    assert "There is such a budget already" in text(answer)


def test_raised_on_the_page_what_waited_goes_on(browser, ana, by_ana, video):
    budget = limit(by_ana, "team", 5)
    is_stopped(video, 6)
    browser(ana).post(f"{PATH}{budget.pk}/", {"amount": "6", "version": budget.version})
    sweeps.sweep()
    assert Video.objects.get().state == "queued"
    assert "waits for room" not in text(browser(ana).get(PATH))


def test_what_somebody_else_has_changed_is_not_overwritten(browser, ana, by_ana):
    budget = limit(by_ana, "team", 5)
    its = browser(ana)
    its.post(f"{PATH}{budget.pk}/", {"amount": "8", "version": "1"})
    answer = its.post(f"{PATH}{budget.pk}/", {"amount": "7", "version": "1"})
    assert (answer.status_code, Budget.objects.get().limit_micros) == (422, 8 * USD)
    assert "Somebody else has changed this meanwhile" in text(answer)
    assert 'value="7"' in answer.content.decode()


def test_a_removed_budget_can_be_brought_back(browser, ana, by_ana, channel):
    budget = limit(by_ana, "channel", 5, subject_id=channel.pk)
    its = browser(ana)
    page = its.post(f"{PATH}{budget.pk}/remove/", follow=True)
    assert not Budget.objects.exists()
    (message,) = page.context["messages"]
    undo = json.loads(message.extra_tags)
    its.post(undo["undo"], undo["fields"])
    back = Budget.objects.get()
    told = (back.scope, back.subject_id, back.window, back.limit_micros)
    assert told == ("channel", channel.pk, "month", 5 * USD)


def test_who_sees_costs_but_sets_no_budget_finds_no_form(browser, ben, by_ana):
    budget = limit(by_ana, "team", 5)
    sees_costs(ben)
    its = browser(ben)
    answer = its.get(PATH)
    assert "USD 5.00" in text(answer)
    assert "New budget" not in text(answer)
    assert "Change" not in text(answer)
    for path, form in [
        (PATH, {"scope": "team", "window": "day", "amount": "7"}),
        (f"{PATH}{budget.pk}/", {"amount": "7"}),
        (f"{PATH}{budget.pk}/remove/", {}),
    ]:
        its.post(path, form)
    assert Budget.objects.get().limit_micros == 5 * USD


def test_who_may_not_see_costs_finds_neither_page_nor_entry(browser, team, vic, by_ana):
    budget = limit(by_ana, "team", 5)
    admin = member(team, "Adi", Role.ADMIN)
    Membership.objects.filter(user=admin).update(can_see_costs=False)
    for who in (vic, admin):
        its = browser(who)
        answer = its.get(PATH)
        assert (answer.status_code, b"USD" in answer.content) == (302, False)
        assert PATH not in its.get("/").content.decode()
        its.post(PATH, {"scope": "team", "window": "day", "amount": "7"})
        its.post(f"{PATH}{budget.pk}/", {"amount": "7"})
        its.post(f"{PATH}{budget.pk}/remove/")
    assert Budget.objects.get().limit_micros == 5 * USD


def test_anothers_budgets_are_not_there(browser, cho, by_ana, channel):
    budget = limit(by_ana, "team", 5)
    its = browser(cho)
    page = text(its.get(PATH))
    assert "No budget yet" in page
    assert its.post(f"{PATH}{budget.pk}/", {"amount": "7"}).status_code == 404
    assert its.post(f"{PATH}{budget.pk}/remove/").status_code == 404
    assert "Kelp" not in page


@pytest.mark.parametrize("path", [PATH, f"{PATH}1/", f"{PATH}1/remove/"])
def test_who_is_signed_out_is_asked_in(browser, db, path):
    assert "/accounts/login/" in browser(None).post(path).headers["Location"]


def test_the_address_of_one_leads_to_its_place_on_the_page(browser, ana, by_ana):
    budget = limit(by_ana, "team", 5)
    answer = browser(ana).get(f"{PATH}{budget.pk}/", follow=True)
    assert answer.redirect_chain == [(f"{PATH}?raise={budget.pk}#amount-{budget.pk}", 302)]
    assert '<details class="change" open>' in answer.content.decode()
