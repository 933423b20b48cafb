"""Jobs at Replicate: found again whatever happened in between, and never bought twice."""

from dataclasses import replace

import httpx
import pytest

from billing import price_lists
from billing.models import Price
from config.kit.vendors import Account
from tests.doubles.ai.client import KEY
from tests.processes import until
from tests.videos.providers import pictured as p
from tests.videos.providers.pictured import CLIP, IMAGE, booked, kinds, ordered, pictured
from videos import actions, runs
from videos.models import Reply, RunState, StageRun, Video
from videos.providers import replicate
from videos.purchases import Purchase

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.media, pytest.mark.processes]


@pytest.fixture(autouse=True)
def only_replicate(accounts, settings):
    settings.ACCOUNTS = {
        **accounts,
        "image": type(accounts["image"])("IMAGE", accounts["image"].base_url),
    }


PICTURE = 3_000  # micro-dollars
TIMED = f"kelp-lab/underwater-sketches:{'0f' * 32}"


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


def done_again(by, video) -> StageRun:
    """A person has the pictures anew, and a worker makes them."""
    video.refresh_from_db()
    if video.state == "producing":
        actions.pause(by=by, video=video)
    actions.retry_stage(by=by, run=video.runs.get(stage="visuals"))
    video.refresh_from_db()
    return pictured(video)


def ai_job(ai) -> dict:
    """The last one, as the vendor tells it."""
    heads = {"authorization": f"Bearer {KEY}"}
    return httpx.get(f"{ai.address}/v1/predictions", headers=heads).json()["results"][0]


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


def forgotten(by_ana, channel, ai, monkeypatch) -> Video:
    """Ordered, not answered, and looked for when Replicate knows nothing of it any more."""
    ai.fail("reset_after", "*/predictions")
    video = ordered(by_ana, channel, IMAGE)
    pictured(video)
    monkeypatch.setattr(replicate, "REMEMBERED_S", -1.0)
    monkeypatch.setattr(replicate, "seed_of", lambda request: 1)
    assert "Nobody can tell any more" in pictured(video).reason
    return video


def test_what_replicate_has_forgotten_is_not_bought_again_by_itself(
    by_ana, channel, ai, monkeypatch
):
    forgotten(by_ana, channel, ai, monkeypatch)
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
    assert run.state == "waiting"
    assert any(one["path"].endswith("/cancel") for one in ai.log())
    assert booked() == ai.bill()["price_micros"] > 0


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


@pytest.fixture
def gone(by_ana, channel, ai):
    """What the first job made was paid, and can't be fetched any more."""
    ai.fail("server_error", "/files/*", method="GET", status=404)
    video = ordered(by_ana, channel, IMAGE)
    assert pictured(video).state == RunState.FAILED
    assert (created(ai), booked()) == (1, PICTURE)
    return video


def test_a_job_whose_picture_is_gone_is_done_again_and_both_are_booked(gone, by_ana, ai):
    assert done_again(by_ana, gone).state == RunState.DONE
    assert created(ai) == 2
    assert booked() == ai.bill()["price_micros"] == 2 * PICTURE


@pytest.mark.parametrize("has_job", [False, True])
def test_a_worker_that_dies_with_the_second_job_leaves_both_booked(
    gone, by_ana, ai, monkeypatch, has_job
):
    actions.retry_stage(by=by_ana, run=gone.runs.get(stage="visuals"))
    killed_at(monkeypatch, gone, is_note=not has_job)
    assert (kinds(), created(ai)) == (["usage", "unknown"], 2)
    assert booked() >= ai.bill()["price_micros"] == 2 * PICTURE
    assert pictured(gone).state == RunState.DONE
    assert created(ai) == 2
    assert booked() == ai.bill()["price_micros"]


def test_a_second_job_that_never_came_there_is_not_booked(gone, by_ana, ai):
    ai.fail("reset_before", "*/predictions")
    assert done_again(by_ana, gone).state == RunState.WAITING
    assert booked() == 2 * PICTURE
    assert pictured(gone).state == RunState.DONE
    assert created(ai) == 3
    assert booked() == ai.bill()["price_micros"] == 2 * PICTURE


def test_an_order_that_is_put_off_takes_nothing_from_what_was_bought(gone, by_ana, ai):
    ai.fail("rate_limit", "*/predictions")
    assert done_again(by_ana, gone).state == RunState.WAITING
    assert booked() == PICTURE
    assert pictured(gone).state == RunState.DONE
    assert booked() == ai.bill()["price_micros"] == 2 * PICTURE


def test_a_job_that_is_still_at_work_is_gone_on_with_when_a_person_does_it_again(
    by_ana, channel, ai, monkeypatch
):
    video = ordered(by_ana, channel, IMAGE)
    killed_at(monkeypatch, video, is_note=False)
    assert done_again(by_ana, video).state == RunState.DONE
    assert created(ai) == 1
    assert booked() == ai.bill()["price_micros"] == PICTURE


