"""What a newcomer can click."""

import httpx
import pytest

from tests.doubles.youtube.talking import BODY, Plain, bytes_of

pytestmark = pytest.mark.processes
RAW = bytes_of(1000)


def test_a_video_can_be_watched(youtube):
    snippet = {"title": "Kelp & otters", "description": "Half a metre\na day."}
    video = Plain(youtube).upload(RAW, {**BODY, "snippet": snippet})["id"]
    page = httpx.get(f"{youtube.address}/watch", params={"v": video}).text
    for text in (
        f'src="/media/{video}"',
        "Kelp &amp; otters",
        "Half a metre\na day.",
        "Northlight",
    ):
        assert text in page
    assert httpx.get(f"{youtube.address}/media/{video}").content == RAW
    part = httpx.get(f"{youtube.address}/media/{video}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, RAW[10:20])


def test_its_thumbnail_and_captions(youtube):
    plain = Plain(youtube)
    video = plain.upload(RAW)["id"]
    png = b"\x89PNG\r\n\x1a\n"
    plain.client.post(
        "/upload/youtube/v3/thumbnails/set",
        params={"videoId": video, "uploadType": "media"},
        content=png,
        headers={"Content-Type": "image/png"},
    )
    assert httpx.get(f"{youtube.address}/vi/{video}/high.jpg").content == png
    session = plain.client.post(
        "/upload/youtube/v3/captions",
        params={"uploadType": "resumable", "part": "snippet"},
        json={"snippet": {"videoId": video, "language": "en", "name": "English"}},
    ).headers["location"]
    made = plain.client.put(session, content=b"1\n00:00:00,000 --> 00:00:02,500\nKelp.\n").json()
    track = httpx.get(f"{youtube.address}/track/{made['id']}.vtt")
    assert track.text.startswith("WEBVTT")
    assert "00:00:02.500" in track.text
    assert f"/track/{made['id']}.vtt" in httpx.get(f"{youtube.address}/watch?v={video}").text


def test_a_channel_and_all_channels(youtube):
    video = Plain(youtube).upload(RAW)["id"]
    channel = youtube.channels()["Northlight"]
    assert f"/channel/{channel}" in httpx.get(youtube.address).text
    assert f"v={video}" in httpx.get(f"{youtube.address}/channel/{channel}").text


@pytest.mark.parametrize("path", ["/watch?v=nothing-123", f"/channel/UC{'x' * 22}", "/v4/videos"])
def test_nothing_is_there(youtube, path):
    assert httpx.get(f"{youtube.address}{path}").status_code == 404
