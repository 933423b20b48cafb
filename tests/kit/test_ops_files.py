"""The alert rules and the dashboard that we ship speak of what /metrics really says."""

import json
import re

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

NAME = re.compile(r"\bshowrunner_[a-z_]+")


@pytest.fixture
def exported(db, client) -> set[str]:
    """Names as queries write them. Families without a sample just now are there by their type."""
    answer = client.get("/metrics").content.decode()
    found = set()
    for family in text_string_to_metric_families(answer):
        total = f"{family.name}_total" if family.type == "counter" else family.name
        found |= {f"{total}_bucket" if "histogram" in family.type else total}
        found |= {sample.name for sample in family.samples}
    return found


@pytest.fixture
def rules(root):
    told = yaml.safe_load((root / "docs/ops/alerts.yml").read_text())
    return [rule for group in told["groups"] for rule in group["rules"]]


def test_alerts_ask_for_what_is_exported(rules, exported):
    for rule in rules:
        assert set(NAME.findall(rule["expr"])) <= exported, rule["alert"]


def test_every_alert_says_how_urgent_it_is_and_what_to_do(rules):
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"].keys() == {"summary", "action"}
        for side in ("()", "[]", "{}"):
            assert rule["expr"].count(side[0]) == rule["expr"].count(side[1])


def test_the_dashboard_asks_for_what_is_exported(root, exported):
    board = json.loads((root / "docs/ops/dashboard.json").read_text())
    asked = {
        name
        for panel in board["panels"]
        for target in panel["targets"]
        for name in NAME.findall(target["expr"])
    }
    assert asked <= exported
    hidden = {name for name in exported if name.startswith("showrunner_")} - asked
    assert not {
        name for name in hidden if not name.endswith(("_count", "_sum", "_gcount", "_gsum"))
    }
