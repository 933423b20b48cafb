"""docs/api.md tells what a video may wait for, as the code has it."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from config.kit.errors import Refused
from teams import brakes
from tests.kit.test_api_page import heirs
from videos import conclusions, reasons, rules
from videos.stages import catalogue

ROW = re.compile(r"^\| (queued|review|blocked|failed) \| (`[^|]+`) \| .+ \|$", re.M)
IN_VARIABLES = {conclusions.PUBLISH, rules.WORDS}


def calls(tree: ast.AST) -> Iterator[ast.expr]:
    """What is said as the code of a move, and of a place where a video comes to stand."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "moves.move":
            yield from (one.value for one in node.keywords if one.arg == "code")
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Place":
            yield from node.args[2:]
        if isinstance(node, ast.Dict):
            said = {
                getattr(key, "value", ""): value
                for key, value in zip(node.keys, node.values, strict=True)
            }
            if {"reason", "code"} == set(said):
                yield said["code"]


def told_by(path: Path, root: Path) -> set[str]:
    """Those that stand there by name; what a variable holds is a refusal's or a stage's."""
    name = ".".join(path.relative_to(root).with_suffix("").parts)
    found = set()
    for said in calls(ast.parse(path.read_text("utf-8"))):
        try:
            code = eval(ast.unparse(said), dict(vars(import_module(name))))  # noqa: S307
        except (NameError, AttributeError):
            continue
        if code:
            found.add(code)
    return found


def test_every_code_stands_on_the_page_with_its_state(root):
    page = (root / "docs" / "api.md").read_text("utf-8")
    told: dict[str, set[str]] = {}
    for state, cell in ROW.findall(page):
        told.setdefault(state, set()).update(re.findall(r"`(\w+)`", cell))
    assert told == {state.value: set(codes) for state, codes in reasons.codes().items()}


def test_the_code_moves_videos_with_no_other(root):
    said = set[str]()
    for path in (root / "videos").rglob("*.py"):
        said |= told_by(path, root)
    known = set[str]().union(*reasons.codes().values())
    assert said <= known
    refused = {kind.code for kind in heirs(Refused)}  # type: ignore[attr-defined]
    assert known - said <= refused | brakes.CODES | set(catalogue.names()) | IN_VARIABLES


def test_the_reference_names_them(client, db):
    told = client.get("/api/v1/schema/", HTTP_ACCEPT="application/json").content.decode()
    named = [f"{code}, " for code in ("to_be_bought", "consent_withdrawn", "narration")]
    assert all(one in told for one in named)
