"""A Redis of a test's own, and each store that a cache may lie in."""

import secrets
from pathlib import Path

import pytest

from config.kit.cache_stores import caches
from tests import stack as stacks


@pytest.fixture
def redis(tmp_path):
    folder = tmp_path / "redis"
    folder.mkdir()
    found = stacks.Redis(str(folder), stacks.free_port())
    found.start()
    yield found
    found.kill()


def lie_in(settings, folder: Path, *, redis_url: str = "", is_one_machine: bool = True) -> None:
    """Moves the caches of this process."""
    settings.REDIS_URL = redis_url
    where = {"prefix": secrets.token_hex(4), "is_one_machine": is_one_machine}
    settings.CACHES = {**settings.CACHES, **caches(redis_url, folder, **where)}


@pytest.fixture(params=["files", "table", pytest.param("redis", marks=pytest.mark.processes)])
def store(request, settings, tmp_path):
    url = request.getfixturevalue("redis").url if request.param == "redis" else ""
    lie_in(settings, tmp_path, redis_url=url, is_one_machine=request.param == "files")
    return request.param


@pytest.fixture
def in_redis(settings, tmp_path, redis):
    lie_in(settings, tmp_path, redis_url=redis.url)
    return redis
