"""A provider that fails is left alone for a while, and another takes over where it may."""

from datetime import timedelta

import pytest

from billing.models import Hold
from config.kit.database import after
from config.kit.errors import Busy, OutcomeUnknown, Refused, Unavailable, VendorTrouble
from config.kit.vendors import Account
from teams.models import Event
from tests.videos import paid
from tests.videos.paid import PaidVoice, failing, perform_again
from videos import limits, pipeline, resting, routes, runs
from videos.models import ProviderLimit, ProviderRest, RouteStep, StageRun, Video
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


def test_nobody_takes_over_what_may_have_been_bought(narrating):
    for place, name in enumerate(("far:one", "paid:one")):
        routes.add(RouteStep(kind="voice", position=place, name=name))
    of = {"team": narrating.video.team, "video_id": narrating.video_id, "run_id": narrating.pk}
    Hold.objects.create(**of, amount_micros=5, currency="USD", state="settled", doubt="open")
    run = fails_until_it_rests(narrating)
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
        limits.ask("voice:far")
    with pytest.raises(Busy):
        limits.ask("voice:far")
    ProviderLimit.objects.update(minute=after(timedelta(minutes=-2)))
    limits.ask("voice:far")


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
