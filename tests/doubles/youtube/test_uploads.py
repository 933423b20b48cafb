"""The resumable protocol as Google speaks it, and what goes wrong when it is told to."""

import contextlib
import hashlib

import httpx
import pytest

from tests.doubles.youtube.client import stand_in
from tests.doubles.youtube.talking import STEP, Plain, bytes_of, reason

pytestmark = pytest.mark.processes
RAW = bytes_of(4 * STEP + 5)
SIZE = len(RAW)


def ends_well(plain, session, held):
    """From what is held on the upload ends, with one video of the right bytes."""
    done = plain.put(session, RAW[held:], held, SIZE)
    assert done.status_code == 200
    (video,) = plain.youtube.videos()
    assert video["id"] == done.json()["id"]
    assert video["sha256"] == hashlib.sha256(RAW).hexdigest()
    assert plain.youtube.quota()["uploads"]["used"] == 1
    assert plain.youtube.violations() == []


def held(answer):
    assert answer.status_code == 308
    return int(answer.headers.get("range", "bytes=0--1").rpartition("0-")[2]) + 1


def test_nothing_is_held_at_first(youtube):
    plain = Plain(youtube)
    session = plain.session(SIZE)
    answer = plain.held(session, SIZE)
    assert answer.status_code == 308
    assert "range" not in answer.headers
    ends_well(plain, session, 0)


def test_a_finished_upload_answers_the_same_again(youtube):
    plain = Plain(youtube)
    session = plain.session(SIZE)
    ends_well(plain, session, 0)
    again = plain.held(session, SIZE)
    assert (again.status_code, again.json()["id"]) == (200, youtube.videos()[0]["id"])
    assert len(youtube.videos()) == 1


def test_a_cut_keeps_a_part(youtube):
    plain = Plain(youtube)
    session = plain.session(SIZE)
    youtube.fail("cut", on="bytes")
    with contextlib.suppress(httpx.TransportError):
        plain.put(session, RAW, 0, SIZE)
    assert held(plain.held(session, SIZE)) == 2 * STEP
    ends_well(plain, session, 2 * STEP)


def test_a_cut_that_keeps_nothing(youtube):
    plain = Plain(youtube)
    session = plain.session(SIZE)
    youtube.fail("cut_lost", on="bytes")
    with contextlib.suppress(httpx.TransportError):
        plain.put(session, RAW, 0, SIZE)
    assert held(plain.held(session, SIZE)) == 0
    ends_well(plain, session, 0)


def test_less_is_taken_than_was_sent(youtube):
    plain = Plain(youtube)
    session = plain.session(SIZE)
    youtube.fail("short", on="bytes")
    assert held(plain.put(session, RAW[: 2 * STEP], 0, SIZE)) == STEP
    ends_well(plain, session, STEP)


def test_an_answer_that_is_lost_at_the_end(youtube):
    plain = Plain(youtube)
    session = plain.session(SIZE)
    youtube.fail("lost", on="last")
    with pytest.raises(httpx.TransportError):
        plain.put(session, RAW, 0, SIZE)
    assert plain.held(session, SIZE).json()["id"] == youtube.videos()[0]["id"]


def test_a_token_that_is_refused_within_a_chunk(youtube):
    plain = Plain(youtube)
    session = plain.session(SIZE)
    youtube.fail("unauthorized_within", on="bytes")
    answer = plain.put(session, RAW, 0, SIZE)
    assert answer.status_code == 401
    ends_well(plain, session, held(plain.held(session, SIZE)))


@pytest.mark.parametrize("status", [404, 410])
def test_a_session_that_goes(youtube, status):
    plain = Plain(youtube)
    session = plain.session(SIZE)
    youtube.fail("gone", on="bytes", status=status)
    assert plain.put(session, RAW[:STEP], 0, SIZE).status_code == status
    assert plain.held(session, SIZE).status_code == 404
    assert youtube.videos() == []


