"""One server for the tests of a module, and people at their browsers."""

import pytest
from django.conf import settings as told

from config.kit.caches import caches
from tests.browser.desk import Desk
from tests.browser.served import chromium
from tests.live.server import Server, running, session_of
from tests.videos.test_rewriting import SCRIPT
from videos.actions import edit_script
from videos.models import Video

SHIFTS = """window.shift = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) shift += one.value; })
  .observe({ type: "layout-shift", buffered: true });"""


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


@pytest.fixture
def database_beside_a_browser(monkeypatch):
    """Playwright keeps a loop in this thread, in which Django would refuse to ask its database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def one_cache(settings, own_folders, server: Server):
    """The server's, as all processes of an installation share theirs: what is changed here makes
    it forget what it kept."""
    settings.CACHES = caches(
        settings.REDIS_URL,
        server.folder,
        prefix=settings.REDIS_PREFIX,
        is_one_machine=settings.EMBEDDED or settings.SINGLE_HOST,
    )


@pytest.fixture
def page(server: Server, ana, one_cache, database_beside_a_browser):
    """Ana's; `window.shift` tells how far things have jumped on it."""
    session = session_of(ana)
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        cookie = {"name": told.SESSION_COOKIE_NAME, "value": session}
        context.add_cookies([{**cookie, "url": server.address}])
        found = context.new_page()
        found.on("pageerror", lambda error: pytest.fail(str(error)))
        found.add_init_script(SHIFTS)
        yield found
