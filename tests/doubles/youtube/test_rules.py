"""Quota, Google's description of its API, and what may be said of a video."""

import httpx
import pytest

from tests.doubles.youtube.talking import BODY, Plain, reason

pytestmark = pytest.mark.processes
BACK = {"part": "snippet"}


def body(**snippet):
    return {"snippet": {"title": "Kelp", **snippet}, "status": {"privacyStatus": "private"}}


@pytest.mark.parametrize(
    ("name", "query", "why"),
    [
        ("videos", {"part": "snippet", "id": "x", "colour": "red"}, "invalid"),
        ("videos", {"id": "x"}, "required"),
        ("videos", {"part": "snipet", "id": "x"}, "unknownPart"),
        ("videos", {"part": "id", "id": "x", "maxResults": "many"}, "invalidParameter"),
        ("playlists", {"part": "id", "mine": "true", "maxResults": "51"}, "invalidParameter"),
        ("videos", {"part": "id", "id": "x", "myRating": "love"}, "invalidParameter"),
    ],
)
def test_a_request_that_google_does_not_describe(youtube, name, query, why):
    answer = Plain(youtube).get(name, **query)
    assert (answer.status_code, reason(answer)) == (400, why)
    assert len(youtube.violations()) == 1
    assert youtube.quota()["pool"]["used"] == 1


@pytest.mark.parametrize(
    "sent",
    [
        body(titel="Kelp"),
        {"snippet": {"title": 7}},
        {"snippet": {"title": "Kelp", "tags": "kelp"}},
        {**BODY, "status": {"privacyStatus": "secret"}},
        {**BODY, "status": {"embeddable": "yes"}},
        {**BODY, "status": {"privacyStatus": "private", "publishAt": "tomorrow"}},
        {**BODY, "statistics": {}},
    ],
)
def test_a_body_that_google_does_not_describe(youtube, sent):
    assert Plain(youtube).start(1000, sent).status_code == 400
    assert len(youtube.violations()) == 1


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (body(title=" "), "invalidTitle"),
        (body(title="k" * 101), "invalidTitle"),
        (body(title="<kelp>"), "invalidTitle"),
        (body(description="ü" * 2_501), "invalidDescription"),
        (body(tags=["kelp forest"] * 40), "invalidTags"),
        (body(categoryId="99"), "invalidCategoryId"),
        ({**BODY, "status": {"privacyStatus": "private", "publishAt": "2020-01-01T00:00:00Z"}},
         "invalidPublishAt"),
        ({**BODY, "status": {"privacyStatus": "public", "publishAt": "2090-01-01T00:00:00Z"}},
         "invalidPublishAt"),
    ],
)  # fmt: skip
def test_metadata_that_is_refused_is_no_violation(youtube, sent, why):
    answer = Plain(youtube).start(1000, sent)
    assert (answer.status_code, reason(answer)) == (400, why)
    assert youtube.violations() == []
    assert youtube.videos() == []


def test_what_says_nothing_of_privacy_is_public(youtube):
    Plain(youtube).upload(body={"snippet": {"title": "Kelp"}})
    assert youtube.videos()[0]["status"]["privacyStatus"] == "public"


def test_a_scheduled_video_goes_public_at_its_time(youtube):
    youtube.clock(at="2027-03-01T12:00:00Z")
    due = {"privacyStatus": "private", "publishAt": "2027-03-02T09:00:00Z"}
    Plain(youtube).upload(body={**BODY, "status": due})
    youtube.clock(at="2027-03-02T08:59:00Z")
    assert youtube.videos()[0]["status"]["privacyStatus"] == "private"
    youtube.clock(at="2027-03-02T09:00:01Z")
    status = youtube.videos()[0]["status"]
    assert (status["privacyStatus"], status.get("publishAt")) == ("public", None)


