"""What the studio asks of a channel's videos at YouTube, and what each call takes of the quota."""

import time

import httpx
import pytest
from django.db.models import F, Sum

from channels_app import quotas, reference
from channels_app.models import QuotaDay, QuotaLedger, Use
from channels_app.youtube.answers import (
    Done,
    Missing,
    OutcomeUnknown,
    QuotaMinute,
    RejectedMetadata,
    ScopeMissing,
    Trouble,
)
from channels_app.youtube.client import Bases, Client
from channels_app.youtube.line import Line
from channels_app.youtube.oauth import READ
from channels_app.youtube.uploader import Order, Started, Token
from tests.channels_app.youtube.carrying import RESOURCE, lasting, uploader

pytestmark = [pytest.mark.processes, pytest.mark.django_db]
JPEG = b"\xff\xd8\xff\xe0" + bytes(200)
SRT = b"1\n00:00:00,000 --> 00:00:02,000\nKelp\n"
CHANNEL = 7


@pytest.fixture(autouse=True)
def rules(db):
    reference.write()


@pytest.fixture
def access(youtube) -> str:
    return youtube.grant()["access_token"]


def asking(youtube, tokens, **more) -> Client:
    bases = Bases(youtube.address, youtube.address)
    return Client(bases, tokens, Line(2), channel_id=CHANNEL, **more)


@pytest.fixture
def client(youtube, access):
    return asking(youtube, lasting(access))


@pytest.fixture
def video(youtube, access, tmp_path) -> str:
    path = tmp_path / "kelp.mp4"
    path.write_bytes(b"kelp" * 1_000)
    sending = uploader(youtube.address, lasting(access))
    begun = sending.start(Order(RESOURCE, 4_000))
    assert isinstance(begun, Started)
    with path.open("rb") as file:
        *_, last = sending.carry(begun.session, file, 4_000, held=0)
    assert isinstance(last, Done)
    return last.resource["id"]


def spent() -> dict[str, int]:
    """Units by method, of this channel."""
    rows = QuotaLedger.objects.filter(channel_id=CHANNEL, state=Use.SPENT)
    return dict(rows.values_list("method").annotate(sum=Sum("units")).order_by("method"))


def refused(found, kind, reason):
    assert isinstance(found, kind), found
    assert found.reason == reason


def test_whose_channel_it_is(client, youtube):
    found = client.my_channel()
    assert isinstance(found, Done)
    [item] = found.resource["items"]
    assert item["id"] == youtube.channels()["Northlight"]
    assert item["snippet"]["title"] == "Northlight"
    assert spent() == {"channels.list": 1}


def test_an_account_without_a_channel_has_none(youtube):
    access = youtube.grant(account="nobody@example.org")["access_token"]
    found = asking(youtube, lasting(access)).my_channel()
    assert isinstance(found, Done)
    assert not found.resource.get("items")


def test_a_video_is_dressed_from_head_to_foot(client, youtube, access, video):
    playlist = _playlist(youtube, access)
    for found in (
        client.update_video(
            video, {"snippet": {"title": "Kelp forests", "categoryId": "27", "tags": ["sea"]}}
        ),
        client.set_thumbnail(video, JPEG, "image/jpeg"),
        client.insert_captions(video, "en", "English", SRT),
        client.add_to_playlist(playlist, video),
        client.videos([video], ["snippet", "status", "processingDetails"]),
    ):
        assert isinstance(found, Done), found
    [item] = found.resource["items"]
    assert item["snippet"]["title"] == "Kelp forests"
    [told] = youtube.videos()
    assert told["has_thumbnail"]
    assert told["captions"][0]["language"] == "en"
    assert spent() == {
        "videos.update": 50,
        "thumbnails.set": 50,
        "captions.insert": 400,
        "playlistItems.insert": 50,
        "videos.list": 1,
    }
    assert youtube.violations() == []


def _playlist(youtube, access) -> str:
    """Made as its owner does, past the studio."""
    answer = httpx.post(
        f"{youtube.address}/youtube/v3/playlists",
        params={"part": "snippet"},
        json={"snippet": {"title": "Seas"}},
        headers={"Authorization": f"Bearer {access}"},
    )
    return answer.json()["id"]


