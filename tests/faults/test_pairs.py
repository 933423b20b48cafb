"""Every pair of verbs on one team from two connections: none fails but by a rule that says so, no
news is lost, and nobody waits for each other in a circle."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection

from billing import ledger
from channels_app import actions as channels
from channels_app.models import Channel, Upload, UploadState
from config.kit import jobs
from config.kit.errors import Refused, Stopped
from config.kit.scaling import Board
from teams import actions as teams
from teams import brakes, invitations, tokens
from teams.access import Actor, Forbidden, actor_for
from teams.models import Event, Membership, Role, Team, TeamJournal, User
from videos import actions, conclusions, removals, runs, scene_edits
from videos.contracts import SceneText, Script
from videos.models import StageRun, Video, VideoState

OTHER = "host:2"  # a worker
RULES = (Refused, Stopped, Forbidden, ObjectDoesNotExist)
TEXT = "Kelp grows half a metre a day. Otters guard it."


@dataclass
class World:
    """A team with an admin, a channel, and a video in each state that verbs ask about."""

    name: str

    def __post_init__(self) -> None:
        self.ana = User.objects.create_user(f"ana-{self.name}@example.org", name="Ana")
        self.ben = User.objects.create_user(f"ben-{self.name}@example.org", name="Ben")
        self.team: Team = teams.create_team(name="Kelp", slug=self.name, email=self.ana.email)
        teams.add_member(team=self.team, user=self.ana, role=Role.OWNER)
        self.bens: Membership = teams.add_member(team=self.team, user=self.ben, role=Role.ADMIN)
        self.channel: Channel = channels.create_channel(
            by=self.by, name="Kelp", slug=self.name, brand={}
        )
        self.queued, self.producing = self.order(), self.order(script=written())
        self.run = self.claimed(self.producing)
        self.held = runs.hold(self.run, "scene:00000001", 100, ledger.NOBODY)
        self.ready = self.order(script=written())
        Video.objects.filter(pk=self.ready.pk).update(state=VideoState.REVIEW)
        self.out = self.order(script=written())
        Video.objects.filter(pk=self.out.pk).update(state=VideoState.SCHEDULED)
        self.upload: Upload = channels.request_publication(
            channel=self.channel, video_id=self.out.pk, title="Kelp", files={}, metadata={}
        )

    @cached_property
    def by(self) -> Actor:
        found = actor_for(self.ana, None)
        assert found
        return found

    def order(self, script: Script | None = None) -> Video:
        wish = actions.Wish(source=TEXT, title="Kelp")
        return actions.create_video(by=self.by, channel=self.channel, wish=wish, script=script)

    def claimed(self, video: Video) -> StageRun:
        """As `runs.claim` leaves it, whatever else in this database waits."""
        StageRun.objects.filter(video=video, stage="narration").update(
            state="running",
            attempt=1,
            fence=1,
            worker="host:1",
            lease_until=runs.after(timedelta(seconds=60)),
            due_at=None,
        )
        return StageRun.objects.select_related("video").get(video=video, stage="narration")

    def taken(self) -> Upload:
        """The upload as the worker holds it that has taken it."""
        Upload.objects.filter(pk=self.upload.pk, state=UploadState.WAITING).update(
            state=UploadState.RUNNING,
            fence=1,
            attempt=1,
            worker="host:1",
            lease_until=runs.after(timedelta(seconds=60)),
        )
        return Upload.objects.select_related("channel").get(pk=self.upload.pk)


def written() -> Script:
    scenes = tuple(
        SceneText(f"0000000{n}", TEXT, f"Kelp {n}", {"template": "statement", "text": "Kelp"})
        for n in (1, 2)
    )
    return Script("Kelp", "en", "given", scenes)


VERBS: dict[str, Callable[[World], object]] = {
    "change team": lambda w: teams.change_team(
        by=w.by, team=w.team, name=f"Kelp {secrets.token_hex(2)}", email="k@example.org"
    ),
    "change role": lambda w: teams.change_role(by=w.by, membership=w.bens, role=Role.EDITOR),
    "remove member": lambda w: teams.remove_member(by=w.by, membership=w.bens),
    "pull brake": lambda w: brakes.pull(by=w.by, what="spending"),
    "pull and release brake": lambda w: brakes.release(
        by=w.by, brake=brakes.pull(by=w.by, what="publishing")
    ),
    "rename person": lambda w: teams.rename_person(user=w.ana, name="Anna"),
    "invite": lambda w: invitations.invite(by=w.by, email="dee@example.org", role=Role.VIEWER),
    "make token": lambda w: tokens.create_token(by=w.by, name="t", scopes=["videos:read"]),
    "make channel": lambda w: channels.create_channel(by=w.by, name="C", slug="c", brand={}),
    "change channel": lambda w: channels.change_channel(
        by=w.by, channel=w.channel, settings={"name": f"Kelp {secrets.token_hex(2)}"}
    ),
    "change kit": lambda w: channels.change_brand_kit(
        by=w.by, kit=w.channel.brand_kit, look={"ink": f"#{secrets.token_hex(3)}"}
    ),
    "order": lambda w: w.order(),
    "order for publication": lambda w: w.order(script=written()),
    "rename": lambda w: scene_edits.rename(by=w.by, video=w.ready, title=secrets.token_hex(3)),
    "edit scene": lambda w: scene_edits.edit_scene(
        by=w.by, scene=w.ready.scenes.get(uid="00000001"), narration=secrets.token_hex(4)
    ),
    "add scene": lambda w: scene_edits.add_scene(
        by=w.by, video=w.ready, after="00000001", narration="Otters."
    ),
    "approve": lambda w: actions.approve(by=w.by, video=w.ready),
    "pause": lambda w: actions.pause(by=w.by, video=w.producing),
    "resume": lambda w: actions.resume(by=w.by, video=w.producing),
    "cancel": lambda w: actions.cancel(by=w.by, video=w.producing),
    "cancel what goes out": lambda w: actions.cancel(by=w.by, video=w.out),
    "delete": lambda w: removals.delete_video(by=w.by, video=w.producing),
    "delete what goes out": lambda w: removals.delete_video(by=w.by, video=w.out),
    "claim": lambda w: runs.claim(w.queued.runs.get(stage="script").cluster, OTHER, 9),
    "hold money": lambda w: runs.hold(w.run, "scene:00000002", 50, ledger.NOBODY),
    "settle money": lambda w: ledger.settle(w.held, runs.purpose(w.run, "scene:00000001"), []),
    "finish": lambda w: runs.finish(w.run, []),
    "finish and go on": lambda w: runs.finish(
        w.run, [], runs.Claimant(w.queued.runs.get(stage="script").cluster, OTHER, 9)
    ),
    "put off": lambda w: runs.put_off(w.run, "later"),
    "fail": lambda w: runs.fail(w.run, "broken"),
    "give back": lambda w: runs.give_back(w.run),
    "reap": lambda w: runs.reap_one(w.run),
    "claim upload": lambda w: channels.claim(OTHER, 9),
    "settle upload": lambda w: channels.settle(w.taken(), "file:///kelp"),
    "give upload back": lambda w: channels.give_back(w.taken()),
    "put upload off": lambda w: channels.put_off(w.taken(), "later", timedelta(seconds=1)),
    "follow upload": lambda w: conclusions.follow_upload(w.out.pk),
    "request publication": lambda w: channels.request_publication(
        channel=w.channel, video_id=w.ready.pk, title="K", files={}, metadata={}
    ),
}


def at_once(*acts: Callable[[], object]) -> list[BaseException]:
    """Both from the same moment on, each over a connection of its own; what no rule explains."""
    ready, strange = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            ready.wait()
            act()
        except RULES:
            pass
        except Exception as error:
            strange.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
    return strange


def deadlocks() -> int:
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        query = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        cursor.execute(query)
        return int(cursor.fetchone()[0])


@pytest.fixture(autouse=True)
def cluster_of_two(monkeypatch):
    """A worker that knows how many others there are takes up its next run as it ends one."""
    monkeypatch.setattr(jobs, "_board", Board(size=2, wanted=2))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", VERBS)
def test_a_verb_meets_every_other(first):
    before, names = deadlocks(), list(VERBS)
    for second in names[names.index(first) :]:
        world = World(secrets.token_hex(6))
        strange = at_once(lambda: VERBS[first](world), lambda: VERBS[second](world))  # noqa: B023
        assert strange == [], second
        numbers = list(Event.objects.filter(team=world.team).values_list("seq", flat=True))
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), second
        assert TeamJournal.objects.get(team=world.team).seq == len(numbers), second
    time.sleep(0.1)
    assert deadlocks() == before
