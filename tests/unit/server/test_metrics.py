"""What Prometheus reads, who may read it, and that every alert asks for something that exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from gyeol.accounts.tokens import AdminToken
from gyeol.app.problems import OF_THE_CORE, OF_THE_SIDE, Signs, problems
from gyeol.engine.buckets import EDGES_S, Buckets
from gyeol.server.metrics.access import may_scrape
from gyeol.server.metrics.core import problem_values
from gyeol.server.metrics.exposition import exposition
from gyeol.server.metrics.names import CORE, EVERY, SIDE

ROOT = Path(__file__).parents[3]
RULES = ROOT / "deploy/prometheus/gyeol.rules.yml"
TOKEN = AdminToken("the-token")
HERE = {"host": "127.0.0.1:8400"}


@pytest.mark.parametrize(
    ("headers", "ip", "fronted", "may"),
    [
        (HERE, "127.0.0.1", False, True),
        ({"host": "localhost:8400"}, "::1", False, True),
        (HERE, "10.0.0.7", False, False),
        (HERE, None, False, False),
        ({**HERE, "x-forwarded-for": "9.9.9.9"}, "127.0.0.1", False, False),
        ({**HERE, "via": "1.1 cache"}, "127.0.0.1", False, False),
        ({**HERE, "origin": "https://evil.example"}, "127.0.0.1", False, False),
        ({"host": "evil.example:8400"}, "127.0.0.1", False, False),
        ({}, "127.0.0.1", False, False),
        (HERE, "127.0.0.1", True, False),
        ({"authorization": "Bearer the-token", "x-forwarded-for": "9.9.9.9"}, "10.0.0.7", True, True),
        ({**HERE, "authorization": "Bearer another"}, "10.0.0.7", False, False),
    ],
)
def test_who_may_scrape(headers: dict[str, str], ip: str | None, fronted: bool, may: bool) -> None:
    assert may_scrape(headers, ip, TOKEN, fronted=fronted) is may


def test_buckets_are_cumulative() -> None:
    buckets = Buckets()
    for took_s, times in ((0.0005, 2), (0.005, 1), (0.3, 10), (1_000.0, 1)):
        buckets.add(took_s, times)
    told = dict(buckets.cumulative())
    assert (told[0.001], told[0.0025], told[0.005], told[0.5], told[60.0], told[float("inf")]) == (2, 2, 3, 13, 13, 14)
    assert list(told) == [*EDGES_S, float("inf")]
    assert buckets.sum_s == pytest.approx(1_003.006)


def test_the_text_is_what_prometheus_reads() -> None:
    lags = Buckets()
    lags.add(0.02, 3)
    values: dict[str, Any] = {
        "gyeol_events_total": {("accepted",): 5, ("rejected",): 1},
        "gyeol_backlog_age_seconds": 1.5,
        "gyeol_fold_lag_seconds": lags,
        "gyeol_ready": True,
    }
    read = {family.name: family for family in text_string_to_metric_families(exposition(CORE, lambda: values).decode())}
    assert {s.labels["verdict"]: s.value for s in read["gyeol_events"].samples} == {"accepted": 5, "rejected": 1}
    assert read["gyeol_backlog_age_seconds"].samples[0].value == 1.5 and read["gyeol_ready"].samples[0].value == 1
    assert read["gyeol_fold_lag_seconds"].type == "histogram"
    assert {s.labels["le"]: s.value for s in read["gyeol_fold_lag_seconds"].samples if s.name.endswith("_bucket")}["+Inf"] == 3
    assert "gyeol_people" not in read, "what was not read is left out"
    assert "process_resident_memory_bytes" in read


def test_names_keep_to_the_conventions() -> None:
    assert len(EVERY) == len({*CORE, *SIDE})
    for metric in EVERY.values():
        assert re.fullmatch(r"gyeol_[a-z_]+", metric.name) and metric.help.endswith(".")
        assert metric.name.endswith("_total") == (metric.kind == "counter"), metric.name
        assert not re.search(r"_(ms|milliseconds|mb|kb)$", metric.name)


def test_every_metric_is_on_its_page_and_the_page_has_no_other() -> None:
    page = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    rows = [line.split(" | ")[0] for line in page.splitlines() if line.startswith("| `gyeol_")]
    told = {name for row in rows for name in re.findall(r"`(gyeol_\w+)", row)}
    assert told == set(EVERY)


def test_every_problem_has_a_metric_that_is_0_or_1() -> None:
    told = dict.fromkeys(("refusing", "snapshot_problem", "lake_problem", "fact_problem"), "x")
    signs = Signs(acting=False, backlog_age_ms=10_000, free_bytes=1, rejected=1, **told)
    assert [each.code for each in problems(signs)] == [*OF_THE_CORE, *OF_THE_SIDE]
    assert all(set(each.text) == set(each.mend) == {"ko", "en"} for each in problems(signs))
    assert set(problem_values(signs, OF_THE_CORE).values()) == {1.0}
    assert set(problem_values(Signs(), OF_THE_CORE).values()) == {0.0}


def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_asks_for_what_exists_and_says_where_help_stands(rule: dict[str, Any]) -> None:
    asked = re.findall(r"gyeol_[a-z_]+", rule["expr"].replace("gyeol-", ""))
    assert asked or rule["expr"].startswith("up{")
    for name in asked:
        assert name.removesuffix("_bucket") in EVERY, name
    codes = re.findall(r'gyeol_problem\{code="(\w+)"\}', rule["expr"])
    assert not set(codes) - {*OF_THE_CORE, *OF_THE_SIDE}
    file, _, anchor = rule["annotations"]["runbook"].partition("#")
    heads = re.findall(r"^#+ (.*)$", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor in {head.lower().replace(" ", "-") for head in heads}


def test_the_scrape_configuration_reads_both_ports() -> None:
    config = yaml.safe_load((RULES.parent / "prometheus.yml").read_text(encoding="utf-8"))
    assert [job["static_configs"][0]["targets"] for job in config["scrape_configs"]] == [["127.0.0.1:8400"], ["127.0.0.1:8401"]]
    assert config["rule_files"] == [RULES.name]


def test_the_core_does_not_load_prometheus_before_it_is_scraped() -> None:
    code = "import gyeol.server.core.process, sys; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
