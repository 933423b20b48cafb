"""Bytes that nobody refers to go a day later; everything else stays."""

import importlib
import os
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command

from config.kit import files, pruning
from config.kit.database import verb
from config.kit.models import Blob, BlobRef

DAY = 86_400


@pytest.fixture(autouse=True, params=["folder", "s3"])
def store(request) -> str:
    """Everything here holds wherever files lie."""
    if request.param == "s3":
        request.getfixturevalue("s3")
    return request.param


@pytest.fixture
def kept(team, tmp_path):
    """Stores a text; `held=True` refers to it. `age()` makes all of it two days old."""

    def keep(text: str, *, held: bool = False) -> Blob:
        path = tmp_path / "came"
        path.write_text(text)
        sha256 = files.store(team.pk, path)
        return _hold(team.pk, sha256, held=held)

    return keep


@verb
def _hold(team_id: int, sha256: str, *, held: bool) -> Blob:
    blob = files.hold(team_id, sha256, content_type="text/plain")
    if held:
        files.refer(blob, kind="test.thing", ref_id=blob.pk, name="file")
    return blob


@pytest.fixture
def age(store, request):
    """Makes all files, and all marks of rows, two days old."""

    def in_folder() -> None:
        for path in settings.MEDIA_DIR.glob("*/*/*"):
            os.utime(path, (time.time() - 2 * DAY,) * 2)

    def at_s3() -> None:
        for model in moto_backend().buckets[request.getfixturevalue("s3").name].keys.values():
            model.last_modified -= timedelta(days=2)

    def grow_old() -> None:
        {"folder": in_folder, "s3": at_s3}[store]()
        Blob.objects.exclude(loose_since=None).update(loose_since="2020-01-01T00:00:00Z")

    return grow_old


def moto_backend():
    return importlib.import_module("moto.s3.models").s3_backends["123456789012"]["aws"]


def there(blob: Blob) -> bool:
    return files.is_kept(blob.team_id, blob.sha256)


def test_what_nobody_holds_goes_after_a_day(age, kept):
    loose, held = kept("loose"), kept("held", held=True)
    pruning.prune()
    assert there(loose)
    age()
    assert pruning.prune().count == 1
    assert (there(loose), there(held)) == (False, True)


def test_what_is_let_go_has_a_day_of_its_own(age, kept):
    blob = kept("held", held=True)
    age()
    BlobRef.objects.all().delete()
    pruning.prune()
    assert there(blob)


def test_what_is_held_again_stays(age, kept, team):
    blob = kept("loose")
    pruning.prune()
    age()
    _hold(team.pk, blob.sha256, held=True)
    pruning.prune()
    assert there(blob)


def test_what_was_put_away_anew_just_now_stays(age, kept):
    blob = kept("loose")
    pruning.prune()
    age()
    kept("loose")  # a worker has stored it and is about to refer to it
    assert pruning.prune().count == 0
    assert there(blob)


def test_a_rehearsal_removes_nothing(age, kept):
    blob = kept("loose")
    pruning.prune()
    age()
    assert pruning.prune(is_rehearsal=True).count == 1
    assert there(blob)


def test_a_file_without_a_row_goes_once_it_is_old(age, kept):
    blob = kept("loose")
    Blob.objects.all().delete()
    assert pruning.prune().count == 0
    age()
    assert pruning.prune().count == 1
    assert not there(blob)


def test_the_command_says_what_it_did(age, kept):
    kept("loose")
    pruning.prune()
    age()
    out = StringIO()
    call_command("prune", "--dry-run", stdout=out)
    assert "1 files would be removed, 5 bytes" in out.getvalue()
    call_command("prune", stdout=out)
    assert not Blob.objects.exists()
