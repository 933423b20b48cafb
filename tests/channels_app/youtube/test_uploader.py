"""Our uploader against the stand-in, through every fault at every step."""

import hashlib
import random
import signal
import subprocess
import sys
import time

import pytest

from channels_app.youtube.answers import (
    ChannelLimit,
    Done,
    NoChannel,
    OutcomeUnknown,
    Progress,
    QuotaDay,
    QuotaMinute,
    RejectedMetadata,
    ScopeMissing,
    SessionGone,
    Suspended,
    Trouble,
    Unauthorized,
)
from channels_app.youtube.uploader import STEP, Order, Patience, Started, Token
from config.kit.errors import Rejected, Stopped
from tests.channels_app.youtube.carrying import RESOURCE, Worker, lasting, uploader
from tests.doubles.running import ROOT
from tests.doubles.youtube.talking import bytes_of
from tests.processes import until

pytestmark = pytest.mark.processes
CHUNKS = 4
RAW = bytes_of((CHUNKS - 1) * STEP + 7)
NEVER_SEEN = (
    "unauthorized_within",
    "cut",
    "cut_lost",
    "short",
    "lost",
    "half",
    "late",
    "malformed",
)
BROKEN = ("unavailable", "server_error", "bad_gateway", "html", "hang", "reset_before", "drip")


@pytest.fixture
def path(tmp_path):
    (tmp_path / "video.mp4").write_bytes(RAW)
    return tmp_path / "video.mp4"


def worker(youtube, path, **more):
    made = uploader(youtube.address, lasting(youtube.grant()["access_token"]), **more)
    return Worker(made, path, lambda: next(iter(youtube.videos()), None))


def ends_well(youtube, raw=RAW, inserts=1):
    (video,) = youtube.videos()
    assert video["sha256"] == hashlib.sha256(raw).hexdigest()
    assert youtube.quota()["uploads"]["used"] == inserts
    assert youtube.violations() == []


def carried(youtube, path, *, held=0, **more):
    """A new session and all outcomes of sending the file."""
    made = uploader(youtube.address, lasting(youtube.grant()["access_token"]), **more)
    started = made.start(Order(RESOURCE, path.stat().st_size))
    assert isinstance(started, Started)
    with path.open("rb") as file:
        return list(made.carry(started.session, file, path.stat().st_size, held=held))


def test_a_video_arrives_chunk_by_chunk(youtube, path):
    outcomes = carried(youtube, path)
    assert [one.held for one in outcomes[:-1]] == [STEP, 2 * STEP, 3 * STEP]
    assert isinstance(outcomes[-1], Done)
    assert outcomes[-1].resource["id"] == youtube.videos()[0]["id"]
    assert not youtube.videos()[0]["notify"]
    ends_well(youtube)


def test_one_chunk_for_a_small_file(youtube, path):
    outcomes = carried(youtube, path, chunk=64 * STEP)
    assert [type(one) for one in outcomes] == [Done]


@pytest.mark.parametrize("how", [*NEVER_SEEN, *BROKEN])
@pytest.mark.parametrize("nth", range(1, CHUNKS + 1))
def test_a_fault_at_any_chunk_costs_nothing(youtube, path, how, nth):
    youtube.fail(how, on="bytes", nth=nth, seconds=0.3 if how == "drip" else 30)
    worker(youtube, path, answer_s=1.0).deliver()
    ends_well(youtube)


@pytest.mark.parametrize("how", ["lost", "half", "malformed", *BROKEN])
def test_a_fault_of_the_question_how_much_is_held(youtube, path, how):
    youtube.fail("cut", on="bytes", nth=2)
    youtube.fail(how, on="query", seconds=0.3 if how == "drip" else 30)
    worker(youtube, path, answer_s=1.0).deliver()
    ends_well(youtube)


