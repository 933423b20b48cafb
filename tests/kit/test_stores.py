"""Files at S3: kept, read on any machine, handed to browsers, and what faults of S3 do."""

import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.test import AsyncRequestFactory

from config.kit import files, stores
from config.kit.errors import Unavailable
from config.kit.stores.address import bucket
from config.kit.stores.cache import GRACE_S
from tests.kit.test_files import body

MB = 2**20


@pytest.fixture
def kept(tmp_path):
    """`kept(b"..")` stores bytes for team 1 and answers their hash."""

    def keep(content: bytes) -> str:
        (tmp_path / "came").write_bytes(content)
        return files.store(1, tmp_path / "came")

    return keep


@pytest.fixture
def elsewhere(settings, tmp_path):
    """From here on this is another machine: it has copies of nothing."""

    def move() -> None:
        settings.MEDIA_CACHE_DIR = tmp_path / f"cache-{time.monotonic_ns()}"

    return move


def key(sha256: str) -> str:
    return f"media/1/{sha256[:2]}/{sha256}"


@pytest.mark.django_db
def test_a_file_is_read_on_another_machine(s3, kept, elsewhere):
    sha256 = kept(b"kelp")
    assert s3.keys() == {key(sha256): 4}
    elsewhere()
    assert files.path_of(1, sha256).read_bytes() == b"kelp"
    assert files.is_kept(1, sha256)
    assert not files.is_kept(2, sha256)


def test_a_long_file_goes_up_in_parts(faulty, s3, kept, elsewhere):
    content = os.urandom(40 * MB)
    sha256 = kept(content)
    parts = [path for method, path in faulty.asked if "partNumber=" in path]
    assert (len(parts), s3.read(key(sha256)) == content) == (3, True)
    elsewhere()
    assert files.sha256_of(files.path_of(1, sha256)) == sha256


def test_equal_bytes_are_sent_once(faulty, kept):
    kept(b"kelp")
    kept(b"kelp")
    assert [method for method, _ in faulty.asked].count("PUT") == 1


@pytest.mark.django_db
def test_a_file_that_is_lost_at_s3_has_no_path(s3, kept, elsewhere):
    sha256 = kept(b"kelp")
    s3.client.delete_object(Bucket=s3.name, Key=key(sha256))
    elsewhere()
    assert not files.path_of(1, sha256).exists()
    assert not files.is_kept(1, sha256)
    with pytest.raises(Unavailable, match="no longer"):
        files.hold(1, sha256, content_type="text/plain")


@pytest.mark.parametrize(("how", "only"), [("500", "PUT"), ("503", "PUT"), ("lost", "PUT")])
def test_a_fault_that_passes_is_not_noticed(faulty, s3, kept, how, only):
    faulty.fail(how, 2, only)
    sha256 = kept(b"kelp")
    assert s3.read(key(sha256)) == b"kelp"


@pytest.mark.parametrize("how", ["500", "cut", "other"])
def test_a_download_that_goes_wrong_is_made_again_or_refused(faulty, kept, elsewhere, how):
    sha256 = kept(os.urandom(50_000))
    elsewhere()
    faulty.fail(how, 20, "GET")
    with pytest.raises(Unavailable):
        files.path_of(1, sha256)
    faulty.heal()
    assert files.sha256_of(files.path_of(1, sha256)) == sha256


def test_an_s3_that_stays_away_is_unavailable(faulty, kept):
    faulty.fail("503", 50)
    with pytest.raises(Unavailable, match="tried again"):
        kept(b"kelp")
    faulty.heal()
    assert files.is_kept(1, kept(b"kelp"))


def test_a_key_that_may_nothing_is_told_so(faulty, kept):
    faulty.fail("403", 50)
    with pytest.raises(Unavailable, match="check MEDIA_S3_URL"):
        kept(b"kelp")


