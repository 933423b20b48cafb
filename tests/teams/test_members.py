"""Who may change a team and its people; an owner always stays, and the journal tells."""

import pytest

from config.kit.errors import Refused
from teams import actions
from teams.access import Forbidden, operator
from teams.actions import (
    LastOwner,
    add_member,
    change_person,
    change_role,
    change_team,
    home_team,
    remove_member,
)
from teams.models import Event, Membership, Role, Team
from tests.conftest import acting, member


def told(team: Team, kind: str) -> list[dict]:
    rows = Event.objects.filter(team=team, kind=f"teams.{kind}").order_by("seq")
    return [row.payload for row in rows]


def of(user) -> Membership:
    return Membership.objects.get(user=user)


def test_a_team_is_renamed_and_the_journal_tells(team, by_ana):
    change_team(by=by_ana, team=team, name="Kelp & Co", email="money@kelp.example")
    team.refresh_from_db()
    assert (team.name, team.email) == ("Kelp & Co", "money@kelp.example")
    assert [news["name"] for news in told(team, "team_changed")] == ["Kelp & Co"]


def test_what_changes_nothing_tells_nothing(team, by_ana, ben):
    change_team(by=by_ana, team=team, name=team.name, email=team.email)
    change_role(by=by_ana, membership=of(ben), role=Role.EDITOR)
    assert told(team, "team_changed") == told(team, "member_changed") == []


def test_a_mail_address_that_is_none_is_refused(team, by_ana):
    with pytest.raises(Refused, match="email"):
        change_team(by=by_ana, team=team, name="Kelp", email="nowhere")


def test_the_home_team_keeps_its_name_for_itself(db):
    home = home_team()
    change_team(by=operator(home), team=home, name="Our studio", email=home.email)
    assert home_team() == home


def test_an_owner_gives_a_role_and_rights(team, by_ana, ben):
    change_role(by=by_ana, membership=of(ben), role=Role.ADMIN, rights={"can_see_costs": True})
    assert (of(ben).role, of(ben).can_see_costs, of(ben).can_comment) == ("admin", True, True)
    (news,) = told(team, "member_changed")
    assert (news["user_id"], news["role"], news["can_see_costs"]) == (ben.pk, "admin", True)


def test_a_member_leaves_and_the_journal_tells(team, by_ana, ben):
    remove_member(by=by_ana, membership=of(ben))
    assert not Membership.objects.filter(user=ben).exists()
    assert told(team, "member_removed") == [{"user_id": ben.pk}]


@pytest.mark.parametrize("who", ["ben", "vic", "cho"])
def test_editors_viewers_and_strangers_change_no_people(team, ana, vic, who, request):
    by = acting(request.getfixturevalue(who))
    with pytest.raises(Forbidden):
        change_role(by=by, membership=of(vic), role=Role.ADMIN)
    with pytest.raises(Forbidden):
        remove_member(by=by, membership=of(vic))
    with pytest.raises(Forbidden):
        change_team(by=by, team=team, name="Mine", email=team.email)


def test_an_admin_changes_people_but_no_owner(team, ana, ben):
    admin = acting(member(team, "Ada", Role.ADMIN))
    change_role(by=admin, membership=of(ben), role=Role.VIEWER)
    for membership, role in [(of(ana), Role.EDITOR), (of(ben), Role.OWNER)]:
        with pytest.raises(Forbidden, match="owner"):
            change_role(by=admin, membership=membership, role=role)
    with pytest.raises(Forbidden, match="owner"):
        remove_member(by=admin, membership=of(ana))


def test_the_last_owner_stays(team, ana, by_ana, ben):
    with pytest.raises(LastOwner):
        remove_member(by=by_ana, membership=of(ana))
    with pytest.raises(LastOwner):
        change_role(by=by_ana, membership=of(ana), role=Role.ADMIN)
    assert of(ana).role == Role.OWNER
    assert told(team, "member_removed") == told(team, "member_changed") == []


def test_an_owner_who_was_switched_off_does_not_count(team, ana, by_ana):
    other = member(team, "Olaf", Role.OWNER)
    other.is_active = False
    other.save()
    with pytest.raises(LastOwner):
        remove_member(by=by_ana, membership=of(ana))


def test_an_owner_goes_when_another_stays(team, ana, by_ana, ben):
    change_role(by=by_ana, membership=of(ben), role=Role.OWNER)
    remove_member(by=by_ana, membership=of(ana))
    assert [row.user for row in Membership.objects.filter(role=Role.OWNER)] == [ben]


def test_only_named_rights_can_be_given(by_ana, ben):
    with pytest.raises(LookupError, match="team_id"):
        actions.change_role(by=by_ana, membership=of(ben), role=Role.EDITOR, rights={"team_id": 1})


def test_a_person_who_is_switched_off_is_told_to_each_of_their_teams(team, others, ana, ben):
    add_member(team=others, user=ben, role=Role.VIEWER)
    for is_active in (False, False, True):
        change_person(user=ben, settings={"is_active": is_active})
    for one in (team, others):
        news = told(one, "person_changed")
        assert [row["is_active"] for row in news] == [False, True]
        assert {(row["user_id"], row["email"], row["name"]) for row in news} == {
            (ben.pk, ben.email, "Ben")
        }


def test_the_last_owner_is_not_switched_off(team, ana, ben):
    with pytest.raises(LastOwner):
        change_person(user=ana, settings={"is_active": False, "name": "Anna"})
    ana.refresh_from_db()
    assert (ana.is_active, ana.name) == (True, "Ana")
    assert told(team, "person_changed") == []


def test_who_owns_one_team_alone_is_not_switched_off_for_another(team, others, ana, cho):
    add_member(team=team, user=cho, role=Role.OWNER)
    with pytest.raises(LastOwner):
        change_person(user=cho, settings={"is_active": False})


def test_an_owner_is_switched_off_when_another_stays(team, ana):
    member(team, "Olaf", Role.OWNER)
    change_person(user=ana, settings={"is_active": False})
    ana.refresh_from_db()
    assert not ana.is_active


def test_an_owner_who_is_the_last_may_change_their_name(team, ana):
    change_person(user=ana, settings={"name": "Anna"})
    assert [row["name"] for row in told(team, "person_changed")] == ["Anna"]


def test_a_mail_address_belongs_to_one_person(ana, ben):
    with pytest.raises(Refused):
        change_person(user=ben, settings={"email": ana.email.upper()})


def test_a_password_is_nothing_that_this_verb_sets(ana):
    with pytest.raises(LookupError, match="password"):
        change_person(user=ana, settings={"password": "plain"})
