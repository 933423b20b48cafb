"""Who is told that a budget runs out, in what words; and who is told no amounts."""

import pytest

from config.kit.models import Mail
from teams import listening, notices, webhooks
from teams.access import Forbidden
from teams.actions import change_role
from teams.models import Event, Membership, NoticeKind, Notification, Role
from teams.notices import Ways
from tests.billing.spending import is_stopped, limit, spend
from tests.conftest import acting, member
from tests.teams.test_notices import is_due
from tests.teams.test_webhooks import URL


def told(user=None) -> list[str]:
    found = Notification.objects.filter(kind=NoticeKind.BUDGET_REACHED).order_by("id")
    return [one.text for one in (found.filter(user=user) if user else found)]


def reaches(video, amount: int) -> None:
    spend(video, amount)
    listening.work(video.team_id)


def test_each_mark_is_told_with_its_amounts(by_ana, ana, video):
    budget = limit(by_ana, "team", 100)
    for amount in (49, 1, 30, 20):
        reaches(video, amount)
    assert told(ana) == [
        "50 % of the budget for the whole team is spent this month: USD 50.00 of USD 100.00.",
        "80 % of the budget for the whole team is spent this month: USD 80.00 of USD 100.00.",
        "100 % of the budget for the whole team is spent this month: USD 100.00 of USD 100.00. "
        "What would pass it waits.",
    ]
    assert {one.url for one in Notification.objects.filter(kind="budget_reached")} == {
        f"/costs/budgets/#budget-{budget.pk}"
    }


def test_the_channel_is_named(by_ana, ana, video):
    limit(by_ana, "channel", 100, window="total")
    reaches(video, 85)
    assert told(ana) == ["80 % of the budget for channel “Kelp” is spent: USD 85.00 of USD 100.00."]


def test_several_marks_passed_at_once_are_one_notice(by_ana, ana, video):
    limit(by_ana, "team", 100)
    for amount in (50, 30, 20):
        spend(video, amount)
    listening.work(video.team_id)
    assert [text.partition(" %")[0] for text in told(ana)] == ["100"]


def test_who_sees_costs_is_told_and_nobody_else(team, by_ana, ana, ben, vic, cho, video):
    Membership.objects.filter(user=vic).update(can_see_costs=True)
    admin = member(team, "Adi", Role.ADMIN)
    limit(by_ana, "team", 100)
    reaches(video, 50)
    to = set(Notification.objects.filter(kind="budget_reached").values_list("user", flat=True))
    assert to == {ana.pk, admin.pk, vic.pk}


def test_it_comes_by_mail_as_each_has_chosen(team, by_ana, ana, video):
    admin = member(team, "Adi", Role.ADMIN)
    neither = {NoticeKind.BUDGET_REACHED: Ways(in_app=True, by_mail=False)}
    notices.choose(by=acting(admin), ways=neither)
    limit(by_ana, "team", 100)
    reaches(video, 50)
    is_due()
    notices.work()
    (letter,) = Mail.objects.all()
    assert letter.to == ana.email
    assert letter.subject.startswith("50 % of the budget for the whole team")


def test_a_budget_that_is_gone_is_not_told_of(by_ana, ana, video, browser):
    budget = limit(by_ana, "team", 100)
    spend(video, 50)
    browser(ana).post(f"/costs/budgets/{budget.pk}/remove/")
    listening.work(video.team_id)
    assert told() == []


def test_who_loses_the_right_to_costs_keeps_no_amounts(by_ana, video, team):
    admin = member(team, "Adi", Role.ADMIN)
    limit(by_ana, "team", 100)
    reaches(video, 50)
    mine = Membership.objects.get(user=admin)
    change_role(by=by_ana, membership=mine, role=Role.ADMIN, rights={"can_see_costs": False})
    assert told(admin) == []


@pytest.mark.parametrize("kinds", [[], ["billing.budget_reached"]])
def test_an_admin_who_may_not_see_costs_sends_none_to_a_webhook(team, by_ana, kinds):
    admin = member(team, "Adi", Role.ADMIN)
    Membership.objects.filter(user=admin).update(can_see_costs=False)
    with pytest.raises(Forbidden, match="may not see costs"):
        webhooks.create(by=acting(admin), url=URL, kinds=kinds)
    hook, _ = webhooks.create(by=by_ana, url=URL, kinds=kinds)
    with pytest.raises(Forbidden, match="may not see costs"):
        webhooks.change(by=acting(admin), webhook=hook, settings={"url": f"{URL}mine/"})
    off = webhooks.change(by=acting(admin), webhook=hook, settings={"is_active": False})
    assert not off.is_active


def test_a_stopped_video_names_no_amount_to_who_may_not_see_costs(
    by_ana, ana, ben, browser, program, video
):
    limit(by_ana, "team", 5)
    is_stopped(video, 6)
    listening.work(video.team_id)
    for path in (f"/videos/{video.pk}/", "/videos/", "/videos/?csv=1", "/"):
        page = browser(ben).get(path)
        body = b"".join(page.streaming_content) if page.streaming else page.content
        assert b"has no room for the next step" in body, path
        assert b"USD" not in body, path
    its = program(ben)
    for path in (f"videos/{video.pk}/", f"videos/{video.pk}/runs/", "events/", "notifications/"):
        assert "USD" not in str(its.get(path).json()), path
    assert not Event.objects.filter(kind="videos.video_moved", payload__icontains="USD").exists()


def test_the_stopped_video_leads_to_its_budget_or_names_whom_to_ask(
    by_ana, ana, ben, browser, video
):
    budget = limit(by_ana, "team", 5)
    is_stopped(video, 6)
    page = browser(ana).get(f"/videos/{video.pk}/").content.decode()
    assert f"/costs/budgets/?raise={budget.pk}#amount-{budget.pk}" in page
    assert "USD 0.00 of USD 5.00 is spent or set aside" in page
    page = browser(ben).get(f"/videos/{video.pk}/").content.decode()
    assert "Ask Ana to raise it." in page
    assert "/costs/budgets/" not in page
