"""While a new version starts, the one before still writes rows: it names no column that is new."""

import pytest
from django.db import connection

from channels_app.models import Upload
from collab.models import Comment
from videos.models import Video


def insert_without(model, column: str) -> None:
    """Puts a copy of the only row in, as a version would that doesn't know the column."""
    quote = connection.ops.quote_name
    fields = [field.column for field in model._meta.concrete_fields]
    columns = ", ".join(quote(name) for name in fields if name not in ("id", "uid", column))
    rest = ", uid" if "uid" in fields else ""
    another = ", '00000000000000000000000000000001'" if rest else ""
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}{rest}) SELECT {columns}{another} FROM {table}"  # noqa: S608
        )


@pytest.mark.parametrize(
    ("model", "column", "stands"),
    [(Video, "counted", "not"), (Upload, "worker", ""), (Comment, "cut", "")],
)
def test_a_column_that_was_added_has_its_default_in_the_database(video, model, column, stands):
    if model is Upload:
        Upload.objects.create(
            team=video.team, channel=video.channel, video_id=video.pk, state="failed"
        )
    if model is Comment:
        Comment.objects.create(team=video.team, video=video, text="Late.", anchor={})
    insert_without(model, column)
    assert getattr(model.objects.latest("id"), column) == stands


def test_a_scene_of_a_version_that_knows_no_voices_has_none(video):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO videos_scene (video_id, uid, position, headline, narration, visual) "
            "VALUES (%s, 'aaaa0001', 0, '', 'Kelp grows.', '{}')",
            [video.pk],
        )
    assert video.scenes.get().voice == ""