@pytest.mark.parametrize(
    "how", ["unavailable", "server_error", "html", "unauthorized", "reset_before"]
)
def test_a_start_that_was_not_served_is_made_again(youtube, path, how):
    youtube.fail(how, on="start")
    worker(youtube, path).deliver()
    ends_well(youtube)


@pytest.mark.parametrize("how", ["lost", "late", "hang", "drip"])
def test_a_start_in_doubt_makes_no_second_video(youtube, path, how):
    youtube.fail(how, on="start", seconds=0.3 if how == "drip" else 30)
    one = worker(youtube, path, answer_s=1.0)
    one.deliver()
    assert isinstance(one.outcomes[0], OutcomeUnknown)
    ends_well(youtube, inserts=1 if how == "hang" else 2)


@pytest.mark.parametrize("nth", range(1, CHUNKS + 1))
@pytest.mark.parametrize("status", [404, 410])
def test_a_session_that_goes_is_begun_anew(youtube, path, nth, status):
    youtube.fail("gone", on="bytes", nth=nth, status=status)
    one = worker(youtube, path)
    one.deliver()
    assert SessionGone() in one.outcomes
    ends_well(youtube, inserts=2)


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        ("uploads_per_day", QuotaDay("uploads")),
        ("quota", QuotaDay("uploads")),
        ("daily_limit", QuotaDay("uploads")),
        ("per_minute", QuotaMinute(9)),
        ("user_rate", QuotaMinute(9)),
        ("upload_limit", ChannelLimit()),
        ("no_channel", NoChannel()),
        ("no_scope", ScopeMissing()),
        ("suspended", Suspended("authenticatedUserAccountSuspended")),
        ("unavailable", Trouble("Google has trouble (503).", 9)),
    ],
)
def test_why_a_start_is_refused(youtube, how, outcome):
    youtube.fail(how, on="start", retry_after_s=9)
    made = uploader(youtube.address, lasting(youtube.grant()["access_token"]))
    assert made.start(Order(RESOURCE, 1000)) == outcome
    assert youtube.quota()["uploads"]["used"] == 0


def test_metadata_that_is_refused_names_the_field(youtube):
    made = uploader(youtube.address, lasting(youtube.grant()["access_token"]))
    wrong = {**RESOURCE, "snippet": {"title": "k" * 101, "categoryId": "27"}}
    found = made.start(Order(wrong, 1000))
    assert isinstance(found, RejectedMetadata)
    assert (found.reason, found.place) == ("invalidTitle", "snippet.title")


def test_a_token_is_renewed_before_it_ends_and_when_it_is_refused(youtube, path):
    asked = []

    def tokens(refused):
        asked.append(refused)
        return Token(
            youtube.grant()["access_token"], time.time() + (0 if len(asked) < 3 else 3_600)
        )

    made = uploader(youtube.address, tokens)
    youtube.fail("unauthorized_within", on="bytes", nth=3)
    started = made.start(Order(RESOURCE, len(RAW)))
    with path.open("rb") as file:
        *_, last = made.carry(started.session, file, len(RAW), held=0)
    assert isinstance(last, Done)
    assert asked[:3] == ["", "", ""]  # at once, and for each chunk while they end too soon
    assert asked[3].startswith("ya29.")  # that one was refused
    assert len(asked) == 4
    ends_well(youtube)


def test_a_token_that_is_refused_again_ends_it(youtube, path):
    youtube.fail("unauthorized", on="bytes", times=0)
    assert carried(youtube, path)[-1] == Unauthorized()


def test_patience_ends(youtube, path):
    youtube.fail("unavailable", method="PUT", times=0)
    last = carried(youtube, path, patience=Patience(tries=3))[-1]
    assert last == Trouble("Google has trouble (503).")
    assert len([line for line in youtube.log() if line["http"] == "PUT"]) == 3


def test_a_server_that_takes_nothing_is_left_alone(youtube, path):
    youtube.fail("short", on="bytes", part=0, times=0)
    assert carried(youtube, path, patience=Patience(tries=3)) == [
        Trouble("The upload does not get on.")
    ]


