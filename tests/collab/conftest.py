"""A script that several people may write, and one server for the tests of a module."""

import pytest

from tests.live.server import running
from tests.videos.test_rewriting import SCRIPT
from videos.actions import edit_script
from videos.models import Video


@pytest.fixture
def written(by_ana, video) -> Video:
    edit_script(by=by_ana, video=video, script=SCRIPT)
    video.refresh_from_db()
    return video


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), running(tmp_path_factory.mktemp("web")) as found:
        yield found
