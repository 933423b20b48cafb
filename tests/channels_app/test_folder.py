import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models.functions import Now
from django_q.models import OrmQ

from channels_app import actions, tasks
from channels_app.models import Upload
from channels_app.publishers import publishers
from config.kit import files, jobs
from config.kit.database import after, verb
from config.kit.errors import Refused, Stopped
from config.kit.scaling import Board
from teams.models import Event
from tests.conftest import acting
from videos.models import Video, VideoState


@pytest.fixture
def stored(channel, tmp_path) -> dict[str, str]:
    path = tmp_path / "source.mp4"
    path.write_bytes(b"a finished video")
    return {"video.mp4": files.store(channel.team_id, path)}


def ask(channel, stored, video_id=1) -> Upload:
    Video.objects.get_or_create(
        pk=video_id,
        defaults={"team": channel.team, "channel": channel, "state": VideoState.SCHEDULED},
    )
    return actions.request_publication(
        channel=channel,
        video_id=video_id,
        title="Kelp: a forest / under water",
        files=stored,
        metadata={"description": "Kelp grows."},
    )


def test_a_video_arrives_whole_in_its_folder(channel, stored):
    upload = ask(channel, stored)
    tasks.work()
    upload.refresh_from_db()
    folder = Path(upload.address)
    assert upload.state == "done"
    assert (folder / "video.mp4").read_bytes() == b"a finished video"
    assert json.loads((folder / "metadata.json").read_text())["description"] == "Kelp grows."


def test_asked_twice_it_goes_out_once(channel, stored):
    assert ask(channel, stored).pk == ask(channel, stored).pk
    tasks.work()
    tasks.work()
    shelf = Path(Upload.objects.get().address).parent
    assert len(list(shelf.iterdir())) == 1


def test_delivering_the_same_parcel_again_changes_nothing(channel, stored):
    upload = ask(channel, stored)
    parcel = actions.parcel_of(upload, files.path_of)
    first = publishers.get("folder").deliver(parcel, lambda: True)
    before = (Path(first) / "video.mp4").stat().st_mtime_ns
    assert publishers.get("folder").deliver(parcel, lambda: True) == first
    assert (Path(first) / "video.mp4").stat().st_mtime_ns == before


def test_a_torn_folder_is_made_whole(channel, stored):
    upload = ask(channel, stored)
    parcel = actions.parcel_of(upload, files.path_of)
    folder = Path(publishers.get("folder").deliver(parcel, lambda: True))
    (folder / "video.mp4").write_bytes(b"torn")
    publishers.get("folder").deliver(parcel, lambda: True)
    assert (folder / "video.mp4").read_bytes() == b"a finished video"


def test_a_folder_that_can_not_be_written_is_tried_again_with_a_reason(channel, stored, settings):
    settings.PUBLISH_DIR.parent.mkdir(exist_ok=True)
    settings.PUBLISH_DIR.write_text("a file is in the way")
    upload = ask(channel, stored)
    tasks.work()
    upload.refresh_from_db()
    assert upload.state == "waiting"
    assert "free space and retry" in upload.reason


def test_attempts_used_up_is_a_failure_that_can_be_retried(channel, stored, settings, by_ana):
    settings.PUBLISH_DIR.write_text("a file is in the way")
    upload = ask(channel, stored)
    for _ in range(actions.MAX_ATTEMPTS):
        Upload.objects.update(due_at=Now())
        tasks.work()
    upload.refresh_from_db()
    assert upload.state == "failed"
    settings.PUBLISH_DIR.unlink()
    actions.retry_upload(by=by_ana, upload=upload)
    tasks.work()
    upload.refresh_from_db()
    assert upload.state == "done"


def test_an_upload_of_a_dead_worker_goes_to_the_next(channel, stored):
    ask(channel, stored)
    dead = actions.claim("w:1", 2)
    Upload.objects.update(lease_until=after(-timedelta(seconds=1)))
    assert actions.reap() == 1
    tasks.work()
    assert Upload.objects.get().state == "done"
    assert actions.settle(dead, "/elsewhere") is False


def test_a_publication_whose_worker_always_dies_fails_in_the_end(channel, stored):
    upload = ask(channel, stored)
    for _ in range(actions.MAX_ATTEMPTS):
        Upload.objects.update(due_at=Now())
        assert actions.claim("w:1", 2)
        Upload.objects.update(lease_until=after(-timedelta(seconds=1)))
        actions.reap()
    upload.refresh_from_db()
    assert (upload.state, upload.attempt) == ("failed", actions.MAX_ATTEMPTS)
    assert "died" in upload.reason


