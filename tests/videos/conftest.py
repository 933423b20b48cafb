"""A finished video in the database and store of the test that asks for it."""

import sqlite3
from pathlib import Path

import pytest
from django.db import connection, connections

from tests.processes import Installation
from videos.models import Video


@pytest.fixture
def twin(made_once, tmp_path, settings, transactional_db) -> Installation:
    """The finished video of this run in the test's own database and store."""
    copy = made_once.copy_to(tmp_path / "var")
    connections.close_all()
    name = connection.settings_dict["NAME"]
    with (
        sqlite3.connect(copy.folder / "showrunner.sqlite3") as source,
        sqlite3.connect(name) as ours,
    ):
        source.backup(ours)
    copy.env["DATABASE_URL"] = f"sqlite:///{Path(name).resolve()}"
    settings.MEDIA_DIR = copy.folder / "media"
    settings.ROOMS_DIR = copy.folder / "rooms"
    settings.RUN_DIR = Path(copy.env["RUN_DIR"])
    return copy


@pytest.fixture
def finished(twin) -> Video:
    return Video.objects.get()