def test_uploads_have_a_bucket_of_their_own(youtube):
    youtube.quota(limits={"uploads": 2})
    plain = Plain(youtube)
    answers = [plain.start(1000) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert "'Video Uploads per day'" in answers[2].json()["error"]["message"]
    assert youtube.quota()["pool"]["used"] == 0


def test_the_pool_pays_for_all_else(youtube):
    plain = Plain(youtube)
    plain.get("channels", part="id", mine="true")
    plain.client.delete("/youtube/v3/videos", params={"id": plain.upload()["id"]})
    assert youtube.quota()["pool"]["used"] == 51
    youtube.quota(used={"pool": 10_000})
    answer = plain.get("channels", part="id", mine="true")
    assert (answer.status_code, reason(answer)) == (403, "quotaExceeded")


def test_searches_have_one_too(youtube):
    youtube.quota(limits={"searches": 1})
    plain = Plain(youtube)
    answers = [plain.get("search", part="snippet", q="k").status_code for _ in range(2)]
    assert answers == [200, 429]


def test_quota_comes_back_at_midnight_in_california(youtube):
    youtube.clock(at="2027-03-14T07:59:00Z")  # the day in which summer time begins there
    youtube.quota(used={"uploads": 100})
    assert Plain(youtube).start(1000).status_code == 429
    youtube.clock(at="2027-03-14T08:00:30Z")
    assert Plain(youtube).start(1000).status_code == 200
    youtube.quota(used={"uploads": 100})
    youtube.clock(at="2027-03-15T07:00:30Z")
    assert Plain(youtube).start(1000).status_code == 200


def test_so_many_a_minute(youtube):
    youtube.quota(per_minute=1)
    youtube.clock(at="2027-03-14T08:00:00Z")
    plain = Plain(youtube)
    answers = [plain.get("channels", part="id", mine="true") for _ in range(2)]
    assert answers[1].status_code == 429
    assert "per minute" in answers[1].json()["error"]["message"]


def test_nobody_without_a_token(youtube):
    answer = httpx.get(f"{youtube.address}/youtube/v3/channels", params=BACK)
    assert (answer.status_code, reason(answer)) == (401, "required")


def test_an_expired_token(youtube):
    plain = Plain(youtube)
    youtube.clock(advance_s=3_700)
    answer = plain.get("channels", part="id", mine="true")
    assert (answer.status_code, reason(answer)) == (401, "authError")


def test_a_channel_may_not_touch_anothers_video(youtube):
    video = Plain(youtube).upload()["id"]
    ben = Plain(youtube, channel="Ben Builds")
    asks = {"id": video, "snippet": {"title": "Mine", "categoryId": "22"}}
    answer = ben.client.put("/youtube/v3/videos", params=BACK, json=asks)
    assert (answer.status_code, reason(answer)) == (403, "forbidden")
    assert ben.get("videos", part="snippet", id=video).json()["items"] == []


def test_a_suspended_account(youtube):
    answer = Plain(youtube, channel="Suspended Songs").start(1000)
    assert reason(answer) == "authenticatedUserAccountSuspended"


def test_a_video_that_is_not_there(youtube):
    asks = {"id": "nothing-1234", "snippet": {"title": "Mine", "categoryId": "22"}}
    answer = Plain(youtube).client.put("/youtube/v3/videos", params=BACK, json=asks)
    assert (answer.status_code, reason(answer)) == (404, "videoNotFound")


def test_reports_that_do_not_exist(youtube):
    asks = {"ids": "channel==MINE", "startDate": "2026-11-01", "endDate": "2026-11-09"}
    plain = Plain(youtube)
    for by in ("day,video", "video"):
        query = {**asks, "metrics": "views", "dimensions": by}
        assert plain.client.get("/v2/reports", params=query).status_code == 400


@pytest.mark.parametrize("told", [{"how": "bad luck"}, {"path": "*"}, {"how": "cut", "when": 1}])
def test_a_fault_that_it_does_not_know(youtube, told):
    answer = httpx.post(f"{youtube.address}/_control/faults", json=told)
    assert answer.status_code == 400
    assert answer.json()["error"]
