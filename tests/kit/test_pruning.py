"""Bytes that nobody refers to go a day later; everything else stays."""

import os
import time
from io import StringIO

import pytest
from django.core.management import call_command

from config.kit import files, pruning
from config.kit.database import verb
from config.kit.models import Blob, BlobRef

DAY = 86_400


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


def age(*, rows: bool = True) -> None:
    for blob in Blob.objects.all():
        path = files.path_of(blob.team_id, blob.sha256)
        os.utime(path, (time.time() - 2 * DAY,) * 2)
    if rows:
        Blob.objects.exclude(loose_since=None).update(loose_since="2020-01-01T00:00:00Z")


def there(blob: Blob) -> bool:
    return files.is_kept(blob.team_id, blob.sha256)


def test_what_nobody_holds_goes_after_a_day(kept):
    loose, held = kept("loose"), kept("held", held=True)
    pruning.prune()
    assert there(loose)
    age()
    assert pruning.prune().count == 1
    assert (there(loose), there(held)) == (False, True)


def test_what_is_let_go_has_a_day_of_its_own(kept):
    blob = kept("held", held=True)
    age()
    BlobRef.objects.all().delete()
    pruning.prune()
    assert there(blob)


def test_what_is_held_again_stays(kept, team):
    blob = kept("loose")
    pruning.prune()
    age()
    _hold(team.pk, blob.sha256, held=True)
    pruning.prune()
    assert there(blob)


def test_what_was_put_away_anew_just_now_stays(kept):
    blob = kept("loose")
    pruning.prune()
    age()
    kept("loose")  # a worker has stored it and is about to refer to it
    assert pruning.prune().count == 0
    assert there(blob)


def test_a_rehearsal_removes_nothing(kept):
    blob = kept("loose")
    pruning.prune()
    age()
    assert pruning.prune(is_rehearsal=True).count == 1
    assert there(blob)


def test_a_file_without_a_row_goes_once_it_is_old(kept):
    blob = kept("loose")
    Blob.objects.all().delete()
    assert pruning.prune().count == 0
    os.utime(files.path_of(blob.team_id, blob.sha256), (time.time() - 2 * DAY,) * 2)
    assert pruning.prune().count == 1
    assert not there(blob)


def test_the_command_says_what_it_did(kept):
    kept("loose")
    pruning.prune()
    age()
    out = StringIO()
    call_command("prune", "--dry-run", stdout=out)
    assert "1 files would be removed, 5 bytes" in out.getvalue()
    call_command("prune", stdout=out)
    assert not Blob.objects.exists()
