"""A provider that fails is left alone for a while, and another takes over where it may."""

from dataclasses import replace
from datetime import timedelta

import pytest

from billing.models import Hold
from config.kit.database import after
from config.kit.errors import (
    Busy,
    OutcomeUnknown,
    Refused,
    Rejected,
    Unanswered,
    Unavailable,
    VendorTrouble,
)
from config.kit.vendors import Account
from teams.access import operator
from teams.models import Event
from tests.videos import paid
from tests.videos.paid import PaidVoice, failing, perform_again
from tests.videos.test_edits import OWN
from videos import (
    actions,
    consents,
    limits,
    pipeline,
    readiness,
    resting,
    routes,
    runs,
    scripts,
    standins,
    waits,
)
from videos.models import (
    ProviderLimit,
    ProviderRest,
    RouteStep,
    StageRun,
    VendorVoice,
    Video,
)
from videos.providers.catalogue import providers
from videos.providers.voices import Offer

pytestmark = pytest.mark.django_db(transaction=True)
PAST = timedelta(seconds=-1)


class FarVoice(PaidVoice):
    """A paid voice that is asked by an account."""

    account = "far"

    def __init__(self, voice: str, account: Account) -> None:
        self.name = f"far:{voice}"

    @classmethod
    def offers(cls) -> list[Offer]:
        return [Offer("far", "one", ("en",))]


if "voice:far" not in providers:
    providers.add("voice:far", FarVoice)


@pytest.fixture
def narrating(by_ana, channel, settings, monkeypatch):
    settings.ACCOUNTS = {**settings.ACCOUNTS, "far": Account("FAR", "http://far.example", "k")}
    monkeypatch.setattr(FarVoice, "meanwhile", failing(VendorTrouble("It has trouble.")))
    return paid.narrating(by_ana, channel, "far:one")


def fails_until_it_rests(run: StageRun) -> StageRun:
    pipeline.perform(run)
    for _ in range(resting.FAILURES - 1):
        run = perform_again()
    return run


def due() -> None:
    StageRun.objects.filter(stage="narration").update(due_at=after(PAST))


def test_after_three_failures_in_a_row_nobody_asks_it_for_a_while(narrating):
    fails_until_it_rests(narrating)
    due()
    assert runs.claim("studio", "w:2", 9) is None
    ProviderRest.objects.update(rests_until=after(PAST))
    assert runs.claim("studio", "w:2", 9).stage == "narration"


def test_what_works_again_is_forgiven(narrating, monkeypatch):
    pipeline.perform(narrating)
    monkeypatch.setattr(FarVoice, "meanwhile", staticmethod(lambda: None))
    assert perform_again().state == "done"
    assert ProviderRest.objects.get().failures == 0


def test_a_fault_of_our_own_is_not_counted_against_it(narrating, monkeypatch):
    monkeypatch.setattr(FarVoice, "meanwhile", failing(Unavailable("The disk is full.")))
    fails_until_it_rests(narrating)
    assert not ProviderRest.objects.exists()


def test_answers_of_gateways_alone_count_as_failures(narrating, monkeypatch):
    monkeypatch.setattr(FarVoice, "recovery", "lookup")
    monkeypatch.setattr(FarVoice, "meanwhile", failing(Unanswered("Only a gateway answered.")))
    assert fails_until_it_rests(narrating).state == "waiting"
    due()
    assert runs.claim("studio", "w:2", 9) is None
    assert "gateway" in ProviderRest.objects.get().why


def test_nobody_takes_over_what_may_have_been_bought(narrating, monkeypatch):
    monkeypatch.setattr(FarVoice, "recovery", "lookup")
    for place, name in enumerate(("far:one", "paid:one")):
        routes.add(RouteStep(kind="voice", position=place, name=name))
    pipeline.perform(narrating)
    Hold.objects.update(state="settled", doubt="open")
    for _ in range(resting.FAILURES + 1):
        run = perform_again()
    assert "may still come" in run.reason
    assert Video.objects.get(pk=run.video_id).plan["providers"]["voice"] == "far:one"


def test_it_rests_longer_each_time():
    rests = []
    for _ in range(resting.FAILURES + 1):
        resting.failed("voice:far", "no")
        rests.append(ProviderRest.objects.get().rests_until)
    assert rests[:2] == [None, None]
    assert rests[3] - rests[2] > timedelta(seconds=resting.SHORTEST_S / 2)


def test_the_next_of_the_route_takes_over(narrating):
    for place, name in enumerate(("far:one", "paid:one")):
        routes.add(RouteStep(kind="voice", position=place, name=name))
    run = fails_until_it_rests(narrating)
    video = Video.objects.get(pk=run.video_id)
    assert video.plan["providers"]["voice"] == "paid:one"
    assert perform_again().state == "done"
    told = Event.objects.get(kind="videos.provider_changed").payload
    assert (told["was"], told["now"]) == ("far:one", "paid:one")