def test_an_s3_that_is_not_there_is_unavailable(s3, settings, kept):
    settings.MEDIA_S3 = bucket(s3.url("http://127.0.0.1:9"))
    with pytest.raises(Unavailable, match="can't be reached"):
        kept(b"kelp")


@pytest.mark.django_db
def test_inside_a_transaction_a_hanging_s3_holds_nobody_for_long(faulty, kept):
    faulty.fail("hang", 5, "HEAD")
    began = time.monotonic()
    with pytest.raises(Unavailable):  # the test's own transaction is open
        kept(b"kelp")
    assert time.monotonic() - began < 10


def test_copies_stay_below_the_limit(s3, kept, settings):
    settings.MEDIA_CACHE_MB = 3
    hashes = [kept(bytes([n]) * 1_000_000) for n in range(3)]
    for age, sha256 in enumerate(hashes):
        used = time.time() - GRACE_S - 100 + age
        os.utime(files.path_of(1, sha256), (used, used))
    files.path_of(1, hashes[0])  # used just now
    kept(b"x" * 1_000_000)
    there = {path.name for path in settings.MEDIA_CACHE_DIR.glob("1/*/*")}
    assert hashes[0] in there
    assert hashes[1] not in there
    assert len(s3.keys()) == 4


def test_what_is_borrowed_stays_though_its_copy_goes(s3, kept, settings):
    sha256 = kept(b"kelp")
    with files.lending() as lend:
        path = lend(1, sha256)
        files.path_of(1, sha256).unlink()
        assert path.read_bytes() == b"kelp"
        assert settings.ROOMS_DIR not in path.parents
    assert not path.exists()


def test_many_that_ask_at_once_fetch_it_once(faulty, kept, elsewhere):
    sha256 = kept(os.urandom(MB))
    elsewhere()
    faulty.asked.clear()
    store, gate = stores.current(), threading.Barrier(8)

    def ask(_: int) -> bytes:
        gate.wait()
        return store.path(1, sha256).read_bytes()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert [method for method, _ in faulty.asked].count("GET") == 1


def test_a_copy_that_was_left_half_is_not_taken(s3, kept, elsewhere, settings):
    sha256 = kept(b"kelp")
    elsewhere()
    shelf = settings.MEDIA_CACHE_DIR / "1" / sha256[:2]
    shelf.mkdir(parents=True)
    (shelf / ".half").write_bytes(b"ke")
    assert files.path_of(1, sha256).read_bytes() == b"kelp"


@pytest.fixture
def film(db, kept):
    sha256 = kept(bytes(range(256)) * 8000)
    return files.hold(1, sha256, content_type="video/mp4")


def ask(blob, *, method="get", download=False, **headers):
    request = getattr(AsyncRequestFactory(), method)("/", headers=headers)
    return files.serve(request, blob, filename="my kelp.mp4", download=download)


def test_a_player_is_sent_to_s3_and_may_seek_there(s3, film):
    answer = ask(film)
    assert answer.status_code == 302
    assert "private" in answer["Cache-Control"]
    part = httpx.get(answer["Location"], headers={"Range": "bytes=256-511"})
    assert (part.status_code, part.content) == (206, bytes(range(256)))
    assert part.headers["Content-Type"] == "video/mp4"


def test_a_download_has_its_name_and_a_short_time(s3, film):
    address = httpx.URL(ask(film, download=True)["Location"])
    assert 0 < int(address.params["X-Amz-Expires"]) <= 300
    told = httpx.get(address).headers["Content-Disposition"]
    assert told == 'attachment; filename="my kelp.mp4"'


def test_the_secret_is_in_no_address(s3, film, settings):
    assert "se/cret" not in ask(film)["Location"]
    assert "se/cret" not in repr(settings.MEDIA_S3)


def test_head_and_what_is_known_are_answered_here(s3, film):
    head = ask(film, method="head")
    assert (head.status_code, head["Content-Length"]) == (200, str(film.size))
    assert ask(film, if_none_match=f'"{film.sha256}"').status_code == 304