def test_what_replicate_has_forgotten_is_bought_anew_when_a_person_says_so(
    by_ana, channel, ai, monkeypatch
):
    video = forgotten(by_ana, channel, ai, monkeypatch)
    assert done_again(by_ana, video).state == RunState.DONE
    assert created(ai) == 2
    assert booked() == ai.bill()["price_micros"] == 2 * PICTURE


def test_a_job_that_is_known_to_have_failed_is_begun_anew_however_late(
    by_ana, channel, ai, monkeypatch
):
    ai.fail("failed", "*/predictions")
    video = ordered(by_ana, channel, IMAGE)
    pictured(video)
    monkeypatch.setattr(replicate, "REMEMBERED_S", -1.0)
    monkeypatch.setattr(replicate, "seed_of", lambda request: 1)
    assert pictured(video).state == RunState.DONE
    assert (created(ai), booked()) == (2, ai.bill()["price_micros"])


@pytest.fixture
def timed(accounts, settings):
    """A model that bills the seconds of its machine, and has a price."""
    settings.ACCOUNTS["replicate"] = replace(settings.ACCOUNTS["replicate"], model=TIMED)
    price_lists.take(f"provider,model,unit,price\nreplicate,{TIMED},machine_seconds,0.0014")


def test_a_model_that_bills_time_is_booked_by_time(timed, by_ana, channel, ai):
    video = ordered(by_ana, channel, IMAGE)
    assert pictured(video).state == RunState.DONE
    assert booked() == ai.bill()["price_micros"] > 0
    assert p.facts(video)["credit"]["model"] == TIMED


def test_what_ran_before_a_job_failed_is_booked(timed, by_ana, channel, ai):
    ai.fail("failed", "*/predictions")
    video = ordered(by_ana, channel, IMAGE)
    assert pictured(video).state == RunState.WAITING
    assert booked() == ai.bill()["price_micros"] > 0
    assert pictured(video).state == RunState.DONE
    assert (created(ai), booked()) == (2, ai.bill()["price_micros"])


def test_what_ran_before_a_job_was_cancelled_is_booked(timed, by_ana, channel, ai, monkeypatch):
    monkeypatch.setattr(replicate, "LONGEST_S", 0.5)
    ai.fail("stuck", "*/predictions")
    assert pictured(ordered(by_ana, channel, IMAGE)).state == RunState.WAITING
    assert booked() == ai.bill()["price_micros"] > 0


def test_a_failed_job_of_a_worker_that_died_is_booked_by_what_it_ran(
    timed, by_ana, channel, ai, monkeypatch
):
    ai.fail("failed", "*/predictions")
    video = ordered(by_ana, channel, IMAGE)
    killed_at(monkeypatch, video, is_note=True)
    assert booked() > ai.bill()["price_micros"] > 0
    until(lambda: ai_job(ai)["status"] == "failed", within_s=10, what="the job has failed")
    assert pictured(video).state == RunState.DONE
    assert (created(ai), booked()) == (2, ai.bill()["price_micros"])


def test_nothing_is_ordered_of_a_model_whose_time_has_no_price(timed, by_ana, channel, ai):
    Price.objects.filter(model=TIMED).delete()
    video = ordered(by_ana, channel, IMAGE)
    pictured(video)
    video.refresh_from_db()
    assert "what seconds of the vendor's machines of replicate kelp-lab" in video.reason
    assert (created(ai), booked()) == (0, 0)


def test_the_vendor_itself_ends_a_job_that_nobody_waits_for_any_more(ai):
    asked = httpx.post(
        f"{ai.address}/v1/models/black-forest-labs/flux-schnell/predictions",
        json={"input": {"prompt": "kelp"}},
        headers={"authorization": "Bearer r8", "cancel-after": "0s"},
    )
    assert asked.json()["status"] == "canceled"


@pytest.mark.parametrize(
    ("model", "job", "unit", "quantity"),
    [
        ("a/b", {"status": "succeeded", "metrics": {"image_count": 2}}, "images", 2),
        ("a/b", {"status": "succeeded"}, "images", 1),
        ("a/b", {"status": "failed", "started_at": "2026"}, "images", 0),
        ("a/b", {"status": "canceled", "started_at": "2026"}, "images", 1),
        ("a/b", {"status": "canceled", "started_at": None}, "images", 0),
        ("a/b", {"status": "aborted"}, "images", 0),
        ("a/b:1", {"status": "aborted"}, "machine_seconds", 0),
        (
            "a/b:1",
            {"status": "failed", "started_at": "2026", "metrics": {"predict_time": 2.5}},
            "machine_seconds",
            2.5,
        ),
        ("a/b:1", {"status": "canceled", "started_at": "2026"}, "machine_seconds", 900),
    ],
)
def test_what_a_job_is_billed(model, job, unit, quantity):
    (spent,) = replicate.ReplicateImages(model, Account("X", "http://x")).spent(job)
    assert (spent.unit, spent.quantity) == (unit, quantity)
