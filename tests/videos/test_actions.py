from dataclasses import replace

import pytest
from django.db.models.functions import Now
from django_q.models import OrmQ

from channels_app.actions import create_channel
from config.kit.errors import Refused
from teams.access import Forbidden
from teams.models import Event
from tests.conftest import acting
from videos import actions, runs, scripts
from videos.models import Artifact, StageRun, Video
from videos.moves import WrongState
from videos.pipeline import perform
from videos.stages import catalogue

TEXT = "Kelp grows half a metre a day. Otters guard it."


def due(video) -> list[str]:
    rows = video.runs.filter(state="waiting").exclude(due_at=None)
    return list(rows.order_by("position").values_list("stage", flat=True))


def test_a_new_video_waits_for_its_script_alone(video):
    assert video.state == "queued"
    assert (
        list(video.runs.order_by("position").values_list("stage", flat=True))
        == catalogue.in_order()
    )
    assert due(video) == ["script"]


def test_creating_tells_the_journal_and_wakes_one_worker_and_who_listens(video):
    assert Event.objects.filter(kind="videos.video_created").count() == 1
    woken = [task.task["func"] for task in OrmQ.objects.all()]
    assert sorted(woken) == ["teams.listening.work", "videos.tasks.work"]


def test_a_viewer_creates_nothing(vic, channel):
    with pytest.raises(Forbidden):
        actions.create_video(by=acting(vic), channel=channel, wish=actions.Wish(source=TEXT))
    assert not Video.objects.exists()


def test_a_stranger_creates_nothing_in_anothers_channel(cho, channel):
    with pytest.raises(Forbidden):
        actions.create_video(by=acting(cho), channel=channel, wish=actions.Wish(source=TEXT))


def test_a_text_without_end_is_refused_with_what_to_do(by_ana, channel):
    with pytest.raises(Refused, match="Choose the part"):
        actions.create_video(by=by_ana, channel=channel, wish=actions.Wish(source="a" * 4_000_001))


@pytest.mark.parametrize("verb", ["pause", "cancel"])
def test_halting_takes_the_run_from_its_worker(by_ana, video, verb):
    run = runs.claim("studio", "w:1", 2)
    getattr(actions, verb)(by=by_ana, video=video)
    assert runs.beat(run, fraction=0.5, phase="", eta_s=None) is False
    assert runs.claim("studio", "w:2", 2) is None


@pytest.mark.parametrize("verb", ["pause", "cancel"])
def test_a_halted_video_goes_on_when_resumed(by_ana, video, verb):
    getattr(actions, verb)(by=by_ana, video=video)
    actions.resume(by=by_ana, video=video)
    assert due(video) == ["script"]


def test_a_video_at_work_needs_no_resuming(by_ana, video):
    with pytest.raises(WrongState):
        actions.resume(by=by_ana, video=video)


@pytest.mark.parametrize("verb", ["pause", "cancel", "resume", "approve", "publish_video"])
def test_a_viewer_moves_nothing(vic, video, verb):
    with pytest.raises(Forbidden):
        getattr(actions, verb)(by=acting(vic), video=video)


@pytest.mark.parametrize("verb", ["pause", "cancel", "resume", "approve", "publish_video"])
def test_a_stranger_moves_nothing(cho, video, verb):
    with pytest.raises(Forbidden):
        getattr(actions, verb)(by=acting(cho), video=video)


def test_two_workers_never_get_the_same_run(video):
    assert runs.claim("studio", "w:1", 2) is not None
    assert runs.claim("studio", "w:2", 2) is None


def test_one_worker_of_the_cluster_stays_free(by_ana, channel, video):
    for n in range(3):
        actions.create_video(
            by=by_ana, channel=channel, wish=actions.Wish(source=TEXT, title=str(n))
        )
    taken = [runs.claim("studio", "w:1", 2) for _ in range(3)]
    assert [run is not None for run in taken] == [True, True, False]


def test_the_team_that_has_least_running_goes_first(by_ana, channel, video, cho):
    by_cho = acting(cho)
    shop = create_channel(by=by_cho, name="Cho", slug="cho", brand={})
    second = actions.create_video(by=by_ana, channel=channel, wish=actions.Wish(source=TEXT))
    theirs = actions.create_video(by=by_cho, channel=shop, wish=actions.Wish(source=TEXT))
    order = [runs.claim("studio", "w:1", 9).video_id for _ in range(3)]
    assert order == [video.pk, theirs.pk, second.pk]


