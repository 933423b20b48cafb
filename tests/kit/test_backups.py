"""What was backed up comes back: on SQLite and Postgres, from folders and from buckets."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.kit import locks
from config.pgbouncer import Pooler
from config.pgbouncer_ini import Plan
from tests import stack as stacks
from tests.processes import ROOT, Installation
from tests.videos.snapshots import TEXT

pytestmark = pytest.mark.processes

SET_UP = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
"""
# Three files of one team, held by somebody who is not there.
THREE_FILES = """
import tempfile
from pathlib import Path
from config.kit import files
from config.kit.database import verb
@verb
def hold(sha256):
    blob = files.hold(1, sha256, content_type="text/plain")
    files.refer(blob, kind="test.thing", ref_id=blob.pk, name="file")
for text in ("kelp", "otter", "urchin"):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "came"
        path.write_text(text)
        hold(files.store(1, path))
"""
READ = """
from config.kit import files
from config.kit.models import Blob
for blob in Blob.objects.order_by("id"):
    path = files.path_of(1, blob.sha256)
    print(path.read_text() if path.exists() else "lost")
"""
# As a browser sees it, signed in as the owner: the page, and a range of the film.
PLAY = """
from django.conf import settings
from django.test import Client
from teams.models import Membership, Role, User
from videos.models import Video
settings.ALLOWED_HOSTS = ["testserver"]
video = Video.objects.get()
person, _ = User.objects.get_or_create(email="who@looks.example")
Membership.objects.get_or_create(team=video.team, user=person, role=Role.VIEWER)
client = Client()
client.force_login(person)
print(client.get(f"/videos/{video.pk}/").status_code)
film = client.get(f"/videos/{video.pk}/files/video.mp4?inline", headers={"Range": "bytes=4-7"})
print(film.status_code, film["Content-Range"].partition("/")[0])
"""
MAKE = f"""
from channels_app.actions import home_channel
from teams.access import operator
from teams.actions import create_team
from videos import actions, pipeline
team = create_team(name="Kelp Films", slug="kelp", email="bills@kelp.example")
by = operator(team)
wish = actions.Wish(source={TEXT!r}, title="Kelp", seconds=18, format="square")
video = actions.create_video(by=by, channel=home_channel(by=by), wish=wish)
pipeline.work("studio")
video.refresh_from_db()
print(video.state)
"""
EDIT = """
import dataclasses, json
from teams.access import operator
from videos import actions, pipeline, scripts
from videos.models import RunPart, Video
video = Video.objects.get()
script = scripts.current(video)
last = script.scenes[-1]
other = dataclasses.replace(last, narration=last.narration.replace("Divers", "Swimmers"))
assert other != last
script = dataclasses.replace(script, scenes=(*script.scenes[:-1], other))
actions.edit_script(by=operator(video.team), video=video, script=script)
pipeline.work("studio")
video.refresh_from_db()
made = RunPart.objects.filter(run__video=video)
print(json.dumps({
    "state": video.state,
    "narrations": list(made.filter(run__stage="narration").values_list("was_made", flat=True)),
    "segments": list(made.filter(run__stage="render").exclude(part="whole")
        .order_by("position").values_list("was_made", flat=True)),
}))
"""


def run(installation: Installation, program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SET_UP + program],
        cwd=ROOT,
        env=installation.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def backed_up(installation: Installation, to: Path | str, *options: str) -> str:
    """The address of a new backup."""
    answer = installation.manage("backup", "--to", str(to), *options)
    assert answer.returncode == 0, answer.stderr
    return next(line for line in answer.stdout.splitlines() if "/showrunner-" in line)


def restored(installation: Installation, source: str, *options: str) -> str:
    answer = installation.manage("restore", source, *options)
    assert answer.returncode == 0, answer.stderr
    assert "Check before the workers start" in answer.stdout
    return answer.stdout


