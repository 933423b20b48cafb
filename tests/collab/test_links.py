"""Links to one video for people outside the team, and who may do what in its room."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from collab.actions import LONGEST_DAYS, create_share_link, revoke_share_link
from collab.models import ShareLink
from collab.roles import RoomRole, guest_of, role_in_room, roles_in_rooms, still_there
from config.kit.database import after
from config.kit.errors import Refused
from teams.access import Forbidden, actor_for_token
from teams.models import ApiToken, Event, Membership
from teams.tokens import create_token
from tests.conftest import acting
from tests.kit.test_api import problem
from videos.models import Video, VideoState


def test_a_link_opens_one_video_to_who_has_its_secret(by_ana, video):
    link, secret = create_share_link(
        by=by_ana, video=video, role="commenter", days=7, name="Client"
    )
    guest = guest_of(secret, "Dan")
    assert (guest.link_id, guest.video_id, guest.name) == (link.pk, video.pk, "Dan")
    assert role_in_room(guest, video) == RoomRole.COMMENTER
    assert secret not in str(ShareLink.objects.values().get())
    assert guest_of(secret[:-1]) is None


def test_a_link_ends_when_it_is_revoked_or_expires_or_its_video_goes(by_ana, video):
    revoked, first = create_share_link(by=by_ana, video=video)
    expired, second = create_share_link(by=by_ana, video=video)
    _, third = create_share_link(by=by_ana, video=video, days=None)
    there = guest_of(first)
    assert still_there(there)
    revoke_share_link(by=by_ana, link=revoked)
    revoke_share_link(by=by_ana, link=revoked)
    ShareLink.objects.filter(pk=expired.pk).update(expires_at=after(-timedelta(seconds=1)))
    assert [guest_of(first), guest_of(second)] == [None, None]
    assert not still_there(there)
    assert guest_of(third) is not None
    Video.objects.filter(pk=video.pk).update(deleted_at=Now())
    assert guest_of(third) is None
    assert Event.objects.filter(kind="collab.share_link_revoked").count() == 1


@pytest.mark.parametrize("wrong", [{"days": 0}, {"days": LONGEST_DAYS + 1}, {"role": "editor"}])
def test_what_is_no_link_is_refused(by_ana, video, wrong):
    with pytest.raises(Refused):
        create_share_link(by=by_ana, video=video, **wrong)
    assert not ShareLink.objects.exists()


def test_only_who_edits_shares(by_ana, vic, cho, video):
    link, _ = create_share_link(by=by_ana, video=video)
    for person in (vic, cho):
        with pytest.raises(Forbidden):
            create_share_link(by=acting(person), video=video)
        with pytest.raises(Forbidden):
            revoke_share_link(by=acting(person), link=link)
    assert ShareLink.objects.usable().count() == 1


# --- rooms


def test_what_each_may_do_in_a_room(by_ana, ben, vic, cho, video):
    assert role_in_room(by_ana, video) == role_in_room(acting(ben), video) == RoomRole.EDITOR
    assert role_in_room(acting(vic), video) == RoomRole.COMMENTER
    Membership.objects.filter(user=vic).update(can_comment=False)
    assert role_in_room(acting(vic), video) == RoomRole.VIEWER
    assert role_in_room(acting(cho), video) is None
    assert role_in_room(None, video) is None


def test_a_token_is_let_in_as_far_as_it_reaches(by_ana, ana, video):
    def role(*scopes: str) -> RoomRole | None:
        token, _ = create_token(by=by_ana, name="t", scopes=scopes)
        return role_in_room(actor_for_token(ApiToken.objects.get(pk=token.pk)), video)

    assert role("videos:read", "videos:write") == RoomRole.EDITOR
    assert role("videos:read") == RoomRole.VIEWER
    assert role("videos:read", "assets:write", "notifications:write") == RoomRole.VIEWER
    assert role("channels:read") is None


def test_nobody_writes_into_what_has_gone_out(by_ana, video):
    Video.objects.filter(pk=video.pk).update(state=VideoState.PUBLISHED)
    video.refresh_from_db()
    assert role_in_room(by_ana, video) == RoomRole.COMMENTER


def test_all_rooms_are_asked_about_at_once(
    by_ana, vic, cho, video, channel, django_assert_num_queries
):
    out = Video.objects.create(
        team=video.team, channel=channel, plan={"stages": {}}, state=VideoState.PUBLISHED
    )
    people = [by_ana, acting(vic), acting(cho)]
    asked = {video.pk: people, out.pk: people, 10**9: [by_ana]}
    with django_assert_num_queries(2):
        found = roles_in_rooms(asked)
    assert found[10**9] == [None]
    assert found[video.pk] == [role_in_room(by, video) for by in people]
    assert found[out.pk] == [RoomRole.COMMENTER, RoomRole.COMMENTER, None]


def test_a_link_to_one_video_opens_no_other(by_ana, video, channel):
    _, secret = create_share_link(by=by_ana, video=video)
    other = Video.objects.create(team=video.team, channel=channel, plan={"stages": {}})
    assert role_in_room(guest_of(secret), other) is None


# --- over HTTP


def test_links_over_the_api(program, ben, video):
    its, path = program(ben), f"videos/{video.pk}/share-links/"
    body = {"name": "Client", "role": "commenter", "days": 7}
    made = its.post(path, body, Idempotency_Key="a").json()
    assert guest_of(made["secret"]).role == "commenter"
    assert its.post(path, body, Idempotency_Key="a").json()["secret"] is None
    assert its.post(path, {"days": None}).json()["expires_at"] is None
    told = its.get(path).json()["results"]
    assert [one["name"] for one in told] == ["", "Client"]
    assert "secret" not in told[0]
    assert its.delete(f"{path}{made['id']}/").status_code == 204
    problem(its.get(f"{path}{made['id']}/"), 404, "not_found")
    assert guest_of(made["secret"]) is None


def test_who_is_who_over_http(program, by_ana, vic, cho, video):
    link, _ = create_share_link(by=by_ana, video=video)
    path = f"videos/{video.pk}/share-links/"
    viewer = program(vic, "videos:read")
    problem(viewer.post(path, {}), 403, "forbidden")
    problem(viewer.delete(f"{path}{link.pk}/"), 403, "forbidden")
    problem(program(cho).get(path), 404, "not_found")
    problem(program(cho).delete(f"{path}{link.pk}/"), 404, "not_found")
    problem(program(None).post(path, {}), 401, "not_authenticated")
    assert ShareLink.objects.usable().count() == 1
