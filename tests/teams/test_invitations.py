"""Invitations: who sends them, what the link does, and when it does no more."""

import pytest
from django.core.management import call_command
from django.db.models.functions import Now

from config.kit import registry
from config.kit.errors import Refused
from config.kit.models import Mail
from teams import actions, invitations
from teams.access import Forbidden, actor_for
from teams.models import Invitation, Membership, Role, Team
from tests.conftest import acting, member


@pytest.fixture
def invited(by_ana):
    """`invited("dee@example.org")` answers the row and the path of its link."""

    def invite(email: str = "dee@example.org", role: Role = Role.EDITOR, **rights: bool):
        made, link = invitations.invite(by=by_ana, email=email, role=role, rights=rights)
        return made, link[link.index("/invitations/") :]

    return invite


def join(browser, user, path: str):
    return browser(user).post(path, follow=True)


def is_in(user, team) -> bool:
    return Membership.objects.filter(user=user, team=team).exists()


def test_the_letter_holds_the_link_and_the_database_does_not(invited, settings):
    settings.PUBLIC_URL = "https://studio.example"
    made, path = invited()
    letter = Mail.objects.get(letter="invitation")
    assert (letter.to, f"https://studio.example{path}" in letter.text) == (made.email, True)
    secret = path.split("/")[2]
    assert secret not in str(Invitation.objects.values().get())


def test_who_follows_the_link_joins_with_role_and_rights(invited, browser, cho, team):
    _, path = invited(role=Role.VIEWER, can_approve=True)
    assert "Kelp Films" in browser(cho).get(path).content.decode()
    join(browser, cho, path)
    mine = Membership.objects.get(user=cho, team=team)
    assert (mine.role, mine.can_approve) == (Role.VIEWER, True)


def test_a_link_works_once(invited, browser, cho, vic, others, team):
    _, path = invited()
    join(browser, cho, path)
    stranger = Membership.objects.get(user=cho, team=others).user
    assert browser(stranger).get(path).status_code == 404


def test_a_link_grows_old(invited, browser, cho, team):
    _, path = invited()
    Invitation.objects.update(expires_at=Now())
    assert browser(cho).get(path).status_code == 404
    join(browser, cho, path)
    assert not is_in(cho, team)


def test_a_revoked_link_is_void(invited, browser, ana, cho, team):
    made, path = invited()
    browser(ana).post(f"/team/invitations/{made.pk}/revoke/")
    assert browser(cho).get(path).status_code == 404
    assert not is_in(cho, team)


def test_sending_again_makes_the_old_link_void(invited, browser, ana, cho):
    made, path = invited()
    browser(ana).post(f"/team/invitations/{made.pk}/resend/")
    assert browser(cho).get(path).status_code == 404
    assert Mail.objects.filter(letter="invitation").count() == 2
    made.refresh_from_db()
    assert made.sent == 2


def test_a_member_joins_no_second_time(invited, browser, ben, team):
    _, path = invited(email="other@example.org")
    assert "in this team already" in join(browser, ben, path).content.decode()
    assert Membership.objects.filter(team=team, user=ben).count() == 1


def test_who_is_signed_out_is_shown_how_to_join(invited, browser, team):
    _, path = invited()
    told = browser(None).get(path).content.decode()
    assert "I have one" in told
    assert browser(None).post(path).status_code == 302


@pytest.mark.parametrize(
    ("email", "told"),
    [("BEN@example.org", "in the team already"), ("DEE@example.org", "invited already")],
)
def test_nobody_is_invited_twice(invited, by_ana, ben, email, told):
    invited("dee@example.org")
    with pytest.raises(Refused, match=told):
        invitations.invite(by=by_ana, email=email, role=Role.EDITOR)


def test_only_an_owner_invites_an_owner(team, by_ana):
    admin = acting(member(team, "Ada", Role.ADMIN))
    with pytest.raises(Forbidden, match="owner"):
        invitations.invite(by=admin, email="x@example.org", role=Role.OWNER)


@pytest.mark.parametrize("who", ["ben", "vic", "cho"])
def test_only_admins_of_the_team_invite_and_revoke(request, invited, browser, team, who):
    made, _ = invited()
    client = browser(request.getfixturevalue(who))
    client.post("/team/", {"email": "new@example.org", "role": "viewer"})
    client.post(f"/team/invitations/{made.pk}/revoke/")
    client.post(f"/team/invitations/{made.pk}/resend/")
    made.refresh_from_db()
    assert (made.revoked_at, made.sent) == (None, 1)
    assert not Invitation.objects.filter(team=team, email="new@example.org").exists()


@pytest.fixture
def invite(by_ana):
    return lambda to, by=by_ana: invitations.invite(by=by, email=to, role=Role.VIEWER)


