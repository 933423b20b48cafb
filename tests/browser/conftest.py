"""A script, one server for the tests of a module, and people at their browsers."""

import pytest

from tests.browser.desk import Desk
from tests.browser.served import chromium
from tests.live.server import running, session_of
from tests.videos.test_rewriting import SCRIPT
from videos.actions import edit_script
from videos.models import Video


@pytest.fixture
def written(by_ana, video) -> Video:
    edit_script(by=by_ana, video=video, script=SCRIPT)
    return video


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    with django_db_blocker.unblock(), running(folder, DEBUG="1") as found:
        yield found


@pytest.fixture
def desk(server, ana, ben, vic, written):
    sessions = {who: session_of(who) for who in (ana, ben, vic)}
    with chromium() as browser:
        yield Desk(browser, server, sessions)
