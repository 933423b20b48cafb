"""Who sells something to a run, each by the client of its own: what is ordered of them, and what
may be said of money when the process that bought it was killed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Sum

from billing.models import CostEntry, Doubt, Hold, HoldState
from billing.proof import mismatches
from channels_app.models import Channel
from config.kit.database import after
from config.kit.vendors import Account
from teams.access import Actor
from tests.doubles.ai.client import StandIn
from tests.faults.dying import Life, When, lived
from tests.processes import until
from tests.videos.orders import sample
from tests.videos.paid import PAST
from tests.videos.providers import pictured
from tests.videos.providers.speaking import LONG_AGO, OPENAI, RACHEL, SCENES
from videos import actions, pipeline, runs
from videos.contracts import SceneText, Script
from videos.models import RunState, StageRun, Video, VideoState

Order = Callable[[Actor, Channel, int], Video]
TEXT = sample("lighthouses.md")
MAKERS = ("image", "replicate", "clip", "pexels", "pixabay")
TRIES = 4  # after the first: nobody is waited for longer


@dataclass(frozen=True)
class Seller:
    """`order` answers another video for each number; `sells_at` is a part of the addresses that
    bill. Of those who can be asked what became of a request, the books end equal."""

    name: str
    stage: str
    order: Order
    sells_at: str
    can_be_asked: bool = False
    only: str = ""  # the one account, of those that make pictures, that has a key
    is_free: bool = False
    is_slow: bool = False

    @property
    def method(self) -> str:
        return "GET" if self.is_free else "POST"

    def led(self, accounts: Mapping[str, Account]) -> dict[str, Account]:
        off = [name for name in MAKERS if self.only and name != self.only]
        return {**accounts, **{name: replace(accounts[name], key="") for name in off}}


def _writer(name: str) -> Order:
    def order(by: Actor, channel: Channel, number: int) -> Video:
        source = f"{TEXT}\n\nThe keeper of the light counted {number + 2} ships that night.\n"
        wish = actions.Wish(source=source, seconds=60, writer=name)
        return actions.create_video(by=by, channel=channel, wish=wish)

    return order


def _voice(name: str) -> Order:
    def order(by: Actor, channel: Channel, number: int) -> Video:
        said = f"{SCENES[0]} It has {number + 2} leaves."
        card = {"template": "statement", "text": "Kelp"}
        script = Script("Kelp", "en", "edited", (SceneText("aaaa0000", said, "", card),))
        wish = actions.Wish(source="Kelp grows.", title="Kelp", seconds=10, voice=name)
        return actions.create_video(by=by, channel=channel, wish=wish, script=script)

    return order


def _picture(visual: Mapping[str, Any]) -> Order:
    def order(by: Actor, channel: Channel, number: int) -> Video:
        shown = {**visual, "prompt": f"{visual['prompt']} {number}"}
        return pictured.ordered(by, channel, shown, source=f"Kelp grows {number} feet.")

    return order


JOBS = "/predictions"
SELLERS = [
    Seller("openai writer", "script", _writer("openai"), "/chat/completions"),
    Seller("anthropic writer", "script", _writer("anthropic"), "/messages"),
    Seller("openai voice", "narration", _voice(OPENAI), "/audio/speech"),
    Seller("elevenlabs", "narration", _voice(RACHEL), "/text-to-speech/", True),
    Seller("openai images", "visuals", _picture(pictured.IMAGE), "/images/", only="image"),
    Seller("replicate images", "visuals", _picture(pictured.IMAGE), JOBS, True, only="replicate"),
    Seller("replicate clips", "visuals", _picture(pictured.CLIP), JOBS, True, "clip", is_slow=True),
    Seller("pexels", "visuals", _picture(pictured.PHOTO), "/search", True, "pexels", True),
    Seller("pixabay", "visuals", _picture(pictured.PHOTO), "/api/", True, "pixabay", True),
]


@dataclass(frozen=True)
class Deal:
    """One run that buys of one seller, and what the seller has noted since it began."""

    seller: Seller
    ai: StandIn
    by: Actor
    video: Video

    @classmethod
    def new(cls, seller: Seller, ai: StandIn, by: Actor, channel: Channel, number: int) -> "Deal":
        ai.reset()
        return cls(seller, ai, by, seller.order(by, channel, number))

    def run(self) -> StageRun:
        """Claimed as a worker does; no other is ready."""
        waiting = StageRun.objects.filter(state=RunState.WAITING)
        waiting.update(due_at=None)
        waiting.filter(video=self.video, stage=self.seller.stage).update(due_at=after(PAST))
        run = runs.claim("studio", "w:1", 9)
        assert run is not None
        return run

    def attempt(self) -> None:
        pipeline.perform(self.run())

    def dies(self, when: When) -> Life:
        """One attempt, by a process that may die; the vendor ends what it began."""
        run, before = self.run(), len(self.ai.log())
        life = lived(when, lambda: pipeline.perform(run))
        until(lambda: len(self.ai.log()) >= before + life.sent, within_s=10, what="it is served")
        self.covers("when it died")
        return life

    def reaped(self) -> None:
        """Its lease runs out, and the sweep finds it."""
        StageRun.objects.filter(state=RunState.RUNNING).update(lease_until=after(PAST))
        runs.reap()
        self.covers("when it was swept")
        assert list(mismatches()) == []

    def goes_on(self) -> None:
        """Time passes, and a person who is asked has it bought again."""
        Hold.objects.update(created_at=after(-LONG_AGO))
        self.video.refresh_from_db()
        if self.video.state == VideoState.BLOCKED:
            assert not self.seller.can_be_asked, self.video.reason
            actions.resume(by=self.by, video=self.video)

    def is_done(self) -> bool:
        return self.video.runs.get(stage=self.seller.stage).state == RunState.DONE

    def ends(self) -> None:
        for _ in range(TRIES):
            if self.is_done():
                break
            self.goes_on()
            self.attempt()
            self.covers("after another attempt")
        assert self.is_done(), self.video.runs.get(stage=self.seller.stage).reason

    def booked(self) -> int:
        entries = CostEntry.objects.filter(video_id=self.video.pk)
        return entries.aggregate(sum=Sum("amount_micros"))["sum"] or 0

    def held(self) -> int:
        holds = Hold.objects.filter(video_id=self.video.pk, state=HoldState.OPEN)
        return holds.aggregate(sum=Sum("amount_micros"))["sum"] or 0

    def billed(self) -> int:
        return int(self.ai.bill()["price_micros"])

    def sold(self) -> int:
        """Requests that the seller bills, or counts."""
        asked = [one for one in self.ai.log() if self.seller.sells_at in one["path"]]
        return sum(one["served"] and one["method"] == self.seller.method for one in asked)

    def decisions(self) -> int:
        """That a person has something bought again, as they are kept."""
        return Hold.objects.filter(video_id=self.video.pk, doubt=Doubt.ACCEPTED).count()

    def covers(self, when: str) -> None:
        """At this moment what is booked and set aside is no less than the bill."""
        here, there = self.booked() + self.held(), self.billed()
        assert here >= there, f"{when} {here} were booked or held, and {there} were billed"

    def is_fair(self, deaths: int) -> None:
        """At its end, after so many deaths: what is free is looked for again, what is not is bought
        again by a decision."""
        decided, booked, billed = self.decisions(), self.booked(), self.billed()
        assert self.held() == 0
        assert list(mismatches()) == []
        is_doubted = decided and not self.seller.can_be_asked
        assert booked > billed if is_doubted else booked == billed, f"{booked} for {billed}"
        assert decided <= deaths
        assert 1 <= self.sold() <= 1 + (deaths if self.seller.is_free else decided)