def test_a_second_track_of_captions_is_told(client, video):
    assert isinstance(client.insert_captions(video, "en", "English", SRT), Done)
    found = client.insert_captions(video, "en", "English", SRT)
    assert found.reason == "captionExists"


def test_what_is_gone_is_missing(client):
    refused(client.set_thumbnail("x" * 11, JPEG, "image/jpeg"), Missing, "videoNotFound")
    refused(client.add_to_playlist("PLnone", "x" * 11), Missing, "playlistNotFound")
    found = client.videos(["x" * 11], ["status"])
    assert isinstance(found, Done)
    assert found.resource["items"] == []


def test_a_title_that_is_too_long_names_its_field(client, video):
    found = client.update_video(video, {"snippet": {"title": "k" * 101, "categoryId": "27"}})
    refused(found, RejectedMetadata, "invalidTitle")
    assert found.place == "snippet.title"
    assert spent()["videos.update"] == 50  # an invalid call counts as well


def test_a_picture_that_is_none_is_refused(client, video):
    refused(client.set_thumbnail(video, b"kelp", "image/jpeg"), RejectedMetadata, "invalidImage")


def test_a_scope_that_was_not_granted(youtube, video):
    reader = asking(youtube, lasting(youtube.grant(scopes=[READ])["access_token"]))
    assert isinstance(reader.insert_captions(video, "en", "", SRT), ScopeMissing)


def test_a_token_that_is_not_taken_is_changed_once(youtube, access):
    asked = []

    def tokens(refused: str) -> Token:
        asked.append(refused)
        return Token(access if refused else "ya29.old", time.time() + 3_600)

    assert isinstance(asking(youtube, tokens).my_channel(), Done)
    assert asked == ["", "ya29.old"]
    assert spent() == {"channels.list": 1}


def test_the_days_quota_of_google_closes_ours(client, youtube):
    youtube.quota(used={"pool": 10_000})
    with pytest.raises(quotas.UsedUp):
        client.my_channel()
    before = len(youtube.log())
    with pytest.raises(quotas.UsedUp):
        client.my_channel()
    assert len(youtube.log()) == before  # nobody asks again today
    assert QuotaDay.objects.get().is_used_up


def test_our_own_count_stops_before_google_is_asked(client, youtube):
    quotas.QuotaBucket.objects.filter(name="units").update(units_a_day=40)
    with pytest.raises(quotas.UsedUp):
        client.set_thumbnail("x" * 11, JPEG, "image/jpeg")
    assert youtube.log() == []


def test_too_many_in_a_minute_is_no_end_of_the_day(client, youtube):
    youtube.fail("per_minute", path="/youtube/v3/channels")
    assert isinstance(client.my_channel(), QuotaMinute)
    assert isinstance(client.my_channel(), Done)


@pytest.mark.parametrize("how", ["lost", "half"])
def test_an_answer_that_is_lost_counts_and_leaves_a_change_open(client, youtube, video, how):
    youtube.fail(how, path="/youtube/v3/videos", method="PUT")
    parts = {"snippet": {"title": "Kelp", "categoryId": "27"}}
    assert isinstance(client.update_video(video, parts), OutcomeUnknown)
    assert spent() == {"videos.update": 50}
    youtube.fail(how, path="/youtube/v3/channels")
    assert isinstance(client.my_channel(), Trouble)


def test_trouble_at_google_is_trouble(client, youtube):
    youtube.fail("html", path="/youtube/v3/channels")
    assert isinstance(client.my_channel(), Trouble)


def test_where_nobody_is_there_nothing_is_taken(access):
    bases = Bases("http://127.0.0.1:9", "http://127.0.0.1:9")
    with pytest.raises(quotas.NotSent):
        Client(bases, lasting(access), Line(2), channel_id=CHANNEL).my_channel()
    day = QuotaDay.objects.aggregate(sum=Sum(F("spent") + F("reserved")))
    assert day["sum"] == 0


def test_fifty_videos_are_asked_for_at_once(client):
    with pytest.raises(ValueError, match="One to 50"):
        client.videos([], ["status"])
