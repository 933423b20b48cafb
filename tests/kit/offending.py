"""A test that fails, for test_slow_queries: its page asks the same question for each row."""

import pytest


@pytest.mark.django_db
def test_it(client, settings):
    settings.ROOT_URLCONF = "tests.kit.test_slow_queries"
    client.get("/careless/")
