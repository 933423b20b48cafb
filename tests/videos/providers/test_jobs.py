"""Jobs at Replicate: found again whatever happened in between, and never bought twice."""

import pytest

from tests.videos.providers import pictured as p
from tests.videos.providers.pictured import CLIP, IMAGE, booked, kinds, ordered, pictured
from videos import runs
from videos.models import Reply, RunState, StageRun
from videos.providers import replicate
from videos.purchases import Purchase

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.media, pytest.mark.processes]


@pytest.fixture(autouse=True)
def only_replicate(accounts, settings):
    settings.ACCOUNTS = {
        **accounts,
        "image": type(accounts["image"])("IMAGE", accounts["image"].base_url),
    }


class Killed(BaseException):
    """As SIGKILL: nothing of ours runs any more."""


def killed_at(monkeypatch, video, *, is_note: bool) -> StageRun:
    """Its worker dies before it keeps the job's id, or the answer, and its lease runs out."""
    kept = Purchase.keep

    def dying(self, request, reply):
        if request.endswith(replicate.JOB) if is_note else "/" not in request:
            raise Killed
        kept(self, request, reply)

    with monkeypatch.context() as dead:
        dead.setattr(Purchase, "keep", dying)
        dead.setattr(Purchase, "lose", lambda self: None)
        run = p.run_of(video)
        with pytest.raises(Killed):
            p.pipeline.perform(run)
    StageRun.objects.filter(pk=run.pk).update(lease_until=p.after(p.PAST))
    runs.reap()
    return run


def created(ai) -> int:
    return sum(one["path"].endswith("/predictions") and one["method"] == "POST" for one in ai.log())


def test_a_clip_is_made_and_shown(by_ana, channel, ai):
    video = ordered(by_ana, channel, CLIP)
    assert pictured(video).state == RunState.DONE
    facts = p.facts(video)
    assert facts["clip"]["frames"] > 100
    assert facts["credit"]["model"] == "wan-video/wan-2.2-t2v-fast"
    assert booked() == ai.bill()["price_micros"] > 0


@pytest.mark.parametrize("has_job", [False, True])
def test_a_worker_that_dies_after_the_order_leaves_no_second_one(
    by_ana, channel, ai, monkeypatch, has_job
):
    """Before the job's id is kept, or after that, before what it made is."""
    video = ordered(by_ana, channel, IMAGE)
    killed_at(monkeypatch, video, is_note=not has_job)
    assert (kinds(), created(ai)) == (["unknown"], 1)
    assert booked() >= ai.bill()["price_micros"]
    assert pictured(video).state == RunState.DONE
    assert created(ai) == 1
    assert booked() == ai.bill()["price_micros"]
    assert not Reply.objects.exists()


def test_an_order_whose_answer_is_lost_is_looked_up(by_ana, channel, ai):
    ai.fail("reset_after", "*/predictions")
    video = ordered(by_ana, channel, IMAGE)
    assert pictured(video).state == RunState.WAITING
    assert booked() >= ai.bill()["price_micros"] > 0
    assert pictured(video).state == RunState.DONE
    assert created(ai) == 1
    assert booked() == ai.bill()["price_micros"]


def test_an_order_that_never_came_there_is_sent_again(by_ana, channel, ai):
    ai.fail("reset_before", "*/predictions")
    video = ordered(by_ana, channel, IMAGE)
    assert pictured(video).state == RunState.WAITING
    assert pictured(video).state == RunState.DONE
    assert booked() == ai.bill()["price_micros"] > 0


def test_what_replicate_has_forgotten_is_not_bought_again_by_itself(
    by_ana, channel, ai, monkeypatch
):
    ai.fail("reset_after", "*/predictions")
    video = ordered(by_ana, channel, IMAGE)
    pictured(video)
    monkeypatch.setattr(replicate, "REMEMBERED_S", -1.0)
    monkeypatch.setattr(replicate, "seed_of", lambda request: 1)
    run = pictured(video)
    assert "Nobody can tell any more" in run.reason
    assert created(ai) == 1
    assert booked() >= ai.bill()["price_micros"]


def test_a_job_that_fails_costs_nothing_and_is_begun_anew(by_ana, channel, ai):
    ai.fail("failed", "*/predictions")
    video = ordered(by_ana, channel, IMAGE)
    run = pictured(video)
    assert (run.state, booked()) == ("waiting", 0)
    assert "came to nothing" in run.reason
    assert pictured(video).state == RunState.DONE
    assert created(ai) == 2
    assert booked() == ai.bill()["price_micros"] > 0


def test_a_job_that_is_refused_names_the_scene(by_ana, channel, ai):
    ai.fail("refused", "*/predictions")
    run = pictured(ordered(by_ana, channel, IMAGE))
    assert run.state == "failed"
    assert run.reason.startswith("Scene 1 (“Scene of kelp 1”): replicate refuses this: NSFW")
    assert booked() == ai.bill()["price_micros"] == 0


def test_looks_that_fail_lose_no_job(by_ana, channel, ai):
    ai.fail("server_error", "/v1/predictions/*", method="GET", times=2)
    video = ordered(by_ana, channel, IMAGE)
    assert pictured(video).state == RunState.DONE
    assert (created(ai), booked()) == (1, ai.bill()["price_micros"])


def test_a_key_that_is_withdrawn_meanwhile_refunds_no_job(by_ana, channel, ai):
    ai.fail("wrong_key", "/v1/predictions/*", method="GET")
    video = ordered(by_ana, channel, IMAGE)
    pictured(video)
    video.refresh_from_db()
    assert video.reason_code == "provider_account"
    assert booked() >= ai.bill()["price_micros"] > 0
    p.actions.resume(by=by_ana, video=video)
    assert pictured(video).state == RunState.DONE
    assert (created(ai), booked()) == (1, ai.bill()["price_micros"])


def test_a_job_that_never_ends_is_cancelled(by_ana, channel, ai, monkeypatch):
    monkeypatch.setattr(replicate, "LONGEST_S", 0.5)
    ai.fail("stuck", "*/predictions")
    run = pictured(ordered(by_ana, channel, IMAGE))
    assert (run.state, booked()) == ("waiting", 0)
    assert any(one["path"].endswith("/cancel") for one in ai.log())


def test_what_was_made_and_can_not_be_fetched_is_paid_and_fetched_later(by_ana, channel, ai):
    ai.fail("server_error", "/files/*", method="GET")
    video = ordered(by_ana, channel, IMAGE)
    assert pictured(video).state == RunState.WAITING
    assert booked() == ai.bill()["price_micros"] > 0
    assert pictured(video).state == RunState.DONE
    assert (created(ai), booked()) == (1, ai.bill()["price_micros"])


def test_a_job_that_made_nothing_is_paid_and_says_so(by_ana, channel, ai):
    ai.fail("empty", "*/predictions")
    run = pictured(ordered(by_ana, channel, IMAGE))
    assert run.state == "failed"
    assert "made nothing of this" in run.reason
    assert booked() == ai.bill()["price_micros"] > 0
