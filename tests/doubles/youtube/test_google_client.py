"""Google's own Python client does its work against the stand-in, and breaks no rule of it."""

import hashlib

import pytest
from google.auth.exceptions import RefreshError
from googleapiclient.errors import HttpError

from tests.doubles.youtube.talking import BODY, STEP, bytes_of, google, media

pytestmark = pytest.mark.processes
SRT = b"1\n00:00:00,000 --> 00:00:02,000\nKelp grows.\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def upload(client, raw=b"0" * 1000, **more):
    asks = client.videos().insert(
        part="snippet,status",
        body=BODY,
        media_body=media(raw, resumable=True, chunksize=4 * STEP),
        **more,
    )
    done = None
    while done is None:
        _, done = asks.next_chunk(num_retries=0)
    return done


def test_it_uploads_in_chunks(youtube):
    raw = bytes_of(11 * STEP + 77)
    done = upload(google(youtube), raw, notifySubscribers=False)
    (video,) = youtube.videos()
    assert (video["id"], video["size"]) == (done["id"], len(raw))
    assert video["sha256"] == hashlib.sha256(raw).hexdigest()
    assert not video["notify"]
    assert [line["range"] for line in youtube.log() if "range" in line] == [
        f"bytes 0-{4 * STEP - 1}/{len(raw)}",
        f"bytes {4 * STEP}-{8 * STEP - 1}/{len(raw)}",
        f"bytes {8 * STEP}-{len(raw) - 1}/{len(raw)}",
    ]
    assert youtube.violations() == []


def test_a_video_is_processed_after_some_polls(youtube):
    client = google(youtube)
    done = upload(client)
    parts = "snippet,status,processingDetails,fileDetails,statistics,contentDetails"

    def poll():
        return client.videos().list(part=parts, id=done["id"]).execute()["items"][0]

    seen = [poll()["status"]["uploadStatus"] for _ in range(3)]
    assert seen == ["uploaded", "processed", "processed"]
    assert poll()["processingDetails"]["processingStatus"] == "succeeded"
    assert poll()["fileDetails"]["fileSize"] == "1000"


def test_a_video_that_can_not_be_processed(youtube):
    youtube.settings(processing={"polls": 0, "outcome": "failed", "reason": "invalidFile"})
    client = google(youtube)
    done = upload(client)
    status = client.videos().list(part="status", id=done["id"]).execute()["items"][0]["status"]
    assert (status["uploadStatus"], status["failureReason"]) == ("failed", "invalidFile")


def test_a_thumbnail_plainly_and_resumably(youtube):
    client = google(youtube)
    done = upload(client)
    for more in ({}, {"resumable": True}):
        picture = media(PNG, "image/png", **more)
        client.thumbnails().set(videoId=done["id"], media_body=picture).execute()
    assert youtube.videos()[0]["thumbnail_sha256"] == hashlib.sha256(PNG).hexdigest()


def test_captions_are_made_changed_and_deleted(youtube):
    client = google(youtube)
    video = upload(client)["id"]
    body = {"snippet": {"videoId": video, "language": "en", "name": ""}}
    track = client.captions().insert(part="snippet", body=body, media_body=media(SRT, "text/xml"))
    made = track.execute()
    assert made["snippet"]["status"] == "serving"
    again = client.captions().insert(part="snippet", body=body, media_body=media(SRT, "text/xml"))
    with pytest.raises(HttpError) as caught:
        again.execute()
    assert caught.value.error_details[0]["reason"] == "captionExists"
    update = {"id": made["id"], "snippet": {"isDraft": True}}
    client.captions().update(part="snippet", body=update, media_body=media(SRT, "*/*")).execute()
    listed = client.captions().list(part="snippet", videoId=video).execute()["items"]
    assert [one["snippet"]["isDraft"] for one in listed] == [True]
    client.captions().delete(id=made["id"]).execute()
    assert client.captions().list(part="snippet", videoId=video).execute()["items"] == []


def test_playlists_and_their_items(youtube):
    client = google(youtube)
    video = upload(client)["id"]
    body = {"snippet": {"title": "Sea"}, "status": {"privacyStatus": "public"}}
    playlist = client.playlists().insert(part="snippet,status", body=body).execute()["id"]
    kind = {"kind": "youtube#video", "videoId": video}
    item = {"snippet": {"playlistId": playlist, "resourceId": kind}}
    made = client.playlistItems().insert(part="snippet", body=item).execute()
    own = client.playlists().list(part="contentDetails", mine=True).execute()["items"]
    assert [one["contentDetails"]["itemCount"] for one in own] == [1]
    client.playlistItems().delete(id=made["id"]).execute()
    listed = client.playlistItems().list(part="snippet", playlistId=playlist).execute()
    assert listed["items"] == []