def test_a_session_lives_for_a_week(youtube):
    plain = Plain(youtube)
    session = plain.session(SIZE)
    youtube.clock(advance_s=6 * 86_400)
    plain = Plain(youtube)
    assert plain.held(session, SIZE).status_code == 308
    youtube.clock(advance_s=2 * 86_400)
    assert Plain(youtube).held(session, SIZE).status_code == 404


def test_a_session_is_its_channels_own(youtube):
    session = Plain(youtube).session(SIZE)
    assert Plain(youtube, channel="Ben Builds").held(session, SIZE).status_code == 403


@pytest.mark.parametrize(
    ("raw", "start", "total"),
    [
        (RAW[: STEP + 1], 0, SIZE),  # no multiple of 256 KiB
        (RAW[STEP : 2 * STEP], STEP, SIZE),  # a hole before it
        (RAW[:STEP], 0, SIZE + 1),  # another total than was told
    ],
)
def test_a_chunk_that_does_not_fit(youtube, raw, start, total):
    plain = Plain(youtube)
    assert plain.put(plain.session(SIZE), raw, start, total).status_code == 400
    assert len(youtube.violations()) == 1


@pytest.mark.parametrize(
    ("how", "status", "why"),
    [
        ("unavailable", 503, "backendError"),
        ("server_error", 500, "internalError"),
        ("uploads_per_day", 429, "rateLimitExceeded"),
        ("per_minute", 429, "rateLimitExceeded"),
        ("quota", 403, "quotaExceeded"),
        ("upload_limit", 400, "uploadLimitExceeded"),
        ("unauthorized", 401, "authError"),
        ("no_channel", 401, "youtubeSignupRequired"),
        ("suspended", 403, "authenticatedUserAccountSuspended"),
    ],
)
def test_a_start_that_is_refused(youtube, how, status, why):
    plain = Plain(youtube)
    youtube.fail(how, on="start", retry_after_s=7)
    answer = plain.start(SIZE)
    assert (answer.status_code, reason(answer)) == (status, why)
    assert answer.headers["retry-after"] == "7"
    assert youtube.quota()["uploads"]["used"] == 0
    assert plain.start(SIZE).status_code == 200


def test_a_page_instead_of_an_answer(youtube):
    plain = Plain(youtube)
    youtube.fail("html", on="start")
    assert plain.start(SIZE).text.startswith("<!doctype html>")


@pytest.mark.parametrize("how", ["half", "hang", "late", "reset_before", "lost"])
def test_an_answer_that_never_comes(youtube, how):
    plain = Plain(youtube)
    session = plain.session(SIZE)
    plain.client.timeout = 0.5
    youtube.fail(how, on="last", seconds=2)
    with pytest.raises(httpx.TransportError):
        plain.put(session, RAW, 0, SIZE).json()
    plain.client.timeout = 20
    is_done = how not in ("hang", "reset_before")
    assert plain.held(session, SIZE).status_code == (200 if is_done else 308)
    assert youtube.log()[1]["answered"] is False


def test_an_answer_byte_by_byte(youtube):
    plain = Plain(youtube)
    youtube.fail("drip", on="start", seconds=0.001)
    assert plain.start(SIZE).headers["location"]


def test_of_videos_only_length_and_hash_may_be_kept(tmp_path):
    with stand_in(tmp_path, "--hash-only") as youtube:
        plain = Plain(youtube)
        ends_well(plain, plain.session(SIZE), 0)
    assert list((tmp_path / "youtube.media").iterdir()) == []


def test_zeros_take_no_room(tmp_path):
    with stand_in(tmp_path) as youtube:
        Plain(youtube).upload(bytes(64 * STEP))
    (file,) = (tmp_path / "youtube.media").iterdir()
    assert file.stat().st_size == 64 * STEP
    assert file.stat().st_blocks * 512 < STEP


def test_the_log_on_disk_tells_the_same(youtube):
    Plain(youtube).upload(RAW)
    lines = youtube.log_file.read_text().splitlines()
    assert len(lines) == len(youtube.log()) == 2
    assert hashlib.sha256(RAW).hexdigest() in lines[-1]
    assert "ya29." not in "".join(lines)
