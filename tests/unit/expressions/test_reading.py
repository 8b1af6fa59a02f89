"""What is refused, where, and with which repair."""

from __future__ import annotations

import pytest

from gyeol.expressions.condition import parse_condition
from gyeol.expressions.formula import parse_formula
from gyeol.expressions.grammar import GRAMMAR, Form
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.errors import InputError, Problem

Schema = dict[str, NameInfo]


def problems(text: str, schema: Schema | None, *, line: int | None = None) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        parse_condition(text, schema, path="audiences.yaml", line=line)
    assert caught.value.code == "bad_condition"
    return caught.value.problems


@pytest.mark.parametrize("form", GRAMMAR, ids=lambda form: f"{form.shape}-{form.op}")
def test_every_form_of_the_grammar_is_read_as_its_example_says(form: Form, schema: Schema) -> None:
    names = None if form.shape == "dotted" else schema
    if form.formula_only:
        assert parse_formula(form.example, names).sql
        with pytest.raises(InputError, match="not allowed"):
            parse_condition(f"{form.example} > 1", names)
    else:
        assert parse_condition(form.example, names).sql


def test_all_problems_are_found_at_once_with_their_places(schema: Schema) -> None:
    found = problems("ordrs > 3\n  AND city = 3 AND tags = 'x'\n  AND (orders = '3' OR weather)", schema, line=10)
    assert [(p.line, p.column, p.code) for p in found] == [
        (10, 1, "unknown_name"), (11, 7, "type_clash"), (11, 20, "type_clash"), (12, 8, "type_clash"), (12, 24, "unknown_name"),
    ]  # fmt: skip
    assert [p.mend for p in found] == [
        "did you mean orders?", "write the text in quotation marks: '3'", "write CONTAINS(tags, 'x')",
        "write the number without quotation marks: 3", "did you mean moment.weather?",
    ]  # fmt: skip
    assert all(p.path == "audiences.yaml" for p in found)


def test_a_name_written_by_its_label_is_recognised(schema: Schema) -> None:
    assert problems("주문수 > 3", schema)[0].mend == "did you mean orders?"


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("", "empty", 1),
        ("orders >", "syntax", 8),
        ("orders > 3 AND", "syntax", 12),
        ("(orders > 3", "syntax", 11),
        ("orders > 3)", "syntax", 11),
        ("city = '서울", "syntax", 8),
        ("최근 주문 > 3", "syntax", 4),
        ("drop table people", "syntax", 1),
        ("orders > 3; orders < 2", "not_allowed", 1),
        ("count(*) > 3", "not_allowed", 1),
        ("now() > 3", "not_allowed", 1),
        ("orders::int > 3", "not_allowed", 1),
        ("orders > ?", "not_allowed", 1),
        ("orders & 3 > 1", "not_allowed", 1),
        ("city ~ 'x'", "not_allowed", 1),
        ("city ILIKE 'x'", "not_allowed", 1),
        ("city || 'x' = 'y'", "not_allowed", 1),
        ("city LIKE 'x' ESCAPE '!'", "not_allowed", 1),
        ("city LIKE tier", "not_allowed", 1),
        ("city IN (SELECT 1)", "not_allowed", 1),
        ("city IN ()", "not_allowed", 1),
        ("city IN ('a', tier)", "not_allowed", 1),
        ("city IN ('a', NULL)", "compares_null", 1),
        ("orders BETWEEN SYMMETRIC 3 AND 1", "not_allowed", 1),
        ("orders = NULL", "compares_null", 1),
        ("orders IS 3", "not_allowed", 1),
        ("orders IS DISTINCT FROM 3", "not_allowed", 1),
        ("COALESCE(orders, 0) > 1", "not_allowed", 1),
        ("orders", "type_clash", 1),
        ("NOT orders", "type_clash", 5),
        ("city", "type_clash", 1),
        ("tags", "type_clash", 1),
        ("seen", "type_clash", 1),
        ("1 < orders < 5", "type_clash", 1),
        ("burst < TRUE", "type_clash", 1),
        ("burst = 1", "type_clash", 1),
        ("city + 1 > 3", "type_clash", 1),
        ("tags = tags", "type_clash", 1),
        ("CONTAINS(city, 'x')", "type_clash", 1),
        ("CONTAINS(tags, tier)", "not_allowed", 1),
        ("orders LIKE '3%'", "type_clash", 1),
        ("is_stale(3)", "not_allowed", 1),
        ("is_stale(city, tier)", "not_allowed", 1),
        ("orders > 1 / 0", "not_finite", 14),
        ("orders / 0 > 1", "not_finite", 10),
        ("orders > 1e999", "bad_number", 10),
        ("seen > 'gestern'", "bad_time", 8),
        ("city = seoul", "unknown_name", 8),
        ("moment.wether = 'rain'", "unknown_name", 1),
        ("orders[1] > 2", "not_allowed", 1),
        ("EXISTS(SELECT 1)", "not_allowed", 15),
    ],
)
def test_what_is_refused(text: str, code: str, column: int, schema: Schema) -> None:
    found = problems(text, schema)
    assert [(p.code, p.column) for p in found] == [(code, column)]
    assert found[0].what


def test_a_long_text_and_deep_brackets_are_refused(schema: Schema) -> None:
    assert problems("orders > 1 " + "AND orders > 1 " * 1000, schema)[0].code == "too_long"
    assert problems("(" * 4000 + "orders > 1" + ")" * 4000, schema)[0].code in ("too_deep", "syntax")


def test_texts_are_taken_in_form_nfc(schema: Schema) -> None:
    decomposed = "서울"
    assert parse_condition(f"city = '{decomposed}'", schema).sql == "city = '서울'"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("orders>=3 and (city='서울')", "orders >= 3 AND city = '서울'"),
        ("3 <= orders", "orders >= 3"),
        ("3 = orders AND 1 < views", "orders = 3 AND views > 1"),
        ("orders != 3", "orders <> 3"),
        ("not city in ('a','b')", "city NOT IN ('a', 'b')"),
        ("orders > 2 + 3 * 4", "orders > 14.0"),
        ("orders > -(3)", "orders > -3"),
        ("city = 'it''s'", "city = 'it''s'"),
        (
            "(orders > 1 AND views > 1) AND (burst OR tags IS NULL OR FALSE)",
            "orders > 1 AND views > 1 AND (burst OR tags IS NULL OR FALSE)",
        ),
        ("orders - (views - 1) > 0", "orders - (views - 1) > 0"),
        ("3 BETWEEN views AND orders", "views <= 3 AND orders >= 3"),
        ("1 < 2", "TRUE"),
    ],
)
def test_canonical_text(text: str, canonical: str, schema: Schema) -> None:
    assert parse_condition(text, schema).sql == canonical


def test_names_are_sorted_and_each_once(schema: Schema) -> None:
    condition = parse_condition("views > 1 AND (orders > 1 OR is_stale(moment.weather)) AND views < orders", schema)
    assert condition.names == ("moment.weather", "orders", "views")


def test_quoted_names_may_hold_spaces() -> None:
    condition = parse_condition('properties."Order Total" > 3 AND "select" = \'x\'', None)
    assert condition.names == ("properties.Order Total", "select")
    assert parse_condition(condition.sql, None).tree == condition.tree


def test_formula_problems_have_their_own_code(schema: Schema) -> None:
    with pytest.raises(InputError) as caught:
        parse_formula("CASE orders WHEN 1 THEN 2 END + city", schema, path="offers.yaml")
    assert caught.value.code == "bad_formula"
    assert {p.code for p in caught.value.problems} == {"not_allowed", "type_clash"}