def test_all_was_sent_and_nothing_is_heard(youtube, path):
    youtube.fail("lost", on="last")
    youtube.fail("unavailable", on="query", times=0)
    last = carried(youtube, path, patience=Patience(tries=3))[-1]
    assert isinstance(last, OutcomeUnknown)
    assert len(youtube.videos()) == 1


def test_a_wait_that_is_told_is_kept(youtube, path):
    pauses = []
    youtube.fail("unavailable", on="bytes", retry_after_s=7)
    carried(youtube, path, pause=pauses.append)
    assert pauses == [7]


def test_it_stops_when_told_to(youtube, path):
    beats = iter([True, False])
    made = uploader(youtube.address, lasting(youtube.grant()["access_token"]))
    started = made.start(Order(RESOURCE, len(RAW)))
    with path.open("rb") as file, pytest.raises(Stopped):
        list(made.carry(started.session, file, len(RAW), held=0, beat=lambda: next(beats)))
    assert made.status(started.session, len(RAW)) == Progress(STEP)


def test_a_file_that_shrank(youtube, path):
    made = uploader(youtube.address, lasting(youtube.grant()["access_token"]))
    started = made.start(Order(RESOURCE, len(RAW) + STEP))
    with path.open("rb") as file, pytest.raises(Rejected):
        list(made.carry(started.session, file, len(RAW) + STEP, held=0))
    assert youtube.videos() == []


@pytest.mark.parametrize("how", ["hang", "late"])
@pytest.mark.parametrize("nth", range(1, CHUNKS + 1))
def test_a_process_that_is_killed_at_a_chunk(youtube, path, tmp_path, how, nth):
    """Its successor has the session's address alone."""
    token, kept = youtube.grant()["access_token"], tmp_path / "session"
    words = [sys.executable, "-m", "tests.channels_app.youtube.carrying", youtube.address]
    words += [token, str(path), str(kept)]
    youtube.fail(how, on="bytes", nth=nth, seconds=60)
    first = subprocess.Popen(words, cwd=ROOT)
    until(lambda: youtube.faults()[0]["met"] >= nth)
    if how == "late":  # the chunk is in
        until(lambda: sum("range" in line for line in youtube.log()) == nth)
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert subprocess.run(words, cwd=ROOT, timeout=60).returncode == 0
    ends_well(youtube)


def chance(youtube, path, seed):
    """A schedule of faults at random: what is left is one video, and an insert for each start."""
    dice = random.Random(seed)  # noqa: S311 - a schedule that comes again
    steps = {
        "bytes": [*NEVER_SEEN, "unavailable", "html", "reset_before", "unauthorized", "gone"],
        "query": ["lost", "half", "malformed", "unavailable", "reset_before", "unauthorized"],
        "start": ["lost", "unavailable", "reset_before", "unauthorized", "html"],
    }
    youtube.reset()
    for _ in range(dice.randint(1, 7)):
        on = dice.choice(list(steps))
        how = dice.choice([one for one in steps[on] if one != "late"])
        youtube.fail(how, on=on, nth=dice.randint(1, 4), part=dice.random())
    made = dice.choice([STEP, 2 * STEP, 3 * STEP])
    one = worker(youtube, path, chunk=made, patience=Patience(tries=dice.randint(1, 4)))
    one.deliver()
    gone = sum(isinstance(found, SessionGone) for found in one.outcomes)
    doubted = sum(isinstance(found, OutcomeUnknown) for found in one.outcomes)
    used = youtube.quota()["uploads"]["used"]
    assert used == len(youtube.sessions()) + gone, seed
    assert 1 <= used <= 1 + gone + doubted, seed
    ends_well(youtube, inserts=used)


@pytest.mark.parametrize("seed", range(10))
def test_faults_at_random(youtube, path, seed):
    chance(youtube, path, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10, 110))
def test_many_faults_at_random(youtube, path, seed):
    chance(youtube, path, seed)
