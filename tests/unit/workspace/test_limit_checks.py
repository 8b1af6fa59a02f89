"""What is wrong with categories, partners, caps and budgets is told where it stands, all of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gyeol.kernel.errors import InputError
from gyeol.workspace.difference import diff
from gyeol.workspace.load import load

GOOD = """workspace: {name: x, contact_budget: {most: 2, per: 7d}, fatigue: {most: 8}}
events:
  - {name: Order Completed}
categories:
  - {name: drinks, budget: {day_minor: 5000}}
partners:
  - {name: bakery, total: 10}
caps:
  - {name: mails, channel: email, category: drinks, partner: bakery, most: 3, window: 7d}
placements:
  - {name: mail, channel: email, diversity: 1, impressions: true, hold: 5m}
offers:
  - name: tea
    placements: [mail]
    category: drinks
    partner: bakery
    value: "2"
    budget: {cost_minor: 0}
    inventory: {sku: T1, total: 5}
    bought: {event: Order Completed, where: properties.sku = 'T1', within: 30d}
    fresh: [moment.weather]
"""
BAD = """workspace: {name: x, contact_budget: {most: 0, per: 7x, wait: soon}, fatigue: {most: 65, half_life: 3s}}
categories:
  - {name: drinks, budget: {day_minor: 0}}
partners:
  - {name: bakery, day: -1}
caps:
  - {name: mails, channel: emall, category: drink, partner: baker, most: 99, window: 2w}
placements:
  - {name: mail, channel: email, diversity: 0, hold: 1w}
offers:
  - name: tea
    placements: [mail]
    category: drnks
    partner: baker
    value: orders +
    budget: {cost_minor: -5, total_minor: -1}
    inventory: {least: 0}
    bought: {event: Order Completed, where: "= 3", within: 2w}
    fresh: [moment.wether]
"""


def test_a_good_one_loads_and_plan_sees_each_change(tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_text(GOOD, encoding="utf-8")
    before = load(tmp_path)
    assert not before.warnings
    assert [trait.event for trait in before.definitions.all_traits] == ["Order Completed"]
    changed = GOOD.replace("most: 3", "most: 4").replace("total: 10", "total: 11").replace("day_minor: 5000", "day_minor: 6000")
    (tmp_path / "w.yaml").write_text(changed, encoding="utf-8")
    told = diff(before.definitions, load(tmp_path).definitions)
    assert [(c.kind, c.fields[0].field, c.fields[0].before, c.fields[0].after) for c in told.changes] == [
        ("categories", "budget.day_minor", 5000, 6000),
        ("partners", "total", 10, 11),
        ("caps", "most", 3, 4),
    ]
    assert "노출 횟수 한도 mails" in told.text("ko")


def test_every_problem_at_once(tmp_path: Path) -> None:
    (tmp_path / "w.yaml").write_text(BAD, encoding="utf-8")
    with pytest.raises(InputError) as told:
        load(tmp_path)
    found = [(problem.line, problem.code) for problem in told.value.problems]
    assert found == [
        (1, "out_of_range"), (1, "bad_duration"), (1, "bad_duration"), (1, "out_of_range"), (1, "bad_duration"),
        (3, "out_of_range"), (5, "out_of_range"),
        (7, "unknown_channels"), (7, "unknown_categories"), (7, "unknown_partners"), (7, "out_of_range"), (7, "bad_duration"),
        (9, "out_of_range"), (9, "bad_duration"),
        (13, "unknown_categories"), (14, "unknown_partners"), (15, "syntax"), (16, "out_of_range"), (16, "out_of_range"),
        (17, "empty"), (17, "out_of_range"), (18, "syntax"), (18, "bad_duration"), (19, "unknown_name"),
    ]  # fmt: skip
    assert "did you mean 'moment.weather'?" in {problem.mend for problem in told.value.problems}
