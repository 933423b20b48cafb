"""What a full budget stops, and how videos go on once there is room."""

import pytest

from billing import budgets
from billing.models import Balance, Hold, Parked
from config.kit import sweeps
from config.kit.errors import Refused
from tests.videos import paid
from tests.videos.paid import PRICE, booked, two_scenes
from videos import actions, pipeline, runs
from videos.models import RunPart, RunState, StageRun, Video

pytestmark = pytest.mark.django_db(transaction=True)


def state() -> tuple[str, str]:
    video = Video.objects.get()
    return video.state, video.reason_code


def limit(by, limit_micros: int, scope: str = "video"):
    wanted = {"scope": scope, "window": "total"}
    return budgets.set_budget(by=by, limit_micros=limit_micros, **wanted)


@pytest.fixture
def narrating(by_ana, channel) -> StageRun:
    """Two scenes, five dollars each."""
    run = paid.narrating(by_ana, channel, "paid:one")
    script = two_scenes("Otters guard it.")
    actions.edit_script(by=by_ana, video=run.video, script=script)
    return paid.claimed()


@pytest.fixture
def parked(narrating, by_ana) -> Video:
    """The first scene is spoken; the second would pass the budget."""
    limit(by_ana, 2 * PRICE - 1)
    pipeline.perform(narrating)
    return narrating.video


def test_it_stops_before_the_part_that_would_pass_the_budget(parked):
    assert state() == ("blocked", "over_budget")
    assert (booked(), RunPart.objects.count()) == (PRICE, 1)
    assert not Hold.objects.filter(state="open").exists()
    run = StageRun.objects.get(stage="narration")
    assert (run.state, run.attempt) == ("waiting", 0)
    assert run.reason.startswith("The budget for a video has no room for the next step.")
    assert "USD" not in run.reason  # everybody in the team reads it


def test_raised_it_goes_on_by_itself_where_it_stood(parked, by_ana):
    limit(by_ana, 2 * PRICE)
    sweeps.sweep()
    assert state() == ("queued", "")
    pipeline.perform(runs.claim("studio", "w:1", 9))
    assert StageRun.objects.get(stage="narration").state == RunState.DONE
    assert booked() == 2 * PRICE
    assert not Parked.objects.exists()


def test_not_raised_enough_it_waits(parked, by_ana):
    limit(by_ana, 2 * PRICE - 1)
    sweeps.sweep()
    assert state() == ("blocked", "over_budget")


def test_without_the_budget_it_goes_on(parked, by_ana):
    budgets.remove(by=by_ana, budget=budgets.Budget.objects.get())
    sweeps.sweep()
    assert state() == ("queued", "")


def test_the_next_window_lets_it_go_on(parked, by_ana):
    budgets.Budget.objects.update(window="day")
    Balance.objects.update(starts="2026-01-01")
    sweeps.sweep()
    assert state() == ("queued", "")


def test_resuming_passes_no_budget(parked, by_ana, browser, ana):
    with pytest.raises(Refused, match="Once it is raised"):
        actions.resume(by=by_ana, video=parked)
    page = browser(ana).get(f"/videos/{parked.pk}/").content.decode()
    assert "USD 5.00 of USD 9.999999 is spent or set aside" in page
    assert "/resume/" not in page


@pytest.mark.parametrize("verb", [actions.pause, actions.cancel])
def test_who_halts_a_parked_video_keeps_it_halted(parked, by_ana, verb):
    verb(by=by_ana, video=parked)
    halted = state()
    limit(by_ana, 2 * PRICE)
    sweeps.sweep()
    assert state() == halted


def test_no_more_go_on_than_there_is_room_for(by_ana, channel):
    limit(by_ana, 1, "team")
    parked = []
    for _ in range(3):
        run = paid.narrating(by_ana, channel, "paid:one")
        pipeline.perform(run)
        parked.append(run.video_id)
    limit(by_ana, 2 * PRICE, "team")
    sweeps.sweep()
    free = Video.objects.filter(state="queued").order_by("pk").values_list("pk", flat=True)
    assert list(free) == parked[:2]
