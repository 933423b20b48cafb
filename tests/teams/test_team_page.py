"""The team's page, switching teams, settings: who sees and changes what."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from teams import actions, invitations
from teams.models import Membership, Role, Team
from tests.conftest import member

PAGES = ["/team/", "/settings/", "/team/tokens/"]


def row(user, team) -> Membership:
    return Membership.objects.get(user=user, team=team)


def change(browser, who, whom: Membership, **given):
    form = {"role": whom.role, "can_comment": "on", "version": whom.version, **given}
    return browser(who).post(f"/team/members/{whom.pk}/", form, follow=True)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("who", ["ana", "ben", "vic"])
def test_the_team_sees_its_pages(request, browser, path, who):
    assert browser(request.getfixturevalue(who)).get(path).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/teams/new/", "/teams/none/"])
def test_who_is_signed_out_is_asked_to_sign_in(db, browser, path):
    assert browser(None).get(path).status_code == 302


def test_members_are_seen_by_their_team_alone(browser, ana, cho):
    assert ana.email not in browser(cho).get("/team/").content.decode()


def test_a_viewer_is_offered_no_changes(browser, vic, ben):
    told = browser(vic).get("/team/").content.decode()
    assert "Invite somebody" not in told
    assert 'name="role"' not in told


def test_an_owner_changes_role_and_rights(browser, ana, ben, team):
    change(browser, ana, row(ben, team), role="viewer", can_see_costs="on")
    changed = row(ben, team)
    assert (changed.role, changed.can_see_costs, changed.can_approve) == ("viewer", True, False)


@pytest.mark.parametrize("who", ["ben", "vic", "cho"])
def test_nobody_else_changes_or_removes_members(request, browser, ana, team, who):
    mine = row(ana, team)
    client = request.getfixturevalue(who)
    change(browser, client, mine, role="viewer")
    browser(client).post(f"/team/members/{mine.pk}/remove/")
    assert row(ana, team).role == Role.OWNER


def test_two_changes_of_one_version_are_told_apart(browser, ana, ben, team):
    seen = row(ben, team)
    change(browser, ana, seen, role="viewer")
    told = change(browser, ana, seen, role="admin").content.decode()
    assert "Somebody else has changed this" in told
    assert row(ben, team).role == Role.VIEWER


def test_the_last_owner_stays(browser, ana, team):
    mine = row(ana, team)
    client = browser(ana)
    for answer in (
        change(browser, ana, mine, role="viewer"),
        client.post(f"/team/members/{mine.pk}/remove/", follow=True),
        client.post("/team/leave/", follow=True),
    ):
        assert "keeps an owner" in answer.content.decode()
    assert row(ana, team).role == Role.OWNER


def test_who_leaves_is_out_at_once(browser, ana, ben, team):
    client = browser(ben)
    client.post("/team/leave/")
    assert not Membership.objects.filter(user=ben, team=team).exists()
    assert client.get("/videos/").url == "/teams/none/"
    assert "in no team" in client.get("/teams/none/").content.decode()


def test_who_was_removed_is_out_at_once(browser, ana, by_ana, ben, team):
    client = browser(ben)
    assert client.get("/videos/").status_code == 200
    actions.remove_member(by=by_ana, membership=row(ben, team))
    assert client.get("/videos/").status_code == 302


def test_a_person_switches_between_their_teams(browser, ana, ben, others, channel):
    actions.add_member(team=others, user=ana, role=Role.VIEWER)
    client = browser(ana)
    assert "Kelp" in client.get("/channels/").content.decode()
    client.post("/teams/switch/", {"team": others.pk})
    assert "/channels/new/" not in client.get("/channels/").content.decode()
    assert client.session["team_id"] == others.pk


@pytest.mark.parametrize("wanted", ["{foreign}", "999999", "x", ""])
def test_a_foreign_team_can_not_be_switched_to(browser, ana, others, wanted):
    answer = browser(ana).post("/teams/switch/", {"team": wanted.format(foreign=others.pk)})
    assert answer.status_code == 404


def test_a_person_begins_another_team(browser, vic):
    client = browser(vic)
    client.post("/teams/new/", {"name": "Vic’s own"})
    made = Team.objects.get(name="Vic’s own")
    assert (row(vic, made).role, client.session["team_id"]) == (Role.OWNER, made.pk)


def test_settings_are_saved_by_an_admin(browser, ana, team):
    given = {"team": "1", "name": "Kelp & Sons", "email": "new@kelp.example", "version": 1}
    browser(ana).post("/settings/", given)
    team.refresh_from_db()
    assert (team.name, team.email) == ("Kelp & Sons", "new@kelp.example")


@pytest.mark.parametrize("who", ["ben", "vic"])
def test_settings_of_the_team_are_not_everybodys(request, browser, team, who):
    given = {"team": "1", "name": "Mine", "email": "me@example.org", "version": 1}
    browser(request.getfixturevalue(who)).post("/settings/", given)
    team.refresh_from_db()
    assert team.name == "Kelp Films"


@pytest.mark.parametrize(
    "given", [{"name": ""}, {"name": "a\nb"}, {"email": "nothing"}, {"version": "99"}]
)
def test_refused_settings_keep_what_was_typed(browser, ana, team, given):
    typed = {"team": "1", "name": "Kelp Two", "email": "two@kelp.example", "version": 1, **given}
    answer = browser(ana).post("/settings/", typed)
    team.refresh_from_db()
    assert (answer.status_code, team.name) == (422, "Kelp Films")
    shown = "two@kelp.example" if "email" not in given else "Kelp Two"
    assert shown in answer.content.decode()


def test_a_person_changes_their_own_name_alone(browser, vic, ben):
    browser(vic).post("/settings/", {"name": "Victoria"})
    vic.refresh_from_db()
    ben.refresh_from_db()
    assert (vic.name, ben.name) == ("Victoria", "Ben")


def test_the_page_costs_the_same_for_one_and_for_fifty(browser, ana, by_ana, team):
    client, counts = browser(ana), []
    for batch in (range(1), range(1, 50)):
        for n in batch:
            member(team, f"P{n}", Role.VIEWER)
            if n < 40:
                invitations.invite(by=by_ana, email=f"i{n}@example.org", role=Role.VIEWER)
        client.get("/team/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/team/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def asks(client, secret: str) -> int:
    answer = client.get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"})
    return answer.status_code


def test_a_token_is_shown_once_and_revoked(browser, ben, vic, cho):
    client = browser(ben)
    given = {"name": "nightly", "scopes": ["videos:read"], "days": "30"}
    told = client.post("/team/tokens/", given).content.decode()
    secret = told.split('<code id="secret">')[1].split("<")[0]
    assert secret.startswith("sr_live_")
    assert secret not in client.get("/team/tokens/").content.decode()
    pk = told.split('id="revoke-')[1].split('"')[0]
    for who in (vic, cho):
        browser(who).post(f"/team/tokens/{pk}/revoke/")
    assert asks(client, secret) == 200
    browser(ben).post(f"/team/tokens/{pk}/revoke/")
    assert asks(client, secret) == 401
