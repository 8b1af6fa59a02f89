"""The tracking plan's checks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gyeol.events.model import EventRule, PropertyRule, PropertyType, TrackingPlan
from gyeol.events.plan import PlanChecks

GIVEN: dict[str, Any] = {
    "text": "x", "number": 1, "float": 1.5, "flag": True, "time": "2026-01-01T00:00:00Z", "day": "2026-01-01", "list": [1],
    "object": {"a": 1}, "null": None,
}  # fmt: skip
FITS: dict[PropertyType, set[str]] = {
    "text": {"text", "time", "day"}, "number": {"number", "float"}, "money": {"number", "float"}, "flag": {"flag"}, "list": {"list"},
    "object": {"object"}, "time": {"time", "day", "number", "float"}, "any": set(GIVEN) - {"null"},
}  # fmt: skip


def notes(rules: dict[str, PropertyRule], event: dict[str, Any], *, name: str = "A", rule: str = "A") -> list[str]:
    checks = PlanChecks(TrackingPlan(rules={rule: EventRule(name=rule, properties=rules)}))
    return [violation.note for violation in checks.violations(name, json.dumps(event).encode())]


@pytest.mark.parametrize("wanted", list(FITS))
@pytest.mark.parametrize("given", list(GIVEN))
@pytest.mark.parametrize("required", [True, False])
def test_types(wanted: PropertyType, given: str, required: bool) -> None:
    found = notes({"properties.p": PropertyRule(type=wanted, required=required)}, {"properties": {"p": GIVEN[given]}})
    if given == "null":
        assert found == (["plan:missing:properties.p"] if required else [])
    else:
        assert found == ([] if given in FITS[wanted] else ["plan:type:properties.p"])


@pytest.mark.parametrize("event", [{}, {"properties": None}, {"properties": {}}, {"properties": []}, {"properties": {"deep": 5}}])
def test_a_required_property_that_is_not_there(event: dict[str, Any]) -> None:
    assert notes({"properties.deep.p": PropertyRule(type="text", required=True)}, event) == ["plan:missing:properties.deep.p"]
    assert notes({"properties.deep.p": PropertyRule(type="text")}, event) == []


@pytest.mark.parametrize("kind", ["text", "number", "any"])
def test_one_of(kind: PropertyType) -> None:
    rules = {"traits.tier": PropertyRule(type=kind, one_of=["1", "2"])}
    good, bad = ("1", "3") if kind != "number" else (1, 3)
    assert notes(rules, {"traits": {"tier": good}}) == []
    assert notes(rules, {"traits": {"tier": bad}}) == ["plan:one_of:traits.tier"]
    assert notes(rules, {"traits": {}}) == []


def test_every_violation_is_told_in_the_order_of_the_paths() -> None:
    rules = {"properties.b": PropertyRule(type="text"), "properties.a": PropertyRule(required=True), "context.x": PropertyRule(type="flag")}
    assert notes(rules, {"properties": {"b": 1}, "context": {"x": "true"}}) == [
        "plan:type:context.x", "plan:missing:properties.a", "plan:type:properties.b",
    ]  # fmt: skip


def test_an_object_and_a_property_inside_it() -> None:
    rules = {"properties.o": PropertyRule(type="object", required=True), "properties.o.p": PropertyRule(type="number")}
    assert notes(rules, {"properties": {"o": {"p": 1}}}) == []
    assert notes(rules, {"properties": {"o": {"p": "1"}}}) == ["plan:type:properties.o.p"]
    assert notes(rules, {"properties": {}}) == ["plan:missing:properties.o"]


def test_rules_for_any_event_hold_beside_its_own() -> None:
    plan = TrackingPlan(
        rules={
            "$any": EventRule(
                name="$any",
                on_violation="reject",
                properties={"context.app": PropertyRule(type="text"), "properties.p": PropertyRule(type="text")},
            ),
            "A": EventRule(name="A", properties={"properties.p": PropertyRule(type="number")}),
        }
    )
    checks = PlanChecks(plan)
    raw = b'{"context":{"app":1},"properties":{"p":1}}'
    assert [(v.note, v.rejects) for v in checks.violations("A", raw)] == [("plan:type:context.app", True)]
    assert [v.note for v in checks.violations("$page", raw)] == ["plan:type:context.app", "plan:type:properties.p"]
    assert PlanChecks(TrackingPlan()).active is False
    assert checks.active is True


def test_a_detail_says_what_was_expected() -> None:
    plan = TrackingPlan(rules={"A": EventRule(name="A", properties={"properties.p": PropertyRule(type="text", one_of=["a", "b"])})})
    [violation] = PlanChecks(plan).violations("A", b'{"properties":{"p":"c"}}')
    assert violation.detail == "properties.p: 'c' is none of a, b"
