"""The feed of a team and of a video: what comes, in which order, and to whom."""

from datetime import timedelta

import pytest

from billing import ledger
from config.kit.database import after
from config.kit.errors import Spend
from teams.access import operator
from teams.actions import change_team
from teams.models import Event
from tests.live.server import Server, kinds, running
from tests.processes import until
from videos.actions import cancel
from videos.assets import take_in
from videos.models import Asset, AssetKind, RunState, StageRun
from videos.shelf import rename_asset

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def test_a_team_hears_what_happens_as_it_happens(server: Server, vic, by_ana, team):
    with server.open(vic) as socket:
        assert socket.until("hello")["team"] == team.pk
        began = socket.follow("team")
        assert (began["type"], began["state"]["name"]) == ("snapshot", "Kelp Films")
        change_team(by=by_ana, team=team, name="Dulse", email=team.email)
        told = socket.events(1)
        assert (kinds(told), told[0]["payload"]["name"]) == (["teams.team_changed"], "Dulse")
        assert told[0]["seq"] == began["seq"] + 1


def test_a_video_tells_of_itself_alone(server: Server, vic, by_ana, team, video):
    with server.open(vic) as socket:
        began = socket.follow("video", video.pk)
        assert began["state"]["state"] == "queued"
        change_team(by=by_ana, team=team, name="Dulse", email=team.email)
        cancel(by=by_ana, video=video)
        told = socket.events(1)
        assert {one["payload"].get("video_id") for one in told} == {video.pk}
        assert told[-1]["payload"]["state"] == "cancelled"


def test_who_follows_anew_keeps_one_place(tmp_path, ana, vic, team):
    limits = {"SOCKETS_PER_TOPIC": "1", "REDIS_PREFIX": f"topic{tmp_path.name}"}
    with running(tmp_path, **limits) as strict, strict.open(ana) as one:
        seq = one.follow("team")["seq"]
        for _ in range(3):
            assert one.follow("team", since=seq)["type"] == "subscribed"
        with strict.open(vic) as other:
            assert other.follow("team")["code"] == 4429
            one.say(type="unsubscribe", topic="team")
            until(lambda: other.follow("team")["type"] == "snapshot", what="a place is free")


def test_who_comes_back_gets_what_came_meanwhile(server: Server, vic, by_ana, team):
    with server.open(vic) as socket:
        seq = socket.follow("team")["seq"]
    for n in range(5):
        change_team(by=by_ana, team=team, name=f"Name {n}", email=team.email)
    with server.open(vic) as socket:
        assert socket.follow("team", since=seq)["type"] == "subscribed"
        assert [one["seq"] for one in socket.events(5)] == list(range(seq + 1, seq + 6))


def test_who_was_away_for_long_gets_how_it_stands(server: Server, vic, by_ana, team):
    with server.open(vic) as socket:
        seq = socket.follow("team")["seq"]
        Event.objects.filter(team=team).delete()
        change_team(by=by_ana, team=team, name="Dulse", email=team.email)
        Event.objects.filter(team=team).delete()
    with server.open(vic) as socket:
        told = socket.follow("team", since=seq)
        assert (told["type"], told["state"]["name"]) == ("snapshot", "Dulse")


def test_a_file_tells_of_itself_and_how_far_it_is(server: Server, vic, by_ana, tmp_path):
    bay, other = (came(by_ana, tmp_path, n) for n in (1, 2))
    with server.open(vic) as socket:
        began = socket.follow("asset", bay.pk)
        assert (began["state"]["name"], began["state"]["state"]) == ("1.png", "preparing")
        rename_asset(by=by_ana, asset=other, name="Otters")
        rename_asset(by=by_ana, asset=bay, name="Bay")
        assert [one["payload"]["asset_id"] for one in socket.events(1)] == [bay.pk]
        Asset.objects.update(fraction=0.5, lease_until=after(timedelta(seconds=60)))
        assert socket.until("progress")["of"] == [{"topic": "asset", "id": bay.pk, "fraction": 0.5}]


def test_totals_are_pushed_to_those_who_see_costs(server: Server, ana, vic, team, video):
    StageRun.objects.filter(video=video, stage="script").update(state=RunState.RUNNING)
    with server.open(ana) as sees, server.open(vic) as blind:
        assert sees.follow("costs", video.pk)["state"]["spent_micros"] == 0
        assert blind.follow("costs", video.pk)["type"] == "refused"
        blind.follow("team")
        why = ledger.Purpose(team.pk, video.pk, 1, "narration", "scene:1")
        ledger.book(why, [Spend("acme", "call", 1, 7_000)])
        told = total(sees, video.pk)
        assert (told["spent_micros"], told["by_stage"]) == (7_000, {"narration": 7_000})
        change_team(by=operator(team), team=team, name="Dulse", email=team.email)
        assert "7000" not in str(until_news(blind))


def until_news(socket) -> list[dict]:
    frames = [socket.next()]
    while frames[-1]["type"] != "events":
        frames.append(socket.next())
    return frames


def total(socket, video_id: int) -> dict:
    while True:
        for one in socket.until("progress")["of"]:
            if (one["topic"], one["id"]) == ("costs", video_id):
                return one


def came(by, folder, n: int) -> Asset:
    path = folder / f"{n}.png"
    path.write_bytes(b"a picture, or not: nobody looks" + bytes([n]))
    return take_in(by=by, path=path, name=path.name, kind=AssetKind.PICTURE)
