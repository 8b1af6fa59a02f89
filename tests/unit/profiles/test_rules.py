"""Definitions of traits: every problem is named, and what a definition does not say is taken from the tracking plan."""

from __future__ import annotations

from typing import Any

import pytest

from gyeol.events.model import EventRule, PropertyRule, TrackingPlan
from gyeol.kernel.errors import InputError
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.rules import ValueType, Window, check_traits, compile_traits, parse_window

PLAN = TrackingPlan(
    rules={
        "Bought": EventRule(
            name="Bought",
            properties={
                "properties.paid": PropertyRule(type="money"),
                "properties.tip": PropertyRule(type="money", currency="USD"),
                "properties.weight": PropertyRule(type="number"),
                "properties.item": PropertyRule(type="text"),
                "properties.gift": PropertyRule(type="flag"),
                "properties.due": PropertyRule(type="time"),
                "properties.lines": PropertyRule(type="list"),
            },
        )
    }
)


def trait(kind: Any, name: str = "t", event: str = "Bought", **more: Any) -> TraitDefinition:
    return TraitDefinition(name=name, kind=kind, event=event, **more)


@pytest.mark.parametrize(
    ("definition", "field", "code"),
    [
        (trait("count", name="Bad Name"), "name", "bad_name"),
        (trait("count", event=""), "event", "missing"),
        (trait("sum"), "property", "missing"),
        (trait("count", property="properties.paid"), "property", "not_for_kind"),
        (trait("last", property="a..b"), "property", "bad_path"),
        (trait("sum", property="properties.item"), "property", "type_clash"),
        (trait("sum", property="properties.due"), "property", "type_clash"),
        (trait("last", property="properties.lines"), "property", "type_clash"),
        (trait("sum", property="properties.weight", scale=10), "scale", "out_of_range"),
        (trait("recent", property="properties.item", size=0), "size", "out_of_range"),
        (trait("sequence", within="10m", at_least=51), "at_least", "out_of_range"),
        (trait("sequence"), "within", "missing"),
        (trait("decay"), "half_life", "missing"),
        (trait("decay", half_life="soon"), "half_life", "bad_duration"),
        (trait("count", half_life="1d"), "half_life", "not_for_kind"),
        (trait("max", property="properties.paid", window="7d"), "window", "not_for_kind"),
        (trait("count", window="10m"), "window", "bad_window"),
        (trait("count", window="9999d"), "window", "bad_window"),
        (trait("count", where="properties.paid >"), "where", "syntax"),
    ],
)
def test_each_problem_is_named_with_its_place(definition: TraitDefinition, field: str, code: str) -> None:
    found = list(check_traits([definition], PLAN))
    assert [(p.path, p.code) for p in found] == [(f"traits.{definition.name}.{field}", code)]
    assert found[0].what


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        compile_traits([trait("sum"), trait("decay"), trait("count", name="ok")], PLAN, "KRW")
    assert {p.code for p in caught.value.problems} == {"missing", "duplicate_name"}
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("7d", Window("day", 7)),
        ("2w", Window("day", 14)),
        ("24h", Window("hour", 24)),
        *((text, None) for text in ("0d", "7", "10m", "800h", "")),
    ],
)
def test_windows(text: str, window: Window | None) -> None:
    assert parse_window(text) == window


@pytest.mark.parametrize(
    ("kind", "path", "kept", "type_", "unit"),
    [
        ("sum", "properties.paid", ValueType(wanted="number", currency="KRW"), "number", "KRW"),
        ("mean", "properties.tip", ValueType(wanted="number", currency="USD"), "number", "USD"),
        ("max", "properties.weight", ValueType(wanted="number", scale=2), "number", None),
        ("max", "properties.due", ValueType(wanted="time"), "time", None),
        ("last", "properties.weight", ValueType(wanted="number", scale=2), "number", None),
        ("last", "properties.gift", ValueType(wanted="flag"), "flag", None),
        ("first", "properties.unplanned", ValueType(wanted="text"), "text", None),
        ("sum", "properties.unplanned", ValueType(wanted="number", scale=2), "number", None),
        ("recent", "properties.paid", ValueType(wanted="number", currency="KRW"), "list", "KRW"),
        ("distinct", "properties.paid", ValueType(wanted="text"), "number", None),
        ("top", "properties.item", ValueType(wanted="text"), "text", None),
    ],
)
def test_values_are_kept_as_the_plan_says(kind: str, path: str, kept: ValueType, type_: str, unit: str | None) -> None:
    (compiled,) = compile_traits([trait(kind, property=path)], PLAN, "KRW")
    assert compiled.value == kept
    assert (compiled.info().type, compiled.info().unit) == (type_, unit)


def test_only_counts_sums_windows_decay_and_distinct_are_never_null() -> None:
    more: dict[str, dict[str, Any]] = {"decay": {"half_life": "1d"}, "sequence": {"within": "1h"}, "count": {}}
    kinds = ["count", "sum", "mean", "min", "max", "first", "last", "recent", "decay", "distinct", "top", "sequence"]
    traits = [trait(k, name=k, **more.get(k, {"property": "properties.weight"})) for k in kinds]
    assert [t.name for t in compile_traits(traits, PLAN, "KRW") if t.info().default_zero] == ["count", "sum", "decay", "distinct"]
