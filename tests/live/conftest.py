"""One server for the tests of a module; each test has people of its own in its database."""

import pytest

from tests.live.server import running


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), running(tmp_path_factory.mktemp("web")) as found:
        yield found
