"""Money is set aside by the worker that holds the run, and by nobody else."""

import pytest

from billing.models import CostEntry, Hold
from config.kit.database import after
from tests.videos import paid
from tests.videos.paid import PAST, PRICE, booked, holds, kinds, two_scenes
from videos import actions, pipeline, runs
from videos.models import RunState, StageRun, Video

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def narrating(by_ana, channel):
    return paid.narrating(by_ana, channel, "paid:one")


def hold_of_an_older_version(run: StageRun) -> Hold:
    return Hold.objects.create(
        team=run.video.team,
        video_id=run.video_id,
        run_id=run.pk,
        amount_micros=PRICE,
        currency="USD",
    )


def test_nothing_is_bought_for_a_video_that_was_cancelled(narrating, by_ana):
    actions.cancel(by=by_ana, video=narrating.video)
    pipeline.perform(narrating)
    assert Video.objects.get().state == "cancelled"
    assert (kinds(), holds()) == ([], set())


def test_after_an_edit_only_the_new_worker_buys(narrating, by_ana):
    actions.edit_script(by=by_ana, video=narrating.video, script=two_scenes("It grows fast."))
    first = paid.claimed()
    actions.edit_script(by=by_ana, video=narrating.video, script=two_scenes("It grows very fast."))
    StageRun.objects.filter(stage="narration").update(due_at=after(PAST))
    second = paid.claimed()
    pipeline.perform(first)
    pipeline.perform(second)
    parts = CostEntry.objects.order_by("part").values_list("part", flat=True)
    assert list(parts) == ["scene:aaaa0001", "scene:aaaa0002"]


def test_the_sweep_leaves_alone_what_an_older_version_holds_under_a_live_lease(narrating):
    hold_of_an_older_version(narrating)
    runs.reap()
    assert (booked(), holds()) == (0, {"open"})


def test_what_an_older_version_held_is_booked_once_its_lease_is_gone(narrating):
    hold_of_an_older_version(narrating)
    StageRun.objects.filter(pk=narrating.pk).update(state=RunState.DONE, lease_until=None)
    runs.reap()
    assert (booked(), holds()) == (PRICE, {"settled"})
