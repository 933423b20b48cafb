import asyncio
import os
import socket
import subprocess
import sys
import time

import httpx
import psutil
import pytest
from django.http import Http404
from django.test import AsyncRequestFactory

from config.kit import files
from config.kit.errors import Unavailable
from tests.stack import free_port

BYTES = bytes(range(256)) * 4


@pytest.fixture
def blob(db, tmp_path):
    path = tmp_path / "video.mp4"
    path.write_bytes(BYTES)
    return files.hold(1, files.store(1, path), content_type="video/mp4")


def ask(blob, **headers):
    request = AsyncRequestFactory().get("/", headers=headers)
    return files.serve(request, blob, filename="video.mp4", download=False)


def body(response) -> bytes:
    async def collect() -> bytes:
        return b"".join([chunk async for chunk in response.streaming_content])

    return asyncio.run(collect())


def test_a_whole_file_is_served(blob):
    response = ask(blob)
    assert response.status_code == 200
    assert response["Content-Length"] == "1024"
    assert body(response) == BYTES


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=1000-", 1000, 1023),
        ("bytes=-24", 1000, 1023),
        ("bytes=5-9999", 5, 1023),
    ],
)
def test_a_range_is_served(blob, header, first, last):
    response = ask(blob, range=header)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/1024"
    assert body(response) == BYTES[first : last + 1]


@pytest.mark.parametrize(
    "header", ["bytes=-", "bytes=0-1,5-6", "lines=1-2", f"bytes={'9' * 5000}-"]
)
def test_a_range_that_is_not_understood_gets_the_whole_file(blob, header):
    response = ask(blob, range=header)
    assert response.status_code == 200
    assert body(response) == BYTES


def test_an_empty_file_is_served_empty(db, tmp_path):
    (tmp_path / "empty").touch()
    blob = files.hold(1, files.store(1, tmp_path / "empty"), content_type="text/vtt")
    assert (ask(blob).status_code, body(ask(blob))) == (200, b"")


def test_a_name_can_not_break_out_of_its_header(blob):
    request = AsyncRequestFactory().get("/")
    response = files.serve(request, blob, filename='a"b\r\nX: y.mp4', download=True)
    assert "\n" not in response["Content-Disposition"]
    assert 'a"b' not in response["Content-Disposition"]


def test_a_lost_file_is_not_found(blob):
    files.path_of(1, blob.sha256).unlink()
    with pytest.raises(Http404):
        ask(blob)


def test_a_range_behind_the_end_is_refused(blob):
    response = ask(blob, range="bytes=1024-")
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */1024"


def test_a_file_that_is_known_already_is_not_sent_again(blob):
    assert ask(blob, if_none_match=f'"{blob.sha256}"').status_code == 304


def test_a_range_of_another_version_gets_the_whole_file(blob):
    assert ask(blob, range="bytes=0-9", if_range='"other"').status_code == 200


def test_equal_bytes_of_one_team_are_stored_once(db, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(BYTES)
    assert files.store(1, tmp_path / "a") == files.store(1, tmp_path / "b")
    assert len([p for p in (tmp_path / "media").rglob("*") if p.is_file()]) == 1


def test_teams_share_no_bytes(db, tmp_path):
    (tmp_path / "a").write_bytes(BYTES)
    sha256 = files.store(1, tmp_path / "a")
    assert not files.path_of(2, sha256).exists()


def test_a_store_that_takes_nothing_says_what_to_do(db, tmp_path):
    (tmp_path / "a").write_bytes(BYTES)
    (tmp_path / "media").write_text("a file stands where the folder should be")
    with pytest.raises(Unavailable, match="free some space"):
        files.store(1, tmp_path / "a")


SERVER = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from django.conf import settings
settings.MEDIA_DIR = sys.argv[1]
from django.urls import path
from config import urls
from django.core.cache import cache
from teams.middleware import SET_UP
cache.set(SET_UP, True)  # this server has no database
from config.kit import files
from config.kit.models import Blob
blob = Blob(team_id=1, sha256="0" * 64, size=2**30, content_type="video/mp4")
def view(request):
    return files.serve(request, blob, filename="big.mp4", download=False)
urls.urlpatterns.append(path("big", view))
from daphne.cli import CommandLineInterface
CommandLineInterface().run(["-p", sys.argv[2], "config.asgi:application"])
"""


def wait_for(port: int) -> None:
    for _ in range(150):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the server did not come up")


@pytest.mark.processes
@pytest.mark.parametrize(("wanted", "pause_s"), [(2**30, 0), (2**26, 0.02)], ids=["fast", "slow"])
def test_a_gigabyte_is_served_in_little_memory(tmp_path, root, wanted, pause_s):
    path = tmp_path / "media" / "1" / "00" / ("0" * 64)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        os.truncate(file.fileno(), 2**30)
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path / "media"), str(port)], cwd=root
    )
    try:
        wait_for(port)
        process = psutil.Process(server.pid)
        httpx.get(f"http://127.0.0.1:{port}/big", headers={"Range": "bytes=0-99"})
        before = process.memory_info().rss
        most = got = 0
        with httpx.stream("GET", f"http://127.0.0.1:{port}/big", timeout=120) as response:
            for chunk in response.iter_bytes(2**20):
                got += len(chunk)
                most = max(most, process.memory_info().rss)
                time.sleep(pause_s)
                if got >= wanted:
                    break
        assert got >= wanted
        assert most - before < 20 * 2**20
    finally:
        server.kill()
        server.wait()
