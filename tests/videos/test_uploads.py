"""Resumable uploads: pieces, breaks, and who may send what."""

import base64
import os
from datetime import timedelta

import pytest

from config.kit.database import after
from config.kit.stores import pieces
from tests.videos import made_files as made
from videos import preparing, uploads
from videos.models import Asset, AssetUpload

CONTENT = made.small_png()


def told(**named: str) -> str:
    return ",".join(f"{name} {base64.b64encode(v.encode()).decode()}" for name, v in named.items())


class Tus:
    def __init__(self, program) -> None:
        self.program = program

    def send(self, method: str, path: str, body: bytes = b"", **headers: str):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client, given = (
            self.program.client,
            {**self.program.headers, "Tus-Resumable": "1.0.0", **named},
        )
        kind = named.get("Content-Type", "application/offset+octet-stream")
        return client.generic(method.upper(), path, body, content_type=kind, headers=given)

    def begin(self, size: int = len(CONTENT), **metadata: str):
        named = told(**{"filename": "kelp.png", "kind": "picture", **metadata})
        return self.send("post", "/api/v1/uploads/", Upload_Length=str(size), Upload_Metadata=named)

    def piece(self, path: str, offset: int, body: bytes, **headers: str):
        return self.send("patch", path, body, Upload_Offset=str(offset), **headers)


def place(answer) -> str:
    assert answer.status_code == 201, answer.content
    return answer["Location"].partition("testserver")[2]


@pytest.fixture
def tus(program, ben):
    return Tus(program(ben))


def test_pieces_become_an_asset(tus):
    path = place(tus.begin())
    assert tus.piece(path, 0, CONTENT[:100])["Upload-Offset"] == "100"
    assert tus.send("head", path)["Upload-Offset"] == "100"
    last = tus.piece(path, 100, CONTENT[100:])
    asset = Asset.objects.get(pk=last["Showrunner-Asset"])
    assert (asset.name, asset.kind, asset.state) == ("kelp.png", "picture", "preparing")


def test_a_piece_at_the_wrong_place_changes_nothing(tus):
    path = place(tus.begin())
    tus.piece(path, 0, CONTENT[:100])
    for offset in (0, 50, 101):
        assert tus.piece(path, offset, b"xx").status_code == 409
    assert tus.send("head", path)["Upload-Offset"] == "100"


def test_two_pieces_at_once_do_not_mix(tus):
    path = place(tus.begin())
    AssetUpload.objects.update(busy_until="2999-01-01T00:00:00Z")
    assert tus.piece(path, 0, CONTENT).status_code == 409


def test_more_bytes_than_announced_are_refused(tus):
    path = place(tus.begin(size=10))
    assert tus.piece(path, 0, b"x" * 11).status_code == 413
    assert not Asset.objects.exists()


@pytest.mark.parametrize(
    ("size", "metadata", "status"),
    [
        (0, {}, 400),
        (41_000_000, {}, 413),
        (10, {"kind": "program"}, 400),
        (10, {"filename": "../../x\0.png"}, 201),
    ],
)
def test_what_can_not_be_taken_is_refused_before_it_is_sent(tus, size, metadata, status):
    assert tus.begin(size, **metadata).status_code == status


def test_metadata_that_is_no_base64_is_refused(tus):
    answer = tus.send("post", "/api/v1/uploads/", Upload_Length="5", Upload_Metadata="filename %%")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_another_version_of_the_protocol_is_refused(tus):
    assert tus.send("post", "/api/v1/uploads/", Tus_Resumable="0.2.2").status_code == 412


def test_a_piece_of_another_type_is_refused(tus):
    path = place(tus.begin())
    answer = tus.piece(path, 0, b"{}", Content_Type="application/json")
    assert answer.status_code == 415


def test_an_upload_is_its_teams_alone(tus, program, cho):
    path, stranger = place(tus.begin()), Tus(program(cho))
    for answer in (
        stranger.send("head", path),
        stranger.piece(path, 0, CONTENT),
        stranger.send("delete", path),
    ):
        assert answer.status_code == 404
    assert AssetUpload.objects.get().offset == 0


def test_a_viewer_uploads_nothing(program, vic):
    assert Tus(program(vic)).begin().status_code == 403


def test_a_reading_token_uploads_nothing(program, ana):
    assert Tus(program(ana, "assets:read")).begin().status_code == 403


def test_who_is_signed_out_uploads_nothing(db, program):
    assert Tus(program(None)).begin().status_code == 401


def test_an_upload_can_be_given_up(tus, settings):
    path = place(tus.begin())
    tus.piece(path, 0, CONTENT[:50])
    assert len(list(settings.UPLOADS_DIR.iterdir())) == 1
    assert tus.send("delete", path).status_code == 204
    assert list(settings.UPLOADS_DIR.iterdir()) == []
    assert tus.send("head", path).status_code == 404


