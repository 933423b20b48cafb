"""Logos that people upload: what is kept is a harmless copy, never the file that came."""

import tempfile
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile

from channels_app.actions import keep_logo
from config.kit import registry
from config.kit.errors import Refused
from teams.access import Actor, team_for_edit

MAX_BYTES = 10 * 2**20


def keep(by: Actor, uploaded: UploadedFile) -> str:
    """The sha256 of the clean copy. Raises Refused with what is wrong with the picture."""
    team_for_edit(by, by.team_id)  # before anything is decoded for them
    if (uploaded.size or 0) > MAX_BYTES:
        raise Refused(f"This picture has more than {MAX_BYTES // 2**20} MB: save it smaller.")
    with tempfile.TemporaryDirectory() as folder:
        came, clean = Path(folder) / "came", Path(folder) / "logo.png"
        with came.open("wb") as file:
            for chunk in uploaded.chunks():
                file.write(chunk)
        for write_clean in registry.clean_logo:
            write_clean(came, clean)
        if not clean.exists():
            raise Refused("This server can't take logos: nothing here makes them harmless.")
        return keep_logo(by=by, path=clean)