def test_a_publisher_that_does_not_exist_is_a_failure_with_its_name(channel, stored):
    channel.publisher = "pigeon"
    channel.save()
    upload = ask(channel, stored)
    tasks.work()
    upload.refresh_from_db()
    assert upload.state == "failed"
    assert "pigeon" in upload.reason


class Leaving:
    """A publisher in whose cluster the order to end arrives while it delivers."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def deliver(self, parcel, beat) -> str:
        self._board.stop = True
        if not beat():
            raise Stopped("told to go")
        return "/delivered"


def test_a_worker_that_is_told_to_go_spends_no_attempt(channel, stored, monkeypatch):
    board = Board()
    monkeypatch.setattr(jobs, "_board", board)
    monkeypatch.setitem(publishers._things, "folder", Leaving(board))
    upload = ask(channel, stored)
    OrmQ.objects.all().delete()
    tasks.work()
    upload.refresh_from_db()
    assert (upload.state, upload.attempt, upload.reason) == ("waiting", 0, "")
    assert actions.WORK in [row.task["func"] for row in OrmQ.objects.all()]


def test_what_was_taken_from_a_worker_is_not_its_to_give_back(channel, stored):
    ask(channel, stored)
    lost = actions.claim("w:1", 2)
    Upload.objects.update(fence=lost.fence + 1)
    assert actions.give_back(lost) is False
    assert Upload.objects.get().attempt == 1


@pytest.mark.parametrize("went_out_before", [False, True])
def test_bytes_that_are_gone_are_a_failure_that_says_so(channel, stored, went_out_before):
    upload = ask(channel, stored)
    if went_out_before:
        publishers.get("folder").deliver(actions.parcel_of(upload, files.path_of), lambda: True)
    files.path_of(channel.team_id, stored["video.mp4"]).unlink()
    tasks.work()
    upload.refresh_from_db()
    assert (upload.state, upload.attempt) == ("failed", 1)
    assert "video.mp4 are gone" in upload.reason


def test_the_words_of_a_publication_are_kept_with_it(channel, stored):
    assert ask(channel, stored).description == "Kelp grows."


def test_another_version_does_not_pass_for_the_one_that_went_out(channel, stored, tmp_path):
    ask(channel, stored)
    tasks.work()
    (tmp_path / "other.mp4").write_bytes(b"another version")
    other = {"video.mp4": files.store(channel.team_id, tmp_path / "other.mp4")}
    with pytest.raises(Refused, match="Another version"):
        ask(channel, other)


def test_a_failed_publication_makes_way_for_the_next(channel, stored, by_ana):
    first = ask(channel, stored)
    actions.fail(actions.claim("w:1", 2), "The folder is gone.")
    second = ask(channel, stored)
    first.refresh_from_db()
    assert (first.state, second.state) == ("cancelled", "waiting")
    with pytest.raises(Refused):
        actions.retry_upload(by=by_ana, upload=first)


def test_two_teams_with_channels_of_one_name_share_no_folder(channel, stored, cho, tmp_path):
    theirs = actions.create_channel(by=acting(cho), name="Kelp", slug="kelp", brand={})
    (tmp_path / "theirs.mp4").write_bytes(b"their video")
    ask(theirs, {"video.mp4": files.store(theirs.team_id, tmp_path / "theirs.mp4")}, video_id=2)
    ask(channel, stored)
    tasks.work()
    shelves = {Path(address).parent for address in Upload.objects.values_list("address", flat=True)}
    assert len(shelves) == 2


def test_a_slug_that_is_a_path_is_refused(by_ana):
    with pytest.raises(Refused, match="slug"):
        actions.create_channel(by=by_ana, name="Kelp", slug="../..", brand={})


def test_only_a_failed_upload_is_retried(channel, stored, by_ana):
    upload = ask(channel, stored)
    with pytest.raises(Refused):
        actions.retry_upload(by=by_ana, upload=upload)


def test_every_change_of_an_upload_is_told(channel, stored):
    ask(channel, stored)
    tasks.work()
    told = Event.objects.filter(kind="channels.upload_changed").order_by("seq")
    assert [row.payload["state"] for row in told] == ["running", "done"]


def test_a_request_that_is_rolled_back_leaves_no_upload(channel, stored):
    @verb
    def fails() -> None:
        ask(channel, stored)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    assert not Upload.objects.exists()


def test_a_user_runs_five_channels(by_ana):
    made = [
        actions.create_channel(by=by_ana, name=f"Channel {n}", slug=f"channel-{n}", brand={})
        for n in range(5)
    ]
    assert len({channel.brand_kit_id for channel in made}) == 5
