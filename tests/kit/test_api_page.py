"""docs/api.md says what is so: every code with its status, every rule, every scope."""

import ast
import re
from pathlib import Path

import pytest
from django.urls import get_resolver

from config.kit import idempotency, throttle
from config.kit.api import Query
from config.kit.errors import Refused
from config.kit.problems import CODES
from teams.access import SCOPES

APPS = ("config", "teams", "billing", "channels_app", "videos", "batches", "collab")
INSIDE = {"hold_not_open"}  # never reaches a door: whoever spends has the hold
TAKEN_BACK = re.compile(r"^\| `(\w+)` \| (?:(\d{3}) \| )?(.+) \|$", re.M)


@pytest.fixture(scope="module")
def page(root) -> str:
    return (root / "docs" / "api.md").read_text("utf-8")


def heirs(kind: type) -> set[type]:
    below = set(kind.__subclasses__())
    return below.union(*(heirs(one) for one in below))


def codes_in(path: Path, names: set[str]) -> set[str]:
    """What refusals of this file name with `code=`."""
    found = set()
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in names:
            for told in call.keywords:
                if told.arg == "code" and isinstance(told.value, ast.Constant):
                    found.add(str(told.value.value))
    return found


def test_every_code_stands_there_with_its_status_and_meaning(page):
    told = {
        code: (int(status), words) for code, status, words in TAKEN_BACK.findall(page) if status
    }
    assert told == dict(CODES)


def test_every_rule_that_refuses_stands_there(page, root):
    assert get_resolver().url_patterns  # loads every door, and so every refusal
    kinds = {kind for kind in heirs(Refused) if kind.__module__.split(".")[0] in APPS}
    names = {kind.__name__ for kind in kinds} | {"Refused"}
    said = {kind.code for kind in kinds}  # type: ignore[attr-defined]
    for app in APPS:
        for path in (root / app).rglob("*.py"):
            said |= codes_in(path, names)
    told = {code for code, status, _ in TAKEN_BACK.findall(page) if not status}
    assert told == said - set(CODES) - INSIDE


def test_every_scope_and_limit_stands_there(page, settings):
    assert all(f"`{scope}`" in page for scope in SCOPES)
    rate, most = throttle.Rate(settings.API_RATE, 60), Query().fields["limit"].max_value
    assert f'"default";q={rate.count};w={rate.window_s}' in page
    assert f"up to {most}" in page
    assert f"{idempotency.KEPT.total_seconds() / 3600:.0f} hours" in page
    assert f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 10**6} MB" in page
