"""What Google's answers mean."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.youtube.answers import (
    ChannelLimit,
    Denied,
    Done,
    Missing,
    NoChannel,
    Outcome,
    OutcomeUnknown,
    Progress,
    QuotaDay,
    QuotaMinute,
    RejectedMetadata,
    Said,
    ScopeMissing,
    SessionGone,
    Suspended,
    Trouble,
    Unauthorized,
    classify,
)

DAY = (
    "Quota exceeded for quota metric '{}' and limit '{} per {}' of service "
    "'youtube.googleapis.com' for consumer 'project_number:1'."
)


def error(status, reason, message="", **more):
    one = {"message": message, "domain": "youtube.video", "reason": reason, **more}
    body = {"error": {"code": status, "message": message, "errors": [one]}}
    return Said(status, {}, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (Said(200, {}, b'{"id": "a"}'), Done({"id": "a"})),
        (Said(204), Done({})),
        (Said(308), Progress(0)),
        (Said(308, {"range": "bytes=0-524287"}), Progress(524_288)),
        (error(401, "authError"), Unauthorized()),
        (error(401, "youtubeSignupRequired"), NoChannel()),
        (
            error(429, "rateLimitExceeded", DAY.format("Video Uploads", "Video Uploads", "day")),
            QuotaDay("uploads"),
        ),
        (
            error(429, "rateLimitExceeded", DAY.format("Search Queries", "Search Queries", "day")),
            QuotaDay("searches"),
        ),
        (
            error(429, "rateLimitExceeded", DAY.format("Queries", "Queries", "minute per user")),
            QuotaMinute(0),
        ),
        (error(403, "quotaExceeded"), QuotaDay("pool")),
        (error(403, "dailyLimitExceeded"), QuotaDay("pool")),
        (error(403, "userRateLimitExceeded"), QuotaMinute(0)),
        (error(400, "uploadLimitExceeded"), ChannelLimit()),
        (error(403, "insufficientPermissions"), ScopeMissing()),
        (
            error(403, "authenticatedUserAccountClosed"),
            Suspended("authenticatedUserAccountClosed"),
        ),
        (error(403, "forbidden", "No."), Denied("forbidden", "No.")),
        (error(404, "videoNotFound"), Missing("videoNotFound")),
        (error(409, "captionExists", "It is there."), Denied("captionExists", "It is there.")),
        (
            error(400, "invalidTags", "Tags.", location="body.snippet.tags"),
            RejectedMetadata("invalidTags", "snippet.tags", "Tags."),
        ),
        (Said(503, {"retry-after": "30"}), Trouble("Google has trouble (503).", 30)),
        (Said(403, {}, b"<html>a proxy's"), Trouble("Google has trouble (403).")),
    ],
)
def test_what_an_answer_means(said, outcome):
    assert classify(said) == outcome


def test_an_answer_that_can_not_be_read_is_a_doubt():
    assert isinstance(classify(Said(200, {}, b'{"id": "a')), OutcomeUnknown)


@pytest.mark.parametrize("status", [404, 410])
def test_a_session_that_is_gone(status):
    assert classify(Said(status, {}, b"Not Found"), of_session=True) == SessionGone()


@given(
    st.integers(100, 999),
    st.dictionaries(st.sampled_from(["range", "retry-after"]), st.text(max_size=20)),
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.text(max_size=9) | st.integers(),
            lambda inner: st.lists(inner) | st.dictionaries(
                st.sampled_from(["error", "errors", "reason", "message", "details"]), inner
            ),
            max_leaves=12,
        ).map(lambda told: json.dumps(told).encode()),
    ),
)  # fmt: skip
def test_every_answer_means_something(status, headers, body):
    assert isinstance(classify(Said(status, headers, body)), Outcome)
    assert isinstance(classify(Said(status, headers, body), of_session=True), Outcome)
