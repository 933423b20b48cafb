"""What import-linter cannot see: names in strings, paths in tables, apps without a floor."""

import importlib
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
FLOORS = ["kit", "teams", "billing", "channels_app", "videos", "batches", "collab"]
OURS = [
    config
    for config in apps.get_app_configs()
    if Path(config.path).is_relative_to(ROOT) and ".venv" not in config.path
]
SOURCES = [
    path
    for name in ("config", "teams", "billing", "channels_app", "videos", "batches", "collab")
    for path in (ROOT / name).rglob("*.py")
    if "migrations" not in path.parts
]


def floor(label: str) -> int:
    return FLOORS.index(label)


def test_every_app_of_ours_has_a_floor():
    assert {config.label for config in OURS} == set(FLOORS)


def test_foreign_keys_point_down():
    for config in OURS:
        for model in config.get_models():
            for field in model._meta.get_fields():
                target = getattr(field, "remote_field", None) and field.related_model
                if not field.concrete or target is None or target._meta.app_label not in FLOORS:
                    continue
                assert floor(target._meta.app_label) <= floor(config.label), f"{model}.{field.name}"


TASK = re.compile(r'"((?:config\.kit|teams|billing|channels_app|videos|batches|collab)\.[a-z_.]+)"')


def named_tasks() -> list[tuple[str, str]]:
    found = []
    for path in SOURCES:
        found += [
            (str(path.relative_to(ROOT)), name)
            for name in TASK.findall(path.read_text())
            if ".tasks." in name or name.startswith("config.kit.jobs.")
        ]
    return found


@pytest.mark.parametrize(("path", "name"), named_tasks())
def test_every_task_name_resolves_and_points_down(path, name):
    module, function = name.rsplit(".", 1)
    assert callable(getattr(importlib.import_module(module), function))
    label = {"config": "kit"}.get(path.split("/")[0], path.split("/")[0])
    target = {"config": "kit"}.get(name.split(".")[0], name.split(".")[0])
    assert floor(target) <= floor(label)


def test_only_config_reads_the_environment():
    readers = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if re.search(r"os\.environ|os\.getenv", path.read_text())
    ]
    # the last two pass PATH on to confined children
    allowed = {
        "config/env.py",
        "config/asgi.py",
        "videos/media/process.py",
        "videos/media/engines.py",
    }
    assert set(readers) <= allowed


def test_transactions_are_opened_in_one_place():
    openers = [
        str(path.relative_to(ROOT)) for path in SOURCES if "transaction.atomic" in path.read_text()
    ]
    assert openers == ["config/kit/database.py"]


def test_the_clock_of_leases_is_the_databases():
    callers = [str(p.relative_to(ROOT)) for p in SOURCES if "timezone.now(" in p.read_text()]
    assert callers == []


def test_the_table_of_the_readme_names_what_exists():
    rows = re.findall(r"^\| [^|]+ \| (`[^|]+) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    paths = [path for row in rows for path in re.findall(r"`([^`]+)`", row)]
    assert paths
    missing = [path for path in paths if not (ROOT / path).exists()]
    assert missing == []


def test_every_setting_is_in_the_example():
    read = re.findall(
        r'env\.(?:text|flag|number|secret|names|hosts|web_address|url|one_of|mail_server|worker_range|field_keys)\(\s*"([A-Z_0-9]+)"',
        (ROOT / "config/settings.py").read_text(),
    )
    example = (ROOT / ".env.example").read_text()
    assert [
        name for name in set(read) if not re.search(rf"^#? ?{name}=", example, re.MULTILINE)
    ] == []


def test_the_eleven_packages_are_required():
    wanted = (
        "django channels django-q2 djangorestframework channels-redis daphne psycopg dj-stripe "
        "weasyprint django-redis"
    )
    locked = (ROOT / "requirements.txt").read_text()
    for name in wanted.split():
        assert re.search(rf"^{name}(\[.*\])?==", locked, re.MULTILINE), name
    assert re.search(r"^pytest-django==", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE)


def test_no_module_is_longer_than_400_lines():
    long = {
        str(p.relative_to(ROOT)): n for p in SOURCES if (n := len(p.read_text().splitlines())) > 400
    }
    assert long == {}


def test_the_projects_python_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11"
