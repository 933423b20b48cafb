"""A provider that may only do so much at once."""

import pytest
from django.urls import reverse

from teams.models import User
from tests.videos import paid  # noqa: F401 - registers its voices
from tests.videos.test_actions import TEXT
from videos import actions, limits, pipeline, runs
from videos.models import ProviderLimit, RunState, StageRun

pytestmark = pytest.mark.django_db(transaction=True)
WRITER = "script:extractive"


@pytest.fixture
def two_orders(by_ana, channel):
    return [
        actions.create_video(
            by=by_ana, channel=channel, wish=actions.Wish(source=TEXT, title=title)
        )
        for title in ("Kelp", "Otters")
    ]


def take(worker: str = "w:1") -> StageRun | None:
    return runs.claim("studio", worker, 9)


def running() -> int:
    return ProviderLimit.objects.get().running


def test_runs_know_their_provider(two_orders):
    found = dict(two_orders[0].runs.values_list("stage", "provider"))
    assert (found["script"], found["quality"], found["render"]) == (WRITER, "listener:whisper", "")


def test_a_voice_that_was_ordered_is_known_before_it_speaks(by_ana, channel):
    wish = actions.Wish(source=TEXT, voice="piper:joe")
    video = actions.create_video(by=by_ana, channel=channel, wish=wish)
    assert video.runs.get(stage="narration").provider == "voice:piper"


def test_no_more_pages_are_read_at_once_than_may_be(by_ana, channel, two_orders):
    page, other = (
        actions.create_video(by=by_ana, channel=channel, wish=actions.Wish(source=address))
        for address in ("https://example.org/kelp", "https://example.org/otters")
    )
    assert page.runs.get(stage="script").provider == f"{WRITER} source:web"
    ProviderLimit.objects.create(provider="source:web", most=1)
    taken = [run.video_id for run in (take(), take(), take(), take()) if run]
    assert set(taken) == {page.pk, *(video.pk for video in two_orders)}
    actions.change_order(by=by_ana, video=other, source=TEXT)
    assert other.runs.get(stage="script").provider == WRITER
    assert take().video_id == other.pk


def test_no_more_are_taken_than_the_provider_does_at_once(two_orders):
    ProviderLimit.objects.create(provider=WRITER, most=1)
    first = take()
    assert take() is None
    assert running() == 1
    pipeline.perform(first)
    assert running() == 0
    assert take().provider == WRITER


def test_what_cannot_be_taken_is_no_backlog(two_orders):
    assert runs.backlog("studio")[0] == 2
    ProviderLimit.objects.create(provider=WRITER, most=1)
    take()
    assert runs.backlog("studio")[0] == 0


@pytest.mark.parametrize(
    "leave",
    [
        runs.give_back,
        lambda run: runs.put_off(run, "The writer is tired."),
        lambda run: runs.fail(run, "The writer left."),
    ],
)
def test_a_run_that_leaves_gives_its_place_back(two_orders, leave):
    ProviderLimit.objects.create(provider=WRITER, most=1)
    leave(take())
    assert running() == 0


def test_the_place_of_a_run_that_was_taken_away_comes_back_with_the_sweep(two_orders, by_ana):
    ProviderLimit.objects.create(provider=WRITER, most=1)
    run = take()
    actions.cancel(by=by_ana, video=run.video)
    pipeline.perform(run)
    assert take() is None
    runs.reap()
    assert running() == 0
    assert take()


def test_the_sweep_counts_what_began_before_there_was_a_limit(two_orders):
    take()
    ProviderLimit.objects.create(provider=WRITER, most=1)
    limits.recount()
    assert running() == 1
    assert take() is None


def test_a_place_lost_to_another_at_the_last_moment_undoes_the_claim(two_orders, monkeypatch):
    ProviderLimit.objects.create(provider=WRITER, most=1)
    take_place = limits.take

    def beaten(provider: str) -> bool:
        ProviderLimit.objects.update(running=1)
        return take_place(provider)

    with monkeypatch.context() as rival:
        rival.setattr(limits, "take", beaten)
        assert take() is None
    assert StageRun.objects.filter(state=RunState.RUNNING).count() == 0
    assert set(StageRun.objects.values_list("attempt", "fence")) == {(0, 0)}


def test_a_run_that_learns_later_whom_it_asks_takes_its_place_then(two_orders):
    first, second = take(), take()
    limits.set_limit("voice:paid", 1)
    limits.ask(first, "voice:paid")
    with pytest.raises(limits.Full):
        limits.ask(second, "voice:paid")
    limits.recount()
    assert running() == 1
    runs.give_back(first)
    assert running() == 0
    limits.ask(second, "voice:paid")


@pytest.fixture
def operators(db, client):
    client.force_login(User.objects.create_superuser("op@example.org", "correct horse"))
    return client


def test_an_operator_sets_moves_and_lifts_a_limit(operators, two_orders):
    take()
    form = {"provider": WRITER, "most": 2}
    operators.post(reverse("admin:videos_providerlimit_add"), form)
    limit = ProviderLimit.objects.get()
    assert (limit.most, limit.running) == (2, 1)
    operators.post(reverse("admin:videos_providerlimit_change", args=[limit.pk]), {"most": 1})
    assert take() is None
    operators.post(reverse("admin:videos_providerlimit_delete", args=[limit.pk]), {"post": "yes"})
    assert take()


def test_a_limit_of_a_provider_that_is_none_is_refused(operators):
    form = {"provider": "voice:nobody", "most": 2}
    answer = operators.post(reverse("admin:videos_providerlimit_add"), form)
    assert "No provider is called" in answer.content.decode()
    assert not ProviderLimit.objects.exists()
