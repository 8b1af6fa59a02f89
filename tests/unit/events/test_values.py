"""JSON values as columns: the table at the head of ``values.py``, line by line."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import pytest

from gyeol.events.batch import Wanted
from gyeol.events.values import Present, as_number, as_text, column_of, infer, money_column, nfc, present, text_column
from gyeol.expressions.column import Column, Vocabulary

VALUES: list[Any] = [7, 1.5, "12.50", "abc", True, False, "true", [1, "a"], {"k": 2}, None, "2026-01-31T00:00:00Z"]


def items(column: Column) -> list[object]:
    return [column.item(i) for i in range(len(column))]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("number", [7.0, 1.5, 12.5, None, None, None, None, None, None, None, None]),
        ("text", ["7", "1.5", "12.50", "abc", "true", "false", "true", '[1,"a"]', '{"k":2}', None, "2026-01-31T00:00:00Z"]),
        ("flag", [None, None, None, None, True, False, True, None, None, None, None]),
        ("list", [None, None, None, None, None, None, None, [1, "a"], {"k": 2}, None, None]),
        ("time", [7.0, 1.5, None, None, None, None, None, None, None, None, 1769817600000.0]),
    ],
)
def test_each_value_by_the_kind_wanted(kind: Wanted, wanted: list[object]) -> None:
    assert items(column_of(present(VALUES), kind, Vocabulary())) == wanted


@pytest.mark.parametrize("kind", ["number", "text", "flag", "list", "time"])
def test_a_value_is_the_same_whatever_stands_beside_it(kind: Wanted) -> None:
    together = items(column_of(present(VALUES), kind, Vocabulary()))
    alone = [items(column_of(present([value]), kind, Vocabulary()))[0] for value in VALUES]
    assert together == alone


@pytest.mark.parametrize("text", ["0x10", "1_000", " 5", "5 ", "NaN", "Infinity", "01", "1.", ".5", "", "-", "1e", "٣"])
def test_text_is_a_number_only_when_json_would_say_so(text: str) -> None:
    assert as_number(text) is None


@pytest.mark.parametrize(("value", "number"), [(10**400, None), ("1e999", None), ("-0.5e2", -50.0), (True, None), (2**53, 2.0**53)])
def test_numbers_beyond_float64_are_unknown(value: object, number: float | None) -> None:
    assert as_number(value) == number
    assert items(column_of(present([1, value]), "number", Vocabulary())) == [1.0, number]


def test_korean_typed_on_a_mac_is_the_same_word() -> None:
    composed, decomposed = "서울", unicodedata.normalize("NFD", "서울")
    assert composed != decomposed
    vocabulary = Vocabulary()
    codes = text_column(present([composed, decomposed, composed]), vocabulary).values.tolist()
    assert codes == [0, 0, 0] and vocabulary.words == [composed]
    assert as_text([decomposed]) == f'["{composed}"]'
    assert nfc("abc") == "abc"


def test_codes_are_given_in_the_order_of_the_events() -> None:
    vocabulary = Vocabulary()
    first = text_column(present(["b", None, "a", "b"]), vocabulary)
    second = text_column(present(["c", "a"]), vocabulary)
    assert first.values.tolist() == [0, -1, 1, 0] and first.known.tolist() == [True, False, True, True]
    assert second.values.tolist() == [2, 1]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2.5], "number"),
        ([True], "flag"),
        ([[1], {}], "list"),
        (["a", 1], "text"),
        ([True, 1], "text"),
        ([], "text"),
        ([[1], "a"], "text"),
    ],
)
def test_without_a_wish_the_values_decide(values: list[object], kind: str) -> None:
    assert infer(values) == kind


@pytest.mark.parametrize("n_known", [0, 1, 3, 9, 10])
def test_present_keeps_place_and_order(n_known: int) -> None:
    values: list[object] = [i if i < n_known else None for i in range(10)]
    found = present(values)
    assert found.values == list(range(n_known))
    assert found.known.tolist() == [i < n_known for i in range(10)]


@pytest.mark.parametrize(("value", "text"), [(41.0, "41"), (-3.0, "-3"), (0.5, "0.5"), (1e300, "1e300"), (2.0**53, "9007199254740992.0")])
def test_whole_floats_are_written_as_whole_numbers(value: float, text: str) -> None:
    assert as_text(value) == text


def test_money_is_rounded_in_its_own_currency() -> None:
    vocabulary = Vocabulary()
    currencies = text_column(present(["KRW", "USD", "KWD", "USD", None, "USD"]), vocabulary)
    amounts = np.array([1999.5, 1.015, 1.2345, 1e300, 5.0, 3.0])
    known = np.array([True, True, True, True, True, False])
    column = money_column(amounts, known, currencies)
    assert column.values.dtype == np.int64
    assert items(column) == [2000, 102, 1234, None, None, None]


def test_an_empty_column_is_unknown_everywhere() -> None:
    nothing = Present([], np.zeros(3, np.bool_))
    for kind in ("number", "text", "flag", "list", "time"):
        assert items(column_of(nothing, kind, Vocabulary())) == [None, None, None]
