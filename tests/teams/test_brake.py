"""The brake's doors: who may pull and release it, what is told, what the journal keeps."""

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.urls import reverse

from teams import brakes
from teams.models import Brake, Event, TeamJournal
from tests.kit.test_api import problem

OPERATOR = brakes.Operator()


def on() -> list[tuple[str, str, bool]]:
    rows = Brake.objects.on().select_related("team").order_by("id")
    return [(one.what, one.team.slug if one.team else "", one.is_operators) for one in rows]


def told(team) -> list[str]:
    kept = Event.objects.filter(team=team, kind__startswith="teams.brake").order_by("seq")
    return [f"{one.kind.removeprefix('teams.brake_')} {one.payload['what']}" for one in kept]


def pull(browser, who, what="spending", why="A bill that nobody can explain"):
    return browser(who).post("/team/brakes/", {"what": what, "why": why}, follow=True)


def test_an_owner_pulls_it_in_the_settings_and_everybody_sees_it(browser, ana, vic, cho):
    shown = pull(browser, ana).content.decode()
    assert "Spending is stopped in this team (“A bill that nobody can explain”)" in shown
    assert "A bill that nobody can explain" in browser(vic).get("/").content.decode()
    assert "A bill that" not in browser(cho).get("/").content.decode()


def test_pulled_and_released_again_it_stays_as_it_is_and_is_told_once(browser, ana, team):
    for _ in range(2):
        pull(browser, ana)
    brake = Brake.objects.get()
    for _ in range(2):
        browser(ana).post(f"/team/brakes/{brake.pk}/release/")
    assert on() == []
    assert told(team) == ["pulled spending", "released spending"]
    brake.refresh_from_db()
    assert (brake.by_id, brake.released_by_id) == (ana.pk, ana.pk)


@pytest.mark.parametrize("who", ["ben", "vic", "cho"])
def test_nobody_else_pulls_or_releases_the_teams(request, browser, by_ana, team, who):
    brake = brakes.pull(by=by_ana, what="publishing")
    client = request.getfixturevalue(who)
    if who != "cho":  # who owns another team
        pull(browser, client)
    browser(client).post(f"/team/brakes/{brake.pk}/release/")
    assert on() == [("publishing", "kelp", False)]


def test_what_is_no_choice_is_refused(browser, ana):
    assert "Choose what is to stop" in pull(browser, ana, what="breathing").content.decode()
    assert on() == []


def test_a_program_pulls_sees_and_releases_it(program, ana):
    mine = program(ana)
    answer = mine.post("brakes/", {"what": "spending", "why": "Invoice 7"})
    assert answer.status_code == 201
    assert mine.post("brakes/", {"what": "spending"}).json()["id"] == answer.json()["id"]
    listed = mine.get("brakes/").json()["results"]
    assert [(one["what"], one["why"], one["is_everywhere"]) for one in listed] == [
        ("spending", "Invoice 7", False)
    ]
    assert mine.delete(f"brakes/{answer.json()['id']}/").status_code == 204
    assert on() == []


def test_a_program_without_the_right_pulls_nothing(program, ana, ben, cho, by_ana):
    problem(program(ben).post("brakes/", {"what": "spending"}), 403, "forbidden")
    problem(program(ana, "team:read").post("brakes/", {"what": "spending"}), 403, "forbidden")
    brake = brakes.pull(by=by_ana, what="spending")
    problem(program(cho).delete(f"brakes/{brake.pk}/"), 404, "not_found")
    assert on() == [("spending", "kelp", False)]


@pytest.mark.parametrize("everywhere", [True, False])
def test_a_team_can_not_release_what_operators_have_pulled(browser, program, ana, team, everywhere):
    brake = brakes.pull_as_operator(
        by=OPERATOR, what="publishing", team=None if everywhere else team, why="A complaint"
    )
    problem(program(ana).delete(f"brakes/{brake.pk}/"), 403, "forbidden")
    answer = browser(ana).post(f"/team/brakes/{brake.pk}/release/", follow=True)
    assert "operators" in answer.content.decode()
    assert len(on()) == 1


def test_a_brake_everywhere_is_in_every_teams_journal(team, others):
    heads = {one.team_id: one.seq for one in TeamJournal.objects.all()}
    brakes.pull_as_operator(by=OPERATOR, what="spending", why="Price list is wrong")
    brakes.release_as_operator(by=OPERATOR, what="spending")
    for one in (team, others):
        one.journal.refresh_from_db()
        assert told(one) == ["pulled spending", "released spending"]
        seqs = Event.objects.filter(team=one, kind__startswith="teams.brake")
        assert sorted(seqs.values_list("seq", flat=True)) == [heads[one.pk] + 1, heads[one.pk] + 2]
        assert one.journal.seq == heads[one.pk] + 2


def test_operators_pull_and_release_it_in_the_admin(admin_client, team):
    page = reverse("admin:brake")
    assert "Stop all spending" in admin_client.get(page).content.decode()
    admin_client.post(page, {"what": "spending", "to": "pull", "why": "Audit"})
    admin_client.post(page, {"what": "publishing", "to": "pull", "team": "kelp"})
    assert on() == [("spending", "", True), ("publishing", "kelp", True)]
    shown = admin_client.get(page).content.decode()
    assert "Let spending go on" in shown
    assert "“Audit”" in shown
    admin_client.post(page, {"what": "spending", "to": "release"})
    admin_client.post(page, {"what": "publishing", "to": "release", "team": "kelp"})
    assert on() == []


def test_a_team_that_is_none_is_said(admin_client):
    form = {"what": "spending", "to": "pull", "team": "nobody"}
    shown = admin_client.post(reverse("admin:brake"), form, follow=True).content.decode()
    assert "There is no team nobody." in shown
    assert on() == []


def test_other_operators_have_no_brake_unless_it_is_given_to_them(browser, ana):
    ana.is_staff = True
    ana.save()
    page = reverse("admin:brake")
    form = {"what": "spending", "to": "pull"}
    assert browser(ana).get(page).status_code == 403
    assert browser(ana).post(page, form).status_code == 403
    assert on() == []
    ana.user_permissions.add(Permission.objects.get(codename="change_brake"))
    assert browser(ana).post(page, form).status_code == 302
    assert on() == [("spending", "", True)]


def test_the_command_pulls_shows_and_releases(team, capsys):
    call_command("brake", "on", "--what", "spending", "--team", "kelp", "--why", "Too fast")
    assert "kelp: Spending was stopped for this team" in capsys.readouterr().out
    call_command("brake", "on")
    assert on() == [("spending", "kelp", True), ("spending", "", True), ("publishing", "", True)]
    call_command("brake", "off")
    call_command("brake", "off", "--team", "kelp")
    call_command("brake")
    assert capsys.readouterr().out.endswith("Nothing is stopped.\n")


def test_the_command_releases_what_the_team_pulled_too(by_ana, team):
    brakes.pull(by=by_ana, what="spending")
    call_command("brake", "off", "--team", "kelp", "--what", "spending")
    assert on() == []


def test_the_command_knows_its_teams(db):
    with pytest.raises(CommandError, match="There is no team 'nobody'"):
        call_command("brake", "on", "--team", "nobody")