@pytest.mark.django_db
def test_captions_come_from_our_own_address(s3, kept, elsewhere):
    blob = files.hold(1, kept(b"WEBVTT"), content_type="text/vtt")
    elsewhere()
    answer = ask(blob)
    assert (answer.status_code, body(answer)) == (200, b"WEBVTT")
    assert body(ask(blob, range="bytes=0-2")) == b"WEB"


def test_browsers_reach_it_at_the_public_endpoint(s3, film, settings):
    settings.MEDIA_S3 = bucket(s3.url(public="https://files.example"))
    assert ask(film)["Location"].startswith(f"https://files.example/{s3.name}/media/1/")
    assert settings.MEDIA_S3.origin == "https://files.example"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("s3://kelp?region=eu-central-1", "https://kelp.s3.eu-central-1.amazonaws.com"),
        ("s3://kelp.films", "https://s3.us-east-1.amazonaws.com"),
        ("s3://kelp?endpoint=https://s3.example:9000", "https://s3.example:9000"),
        ("s3://kelp?endpoint=https://s3.example&style=virtual", "https://kelp.s3.example"),
    ],
)
def test_the_origin_is_where_signed_addresses_lead(settings, url, origin):
    settings.MEDIA_S3 = bucket(url.replace("s3://", "s3://key:secret@"))
    assert settings.MEDIA_S3.origin == origin
    link = stores.Link("video/mp4", "inline", files.PLAYED)
    assert stores.current().link(1, "0" * 64, link).startswith(f"{origin}/")


@pytest.mark.parametrize(
    "url",
    [
        "https://bucket",
        "s3://",
        "s3://KEY@bucket",
        "s3://Key:Secr3t/x@bucket",
        "s3://bucket?endpoint=minio:9000",
        "s3://bucket?region=",
        "s3://bucket?colour=blue",
        "s3://bucket:9000",
        "s3://BUCKET_",
        "s3://bucket/a b",
        "s3://bucket?style=odd",
    ],
)
def test_a_malformed_address_stops_the_start_in_one_sentence(url):
    with pytest.raises(SystemExit) as stopped:
        bucket(url)
    told = str(stopped.value)
    assert told.startswith("MEDIA_S3_URL")
    assert "\n" not in told
    assert "Secr3t" not in told


PRINT_POLICY = """
import json
from django.conf import settings
print(json.dumps(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], default=str))
"""


@pytest.mark.processes
@pytest.mark.parametrize("url", ["", "s3://key:secret@kelp?endpoint=https://s3.example"])
def test_pages_may_show_what_lies_at_s3_only_where_it_does(installation, url):
    installation.env["MEDIA_S3_URL"] = url
    answer = installation.manage("shell", "-v", "0", "-c", PRINT_POLICY)
    policy = json.loads(answer.stdout)
    allowed = {name for name, sources in policy.items() if "https://s3.example" in sources}
    assert allowed == ({"img-src", "media-src"} if url else set())


@pytest.mark.processes
def test_a_start_with_a_malformed_address_ends_at_once(installation):
    installation.env["MEDIA_S3_URL"] = "s3://Key:Secr3t@"
    answer = installation.manage("check")
    assert answer.returncode == 1
    assert answer.stderr.startswith("MEDIA_S3_URL: ")
    assert "Secr3t" not in answer.stderr


@pytest.mark.processes
@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({}, True),
        ({"SINGLE_HOST": "1"}, False),
        ({"MEDIA_S3_URL": "s3://key:secret@kelp"}, False),
    ],
)
def test_postgres_wants_files_where_all_machines_reach_them(installation, given, refused):
    installation.env |= {"DATABASE_URL": "postgres://u:p@127.0.0.1:1/x", **given}
    answer = installation.manage("check", "--deploy")
    assert ("kit.E010" in answer.stderr) is refused
