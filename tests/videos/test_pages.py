import asyncio

import pytest

from config.kit import files
from teams.models import Role
from tests.conftest import member
from videos import actions
from videos.models import Artifact, RunPart, RunState, StageRun

BYTES = b"not really a video, but bytes all the same"


@pytest.fixture
def rendered(video, tmp_path):
    """A video whose render run stands for stored bytes, as the pipeline leaves it."""
    path = tmp_path / "video.mp4"
    path.write_bytes(BYTES)
    sha256 = files.store(video.team_id, path)
    files.hold(video.team_id, sha256, content_type="video/mp4")
    artifact = Artifact.objects.create(
        team=video.team, key="k" * 64, stage="render", files={"video.mp4": sha256}
    )
    StageRun.objects.filter(video=video, stage="render").update(state=RunState.DONE)
    run = StageRun.objects.get(video=video, stage="render")
    RunPart.objects.create(run=run, part="whole", position=0, artifact=artifact, was_made=True)
    return video


def body(response) -> bytes:
    async def collect() -> bytes:
        return b"".join([chunk async for chunk in response.streaming_content])

    return asyncio.run(collect())


def test_the_team_sees_its_videos(browser, ana, video):
    page = browser(ana).get("/videos/")
    assert "Kelp" in page.content.decode()


def test_an_empty_team_is_told_how_to_begin(browser, ana):
    assert "bin/demo" in browser(ana).get("/videos/").content.decode()


def test_a_viewer_may_watch_and_download(browser, vic, rendered):
    client = browser(vic)
    assert "<video" in client.get(f"/videos/{rendered.pk}/").content.decode()
    answer = client.get(f"/videos/{rendered.pk}/files/video.mp4")
    assert answer["Content-Disposition"].startswith("attachment")
    assert body(answer) == BYTES


def test_the_player_gets_a_range(browser, ana, rendered):
    answer = browser(ana).get(
        f"/videos/{rendered.pk}/files/video.mp4?inline", headers={"range": "bytes=4-9"}
    )
    assert answer.status_code == 206
    assert body(answer) == BYTES[4:10]


def test_the_files_of_before_an_edit_are_not_shown_as_the_new_ones(browser, ana, by_ana, rendered):
    actions.change_order(by=by_ana, video=rendered, format="square")
    assert browser(ana).get(f"/videos/{rendered.pk}/files/video.mp4").status_code == 404


@pytest.mark.parametrize("path", ["", "files/video.mp4"])
def test_a_stranger_finds_nothing(browser, cho, rendered, path):
    assert browser(cho).get(f"/videos/{rendered.pk}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "files/video.mp4"])
def test_who_is_signed_out_is_asked_to_sign_in(browser, rendered, path):
    answer = browser(None).get(f"/videos/{rendered.pk}/{path}")
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")


def test_a_stranger_does_not_see_the_list(browser, cho, video):
    assert "Kelp" not in browser(cho).get("/videos/").content.decode()


@pytest.mark.parametrize("name", ["nothing.mp4", "..%2f..%2fmanage.py", "scene.json"])
def test_only_finished_files_are_served(browser, ana, rendered, name):
    assert browser(ana).get(f"/videos/{rendered.pk}/files/{name}").status_code == 404


def test_html_in_a_title_is_text(browser, ana, video):
    video.title = "<script>alert(1)</script>"
    video.save()
    assert "<script>alert" not in browser(ana).get(f"/videos/{video.pk}/").content.decode()


@pytest.fixture
def staff(team):
    user = member(team, "Root", Role.OWNER)
    user.is_staff = user.is_superuser = True
    user.save()
    return user


MODELS = [
    "kit/blob", "kit/blobref", "kit/clusterbeat", "teams/user", "teams/team", "teams/teamjournal",
    "teams/membership",
    "teams/event", "billing/hold", "billing/costentry", "channels_app/channel",
    "channels_app/brandkit", "channels_app/upload", "videos/video", "videos/stagerun",
    "videos/scene", "videos/scriptversion", "videos/artifact", "videos/runpart", "videos/asset",
]  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_operators_find_every_model(browser, staff, rendered, model):
    assert browser(staff).get(f"/admin/{model}/").status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_the_admin_is_shut_for_others(browser, ana, model):
    assert browser(ana).get(f"/admin/{model}/").status_code == 302


def test_operators_cancel_and_resume_videos(browser, staff, video):
    client = browser(staff)
    for action, state in (("cancel", "cancelled"), ("resume", "queued"), ("pause", "paused")):
        client.post("/admin/videos/video/", {"action": action, "_selected_action": [video.pk]})
        video.refresh_from_db()
        assert video.state == state


def test_a_refusal_in_the_admin_is_a_sentence(browser, staff, video):
    page = browser(staff).post(
        "/admin/videos/video/", {"action": "approve", "_selected_action": [video.pk]}, follow=True
    )
    assert "does not wait for approval" in page.content.decode()
