"""Each alert is valid, has a case that fires and one that does not, names its runbook entry and metrics that exist."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.place import ROOT
from ingest.landing import metrics as landing
from local.loop.metrics import Metrics
from testbed.prometheus.program import program

FOLDER = ROOT / "monitoring"
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "junction.rules.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
CASES: list[dict[str, Any]] = [
    case
    for test in yaml.safe_load((FOLDER / "junction.rules.test.yml").read_text(encoding="utf-8"))["tests"]
    for case in test["alert_rule_test"]
]
KNOWN = {
    name
    for registry in (landing.REGISTRY, Metrics().registry)
    for metric in registry.collect()
    for name in (metric.name, f"{metric.name}_total", f"{metric.name}_bucket", f"{metric.name}_count")
}


def promtool(*arguments: str, folder: Path = FOLDER) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program("promtool"), *arguments], cwd=folder, capture_output=True, text=True)


def test_promtool_takes_the_rules_and_their_cases() -> None:
    checked = promtool("check", "rules", "--lint=all", "junction.rules.yml")
    assert checked.returncode == 0, checked.stderr
    tested = promtool("test", "rules", "junction.rules.test.yml")
    assert tested.returncode == 0, tested.stderr


def test_the_configuration_that_is_shipped_is_valid() -> None:
    checked = promtool("check", "config", "prometheus.yml")
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_has_a_case_that_fires_and_one_that_does_not(rule: dict[str, Any]) -> None:
    fires = {bool(case["exp_alerts"]) for case in CASES if case["alertname"] == rule["alert"]}
    assert fires == {True, False}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_the_cases_notice_a_rule_that_never_fires(rule: dict[str, Any], tmp_path: Path) -> None:
    text = (FOLDER / "junction.rules.yml").read_text(encoding="utf-8")
    whole = yaml.safe_load(text)
    for group in whole["groups"]:
        for one in group["rules"]:
            one["expr"] = "vector(0) > 1" if one["alert"] == rule["alert"] else one["expr"]
    (tmp_path / "junction.rules.yml").write_text(yaml.safe_dump(whole))
    (tmp_path / "cases.yml").write_text((FOLDER / "junction.rules.test.yml").read_text(encoding="utf-8"))
    tested = promtool("test", "rules", "cases.yml", folder=tmp_path)
    assert tested.returncode == 1
    assert rule["alert"] in tested.stderr


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_names_its_entry_of_the_runbook_and_metrics_that_exist(rule: dict[str, Any]) -> None:
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^## (\w+)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    assert rule["alert"] in headings
    assert anchor == rule["alert"].lower()
    assert rule["labels"]["severity"] in ("page", "ticket")
    for name in re.findall(r"junction_\w+", rule["expr"]):
        assert name in KNOWN


def test_each_metric_is_on_its_page_and_each_that_the_page_has_exists() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(junction_\w+)` \|", page, re.MULTILINE))
    ours = {name.removesuffix("_total") for name in KNOWN if name.startswith("junction_")}
    counted = {name.removesuffix("_total") for name in told}
    assert counted == {name for name in ours if not name.endswith(("_bucket", "_count"))}


def test_the_runbook_has_no_entry_of_an_alert_that_is_gone() -> None:
    headings = re.findall(
        r"^## (\w+)$", (ROOT / "docs" / "runbook-alerts.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert headings == [rule["alert"] for rule in RULES]
