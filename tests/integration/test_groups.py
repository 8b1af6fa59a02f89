"""Households over the command line and the API's shapes: from events to traits, audiences, a profile, and SQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

pytestmark = pytest.mark.slow  # a process for each command
GROUPS = """
groups:
  - name: household
    label: {ko: 가구, en: Household}
    paths: [traits.address]
    normalise: address
    at_most: 3
    pii: true
audiences:
  - name: busy_homes
    of: household
    condition: home_orders >= 2
  - name: of_busy_homes
    condition: household.home_orders >= 2
traits:
  - {name: home_orders, kind: count, event: Bought}
"""


def _lines(path: Path, events: list[dict[str, object]]) -> Path:
    path.write_text("\n".join(json.dumps({**event, "timestamp": "2026-01-05T00:00:00Z"}) for event in events), "utf-8")
    return path


def test_a_household_from_event_to_sql(workspace: Path, tmp_path: Path, run_cli: Callable[..., CompletedProcess[str]]) -> None:
    (workspace / "groups.yaml").write_text(GROUPS, "utf-8")
    w = ("-w", str(workspace))
    homes = {"kim": "서울특별시 강남구 테헤란로 152", "lee": "서울 강남구 테헤란로 152", "park": "부산 해운대구 센텀중앙로 79"}
    events: list[dict[str, object]] = [
        {"type": "identify", "messageId": f"i{user}", "userId": user, "traits": {"address": home}} for user, home in homes.items()
    ]
    events += [{"type": "track", "event": "Bought", "messageId": f"b{user}", "userId": user} for user in ("kim", "lee", "park")]
    done = run_cli("import", str(_lines(tmp_path / "events.ndjson", events)), "--source", "server", *w)
    assert done.returncode == 0, done.stderr

    kinds = json.loads(run_cli("groups", "--json", *w).stdout)["kinds"]
    assert [(kind["name"], kind["size"], [(a["name"], a["size"]) for a in kind["audiences"]]) for kind in kinds] == [
        ("household", 2, [("busy_homes", 1)])
    ]
    (busy,) = json.loads(run_cli("groups", "household", "--audience", "busy_homes", "--json", *w).stdout)["groups"]
    assert busy["people"] == 2 and "테헤란로" not in busy["value"], "an address is masked"
    told = json.loads(run_cli("group", "household", homes["lee"], "--json", *w).stdout)
    assert told["group"]["id"] == busy["id"]
    assert {trait["name"]: trait["value"] for trait in told["group"]["traits"]}["home_orders"] == 2 and len(told["members"]) == 2
    kim = json.loads(run_cli("profile", "kim", "--json", *w).stdout)
    assert [(g["kind"], g["id"], g["people"]) for g in kim["groups"]] == [("household", busy["id"], 2)]
    assert {a["name"] for a in kim["audiences"] if a["member"]} >= {"of_busy_homes"}
    assert "Household" in run_cli("groups", *w).stdout

    sql = "SELECT group_id, count(*) AS orders FROM group_events WHERE kind = 'household' AND name = 'Bought' GROUP BY 1 ORDER BY 2 DESC"
    rows = json.loads(run_cli("sql", sql, "--json", *w).stdout)["rows"]
    first = rows[0]
    assert (first if isinstance(first, list) else list(first.values())) == [busy["id"], 2]