def test_priority_goes_before_age(by_ana, channel, video):
    urgent = actions.create_video(
        by=by_ana, channel=channel, wish=actions.Wish(source=TEXT, priority=5)
    )
    assert runs.claim("studio", "w:1", 9).video_id == urgent.pk


def test_attempts_used_up_is_a_failure_with_its_reason(by_ana, video):
    for _ in range(runs.MAX_ATTEMPTS):
        StageRun.objects.filter(stage="script").update(due_at=Now())
        runs.put_off(runs.claim("studio", "w:1", 2), "The engine does not answer.")
    video.refresh_from_db()
    assert (video.state, video.reason) == ("failed", "The engine does not answer.")
    actions.resume(by=by_ana, video=video)
    assert due(video) == ["script"]


def test_a_worker_that_is_told_to_go_spends_no_attempt(video):
    run = runs.claim("studio", "w:1", 2)
    assert runs.give_back(run)
    assert StageRun.objects.get(pk=run.pk).attempt == 0
    assert due(video) == ["script"]


def test_another_voice_is_ordered_without_losing_the_script(by_ana, video):
    perform(runs.claim("studio", "w:1", 9))
    first = StageRun.objects.get(video=video, stage="script").parts.get().artifact_id
    actions.change_order(by=by_ana, video=video, voice="piper:joe")
    perform(runs.claim("studio", "w:1", 9))
    assert StageRun.objects.get(video=video, stage="script").parts.get().artifact_id == first
    video.refresh_from_db()
    assert video.voice == "piper:joe"
    assert Event.objects.filter(kind="videos.order_changed").count() == 1


def test_a_script_that_is_done_again_unchanged_is_not_made_twice(by_ana, channel):
    wish = actions.Wish(source=TEXT)  # its title comes from the script
    video = actions.create_video(by=by_ana, channel=channel, wish=wish)
    perform(runs.claim("studio", "w:1", 9))
    actions.retry_stage(by=by_ana, run=video.runs.get(stage="script"))
    perform(runs.claim("studio", "w:1", 9))
    assert Artifact.objects.filter(stage="script").count() == 1


def test_a_queued_videos_stage_can_be_done_again(by_ana, video):
    actions.retry_stage(by=by_ana, run=video.runs.get(stage="script"))
    assert due(video) == ["script"]


def test_a_persons_words_are_never_overwritten(by_ana, video):
    perform(runs.claim("studio", "w:1", 9))
    script = scripts.current(Video.objects.get(pk=video.pk))
    edited = replace(script.scenes[0], narration="Kelp is not a plant.")
    actions.edit_script(
        by=by_ana, video=video, script=replace(script, scenes=(edited, *script.scenes[1:]))
    )
    with pytest.raises(Refused, match="edited by hand"):
        actions.retry_stage(by=by_ana, run=video.runs.get(stage="script"))
    with pytest.raises(Refused, match="edited by hand"):
        actions.change_order(by=by_ana, video=video, source="Otters guard the kelp.")


@pytest.mark.parametrize("who", ["vic", "cho"])
def test_only_editors_of_the_team_change_an_order(request, video, who):
    with pytest.raises(Forbidden):
        actions.change_order(by=acting(request.getfixturevalue(who)), video=video, format="square")


def test_an_order_that_changes_nothing_keeps_what_was_made(by_ana, video):
    Video.objects.update(state="approved")
    actions.change_order(by=by_ana, video=video, title="Kelp", format="short")
    video.refresh_from_db()
    assert video.state == "approved"
    assert not Event.objects.filter(kind="videos.order_changed").exists()


@pytest.mark.parametrize(
    "change", [{"pictures": ["a"]}, {"source": None}, {"seconds": "9"}, {"state": "approved"}]
)
def test_a_change_of_the_wrong_type_is_a_sentence(by_ana, video, change):
    with pytest.raises(Refused, match=rf"{next(iter(change))}: this"):
        actions.change_order(by=by_ana, video=video, **change)


def test_a_video_that_was_made_is_not_made_of_another_text(by_ana, video):
    Video.objects.update(counted="committed", state="approved")
    with pytest.raises(Refused, match="start another one"):
        actions.change_order(by=by_ana, video=video, source="Otters guard the kelp from urchins.")


def test_an_approved_video_that_shall_go_out_after_all_is_handed_over(by_ana, video):
    Video.objects.update(state="approved")
    actions.change_order(by=by_ana, video=video, wants_publishing=True)
    video.refresh_from_db()
    assert video.state == "scheduled"
