"""The shipped Prometheus and Grafana files: valid, and speaking only of metrics and labels the server has."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from cti.domain.identifiers import Tier
from cti.domain.metering import UNKNOWN_TIER
from cti.domain.records import Outcome
from cti.service.floor_agents import STATES
from tests.cti.test_prometheus import CONTRACT

CONFIG = Path(__file__).parents[2] / "config"
PROMETHEUS = CONFIG / "prometheus"
RULE_FILES = [PROMETHEUS / "recording_rules.yml", PROMETHEUS / "alert_rules.yml"]
DASHBOARDS = sorted((CONFIG / "grafana/dashboards").glob("*.json"))

SCORES = {"cti_review_score", "cti_call_quality_mos", "cti_recording_silence_ratio"}
HISTOGRAMS = {name for name in CONTRACT if name.endswith("_seconds") or name in SCORES} - {
    "cti_longest_wait_seconds",
    "cti_ami_lag_seconds",
    "cti_verified_until_seconds",
}
EXPORTED = (CONTRACT.keys() - HISTOGRAMS) | {
    name + suffix for name in HISTOGRAMS for suffix in ("_bucket", "_sum", "_count")
}
VALUES = {
    "outcome": {outcome.value for outcome in Outcome},
    "tier": {*(tier.value for tier in Tier), UNKNOWN_TIER},
    "severity": {"page", "ticket"},
}


def promtool(*arguments: str | Path) -> str:
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rules() -> list[dict[str, Any]]:
    return [
        rule
        for file in RULE_FILES
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]
        for rule in group["rules"]
    ]


RECORDED = {rule["record"] for rule in rules() if "record" in rule}
ALERTS = [rule for rule in rules() if "alert" in rule]


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions() -> list[tuple[str, str]]:
    found = [(rule.get("alert") or rule["record"], rule["expr"]) for rule in rules()]
    for file in DASHBOARDS:
        dashboard = json.loads(file.read_text(encoding="utf-8"))
        found += [
            (panel["title"], target["expr"]) for panel in panels(dashboard) for target in panel["targets"]
        ]
        found += [(item["name"], item["query"]["query"]) for item in dashboard["templating"]["list"]]
    return found


EXPRESSIONS = expressions()


def test_there_is_something_to_check() -> None:
    assert len(ALERTS) >= 12
    assert len(RECORDED) >= 10
    assert len(DASHBOARDS) == 1
    assert len(EXPRESSIONS) > 60


def test_the_configuration_and_its_rules_are_valid() -> None:
    assert "2 rule files found" in promtool("check", "config", PROMETHEUS / "prometheus.yml")
    promtool("check", "rules", "--lint-fatal", *RULE_FILES)


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS)
def test_every_metric_named_exists(where: str, expression: str) -> None:
    names = set(re.findall(r"(?<![\w:])(?:\w+:)*cti_\w+(?::\w+)*", expression))
    assert names or expression.startswith(("up{", "ALERTS")), where
    assert names <= EXPORTED | RECORDED


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS)
def test_every_label_and_value_named_exists(where: str, expression: str) -> None:
    for name, selector in re.findall(r"(cti_\w+)\{([^}]*)\}", expression):
        metric = name if name in CONTRACT else re.sub(r"_(bucket|sum|count)$", "", name)
        for label, values in re.findall(r'(\w+)(?:=~|!=|!~|=)"([^"]*)"', selector):
            assert label in CONTRACT.get(metric, {"queue", "tier"}) | {"le"}, (where, label)
            known = set(STATES) if metric == "cti_agents" and label == "state" else VALUES.get(label)
            if known is not None:
                assert set(values.split("|")) <= known, where


@pytest.mark.parametrize(("where", "expression"), [e for e in EXPRESSIONS if "label_values" not in e[1]])
def test_every_expression_is_promql(where: str, expression: str, tmp_path: Path) -> None:
    spelled = expression.replace("$__rate_interval", "1m").replace("$queue", ".*")
    file = tmp_path / "rules.yml"
    group = {"name": where, "rules": [{"record": "checked:rule", "expr": spelled}]}
    file.write_text(yaml.safe_dump({"groups": [group]}), encoding="utf-8")
    promtool("check", "rules", file)


def test_every_alert_says_what_happened_and_what_to_do() -> None:
    for alert in ALERTS:
        assert alert["labels"]["severity"] in VALUES["severity"]
        assert set(alert["annotations"]) == {"summary", "description"}, alert["alert"]


def queue_series(metric: str, values: str, **labels: str) -> dict[str, str]:
    inside = ",".join(
        f'{name}="{value}"' for name, value in {"queue": "support", "tier": "gold", **labels}.items()
    )
    return {"series": f"{metric}{{{inside}}}", "values": values}


def visits(answered: str, abandoned: str, within: str) -> list[dict[str, str]]:
    """Counters minute by minute, in Prometheus's own notation (`0+2x60`: two a minute for an hour)."""
    return [
        queue_series("cti_visits_total", answered, pbx="hub", outcome="answered"),
        queue_series("cti_visits_total", abandoned, pbx="hub", outcome="abandoned"),
        queue_series("cti_calls_blocked_total", "0+0x400", pbx="hub"),
        queue_series("cti_answered_within_target_total", within),
    ]