def test_a_voice_that_has_spoken_is_waited_for(narrating, monkeypatch):
    for place, name in enumerate(("far:one", "paid:one")):
        routes.add(RouteStep(kind="voice", position=place, name=name))
    video = Video.objects.get(pk=narrating.video_id)
    monkeypatch.setattr(FarVoice, "meanwhile", staticmethod(lambda: None))
    pipeline.perform(narrating)
    assert not resting.go_elsewhere(narrating, "voice", "It fails.")
    video.refresh_from_db()
    assert video.plan["providers"]["voice"] == "far:one"


def test_being_asked_to_wait_is_no_failure_and_no_attempt(narrating, monkeypatch):
    monkeypatch.setattr(FarVoice, "meanwhile", failing(Busy("Wait.", retry_after_s=1)))
    pipeline.perform(narrating)
    for _ in range(runs.MAX_ATTEMPTS + 1):
        run = perform_again()
    assert (run.state, run.attempt, run.reason) == ("waiting", 0, "Wait.")
    assert not ProviderRest.objects.exists()


def test_no_more_is_sent_in_a_minute_than_may_be():
    limits.set_limit("voice:far", 9, per_minute=2)
    for _ in range(2):
        limits.count("voice:far")
    with pytest.raises(limits.Full):
        limits.count("voice:far")
    ProviderLimit.objects.update(minute=after(timedelta(minutes=-2)))
    limits.count("voice:far")


def test_a_route_names_only_whom_there_is():
    with pytest.raises(Refused, match="nobody"):
        routes.add(RouteStep(kind="voice", position=0, name="nobody:one"))


def test_a_small_doubt_is_bought_again_without_asking_where_an_operator_said_so(
    narrating, monkeypatch, settings
):
    settings.AUTO_RETRY_UNKNOWN_MICROS = paid.PRICE
    monkeypatch.setattr(FarVoice, "meanwhile", failing(OutcomeUnknown("No answer.")))
    pipeline.perform(narrating)
    monkeypatch.setattr(FarVoice, "meanwhile", staticmethod(lambda: None))
    assert perform_again().state == "done"
    assert paid.kinds()[0] == "unknown"
    assert set(paid.kinds()[1:]) == {"usage"}


def test_a_large_doubt_waits_for_a_person(narrating, monkeypatch, settings):
    settings.AUTO_RETRY_UNKNOWN_MICROS = paid.PRICE - 1
    monkeypatch.setattr(FarVoice, "meanwhile", failing(OutcomeUnknown("No answer.")))
    pipeline.perform(narrating)
    assert StageRun.objects.get(pk=narrating.pk).state == "blocked"


@pytest.fixture
def two(narrating, by_ana, channel) -> list[StageRun]:
    """Another video waits for the same voice."""
    wish = actions.Wish(source="Otters.", title="Otters", seconds=10, voice="far:one")
    video = actions.create_video(by=by_ana, channel=channel, wish=wish)
    actions.edit_script(by=by_ana, video=video, script=OWN)
    StageRun.objects.exclude(stage="narration").update(due_at=None)
    return [narrating, video.runs.get(stage="narration")]


def perform_due() -> list[StageRun]:
    """All that workers take up at once, then what they do."""
    due()
    taken = list(iter(lambda: runs.claim("studio", "w:1", 9), None))
    for run in taken:
        pipeline.perform(run)
    return [StageRun.objects.get(pk=run.pk) for run in taken]


def test_after_its_rest_one_asks_and_the_others_wait_for_what_comes_of_it(two, monkeypatch):
    asked = []
    resting.failed("voice:far", "It had trouble.", is_over=True)
    runs.give_back(two[0])
    ProviderRest.objects.update(rests_until=after(PAST))

    def fail() -> None:
        asked.append(1)
        raise VendorTrouble("It has trouble.")

    monkeypatch.setattr(FarVoice, "meanwhile", staticmethod(fail))
    found = perform_due()
    assert (len(found), len(asked)) == (2, 1)
    assert sorted(run.attempt for run in found) == [0, 1]
    assert any("left alone for a while" in run.reason for run in found)
    monkeypatch.setattr(FarVoice, "meanwhile", staticmethod(lambda: None))
    ProviderRest.objects.update(rests_until=after(PAST))
    assert perform_due()[0].state == "done"
    assert perform_due()[0].state == "done"


def probing(two) -> list[StageRun]:
    """The first asks after the rest; the other waits for that."""
    resting.failed("voice:far", "It had trouble.", is_over=True)
    ProviderRest.objects.update(rests_until=after(PAST))
    assert resting.refuse(two[0], "voice:far")
    due()
    assert runs.claim("studio", "w:2", 9) is None
    return two


