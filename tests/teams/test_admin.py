"""Operators change teams and people through the verbs, and see in words what is refused."""

import pytest
from django.contrib.auth.models import Permission

from teams.actions import home_team
from teams.models import Event, Membership, Role, Team, User

MEMBERSHIP = "/admin/teams/membership/"
USER = "/admin/teams/user/"


def kinds(team: Team) -> list[str]:
    rows = Event.objects.filter(team=team).order_by("seq")
    return list(rows.values_list("kind", flat=True))


def of(user) -> Membership:
    return Membership.objects.get(user=user)


def change(client, membership: Membership, **fields: str):
    return client.post(f"{MEMBERSHIP}{membership.pk}/change/", fields)


def inline() -> dict[str, str]:
    return {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


def test_a_team_is_changed_through_its_verb(admin_client, team, ana):
    page = f"/admin/teams/team/{team.pk}/change/"
    assert admin_client.get(page).status_code == 200
    form = {"name": "Kelp & Co", "email": "new@kelp.example", "slug": "mine", **inline()}
    assert admin_client.post(page, form).status_code == 302
    team.refresh_from_db()
    assert (team.name, team.email, team.slug) == ("Kelp & Co", "new@kelp.example", "kelp")
    assert kinds(team)[-1] == "teams.team_changed"


def test_the_home_team_stays_the_home_team(admin_client):
    home = home_team()
    form = {"name": "Ours", "email": home.email, "slug": "elsewhere", **inline()}
    admin_client.post(f"/admin/teams/team/{home.pk}/change/", form)
    assert home_team() == home
    assert Team.objects.count() == 1


def test_a_wrong_address_is_shown_in_the_form(admin_client, team):
    form = {"name": "Kelp", "email": "nowhere", **inline()}
    answer = admin_client.post(f"/admin/teams/team/{team.pk}/change/", form)
    assert answer.status_code == 200
    assert "email" in answer.context["adminform"].errors


@pytest.mark.parametrize("page", ["team/add/", "team/{}/delete/"])
def test_teams_are_neither_added_nor_deleted_here(admin_client, team, page):
    assert admin_client.get(f"/admin/teams/{page.format(team.pk)}").status_code == 403


def test_a_member_is_added_through_the_verb(admin_client, team, cho):
    form = {"team": team.pk, "user": cho.pk, "role": "admin"}
    answer = admin_client.post(f"{MEMBERSHIP}add/", form)
    assert answer.status_code == 302
    assert Membership.objects.get(user=cho, team=team).can_see_costs
    assert kinds(team)[-1] == "teams.member_joined"


def test_a_member_is_added_once(admin_client, team, ben):
    form = {"team": team.pk, "user": ben.pk, "role": "admin"}
    answer = admin_client.post(f"{MEMBERSHIP}add/", form)
    assert answer.status_code == 200
    assert Membership.objects.filter(user=ben).count() == 1


def test_a_role_is_changed_through_the_verb(admin_client, team, ana, ben):
    answer = change(admin_client, of(ben), role="viewer", can_approve="on")
    assert answer.status_code == 302
    assert (of(ben).role, of(ben).can_approve, of(ben).can_comment) == ("viewer", True, False)
    assert kinds(team)[-1] == "teams.member_changed"


def test_that_the_last_owner_stays_is_said_in_the_form(admin_client, team, ana):
    answer = change(admin_client, of(ana), role="viewer")
    assert answer.status_code == 200
    assert "make somebody else an owner first" in answer.content.decode()
    assert of(ana).role == Role.OWNER
    assert "teams.member_changed" not in kinds(team)


def test_the_last_owner_is_not_deleted(admin_client, team, ana):
    answer = admin_client.post(f"{MEMBERSHIP}{of(ana).pk}/delete/", {"post": "yes"}, follow=True)
    assert "make somebody else an owner first" in answer.content.decode()
    assert of(ana).role == Role.OWNER


def test_a_member_is_removed_through_the_verb(admin_client, team, ana, ben):
    answer = admin_client.post(f"{MEMBERSHIP}{of(ben).pk}/delete/", {"post": "yes"})
    assert answer.status_code == 302
    assert kinds(team)[-1] == "teams.member_removed"
    assert not Membership.objects.filter(user=ben).exists()


def test_many_are_not_removed_at_once(admin_client, team, ana, ben):
    form = {"action": "delete_selected", "_selected_action": [of(ben).pk], "post": "yes"}
    admin_client.post(MEMBERSHIP, form)
    assert Membership.objects.filter(user=ben).exists()


def person(user: User, **fields: str) -> dict[str, str]:
    return {"email": user.email, "name": user.name} | fields


def save(client, user: User, **fields: str):
    return client.post(f"{USER}{user.pk}/change/", person(user, **fields))


def test_a_person_is_changed_through_the_verb(admin_client, team, ana):
    assert admin_client.get(f"{USER}{ana.pk}/change/").status_code == 200
    before = ana.password
    answer = save(admin_client, ana, name="Anna", is_active="on", is_staff="on", password="x")
    assert answer.status_code == 302
    ana.refresh_from_db()
    assert (ana.name, ana.is_active, ana.is_staff) == ("Anna", True, True)
    assert ana.password == before
    assert kinds(team)[-1] == "teams.person_changed"


def test_that_the_last_owner_is_not_switched_off_is_said_in_the_form(admin_client, team, ana):
    answer = save(admin_client, ana)
    assert answer.status_code == 200
    assert "make somebody else an owner first" in answer.content.decode()
    ana.refresh_from_db()
    assert ana.is_active
    assert "teams.person_changed" not in kinds(team)


def test_a_member_is_switched_off(admin_client, team, ana, ben):
    assert save(admin_client, ben).status_code == 302
    ben.refresh_from_db()
    assert not ben.is_active
    assert kinds(team)[-1] == "teams.person_changed"


def test_rights_in_the_admin_are_given_as_before(admin_client, ana):
    right = Permission.objects.get(codename="view_team")
    save(admin_client, ana, is_active="on", user_permissions=str(right.pk))
    assert list(ana.user_permissions.all()) == [right]


def test_a_person_is_added_with_a_password(admin_client, client):
    form = {"email": "dora@example.org", "password1": "kelp & otters", "password2": "kelp & otters"}
    answer = admin_client.post(f"{USER}add/", form | {"usable_password": "true"})
    assert answer.status_code == 302
    assert client.login(username="dora@example.org", password="kelp & otters")


def test_a_password_is_changed_in_its_own_form(admin_client, ana, client):
    form = {"password1": "kelp & otters", "password2": "kelp & otters", "usable_password": "true"}
    assert admin_client.post(f"{USER}{ana.pk}/password/", form).status_code == 302
    assert client.login(username=ana.email, password="kelp & otters")


def test_a_person_is_not_deleted_with_their_memberships(admin_client, ana):
    url = f"{USER}{ana.pk}/delete/"
    assert admin_client.post(url, {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=ana.pk).exists()


def test_who_is_no_operator_gets_nowhere(browser, ana, ben):
    answer = change(browser(ana), of(ben), role="viewer")
    assert answer.status_code == 302
    assert "/admin/login/" in answer.url
    assert of(ben).role == Role.EDITOR