def refused(installation: Installation, source: str, *options: str) -> str:
    answer = installation.manage("restore", source, *options)
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    return answer.stderr


@pytest.fixture(scope="session")
def filled(empty_installation, tmp_path_factory) -> tuple[Installation, Path]:
    """With three files, and its backup; take copies."""
    folder = tmp_path_factory.mktemp("filled")
    made = empty_installation.copy_to(folder / "var")
    run(made, THREE_FILES)
    return made, Path(backed_up(made, folder / "backups"))


@pytest.fixture
def full(filled, tmp_path) -> Installation:
    return filled[0].copy_to(tmp_path / "full")


@pytest.fixture
def backup(filled, tmp_path) -> Path:
    """Of `full`, with files of its own."""
    return Path(shutil.copytree(filled[1], tmp_path / "backup"))


@pytest.fixture
def empty(empty_installation, tmp_path) -> Installation:
    return empty_installation.copy_to(tmp_path / "empty")


@pytest.mark.media
def test_a_video_comes_back_plays_and_an_edit_makes_only_what_changed(made_once, tmp_path):
    twin = made_once.copy_to(tmp_path / "var")
    backup = backed_up(twin, tmp_path / "backups")
    shutil.rmtree(twin.folder)
    told = restored(twin, backup)
    assert "The state of" in told
    _comes_back(twin)


def _comes_back(installation: Installation) -> None:
    assert run(installation, PLAY) == ["200", "206 bytes 4-7"]
    after = json.loads(run(installation, EDIT)[-1])
    assert after["state"] in ("approved", "review")
    assert sum(after["narrations"]) == 1
    assert after["segments"] == [False] * (len(after["segments"]) - 1) + [True]


@pytest.mark.media
def test_on_postgres_a_video_comes_back_too(made_once, tmp_path):
    with (
        on_postgres(tmp_path / "first", made_once) as first,
        on_postgres(tmp_path / "second", made_once) as second,
    ):
        assert run(first, MAKE)[-1] in ("approved", "review")
        backup = backed_up(first, tmp_path / "backups")
        restored(second, backup)
        _comes_back(second)
        assert "not empty" in refused(second, backup)
        restored(second, backup, "--replace")
        assert run(second, PLAY) == ["200", "206 bytes 4-7"]


@contextlib.contextmanager
def on_postgres(folder: Path, like: Installation) -> Iterator[Installation]:
    """With a migrated database behind a pgbouncer of its own, and the direct way for backups."""
    postgres = stacks.running().postgres
    direct = postgres.new_database()
    pooler = Pooler(direct, Plan(pool=10, reserve=10, session=2, wait_s=20, recycle_s=1800))
    pooler.start()
    folder.mkdir()
    made = Installation(folder, run_dir=Path(like.env["RUN_DIR"]))
    made.env |= {"DATABASE_URL": pooler.url(), "DATABASE_DIRECT_URL": direct}
    try:
        yield made
    finally:
        pooler.stop()
        postgres.drop(direct)


def test_a_restore_that_fails_on_postgres_changes_nothing(tmp_path):
    postgres = stacks.running().postgres
    urls = [postgres.new_database() for _ in range(2)]
    source, target = (Installation(tmp_path / name) for name in ("source", "target"))
    for installation, url in zip((source, target), urls, strict=True):
        installation.folder.mkdir()
        installation.env |= {"DATABASE_URL": url, "DATABASE_DIRECT_URL": url}
        run(installation, THREE_FILES)
    backup = Path(backed_up(source, tmp_path / "backups"))
    _spoil_dump(backup)
    assert "was not changed" in refused(target, str(backup), "--replace")
    assert run(target, READ) == ["kelp", "otter", "urchin"]
    for url in urls:
        postgres.drop(url)


def _spoil_dump(backup: Path) -> None:
    """Its end is cut off, and the manifest agrees: only pg_restore can find out."""
    dump = backup / "database.dump"
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 3 // 4])
    _rewrite(backup, lambda told: told["database"].update(sha256=_sha256(dump)))