def test_who_asks_after_a_rest_and_dies_lets_the_next_ask_at_once(two):
    dead, other = probing(two)
    StageRun.objects.filter(pk=dead.pk).update(lease_until=after(PAST))
    runs.reap()
    StageRun.objects.filter(pk=dead.pk).update(due_at=None)
    assert runs.claim("studio", "w:2", 9).pk == other.pk
    assert resting.refuse(other, "voice:far")


def test_who_asks_after_a_rest_and_is_refused_for_something_else_lets_the_next_ask(
    two, monkeypatch
):
    monkeypatch.setattr(FarVoice, "meanwhile", failing(Rejected("Not this.")))
    pipeline.perform(probing(two)[0])
    assert ProviderRest.objects.get().probed_by is None
    assert runs.claim("studio", "w:2", 9).pk == two[1].pk


def test_who_waits_for_one_that_rests_goes_elsewhere_unasked(two, monkeypatch):
    for place, name in enumerate(("far:one", "paid:one")):
        routes.add(RouteStep(kind="voice", position=place, name=name))
    monkeypatch.setattr(FarVoice, "meanwhile", failing(AssertionError("nobody may ask")))
    resting.failed("voice:far", "It has trouble.", is_over=True)
    pipeline.perform(two[0])
    assert perform_again().state == "done"
    assert Video.objects.get(pk=two[0].video_id).plan["providers"]["voice"] == "paid:one"


def test_being_asked_to_wait_again_and_again_is_waited_for_longer(narrating, monkeypatch):
    monkeypatch.setattr(waits, "pause_s", lambda told, grown: pauses.append(grown) or grown)
    pauses: list[float] = []
    monkeypatch.setattr(FarVoice, "meanwhile", failing(Busy("Wait.")))
    pipeline.perform(narrating)
    for _ in range(waits.BORNE - 1):
        run = perform_again()
    assert pauses == [2, 4, 8, 16, 32, 64, 120, 120]
    assert (run.state, run.attempt) == ("waiting", 0)
    assert ProviderRest.objects.get().rests_until is not None


def test_who_only_asks_to_wait_is_stood_in_for_in_the_end(narrating, monkeypatch):
    for place, name in enumerate(("far:one", "paid:one")):
        routes.add(RouteStep(kind="voice", position=place, name=name))
    monkeypatch.setattr(FarVoice, "meanwhile", failing(Busy("Wait.")))
    pipeline.perform(narrating)
    for _ in range(waits.BORNE - 1):
        run = perform_again()
    assert "paid:one takes over" in run.reason
    assert perform_again().state == "done"


def test_what_is_told_to_wait_is_never_waited_for_shorter():
    assert all(waits.pause_s(60, 2) >= 60 for _ in range(50))


def test_a_part_that_asks_nobody_says_nothing_of_its_provider(narrating, monkeypatch):
    """Found in the store: its provider may be as broken as before."""
    resting.failed("voice:far", "It has trouble.")
    monkeypatch.setattr(FarVoice, "meanwhile", staticmethod(lambda: None))
    pipeline.perform(narrating)
    resting.failed("voice:far", "It has trouble.")
    limits.set_limit("voice:far", 9, per_minute=9)
    readiness.send_back(narrating.video, ["narration"])
    assert perform_again().state == "done"
    assert ProviderRest.objects.get().failures == 1
    assert ProviderLimit.objects.get().asked == 0


@pytest.mark.parametrize(
    ("step", "says", "name"),
    [
        ("openai", "en", "openai:alloy"),
        ("paid", "de", ""),  # it speaks English alone
        ("paid", "en", "paid:one"),
        ("elevenlabs:c0py", "en", ""),  # a copy of somebody's voice, without their consent
    ],
)
def test_a_voice_takes_over_that_the_video_may_use(narrating, accounts, step, says, name):
    VendorVoice.objects.create(
        vendor="elevenlabs", voice_id="c0py", name="Ana", languages=["en"], category="cloned"
    )
    for place, one in enumerate(("far", step)):
        routes.add(RouteStep(kind="voice", position=place, name=one))
    script = replace(scripts.current(narrating.video), language=says)
    actions.edit_script(by=operator(narrating.video.team), video=narrating.video, script=script)
    video = Video.objects.get(pk=narrating.video_id)
    video.plan["providers"]["voice"] = "far:one"
    assert standins.next_of(video, "voice") == name


def test_a_copy_takes_over_where_its_owner_has_agreed(narrating, accounts, by_ana):
    copy = VendorVoice.objects.create(
        vendor="elevenlabs", voice_id="c0py", name="Ana", languages=["en"], category="cloned"
    )
    consents.record(by=by_ana, voice=copy, person="Ana", agrees=True)
    for place, one in enumerate(("far", "elevenlabs:c0py")):
        routes.add(RouteStep(kind="voice", position=place, name=one))
    video = narrating.video
    video.plan["providers"]["voice"] = "far:one"
    assert standins.next_of(video, "voice") == "elevenlabs:c0py"
