import pytest

from teams.access import Forbidden, actor_for, team_for_approval, team_for_edit, team_for_view
from teams.actions import add_member, create_owner, home_team
from teams.models import Role, User
from tests.conftest import acting


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.EDITOR])
def test_who_may_edit(team, role):
    user = User.objects.create_user("x@example.org", "pw")
    add_member(team=team, user=user, role=role)
    assert team_for_edit(acting(user), team.pk) == team


def test_a_viewer_may_look_but_not_edit(team, vic):
    assert team_for_view(acting(vic), team.pk) == team
    with pytest.raises(Forbidden, match="view"):
        team_for_edit(acting(vic), team.pk)


@pytest.mark.parametrize("gate", [team_for_view, team_for_edit, team_for_approval])
def test_a_stranger_gets_nowhere(team, cho, gate):
    with pytest.raises(Forbidden):
        gate(acting(cho), team.pk)


def test_an_editor_approves_only_with_the_right_to(team, ben):
    with pytest.raises(Forbidden):
        team_for_approval(acting(ben), team.pk)
    ben.memberships.update(can_approve=True)
    assert team_for_approval(acting(ben), team.pk) == team


def test_a_person_who_was_switched_off_acts_for_nobody(ana):
    ana.is_active = False
    ana.save()
    assert actor_for(ana, None) is None


def test_mail_addresses_are_one_person_in_any_case(db):
    User.objects.create_user("Ana@Example.org", "pw")
    assert User.objects.get_by_natural_key("ana@example.ORG").email == "Ana@example.org"


def test_the_home_team_is_made_once(db):
    assert home_team() == home_team()


def test_the_first_owner_can_sign_in(db, client):
    create_owner(email="owner@localhost", password="correct horse", team=home_team())
    answer = client.post(
        "/accounts/login/", {"login": "owner@localhost", "password": "correct horse"}
    )
    assert answer.status_code == 302
    assert client.get("/videos/").status_code == 200


def test_a_wrong_password_keeps_the_door_shut(ana, client):
    answer = client.post("/accounts/login/", {"login": ana.email, "password": "wrong"})
    assert answer.status_code == 200
    assert "not correct" in answer.content.decode().lower()