def test_a_channels_uploads_are_a_playlist(youtube):
    client = google(youtube)
    made = {upload(client)["id"] for _ in range(3)}
    mine = client.channels().list(part="snippet,contentDetails", mine=True).execute()["items"][0]
    assert mine["snippet"]["title"] == "Northlight"
    uploads = mine["contentDetails"]["relatedPlaylists"]["uploads"]
    found, token = [], ""
    while token is not None:
        page = client.playlistItems().list(
            part="contentDetails", playlistId=uploads, maxResults=2, pageToken=token
        )
        answer = page.execute()
        found += [one["contentDetails"]["videoId"] for one in answer["items"]]
        token = answer.get("nextPageToken")
    assert set(found) == made
    assert len(found) == 3


def test_a_video_is_changed_and_deleted(youtube):
    client = google(youtube)
    video = upload(client)["id"]
    body = {"id": video, "snippet": {"title": "Otters", "categoryId": "15"}}
    client.videos().update(part="snippet", body=body).execute()
    assert youtube.videos()[0]["snippet"]["title"] == "Otters"
    client.videos().delete(id=video).execute()
    assert youtube.videos() == []


def test_searches_and_counts(youtube):
    client = google(youtube)
    body = {**BODY, "status": {"privacyStatus": "public"}}
    asks = client.videos().insert(part="snippet,status", body=body, media_body=media(b"0" * 9))
    video = asks.execute()["id"]
    youtube.clock(advance_s=5 * 86_400)
    client = google(youtube)
    found = client.search().list(part="snippet", forMine=True, type="video", q="kelp").execute()
    assert [one["id"]["videoId"] for one in found["items"]] == [video]
    counts = client.videos().batchGetStats(id=[video], part="statistics").execute()["items"][0]
    assert int(counts["statistics"]["viewCount"]) > 0
    assert youtube.violations() == []


def test_analytics_by_day_by_video_and_over_a_video(youtube):
    client = google(youtube)
    body = {**BODY, "status": {"privacyStatus": "public"}}
    asks = client.videos().insert(part="snippet,status", body=body, media_body=media(b"0" * 9))
    video = asks.execute()["id"]
    day = youtube.clock(advance_s=9 * 86_400)[:10]
    reports = google(youtube, "youtubeAnalytics.v2").reports()
    span = {"ids": "channel==MINE", "startDate": "2026-01-01", "endDate": day}

    def rows(**told):
        return reports.query(**span, **told).execute()["rows"]

    by_day = [one for one in rows(metrics="views,estimatedRevenue", dimensions="day") if one[1]]
    assert len(by_day) == 8  # of ten days the last two are not known yet
    total = rows(metrics="views", dimensions="video", sort="-views", maxResults=10)
    assert total == [[video, sum(one[1] for one in by_day)]]
    watched = rows(
        metrics="audienceWatchRatio", dimensions="elapsedVideoTimeRatio", filters=f"video=={video}"
    )
    assert len(watched) == 100


def test_money_needs_its_scope(youtube):
    scopes = ["https://www.googleapis.com/auth/yt-analytics.readonly"]
    reports = google(youtube, "youtubeAnalytics.v2", scopes=scopes).reports()
    asks = reports.query(
        ids="channel==MINE",
        startDate="2026-11-01",
        endDate="2026-11-20",
        metrics="estimatedRevenue",
    )
    with pytest.raises(HttpError) as caught:
        asks.execute()
    assert caught.value.status_code == 403


def test_a_token_is_refreshed_by_the_client_until_it_is_revoked(youtube):
    client = google(youtube)
    youtube.clock(advance_s=4_000)
    assert client.channels().list(part="id", mine=True).execute()["items"]
    youtube.revoke()
    with pytest.raises(RefreshError) as caught:
        client.channels().list(part="id", mine=True).execute()
    assert caught.value.args[1]["error"] == "invalid_grant"


def test_the_channels_own_limit(youtube):
    youtube.set_account(
        email="ana@example.org", channels=[{"title": "Northlight", "daily_uploads": 1}]
    )
    client = google(youtube)
    upload(client)
    with pytest.raises(HttpError) as caught:
        upload(client)
    assert caught.value.error_details[0]["reason"] == "uploadLimitExceeded"
    youtube.clock(advance_s=86_500)
    assert upload(google(youtube))["id"]