def _rewrite(backup: Path, change) -> None:
    path = backup / "manifest.json"
    told = json.loads(path.read_text())
    change(told)
    path.write_text(json.dumps(told))


def _sha256(path: Path) -> str:
    return subprocess.run(
        ["sha256sum", str(path)], capture_output=True, text=True, check=True
    ).stdout.split()[0]


def test_files_of_a_folder_are_second_names_and_can_be_copied_away(filled, backup, empty):
    media = [path for path in (filled[1] / "media").rglob("*") if path.is_file()]
    assert len(media) == 3
    assert all(path.stat().st_nlink > 1 for path in media)
    assert filled[1].stat().st_mode & 0o077 == 0
    restored(empty, str(backup))
    assert run(empty, READ) == ["kelp", "otter", "urchin"]


def test_what_is_there_already_is_only_given_up_on_demand(full, backup):
    full.tell("delete from kit_blobref")
    assert "--replace" in refused(full, str(backup))
    restored(full, str(backup), "--replace")
    assert full.ask("select count(*) from kit_blobref") == [(3,)]


def test_nothing_is_restored_under_running_workers(full, backup):
    full.tell(
        "insert into kit_clusterbeat (cluster, host, pid, workers, started_at, beat_at) "
        "values ('studio', 'here', 1, 2, datetime('now'), datetime('now'))"
    )
    assert "Workers are running" in refused(full, str(backup), "--replace")


def test_a_damaged_file_is_found_before_anything_changes(backup, empty):
    media = (path for path in (backup / "media").rglob("*") if path.is_file())
    damaged = next(path for path in media if path.read_bytes() == b"otter")
    damaged.chmod(0o644)
    damaged.write_text("OTTER")
    assert "1 files of this backup are missing or damaged" in refused(empty, str(backup))
    assert empty.ask("select count(*) from kit_blob") == [(0,)]
    restored(empty, str(backup), "--skip-damaged")
    assert run(empty, READ) == ["kelp", "lost", "urchin"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda at: (at / "manifest.json").unlink(), "no whole backup"),
        pytest.param(
            lambda at: (at / "manifest.json").write_text("{"),
            "no whole backup",
            marks=pytest.mark.long,
        ),
        (lambda at: (at / "files.jsonl").write_text(""), "other bytes"),
        pytest.param(
            lambda at: (at / "database.sqlite3").unlink(), "is missing", marks=pytest.mark.long
        ),
        pytest.param(
            lambda at: _rewrite(at, lambda told: told.update(format=99)),
            "format 99",
            marks=pytest.mark.long,
        ),
        (
            lambda at: _rewrite(at, lambda told: told["migrations"].append(["kit", "9999_later"])),
            "newer version",
        ),
        (
            lambda at: _rewrite(at, lambda told: told["database"].update(name="database.dump")),
            "set DATABASE_URL",
        ),
        pytest.param(lambda at: shutil.rmtree(at), "no whole backup", marks=pytest.mark.long),
    ],
)
def test_what_is_no_whole_backup_is_refused(backup, empty, spoil, told):
    spoil(backup)
    assert told in refused(empty, str(backup))
    assert empty.ask("select count(*) from kit_blob") == [(0,)]


def test_a_backup_of_a_store_that_has_lost_a_file_says_so(full, tmp_path):
    lost = next(path for path in (full.folder / "media").rglob("*") if path.is_file())
    lost.unlink()
    answer = full.manage("backup", "--to", str(tmp_path / "backups"))
    assert answer.returncode == 3
    assert "1 files that the database names were not in the store" in answer.stderr
    assert "2 files" in answer.stdout


