"""Answers of paid services: read again while they are of use, then forgotten."""

import pytest

from config.kit.errors import Rejected, Spend, Unavailable
from config.kit.models import BlobRef
from tests.videos import paid
from tests.videos.paid import (
    LOUD,
    PRICE,
    PostalVoice,
    booked,
    failing,
    holds,
    kinds,
    perform_again,
    spoken,
    two_scenes,
)
from videos import actions, pipeline, replies, runs
from videos.models import Reply, RunState, StageRun, Video

pytestmark = pytest.mark.django_db(transaction=True)
BUSY = b"<html>busy</html>"


@pytest.fixture
def writing(by_ana, channel, monkeypatch):
    """A run whose voice keeps its answers; `PostalVoice.letters` are the requests it was sent."""
    monkeypatch.setattr(PostalVoice, "letters", [])
    return paid.narrating(by_ana, channel, "postal:one")


@pytest.fixture
def poisoned(writing, monkeypatch):
    """The first answer is an error page that was sold as a sound."""

    def ask(self, words, *, params, request, into, stopping, beat) -> None:
        PostalVoice.letters.append(request)
        into.write_bytes(LOUD if len(PostalVoice.letters) > 1 else BUSY)

    def read(self, reply, words, *, into):
        if reply.read_bytes() == BUSY:
            raise Unavailable("This is no sound.")
        return spoken(into, words, LOUD, [Spend(self.name, "scene", 1, PRICE)])

    monkeypatch.setattr(PostalVoice, "ask", ask)
    monkeypatch.setattr(PostalVoice, "read", read)
    return writing


def until_it_fails(run: StageRun) -> None:
    pipeline.perform(run)
    for _ in range(1, runs.MAX_ATTEMPTS):
        perform_again()
    assert Video.objects.get(pk=run.video_id).state == "failed"


@pytest.mark.parametrize("error", [Rejected, Unavailable])
def test_an_answer_that_can_not_be_read_is_paid_in_full(writing, monkeypatch, error):
    monkeypatch.setattr(PostalVoice, "opened", failing(error("This is no sound.")))
    pipeline.perform(writing)
    assert (kinds(), booked(), holds()) == (["unknown"], PRICE, {"settled"})
    assert Video.objects.get().state != "blocked"


def test_an_answer_that_names_its_cost_is_paid_as_it_says(writing, monkeypatch):
    error = Unavailable("This is no sound.", spent=[Spend("postal:one", "scene", 1, 7)])
    monkeypatch.setattr(PostalVoice, "opened", failing(error))
    pipeline.perform(writing)
    assert (kinds(), booked()) == (["usage"], 7)


def test_a_bad_answer_is_paid_once_and_asked_for_anew_when_a_person_says_so(poisoned, by_ana):
    until_it_fails(poisoned)
    assert (kinds(), booked(), len(PostalVoice.letters)) == (["unknown"], PRICE, 1)
    actions.retry_stage(by=by_ana, run=poisoned)
    assert not Reply.objects.exists()
    assert perform_again().state == RunState.BLOCKED
    actions.resume(by=by_ana, video=poisoned.video)
    assert perform_again().state == RunState.DONE
    assert (len(PostalVoice.letters), booked()) == (2, 2 * PRICE)


def test_resuming_reads_what_was_kept(poisoned, by_ana):
    until_it_fails(poisoned)
    actions.resume(by=by_ana, video=poisoned.video)
    perform_again()
    assert (len(PostalVoice.letters), booked(), Reply.objects.count()) == (1, PRICE, 1)


def test_the_sweep_keeps_an_answer_that_a_run_may_want(poisoned):
    pipeline.perform(poisoned)
    replies.sweep()
    assert replies.found(poisoned.video.team_id, PostalVoice.letters[0])


def test_the_sweep_forgets_an_answer_to_a_text_that_is_gone(poisoned, by_ana):
    pipeline.perform(poisoned)
    actions.edit_script(by=by_ana, video=poisoned.video, script=two_scenes("It grows fast."))
    assert perform_again().state == RunState.DONE
    assert Reply.objects.exists()
    replies.sweep()
    assert not Reply.objects.exists()
    assert not BlobRef.objects.filter(kind=replies.KIND).exists()


@pytest.mark.parametrize("price", [1000, PRICE + 7, 0])
def test_a_price_that_is_learnt_from_a_kept_answer_corrects_what_was_booked(
    writing, monkeypatch, price
):
    def read(self, reply, words, *, into):
        return spoken(into, words, LOUD, [Spend(self.name, "scene", 1, price)])

    with monkeypatch.context() as torn:
        torn.setattr(PostalVoice, "opened", failing(KeyError("audio")))
        with pytest.raises(KeyError):
            pipeline.perform(writing)
    assert booked() == PRICE
    monkeypatch.setattr(PostalVoice, "read", read)
    assert perform_again().state == RunState.DONE
    assert (kinds(), booked()) == (["unknown", "correction"], price)


def test_a_kept_answer_that_says_no_and_names_its_cost_corrects_too(writing, monkeypatch):
    monkeypatch.setattr(PostalVoice, "opened", failing(Unavailable("This is no sound.")))
    pipeline.perform(writing)
    told = Unavailable("This is no sound.", spent=[Spend("postal:one", "scene", 1, 7)])
    monkeypatch.setattr(PostalVoice, "opened", failing(told))
    for _ in range(2):
        perform_again()
    assert (kinds(), booked()) == (["unknown", "correction"], 7)
