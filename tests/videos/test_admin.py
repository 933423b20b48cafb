"""Operators see how far videos are and what is stuck, and set it going through the verbs."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from billing.models import CostEntry
from config.kit.database import after
from config.kit.models import Blob, ClusterBeat
from teams.models import Event, User
from tests.rows import make
from videos import operations, runs, timeline
from videos.actions import Wish, create_video
from videos.models import Artifact, Asset, RunPart, StageRun, Video

pytestmark = pytest.mark.django_db
VIDEOS = "/admin/videos/video/"
RUNS = "/admin/videos/stagerun/"


def act(client, url: str, name: str, *rows, **headers: str):
    form = {"action": name, "_selected_action": [row.pk for row in rows]}
    return client.post(url, form, headers=headers, follow=True)


def state(video: Video) -> str:
    return Video.objects.get(pk=video.pk).state


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def run_of(video: Video, stage: str = "script") -> StageRun:
    return video.runs.get(stage=stage)


def put(run: StageRun, **fields) -> None:
    StageRun.objects.filter(pk=run.pk).update(**fields)


def running(video: Video, lease_s: int) -> None:
    lease = after(timedelta(seconds=lease_s))
    put(run_of(video), state="running", attempt=1, lease_until=lease, started_at=Now())
    Video.objects.filter(pk=video.pk).update(state="producing")


def stuck(client, which: str = "yes") -> list[str]:
    found = client.get(f"{RUNS}?stuck={which}").context["cl"].result_list
    return [run.trouble for run in found]


def works(cluster: str = "studio") -> None:
    moments = dict.fromkeys(("started_at", "beat_at"), Now())
    ClusterBeat.objects.create(cluster=cluster, host="one", pid=7, workers=3, **moments)


def test_a_video_is_paused_resumed_and_cancelled_through_the_verbs(admin_client, video):
    assert "Paused: 1." in said(act(admin_client, VIDEOS, "pause", video))
    assert state(video) == "paused"
    act(admin_client, VIDEOS, "resume", video)
    assert state(video) == "queued"
    act(admin_client, VIDEOS, "cancel", video)
    assert state(video) == "cancelled"
    assert Event.objects.filter(kind="videos.video_moved").count() == 3


def test_a_video_goes_into_the_bin_and_comes_back(admin_client, video):
    act(admin_client, VIDEOS, "put_into_bin", video)
    assert not Video.objects.filter(deleted_at=None).exists()
    listed = admin_client.get(f"{VIDEOS}?bin=deleted").context["cl"].result_list
    assert [one.pk for one in listed] == [video.pk]
    act(admin_client, VIDEOS, "restore", video)
    assert Video.objects.get().deleted_at is None
    assert list(admin_client.get(f"{VIDEOS}?bin=deleted").context["cl"].result_list) == []


def test_what_a_verb_refuses_is_said(admin_client, video):
    answer = act(admin_client, VIDEOS, "approve", video)
    assert "does not wait for approval" in said(answer)
    assert state(video) == "queued"


def test_an_act_leads_back_to_the_page_where_it_was_asked_for(admin_client, video):
    own = f"{VIDEOS}{video.pk}/change/"
    answer = act(admin_client, VIDEOS, "pause", video, referer=f"http://testserver{own}")
    assert answer.redirect_chain[-1][0] == f"http://testserver{own}"


def test_the_page_of_a_video_offers_what_makes_sense(admin_client, video):
    def offered() -> list[str]:
        context = admin_client.get(f"{VIDEOS}{video.pk}/change/").context
        return [name for name, _ in context["operate"]]

    assert offered() == ["pause", "cancel", "put_into_bin"]
    act(admin_client, VIDEOS, "put_into_bin", video)
    assert offered() == ["restore"]


def test_who_may_only_look_is_offered_nothing_and_changes_nothing(client, video):
    user = User.objects.create_user("ola@example.org", "pw", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_video"))
    client.force_login(user)
    answer = client.get(f"{VIDEOS}{video.pk}/change/")
    assert answer.status_code == 200
    assert "operate" not in answer.context
    act(client, VIDEOS, "cancel", video)
    assert state(video) == "queued"


@pytest.mark.parametrize("named", ["Kelp", "kelp-7"])
def test_videos_are_found_by_title_and_number_elsewhere(admin_client, video, by_ana, named):
    Video.objects.filter(pk=video.pk).update(external_id="kelp-7", title="Otters and Kelp")
    other = Wish(source="Moss grows slowly.", title="Moss", seconds=10)
    create_video(by=by_ana, channel=video.channel, wish=other)
    Video.objects.filter(title="Moss").update(channel=make(type(video.channel)))
    found = admin_client.get(VIDEOS, {"q": named}).context["cl"].result_list
    assert video.pk in [one.pk for one in found]


def test_a_run_whose_lease_ran_out_is_stuck(admin_client, video):
    running(video, lease_s=-1)
    assert stuck(admin_client) == stuck(admin_client, "lost") == ["lost"]


def test_a_run_that_beats_no_more_is_stuck_before_its_lease_runs_out(admin_client, video):
    running(video, lease_s=20)
    assert stuck(admin_client) == ["silent"]
    running(video, lease_s=58)
    assert stuck(admin_client) == []


def test_a_run_that_is_due_is_stuck_where_nobody_works(admin_client, video):
    assert stuck(admin_client) == []
    put(run_of(video), due_at=after(-timedelta(minutes=10)))
    assert stuck(admin_client) == ["alone"]


@pytest.mark.embedded
def test_a_run_that_waits_its_turn_is_not_stuck(admin_client, video, by_ana):
    put(run_of(video), due_at=after(-timedelta(minutes=10)))
    works()
    assert stuck(admin_client) == ["alone"]  # somebody is there, and takes nothing up
    wish = Wish(source="Kelp grows half a metre a day.", title="Other", seconds=10)
    running(create_video(by=by_ana, channel=video.channel, wish=wish), lease_s=59)
    assert stuck(admin_client) == []


def test_a_blocked_run_is_stuck_until_its_video_is_deleted(admin_client, video):
    put(run_of(video), state="blocked", reason="Nobody knows whether it was paid for.")
    assert stuck(admin_client) == ["blocked"]
    assert "paid for" in admin_client.get(f"{RUNS}?stuck=yes").content.decode()
    Video.objects.update(deleted_at=Now())
    assert stuck(admin_client) == []


def test_a_stuck_run_is_started_again(admin_client, video):
    running(video, lease_s=-1)
    act(admin_client, RUNS, "retry", run_of(video))
    assert (run_of(video).state, state(video)) == ("waiting", "queued")
    assert stuck(admin_client) == []


def test_the_video_of_a_stuck_run_is_cancelled_once(admin_client, video):
    put(run_of(video), state="blocked")
    put(run_of(video, "narration"), state="blocked")
    answer = act(admin_client, RUNS, "cancel", run_of(video), run_of(video, "narration"))
    assert "Cancelled: 1." in said(answer)
    assert state(video) == "cancelled"


def test_the_timeline_shows_each_attempt_with_its_end(admin_client, video):
    first = runs.claim("studio", "one:7", 9)
    runs.put_off(first, "The voice is busy.")
    put(first, due_at=Now())
    runs.claim("studio", "two:8", 9)
    lane = timeline.of(Video.objects.get()).lanes[0]
    assert [(bar.attempt.number, bar.attempt.state) for bar in lane.bars] == [
        (1, "waiting"),
        (2, "running"),
    ]
    shown = admin_client.get(f"{VIDEOS}{video.pk}/change/").content.decode()
    assert "2 attempts" in shown
    assert "two:8" in shown


def test_an_attempt_whose_worker_died_counts_as_lost(video):
    run = runs.claim("studio", "one:7", 9)
    put(run, lease_until=after(-timedelta(seconds=1)))
    runs.reap()
    runs.claim("studio", "two:8", 9)
    lane = timeline.of(Video.objects.get()).lanes[0]
    assert [bar.attempt.state for bar in lane.bars] == ["lost", "running"]


def test_bars_stay_inside_the_drawing(video):
    put(run_of(video), state="done", started_at=after(-timedelta(hours=2)), ended_at=Now())
    put(run_of(video, "narration"), state="done", started_at=Now(), ended_at=Now())
    for lane in timeline.of(video).lanes:
        for bar in lane.bars:
            assert bar.x >= 0
            assert bar.x + bar.width <= timeline.WIDTH


def test_the_page_of_a_video_asks_no_more_for_many_parts(admin_client, video):
    def counted() -> int:
        with CaptureQueriesContext(connection) as seen:
            admin_client.get(f"{VIDEOS}{video.pk}/change/")
        return len(seen)

    def part(number: int) -> None:
        artifact = make(Artifact)
        Artifact.objects.filter(pk=artifact.pk).update(files={"a.json": f"{number:064x}"})
        RunPart.objects.create(
            run=run_of(video), part=f"{number}", position=number, artifact=artifact, was_made=True
        )

    part(0)
    counted()
    for_one = counted()
    for number in range(1, 30):
        part(number)
    assert counted() == for_one


def kept(settings, team, words: bytes = b"{}") -> Blob:
    blob = Blob.objects.create(
        team_id=team.pk, sha256=f"{7:064x}", size=len(words), content_type="application/json"
    )
    path = settings.MEDIA_DIR / str(team.pk) / blob.sha256[:2] / blob.sha256
    path.parent.mkdir(parents=True)
    path.write_bytes(words)
    return blob


@pytest.mark.parametrize("model", [Artifact, Asset])
def test_a_file_is_had_from_the_page_of_what_holds_it(admin_client, settings, team, model):
    blob = kept(settings, team)
    row = make(model)
    holds = {"files": {"a b.json": blob.sha256}} if model is Artifact else {"sha256": blob.sha256}
    model.objects.filter(pk=row.pk).update(team=team, **holds)
    page = f"/admin/videos/{model._meta.model_name}/{row.pk}/change/"
    assert f"/admin/kit/blob/{blob.pk}/file/" in admin_client.get(page).content.decode()
    answer = admin_client.get(f"/admin/kit/blob/{blob.pk}/file/?name=a%20b.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a b.json"'


def test_only_who_may_see_stored_bytes_gets_them(browser, settings, team, ana):
    page = f"/admin/kit/blob/{kept(settings, team).pk}/file/"
    assert browser(ana).get(page).status_code == 302
    User.objects.filter(pk=ana.pk).update(is_staff=True)
    assert browser(ana).get(page).status_code == 403
    ana.user_permissions.add(Permission.objects.get(codename="view_blob"))
    assert browser(ana).get(page).status_code == 200


def test_the_overview_counts_what_runs_is_stuck_and_failed(admin_client, video):
    running(video, lease_s=59)
    put(run_of(video, "narration"), state="failed", ended_at=Now(), reason="No such voice.")
    works()
    answer = admin_client.get("/admin/")
    seen = answer.context["overview"]
    assert (seen.running, seen.stuck, seen.failed, seen.alive) == (1, 0, 1, 1)
    assert "No such voice." in answer.content.decode()


def test_the_overview_asks_no_more_for_many_rows(admin_client, video):
    def counted() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert admin_client.get("/admin/").status_code == 200
        return len(seen)

    counted()
    for_one = counted()
    for _ in range(12):
        run = make(StageRun)
        put(run, state="failed", ended_at=Now(), cluster="render")
        make(ClusterBeat)
    assert counted() == for_one


def providers(client) -> dict[str, operations.ProviderRow]:
    return {row.name: row for row in client.get("/admin/providers/").context["rows"]}


def test_providers_are_listed_with_what_they_made_and_what_the_ledger_says(admin_client):
    for kind in ("usage", "usage", "unknown"):
        entry = make(CostEntry)
        CostEntry.objects.filter(pk=entry.pk).update(provider="piper:joe", kind=kind)
    artifact = make(Artifact)
    Artifact.objects.filter(pk=artifact.pk).update(provider="piper:joe program-1")
    piper = providers(admin_client)["voice:piper"]
    assert (piper.made, piper.booked, piper.unknown) == (1, 2, 1)
    assert (piper.is_keyless, piper.stages, piper.clusters) == (True, ["narration"], ["render"])
    given = providers(admin_client)["script:given"]
    assert (given.made, given.last_used_at) == (0, None)


def test_the_providers_ask_no_more_for_many_rows(admin_client):
    def counted() -> int:
        with CaptureQueriesContext(connection) as seen:
            providers(admin_client)
        return len(seen)

    counted()
    for_none = counted()
    for _ in range(12):
        make(CostEntry)
        make(Artifact)
    assert counted() == for_none
