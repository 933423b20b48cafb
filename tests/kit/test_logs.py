"""What operators read in the log, and what they never do."""

import json
import logging
import sys
import time
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kit import logs
from tests.browser.served import served
from tests.processes import until


def record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    return logging.getLogger("showrunner.test").makeRecord(
        "showrunner.test", logging.INFO, __file__, 1, message, args, None, extra=extra
    )


def told(message: str, *args: object, **extra: object) -> dict[str, object]:
    return json.loads(logs.Json().format(record(message, *args, **extra)))


def test_a_line_says_what_it_is_about():
    with logs.work("stage narration", team=3, video=8, run=21):
        logs.tell(outcome="rejected", upload=None)
        line = told("said %d words", 7, ms=12)
    assert line["message"] == "said 7 words"
    assert (line["team"], line["video"], line["run"]) == (3, 8, 21)
    assert (line["outcome"], line["ms"]) == ("rejected", 12)
    assert "upload" not in line
    assert "run" not in told("afterwards")


def test_work_inside_work_knows_both():
    with logs.work("stage mix", run=1), logs.work("part", part="a"):
        assert logs.Line().format(record("made")).endswith("made [run=1 part=a]")


def test_an_error_comes_with_its_traceback_and_one_line_stays_one():
    try:
        raise ValueError("no\nsuch voice")
    except ValueError:
        failed = record("failed")
        failed.exc_info = sys.exc_info()
    text = logs.Json().format(failed)
    assert "\n" not in text
    assert json.loads(text)["error"] == "ValueError"
    assert "such voice" in json.loads(text)["traceback"]


SECRETS = [
    ("mail to ana.b+x@kelp.example failed", "ana"),
    ("postgres://app:s3cret@db.example/app is away", "s3cret"),
    ("redis://:s3cret@cache.example:6379/0 is away", "s3cret"),
    ("smtp://ana@kelp.example:s3/cret@mail.example:587", "s3/cret"),
    ("redis://:one@a.example,redis://:s3cret@b.example", "s3cret"),
    ("https://ghp_s3cret@git.example/kelp.git", "s3cret"),
    ("/sign-in/?next=postgres%3A%2F%2Fapp%3As3cret%40db.example", "s3cret"),
    ("Not Found: /invitations/Zk3v9QpTfWm2Lr8sXyB1Ua/", "Zk3v9QpTfWm2Lr8sXyB1Ua"),
    ("Not Found: /invitations/ZkvQpTfWmLrsXyBUaqQw/", "ZkvQpTfWmLrsXyBUaqQw"),
    ("GET /accounts/password/reset/key/1-cb0x3q-5f1d0c2b7e8a9d6f4c3b2a1908f7e6d5/", "5f1d0c2b7e8a"),
    ("GET /accounts/confirm-email/MQ:1tXyZ2:abcdefghijklmnopqrstuvwxyz012345/", "abcdefghijk"),
    ("token sr_live_0a1b2c3d_AbCdEfGhIjKl was shown", "AbCdEfGh"),
    ("Authorization: Bearer abcdef.ghijkl-mnop", "ghijkl"),
    ("/upload?signature=deadbeef01&part=2", "deadbeef01"),
    ("api_key=sk-12345 and more", "sk-12345"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_secrets_and_mail_addresses_reach_no_log(text, secret):
    for line in (told(text)["message"], told("%s", text)["message"], told("x", at=text)["at"]):
        assert secret not in str(line)
    assert secret not in logs.Line().format(record(text))


@pytest.mark.parametrize(
    "text",
    [
        "/videos/182/scenes/9/",
        "https://video.example/@kelp/films?page=2 answered 404",
        'File "/srv/showrunner/videos/writing/spoken_calendar.py", line 3',
        "ffmpeg ended with 1: /srv/var/rooms/12-3/narration_scene_2_voice.wav",
    ],
)
def test_what_is_no_secret_stays(text):
    assert told(text)["message"] == text


printable = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=12)
SCHEMES = ("postgres", "rediss", "s3", "smtp+tls")


@given(st.sampled_from(SCHEMES), printable, printable, printable)
def test_no_password_of_a_url_reaches_the_log(scheme, user, before, after):
    """Raw, as somebody wrote it who knew no better, whatever ends a part of a URL by its rules."""
    url = f"{scheme}://{user}:{before}s3cret{after}@db.example/app?sslmode=require"
    text = logs.scrubbed(f"could not connect to {url}: refused")
    assert "s3cret" not in text
    assert text.endswith("db.example/app?sslmode=require: refused")


@given(st.sampled_from(SCHEMES), st.text(max_size=12), st.text(max_size=12), st.integers(1, 2))
def test_no_percent_encoded_password_reaches_the_log(scheme, user, rest, times):
    name, password = quote(user, safe=""), quote(f"{rest}s3cret{rest}", safe="")
    url = f"{scheme}://{name}:{password}@db.example/app"
    for _ in range(times - 1):  # as a value in another URL
        url = quote(url, safe="")
    assert "s3cret" not in logs.scrubbed(f"GET /?next={url} HTTP/1.1")


def test_a_long_line_is_scrubbed_in_no_time():
    began = time.process_time()
    logs.scrubbed('{"at":"https://kelp.example/x:y","of":' * 20_000)
    assert time.process_time() - began < 2


def test_objects_in_extra_are_not_shown():
    assert "request" not in told("x", request=object(), params=("ana@x.example",))


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["3f2a9c4e-77aa-4f0e", "a" * 64])
def test_a_request_keeps_the_id_that_a_router_gave(client, given):
    assert client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "short", "a" * 65, 'x"}\n{"level":"forged', "ünïcödé-12"])
def test_an_id_that_is_none_is_replaced(client, given):
    made = client.get("/healthz", headers={"X-Request-ID": given})["X-Request-ID"]
    assert made != given
    assert len(made) == 32


@pytest.mark.processes
def test_the_web_process_writes_nothing_but_json(installation):
    installation.env |= {"LOG_FORMAT": "json"}
    installation.manage("first_owner")
    secret = "Zk3v9QpTfWm2Lr8sXyB1Ua"
    with served(installation, with_workers=False) as studio:
        headers = {"X-Request-ID": "from-the-router-1"}
        answer = httpx.get(f"{studio.address}/invitations/{secret}/?next=1", headers=headers)
        assert answer.headers["X-Request-ID"] == "from-the-router-1"
        httpx.get(f"{studio.address}/healthz")
        until(lambda: "from-the-router-1" in installation.log(), what="the access log")
    lines = [json.loads(line) for line in installation.log().splitlines()]
    access = [line for line in lines if line["logger"] == "showrunner.access"]
    asked = next(line for line in access if line.get("request") == "from-the-router-1")
    assert (asked["method"], asked["path"]) == ("GET", "/invitations/…/")
    assert asked["status"] == answer.status_code
    assert secret not in installation.log()
    assert not [line for line in access if line["path"] == "/healthz"]