def test_what_stood_still_for_a_day_is_gone(tus):
    path = place(tus.begin())
    tus.piece(path, 0, CONTENT[:50])
    AssetUpload.objects.update(expires_at=after(timedelta(seconds=-1)))
    uploads.expire()
    assert tus.send("head", path).status_code == 404


def test_the_same_bytes_are_one_asset(tus):
    for _ in range(2):
        tus.piece(place(tus.begin()), 0, CONTENT)
    assert Asset.objects.count() == 1


def test_a_last_piece_whose_answer_was_lost_is_answered_again(tus):
    path = place(tus.begin())
    first = tus.piece(path, 0, CONTENT)
    again = tus.piece(path, len(CONTENT), b"x")
    assert again.status_code == 204
    assert again["Showrunner-Asset"] == first["Showrunner-Asset"]
    assert Asset.objects.count() == 1


def test_an_upload_that_kills_its_workers_is_given_up(tus):
    tus.piece(place(tus.begin()), 0, CONTENT)
    Asset.objects.update(attempt=preparing.MAX_ATTEMPTS, lease_until="2020-01-01T00:00:00Z")
    preparing.work()
    assert Asset.objects.get().state == "refused"


def test_pieces_that_come_to_other_machines_become_one_asset(tus, s3, settings, tmp_path):
    content = made.small_png() + os.urandom(9_000_000)
    path = place(tus.begin(len(content)))
    for machine, (start, end) in enumerate([(0, 100), (100, 8_900_000), (8_900_000, None)]):
        settings.UPLOADS_DIR = tmp_path / f"machine-{machine}"
        answer = tus.piece(path, start, content[start:end])
        assert answer.status_code == 204, answer.content
    asset = Asset.objects.get(pk=answer["Showrunner-Asset"])
    assert (
        s3.read(f"media/{asset.team_id}/{asset.source_sha256[:2]}/{asset.source_sha256}") == content
    )
    assert s3.keys("uploads/") == {}


def test_a_piece_that_s3_does_not_take_is_sent_again(tus, faulty, s3):
    path = place(tus.begin())
    faulty.fail("503", 50)
    answer = tus.piece(path, 0, CONTENT)
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    faulty.heal()
    assert tus.send("head", path)["Upload-Offset"] == "0"
    assert tus.piece(path, 0, CONTENT).status_code == 204


def test_a_file_that_s3_did_not_take_at_the_end_is_tried_again(tus, faulty, s3):
    path = place(tus.begin())
    tus.piece(path, 0, CONTENT[:100])
    faulty.fail("503", 50, "GET")  # the pieces are there, but can't be put together
    assert tus.piece(path, 100, CONTENT[100:]).status_code == 503
    faulty.heal()
    assert tus.send("head", path)["Upload-Offset"] == "100"
    assert "Showrunner-Asset" in tus.piece(path, 100, CONTENT[100:])


@pytest.mark.usefixtures("s3")
def test_a_gigabyte_of_crumbs_is_refused(tus, monkeypatch):
    monkeypatch.setattr(pieces, "MOST", 3)
    path = place(tus.begin())
    for offset in range(4):
        assert tus.piece(path, offset, CONTENT[offset : offset + 1]).status_code == 204
    assert tus.piece(path, 4, CONTENT[4:5]).status_code == 409
    assert "Showrunner-Asset" in tus.piece(path, 4, CONTENT[4:])


@pytest.mark.parametrize("where", ["folder", "s3"])
def test_an_upload_whose_bytes_are_gone_says_so(tus, where, request, settings):
    if where == "s3":
        request.getfixturevalue("s3")
    path = place(tus.begin())
    tus.piece(path, 0, CONTENT[:100])
    pieces.pieces().drop(str(AssetUpload.objects.get().uid))
    answer = tus.piece(path, 100, CONTENT[100:])
    assert (answer.status_code, answer.json()["code"]) == (410, "upload_lost")


@pytest.mark.parametrize("where", ["folder", "s3"])
def test_bytes_whose_upload_is_gone_go_too(tus, where, request, monkeypatch):
    if where == "s3":
        request.getfixturevalue("s3")
    for _ in range(2):
        tus.piece(place(tus.begin()), 0, CONTENT[:100])
    AssetUpload.objects.first().delete()
    assert uploads.drop_strays() == 0
    monkeypatch.setattr(uploads, "STRAY", timedelta(seconds=-5))
    assert uploads.drop_strays() == 1
    assert pieces.pieces().strays(-5) == [str(AssetUpload.objects.get().uid)]