def test_a_backup_that_ends_early_leaves_nothing(full, tmp_path):
    (tmp_path / "file").write_text("no folder")
    answer = full.manage("backup", "--to", str(tmp_path / "file"))
    assert answer.returncode == 1
    assert "There is no backup" in answer.stderr


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def test_nothing_is_pruned_while_a_backup_is_made(installation, database, tmp_path):
    url = f"sqlite:///{installation.folder / 'showrunner.sqlite3'}"
    if database == "postgres":
        url = stacks.running().postgres.new_database()
    installation.env |= {"DATABASE_URL": url, "DATABASE_DIRECT_URL": url}
    run(installation, THREE_FILES + _AGED)
    with _held(database, url, installation):
        installation.manage("prune")
        assert run(installation, READ) == ["kelp", "otter", "urchin"]
    assert "3 files removed" in installation.manage("prune").stdout
    assert run(installation, READ) == []


_AGED = """
import os
from django.conf import settings
from config.kit.models import Blob, BlobRef
BlobRef.objects.all().delete()
Blob.objects.update(loose_since="2020-01-01T00:00:00Z")
for path in settings.MEDIA_DIR.glob("*/*/*"):
    os.utime(path, (0, 0))
"""


def _held(database: str, url: str, installation: Installation):
    """The lock of a backup, as another process has it."""
    if database == "postgres":
        return _Both(psycopg.connect(url, autocommit=True))
    program = (
        f"{SET_UP}\nfrom config.kit import locks\n"
        "with locks.bytes_kept(None):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    return _Child(program, installation.env)


class _Both:
    def __init__(self, session: psycopg.Connection) -> None:
        self._session, self._lock = session, locks.bytes_kept(session)

    def __enter__(self) -> None:
        self._lock.__enter__()

    def __exit__(self, *error: object) -> None:
        self._lock.__exit__(None, None, None)
        self._session.close()


class _Child:
    def __init__(self, program: str, env: dict[str, str]) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> None:
        assert self._child.stdout.readline() == "held\n"

    def __exit__(self, *error: object) -> None:
        self._child.communicate()


def test_files_at_s3_stay_there_and_are_listed(installation, empty, s3, tmp_path):
    installation.env["MEDIA_S3_URL"] = empty.env["MEDIA_S3_URL"] = s3.url()
    run(installation, THREE_FILES)
    backup = backed_up(installation, tmp_path / "backups")
    assert not (Path(backup) / "media").exists()
    restored(empty, backup)
    assert run(empty, READ) == ["kelp", "otter", "urchin"]

    key = next(key for key in s3.keys("media/") if s3.read(key) == b"otter")
    s3.client.delete_object(Bucket=s3.name, Key=key)
    assert key.removeprefix("media/") in refused(empty, backup, "--replace")
    del empty.env["MEDIA_S3_URL"]
    assert "set MEDIA_S3_URL" in refused(empty, backup, "--replace")


@pytest.mark.long
def test_a_backup_in_a_bucket_comes_back_to_a_folder(full, empty, s3):
    place = s3.url().replace(f"@{s3.name}?", f"@{s3.name}/backups?")
    backup = backed_up(full, place)
    assert "cret" not in backup
    assert len(s3.keys("backups/")) == 6
    restored(empty, backup.replace("s3://", "s3://key:se%2Fcret@"))
    assert run(empty, READ) == ["kelp", "otter", "urchin"]
    assert (empty.folder / "media").exists()


@pytest.mark.long
def test_files_at_s3_are_copied_on_demand_and_come_back_to_another_bucket(
    installation, empty, s3, s3_endpoint, tmp_path
):
    installation.env["MEDIA_S3_URL"] = s3.url()
    run(installation, THREE_FILES)
    backup = backed_up(installation, tmp_path / "backups", "--copy-files")
    other = type(s3)(s3_endpoint, f"other-{os.getpid()}")
    empty.env["MEDIA_S3_URL"] = other.url()
    restored(empty, backup)
    assert run(empty, READ) == ["kelp", "otter", "urchin"]
    assert other.keys() == s3.keys()
