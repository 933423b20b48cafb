"""A provider with a price, registered as any other: what it costs is never lost."""

from datetime import timedelta

import pytest

from billing import ledger
from billing.models import CostEntry
from config.kit.database import after
from config.kit.errors import Rejected, Stopped
from teams.access import operator
from tests.videos import paid
from tests.videos.paid import PRICE, SILENT, PaidVoice, booked, failing, holds, kinds
from videos import actions, pipeline, runs
from videos.contracts import SceneText, Script
from videos.models import RunPart, RunState, StageRun

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def narrating(by_ana, channel):
    """A run of the narration stage that speaks with the paid voice."""
    return paid.narrating(by_ana, channel, "paid:one")


def lease_runs_out(run: StageRun) -> None:
    StageRun.objects.filter(pk=run.pk).update(lease_until=after(-timedelta(seconds=1)))


def test_what_a_scene_cost_is_booked_and_its_hold_ends(narrating):
    pipeline.perform(narrating)
    assert StageRun.objects.get(pk=narrating.pk).state == RunState.DONE
    assert (booked(), holds()) == (PRICE, {"settled"})


def test_the_same_scene_again_costs_nothing(narrating, by_ana):
    pipeline.perform(narrating)
    actions.retry_stage(by=by_ana, run=narrating)
    pipeline.perform(paid.claimed())
    assert booked() == PRICE


def test_a_part_that_is_cancelled_while_it_is_bought_is_still_paid(narrating, monkeypatch):
    by = operator(narrating.video.team)
    cancel = staticmethod(lambda: actions.cancel(by=by, video=narrating.video))
    monkeypatch.setattr(PaidVoice, "meanwhile", cancel)
    pipeline.perform(narrating)
    assert not RunPart.objects.filter(run=narrating).exists()
    assert (booked(), holds()) == (PRICE, {"settled"})


def test_a_part_that_the_store_can_not_take_is_still_paid(narrating, settings, monkeypatch):
    away = settings.MEDIA_DIR.with_name("away")
    fill = staticmethod(lambda: (settings.MEDIA_DIR.rename(away), settings.MEDIA_DIR.touch()))
    monkeypatch.setattr(PaidVoice, "meanwhile", fill)
    pipeline.perform(narrating)
    assert "free some space" in StageRun.objects.get(pk=narrating.pk).reason
    assert (booked(), holds()) == (PRICE, {"settled"})


def test_what_could_not_be_said_costs_nothing(narrating, monkeypatch):
    error = Rejected("This voice does not say that: change the scene.")
    monkeypatch.setattr(PaidVoice, "meanwhile", failing(error))
    pipeline.perform(narrating)
    assert StageRun.objects.get(pk=narrating.pk).state == RunState.FAILED
    assert (booked(), holds()) == (0, {"refunded"})


def test_a_sound_that_the_stage_has_no_use_for_is_paid_all_the_same(narrating, monkeypatch):
    monkeypatch.setattr(PaidVoice, "sound", SILENT)
    pipeline.perform(narrating)
    assert "stays silent" in StageRun.objects.get(pk=narrating.pk).reason
    assert CostEntry.objects.get().kind == "usage"
    assert (booked(), holds()) == (PRICE, {"settled"})


@pytest.mark.parametrize("verb", ["cancel", "pause"])
def test_a_call_that_is_broken_off_is_booked_in_full(narrating, monkeypatch, verb):
    def halt() -> None:
        getattr(actions, verb)(by=operator(narrating.video.team), video=narrating.video)
        raise Stopped("the voice heard that it should stop")

    monkeypatch.setattr(PaidVoice, "meanwhile", staticmethod(halt))
    pipeline.perform(narrating)
    entry = CostEntry.objects.get()
    assert (entry.kind, entry.part, entry.provider) == ("unknown", "scene:aaaa0001", "paid:one")
    assert (booked(), holds()) == (PRICE, {"settled"})
    assert StageRun.objects.get(pk=narrating.pk).state == RunState.WAITING


def test_what_a_dead_worker_may_have_bought_is_booked_as_unknown(narrating):
    ledger.hold(runs.purpose(narrating, "scene:aaaa0001"), amount_micros=PRICE)
    lease_runs_out(narrating)
    runs.reap()
    assert CostEntry.objects.get().kind == "unknown"
    assert (booked(), holds()) == (PRICE, {"settled"})


def edit(by, run: StageRun) -> None:
    visual = {"template": "statement", "text": "New"}
    scene = SceneText("aaaa0001", "Quite other words.", "New", visual)
    script = Script(title="Kelp", language="en", method="edited", scenes=(scene,))
    actions.edit_script(by=by, video=run.video, script=script)


TAKEN_BY = {
    "cancel": lambda by, run: actions.cancel(by=by, video=run.video),
    "pause": lambda by, run: actions.pause(by=by, video=run.video),
    "retry": lambda by, run: actions.retry_stage(by=by, run=run),
    "edit": edit,
}


@pytest.mark.parametrize("verb", TAKEN_BY)
def test_a_worker_that_dies_after_its_run_was_taken_leaves_no_hold(narrating, by_ana, verb):
    ledger.hold(runs.purpose(narrating, "scene:aaaa0001"), amount_micros=PRICE)
    TAKEN_BY[verb](by_ana, narrating)
    for _ in range(2):
        runs.reap()
    assert CostEntry.objects.get().kind == "unknown"
    assert (booked(), holds()) == (PRICE, {"settled"})


def test_the_sweep_leaves_alone_what_a_live_worker_holds(narrating):
    ledger.hold(runs.purpose(narrating, "scene:aaaa0001"), amount_micros=PRICE)
    runs.reap()
    assert (booked(), holds()) == (0, {"open"})


def reaped_meanwhile(run: StageRun):
    def reap() -> None:
        lease_runs_out(run)
        assert runs.reap() == 1

    return staticmethod(reap)


@pytest.mark.parametrize(("price", "due"), [(PRICE, PRICE), (PRICE + 7, PRICE + 7), (1, 1)])
def test_a_worker_reaped_alive_books_what_it_knows(narrating, monkeypatch, price, due):
    monkeypatch.setattr(PaidVoice, "meanwhile", reaped_meanwhile(narrating))
    monkeypatch.setattr(PaidVoice, "price", price)
    pipeline.perform(narrating)
    assert (booked(), holds()) == (due, {"settled"})
    assert not RunPart.objects.filter(run=narrating).exists()


def test_a_worker_reaped_alive_that_bought_nothing_ends_quietly(narrating, monkeypatch):
    reap = reaped_meanwhile(narrating)

    def refuse() -> None:
        reap()
        raise Rejected("This voice does not say that: change the scene.")

    monkeypatch.setattr(PaidVoice, "meanwhile", staticmethod(refuse))
    pipeline.perform(narrating)
    assert (booked(), holds()) == (0, {"settled"})


def test_a_price_learnt_after_the_sweep_corrects_what_was_booked(narrating, monkeypatch, by_ana):
    def cancel() -> None:
        actions.cancel(by=by_ana, video=narrating.video)
        runs.reap()

    monkeypatch.setattr(PaidVoice, "price", 1000)
    monkeypatch.setattr(PaidVoice, "meanwhile", staticmethod(cancel))
    pipeline.perform(narrating)
    assert (kinds(), booked()) == (["unknown", "correction"], 1000)
