"""Seconds of our own processors are booked where an operator has put a price on them."""

from datetime import timedelta
from decimal import Decimal

import pytest

from billing import budgets, proof
from billing.models import CostEntry, Estimate, Hold, HoldState, Price
from config.kit.database import after
from tests.videos.paid import two_scenes
from videos import actions, estimates, pipeline, purchases, runs
from videos.contracts import Part
from videos.models import RunState, StageRun, Video

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.processes,
    pytest.mark.media,
]
EACH = 2_000  # micro-units a second


def priced(amount_micros: int = EACH) -> Price:
    return Price.objects.create(provider="own", unit="render_seconds", amount_micros=amount_micros)


def made(by, channel) -> Video:
    wish = actions.Wish(source="Kelp.", title="Kelp", voice="espeak:default", music="none")
    script = two_scenes("Otters guard it.")
    video = actions.create_video(by=by, channel=channel, wish=wish, script=script)
    pipeline.work("studio")
    return video


def rendering(by, channel) -> StageRun:
    """The run of the stage, claimed."""
    wish = actions.Wish(source="Kelp.", title="Kelp", voice="espeak:default", music="none")
    script = two_scenes("Otters guard it.")
    video = actions.create_video(by=by, channel=channel, wish=wish, script=script)
    StageRun.objects.exclude(stage="render").update(due_at=None)
    video.runs.filter(stage="render").update(due_at=after(-timedelta(seconds=1)))
    run = runs.claim("studio", "w:1", 9)
    assert run is not None
    return run


def test_without_a_price_nothing_is_booked(by_ana, channel):
    video = made(by_ana, channel)
    assert video.runs.get(stage="render").state == RunState.DONE
    assert not CostEntry.objects.exists()
    assert not Hold.objects.exists()
    assert not Estimate.objects.exists()


def test_rendering_is_booked_by_the_book_and_learnt_from(browser, ana, by_ana, channel):
    priced()
    video = made(by_ana, channel)
    entries = list(CostEntry.objects.filter(video_id=video.pk))
    assert {(one.stage, one.unit, one.provider) for one in entries} == {
        ("render", "render_seconds", "own:render")
    }
    assert len(entries) == 3  # two scenes, and the whole
    for one in entries:
        assert one.quantity > 0
        assert abs(one.amount_micros - one.quantity * EACH) <= Decimal(1)
    assert set(Hold.objects.values_list("state", flat=True)) == {HoldState.SETTLED}
    told = Estimate.objects.get(video_id=video.pk)
    assert (told.stage, told.provider) == ("render", "own")
    assert told.actual_micros == sum(one.amount_micros for one in entries)
    assert "Own machines" in browser(ana).get("/costs/").content.decode()
    proof.prove()


def test_a_budget_holds_for_our_own_machines_too(by_ana, channel):
    priced(1_000_000)
    budgets.create(by=by_ana, scope="team", window="month", limit_micros=10)
    video = made(by_ana, channel)
    video.refresh_from_db()
    assert (video.state, video.reason_code) == ("blocked", "over_budget")
    assert not CostEntry.objects.exists()


def test_an_attempt_that_ends_otherwise_costs_what_it_took(by_ana, channel):
    priced()
    run = rendering(by_ana, channel)
    purchase = purchases.Purchase(run)
    purchase.take_time(Part("scene:aaaa0001", params={"frames": 300}))
    assert Hold.objects.get().amount_micros == round(EACH * (2 + 10 * 2.0 * 6))
    assert purchase.lose() is None
    assert set(CostEntry.objects.values_list("kind", flat=True)) <= {"usage"}
    assert Hold.objects.get().state != HoldState.OPEN


def test_a_worker_that_dies_while_it_renders_leaves_nothing_booked(by_ana, channel):
    priced()
    run = rendering(by_ana, channel)
    purchases.Purchase(run).take_time(Part("scene:aaaa0001", params={"frames": 300}))
    StageRun.objects.filter(pk=run.pk).update(lease_until=after(timedelta(seconds=-1)))
    runs.reap()
    run.refresh_from_db()
    assert (run.state, Hold.objects.get().state) == ("waiting", HoldState.REFUNDED)
    assert not CostEntry.objects.exists()
    proof.prove()


def test_an_edit_is_not_asked_about_for_our_own_machines(by_ana, channel):
    priced()
    video = rendering(by_ana, channel).video
    assert not estimates.of_video(video).is_free
    assert estimates.price_of_edit(video, two_scenes("Kelp sways.")).is_free
