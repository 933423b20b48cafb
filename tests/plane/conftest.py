"""Installations on a real stack: a database of their own, reached as in production."""

import pytest

from tests import stack as stacks


@pytest.fixture(scope="session")
def stack() -> stacks.Stack:
    return stacks.running()


@pytest.fixture
def database(stack):
    """The direct URL of a migrated database."""
    url = stack.postgres.new_database()
    yield url
    stack.postgres.drop(url)