def test_a_team_sends_no_flood_of_letters(invite, invited, ben, team):
    for number in range(invitations.A_DAY.count - 1):
        invite(f"person-{number}@example.org")
    invited()
    Membership.objects.filter(user=ben, team=team).update(role=Role.ADMIN)
    with pytest.raises(Refused, match="a day"):
        invite("one-more@example.org", by=acting(ben))
    assert not Invitation.objects.filter(email="one-more@example.org").exists()


def test_a_person_sends_no_flood_from_many_teams(invite, ana):
    for number in range(invitations.A_DAY.count):
        if number % 10 == 0:
            founded = actions.found_team(user=ana, name="Many")
        invite(f"person-{number}@example.org", by=actor_for(ana, founded.pk))
    with pytest.raises(Refused, match="a day"):
        invite("one-more@example.org")


def test_one_address_is_not_pestered(by_ana, invited, invite, ana):
    made, _ = invited("dee@example.org")
    for _ in range(invitations.TO_ONE.count - 1):
        invitations.resend(by=by_ana, invitation=made)
    other = actions.found_team(user=ana, name="Other")
    with pytest.raises(Refused, match="this address"):
        invite("Dee@Example.org", by=actor_for(ana, other.pk))
    assert Mail.objects.filter(to__iexact="dee@example.org").count() == invitations.TO_ONE.count
    invite("cho@example.net", by=actor_for(ana, other.pk))


def test_a_person_founds_a_bounded_number_of_teams(browser, ana, team):
    for _ in range(actions.MOST_OWNED - 1):
        actions.found_team(user=ana, name="One more")
    page = browser(ana).post("/teams/new/", {"name": "Too many"})
    assert "at most 20 teams" in page.content.decode()
    assert not Team.objects.filter(name="Too many").exists()


def test_the_longest_names_fit_into_a_subject(invited, ana, team):
    ana.name, team.name = "N" * 120, "T" * 120
    ana.save()
    team.save()
    invited("eve@example.org")
    assert len(Mail.objects.get(to="eve@example.org").subject) == 200


def test_a_plan_that_is_full_lets_nobody_join(invited, browser, cho, team, monkeypatch):
    monkeypatch.setattr(registry, "gate", [lambda team_id, key, n: key != "members"])
    _, path = invited()
    assert "as its plan allows" in join(browser, cho, path).content.decode()
    assert not is_in(cho, team)
    assert Invitation.objects.get().accepted_at is None


def test_letters_escape_what_people_are_called(invited, by_ana, ana):
    ana.name = "<img src=x>"
    ana.save()
    invited("eve@example.org")
    letter = Mail.objects.get(to="eve@example.org")
    assert "<img src=x>" not in letter.html
    assert "\n" not in letter.subject


def test_an_invitation_is_an_endpoint_too(program, ana, ben, vic, cho):
    its = program(ana)
    given = {"email": "dee@example.org", "role": "viewer"}
    first = its.post("invitations/", given, Idempotency_Key="k")
    again = its.post("invitations/", given, Idempotency_Key="k")
    assert (first.status_code, again.json()) == (201, first.json())
    path = f"invitations/{first.json()['id']}/"
    for who in (ben, vic):
        assert program(who).delete(path).status_code == 403
    assert program(cho).delete(path).status_code == 404
    assert program(ana, "team:read").delete(path).status_code == 403
    assert program(None).get("invitations/").status_code == 401
    assert its.delete(path).status_code == 204
    assert its.get("invitations/").json()["results"] == []


def test_the_command_line_still_makes_a_first_owner(db):
    call_command("first_owner")
    assert Membership.objects.get().role == Role.OWNER


def test_who_was_removed_or_demoted_leaves_no_way_back(browser, ana, by_ana, team, cho):
    for removed in (True, False):
        eve = member(team, f"Eve{removed}", Role.ADMIN)
        mail = f"again-{removed}@example.org"
        made, link = invitations.invite(by=acting(eve), email=mail, role=Role.ADMIN)
        path = link[link.index("/invitations/") :]
        assert browser(cho).get(path).status_code == 200
        mine = Membership.objects.get(user=eve, team=team)
        if removed:
            actions.remove_member(by=by_ana, membership=mine)
        else:
            actions.change_role(by=by_ana, membership=mine, role=Role.VIEWER)
        assert browser(cho).get(path).status_code == 404
        join(browser, cho, path)
        assert not is_in(cho, team)
        again = invitations.resend(by=by_ana, invitation=made)
        assert browser(cho).get(again[again.index("/invitations/") :]).status_code == 200


def test_an_admin_sends_no_invitation_of_an_owner_again(invited, team):
    made, _ = invited(role=Role.OWNER)
    admin = acting(member(team, "Ada", Role.ADMIN))
    with pytest.raises(Forbidden, match="owner"):
        invitations.resend(by=admin, invitation=made)
