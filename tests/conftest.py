"""Four people, folders of each test: Ana owns, Ben edits, Vic views, Cho is a stranger."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connections
from django.test import Client

from channels_app.actions import create_channel
from config.kit.database import lead_to
from teams.access import SCOPES, Actor, actor_for
from teams.actions import add_member, create_team
from teams.middleware import SET_UP
from teams.models import Role, Team, User
from teams.tokens import create_token
from tests import stack as stacks
from tests.processes import Installation
from tests.videos.snapshots import snapshot
from videos.actions import Wish, create_video

pytest_plugins = [
    "tests.skips",
    "tests.repeats",
    "tests.s3",
    "tests.doubles.ai.fixtures",
    "tests.doubles.youtube.fixtures",
]
ON_POSTGRES = not django_settings.EMBEDDED  # bin/test --stack


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stack_is_ours = stacks.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    if getattr(config, "stack_is_ours", False):
        stacks.end()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What tests the embedded default alone has nothing to find on Postgres."""
    if ON_POSTGRES:
        left_out = [item for item in items if item.get_closest_marker("embedded")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


if ON_POSTGRES:

    @pytest.fixture(scope="session")
    def django_db_setup(django_db_blocker):
        """A database of this worker's own, behind a pgbouncer of its own as in production."""
        with stacks.pooled(stacks.running().postgres) as url, django_db_blocker.unblock():
            lead_to(url)
            yield
            connections.close_all()


# The same examples on every machine: a test that fails in CI fails at the desk as well.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")


def own_caches(folder: Path) -> dict[str, Any]:
    """The installation's, where no other test looks: Redis is shared by all of a run."""
    default = {**django_settings.CACHES["default"], "KEY_PREFIX": secrets.token_hex(4)}
    if default["BACKEND"].endswith("Files"):
        default["LOCATION"] = str(folder / "kept")
    return {**django_settings.CACHES, "default": default}


@pytest.fixture(autouse=True)
def own_folders(settings, tmp_path: Path) -> Path:
    settings.MEDIA_DIR = tmp_path / "media"
    settings.MEDIA_CACHE_DIR = tmp_path / "cache"
    settings.ROOMS_DIR = tmp_path / "rooms"
    settings.PUBLISH_DIR = tmp_path / "published"
    settings.UPLOADS_DIR = tmp_path / "uploads"
    settings.SAMPLES_DIR = tmp_path / "samples"
    settings.CACHES = own_caches(tmp_path)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return tmp_path


@pytest.fixture(autouse=True)
def known_to_be_set_up(own_folders) -> None:
    """As after the first owner; what tells of an empty studio forgets it again."""
    cache.set(SET_UP, True, None)


@pytest.fixture
def team(db) -> Team:
    return create_team(name="Kelp Films", slug="kelp", email="bills@kelp.example")


@pytest.fixture
def others(db) -> Team:
    return create_team(name="Strangers", slug="strangers", email="bills@strangers.example")


def member(team: Team, name: str, role: Role) -> User:
    user = User.objects.create_user(f"{name.lower()}@example.org", "correct horse", name=name)
    add_member(team=team, user=user, role=role)
    return user


@pytest.fixture
def ana(team) -> User:
    return member(team, "Ana", Role.OWNER)


@pytest.fixture
def ben(team) -> User:
    return member(team, "Ben", Role.EDITOR)


@pytest.fixture
def vic(team) -> User:
    return member(team, "Vic", Role.VIEWER)


@pytest.fixture
def cho(others) -> User:
    return member(others, "Cho", Role.OWNER)


def acting(user: User) -> Actor:
    actor = actor_for(user, None)
    assert actor is not None
    return actor


@pytest.fixture
def by_ana(ana) -> Actor:
    return acting(ana)


@pytest.fixture
def channel(by_ana):
    return create_channel(by=by_ana, name="Kelp", slug="kelp", brand={})


@pytest.fixture
def video(by_ana, channel):
    wish = Wish(source="Kelp grows half a metre a day. Otters guard it.", title="Kelp", seconds=10)
    return create_video(by=by_ana, channel=channel, wish=wish)


@pytest.fixture
def browser(client):
    """A signed-in HTTP client: `browser(ana).get(...)`; `browser(None)` is signed out."""

    def sign_in(user: User | None):
        client.logout()
        if user is not None:
            client.force_login(user)
        return client

    return sign_in


class Program:
    """An HTTP client that shows a token and speaks JSON."""

    def __init__(self, secret: str | None) -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def ask(self, method: str, path: str, body: Any = None, **headers: str):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {} if body is None else {"data": body, "content_type": "application/json"}
        if body is not None and not isinstance(body, (bytes, str)):
            given["data"] = json.dumps(body)
        send = getattr(self.client, method)
        return send(f"/api/v1/{path}", headers={**self.headers, **named}, **given)

    def get(self, path: str, **headers: str):
        return self.ask("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str):
        return self.ask("post", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, **headers: str):
        return self.ask("patch", path, body, **headers)

    def delete(self, path: str, **headers: str):
        return self.ask("delete", path, **headers)


@pytest.fixture
def program():
    """`program(ana)` acts as Ana; `program(ana, "videos:read")` within that scope alone."""

    def with_token(user: User | None, *scopes: str) -> Program:
        if user is None:
            return Program(None)
        by = acting(user)
        allowed = [scope for scope in SCOPES if by.may_grant(scope)]
        _, secret = create_token(by=by, name="test", scopes=scopes or allowed)
        return Program(secret)

    return with_token


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(django_settings.BASE_DIR)


@pytest.fixture(scope="session")
def empty_installation(tmp_path_factory) -> Installation:
    """Migrated once for all tests of this run; take a copy."""
    shared = tmp_path_factory.getbasetemp()
    installation = Installation(shared / "empty")
    installation.folder.mkdir()
    answer = installation.manage("migrate", "-v", "0")
    assert answer.returncode == 0, answer.stderr
    return installation


@pytest.fixture
def installation(empty_installation, tmp_path) -> Installation:
    return empty_installation.copy_to(tmp_path / "var")


@pytest.fixture(scope="session")
def made_once(tmp_path_factory, empty_installation) -> Installation:
    """An installation in which one small video was made; look, or take a copy."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return snapshot(shared, empty_installation)


@pytest.fixture(scope="session")
def stack() -> stacks.Stack:
    """Postgres and Redis, for installations that reach them as in production."""
    return stacks.running()


@pytest.fixture
def database(stack):
    """The direct URL of a migrated database."""
    url = stack.postgres.new_database()
    yield url
    stack.postgres.drop(url)