@pytest.mark.parametrize(
    ("series", "minute", "alert", "fires"),
    [
        # 3 of 4 within the target: below the goal of 80 %, yet no emergency
        (visits("0+3x400", "0+1x400", "0+3x400"), 70, "ServiceLevelBurnsFast", False),
        (visits("0+3x400", "0+1x400", "0+3x400"), 390, "ServiceLevelBurnsSlowly", False),
        # 1 of 4: the budget of 20 % burns at 3.75 times
        (visits("0+3x400", "0+1x400", "0+1x400"), 70, "ServiceLevelBurnsFast", True),
        (visits("0+3x400", "0+1x400", "0+1x400"), 390, "ServiceLevelBurnsSlowly", True),
        # as bad, and over: all within the target for the last ten minutes
        (visits("0+3x60 183+4x340", "0+1x60 60+0x340", "0+1x60 64+4x340"), 71, "ServiceLevelBurnsFast", False),
        # a bad five minutes at the end of a middling hour
        (visits("0+3x400", "0+1x400", "0+3x63 189+0x300"), 70, "ServiceLevelBurnsFast", False),
        # none within the target, but twelve calls in an hour prove nothing
        (visits("0+0.2x400", "0+0x400", "0+0x400"), 70, "ServiceLevelBurnsFast", False),
    ],
)  # fmt: skip
def test_the_burn_rate_alerts_fire_when_they_should(
    tmp_path: Path, series: list[dict[str, str]], minute: int, alert: str, fires: bool
) -> None:
    severity = {"ServiceLevelBurnsFast": "page", "ServiceLevelBurnsSlowly": "ticket"}[alert]
    annotations = next(rule["annotations"] for rule in ALERTS if rule["alert"] == alert)
    expected = {
        "exp_labels": {"queue": "support", "severity": severity},
        "exp_annotations": {
            name: text.replace("{{ $labels.queue }}", "support") for name, text in annotations.items()
        },
    }
    checked = {"eval_time": f"{minute}m", "alertname": alert, "exp_alerts": [expected] if fires else []}
    _promtool_test(tmp_path, {"interval": "1m", "input_series": series, "alert_rule_test": [checked]})


@pytest.mark.parametrize(("failed", "fires"), [("0+0x30", False), ("0 1+0x30", False), ("0+1x30", True)])
def test_a_store_that_takes_nothing_is_told_long_before_jobs_are_given_up(
    tmp_path: Path, failed: str, fires: bool
) -> None:
    alert = next(rule for rule in ALERTS if rule["alert"] == "RecordingsHeldUp")
    labels = '{kind="finish_recording",result="failed"}'
    series = [{"series": f"cti_job_attempts_total{labels}", "values": failed}]
    told = {"exp_labels": alert["labels"], "exp_annotations": alert["annotations"]}
    checked = {"eval_time": "12m", "alertname": alert["alert"], "exp_alerts": [told] if fires else []}
    _promtool_test(tmp_path, {"interval": "1m", "input_series": series, "alert_rule_test": [checked]})


def test_the_recorded_service_level_is_the_strict_one(tmp_path: Path) -> None:
    """Of each 10: 6 answered (5 within the target), 2 abandoned, 1 flowed out, 1 refused; the lost one stands apart."""
    series = [
        queue_series("cti_visits_total", "0+6x120", pbx="hub", outcome="answered"),
        queue_series("cti_visits_total", "0+2x120", pbx="hub", outcome="abandoned"),
        queue_series("cti_visits_total", "0+1x120", pbx="hub", outcome="timeout"),
        queue_series("cti_visits_total", "0+1x120", pbx="hub", outcome="lost"),
        queue_series("cti_calls_blocked_total", "0+1x120", pbx="hub"),
        queue_series("cti_answered_within_target_total", "0+5x120"),
    ]

    def sample(value: float, name: str = "", **labels: str) -> list[dict[str, Any]]:
        inside = ",".join(f'{label}="{text}"' for label, text in labels.items())
        return [{"labels": f"{name}{{{inside}}}", "value": value}]

    checks = [
        ("queue:cti_service_level:ratio1h", 0.5, {"queue": "support"}),
        ("queue:cti_answer_rate:ratio1h", 0.6, {"queue": "support"}),
        ("queue:cti_abandon_rate:ratio1h", 0.2, {"queue": "support"}),
        ("tier:cti_service_level:ratio1h", 0.5, {"tier": "gold"}),
    ]
    tests = [
        {"expr": name, "eval_time": "90m", "exp_samples": sample(value, name, **labels)}
        for name, value, labels in checks
    ]
    _promtool_test(tmp_path, {"interval": "1m", "input_series": series, "promql_expr_test": tests})


def _promtool_test(folder: Path, test: dict[str, Any]) -> None:
    file = folder / "test.yml"
    content = {"rule_files": [str(file) for file in RULE_FILES], "evaluation_interval": "1m", "tests": [test]}
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    promtool("test", "rules", file)


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_dashboards_are_whole(file: Path) -> None:
    dashboard = json.loads(file.read_text(encoding="utf-8"))
    (source,) = yaml.safe_load(
        (CONFIG / "grafana/provisioning/datasources/prometheus.yml").read_text(encoding="utf-8")
    )["datasources"]
    shown = panels(dashboard)
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    for panel in shown:
        assert panel["title"]
        assert panel["targets"]
        assert {
            panel["datasource"]["uid"],
            *(target["datasource"]["uid"] for target in panel["targets"]),
        } == {source["uid"]}


def test_the_dashboard_shows_every_metric() -> None:
    """What nobody looks at need not be counted."""
    shown = " ".join(expression for _, expression in EXPRESSIONS)
    unseen = {name for name in CONTRACT if name not in shown}
    assert unseen == {"cti_build_info"}


def test_a_wrong_name_would_be_found() -> None:
    with pytest.raises(AssertionError):
        test_every_metric_named_exists("here", "sum(cti_calls_total)")
    with pytest.raises(AssertionError):
        test_every_label_and_value_named_exists("here", 'cti_visits_total{outcome="served"}')
    with pytest.raises(AssertionError):
        test_every_label_and_value_named_exists("here", 'cti_visits_total{agent="101"}')
