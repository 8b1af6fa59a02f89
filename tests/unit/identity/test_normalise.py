"""Spelling of identifiers and values that identify nobody."""

from __future__ import annotations

from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gyeol.identity.model import IdentifierType
from gyeol.identity.normalise import LONGEST, normaliser, phone_number


def spell(way: str, text: str, *blocked: str, region: str = "KR") -> str | None:
    kind = IdentifierType(name="x", paths=[], priority=1, normalise=way, blocked=list(blocked))  # type: ignore[arg-type]  # any of the four
    return normaliser(kind, region)(text)


@pytest.mark.parametrize(
    ("way", "text", "expected"),
    [
        ("exact", "User-1 ", "User-1 "),
        ("exact", "\u1112\u1161\u11ab", "한"),
        ("lower", "  ABC ", "abc"),
        ("email", " Hana.Kim+shop@Example.INVALID ", "hana.kim+shop@example.invalid"),
        ("email", "no address", None),
        ("email", "a@b@c", None),
        ("phone", "010-1234-5678", "+821012345678"),
        ("phone", "+82 10 1234 5678", "+821012345678"),
        ("phone", "+82 (0)10-1234-5678", "+821012345678"),
        ("phone", "821012345678", "+821012345678"),
        ("phone", "０１０－１２３４－５６７８", "+821012345678"),
        ("phone", "02-123-4567", "+8221234567"),
        ("phone", "+1 415 555 2671", "+14155552671"),
        ("phone", "12", None),
        ("phone", "call me", None),
    ],
)
def test_spelling(way: str, text: str, expected: str | None) -> None:
    assert spell(way, text) == expected


@pytest.mark.parametrize(
    "text", ["", " ", "0", "000-000", "-", "null", "NULL", "None", "undefined", "Anonymous", "unknown", "n/a", "N/A", "(null)"]
)
def test_nobody_in_any_type(text: str) -> None:
    assert spell("exact", text) is None


@pytest.mark.parametrize(
    ("way", "text"),
    [("email", "test@shop.invalid"), ("phone", "010-0000-0000"), ("exact", "a" * (LONGEST + 1)), ("exact", "\ud800"), ("lower", " NaN ")],
)
def test_nobody(way: str, text: str) -> None:
    assert spell(way, text) is None


def test_own_patterns_match_the_whole_normalised_value() -> None:
    assert spell("lower", " GUEST-7 ", "guest-[0-9]") is None
    assert spell("lower", "guest-77", "guest-[0-9]") == "guest-77"
    assert spell("exact", "GUEST-7", "guest-[0-9]") == "GUEST-7"


def test_a_number_without_prefix_belongs_to_the_region() -> None:
    assert phone_number("010-1234-5678", "US") != "+821012345678"
    assert phone_number("(415) 555-2671", "US") == "+14155552671"


@given(
    st.integers(0, 10**8 - 1),
    st.sampled_from(["010-{}-{}", "010{}{}", "+82 10 {} {}", "+8210{}{}", "8210-{}-{}", "+82-(0)10-{}-{}", "010.{}.{}"]),
)
def test_the_short_way_for_korean_mobiles_says_what_phonenumbers_says(number: int, form: str) -> None:
    digits = f"{number:08d}"
    text = form.format(digits[:4], digits[4:])
    parsed = phonenumbers.parse(text, "KR")
    assert phone_number(text, "KR") == phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize("way", ["exact", "lower", "email", "phone"])
@given(text=st.one_of(st.text(max_size=20), st.emails(), st.from_regex(r"\+?[0-9 -]{7,14}", fullmatch=True)))
def test_normalising_twice_is_normalising_once(way: str, text: str) -> None:
    once = spell(way, text)
    if once is not None:
        assert spell(way, once) == once


@pytest.mark.parametrize(
    ("options", "text", "value"),
    [
        ({"normalise": "email", "plus": "drop"}, "Kim+Shop@Naver.com", "kim@naver.com"),
        ({"normalise": "email", "plus": "drop"}, "k.im@gmail.com", "k.im@gmail.com"),
        ({"normalise": "email", "dots": "drop"}, "k.i.m@googlemail.com", "kim@gmail.com"),
        ({"normalise": "email", "dots": "drop"}, "k.im+a@naver.com", "k.im+a@naver.com"),
        ({"normalise": "email", "plus": "drop"}, "+shop@naver.com", None),
        ({"normalise": "phone", "region": "US"}, "(415) 555-2671", "+14155552671"),
        ({"normalise": "name"}, " 김 하나 님", "김하나"),
        ({"normalise": "name"}, "KIM, Hana", "hana kim"),
        ({"normalise": "name"}, "Ms. Hana Kim", "hana kim"),
        ({"normalise": "name"}, "김*나", None),
        ({"normalise": "address"}, "서울특별시 강남구 테헤란로 152, 3층 301호", "서울 강남구 테헤란로 152 -301"),
        ({"normalise": "address"}, "서울 강남구 테헤란로 152 301호", "서울 강남구 테헤란로 152 -301"),
        ({"normalise": "address"}, "부산광역시 해운대구 우동 1408-1번지", "부산 해운대구 우동 1408-1"),
        ({"normalise": "address"}, "서울 강남구 어딘가", None),
        ({"normalise": "address"}, "10 Downing St., London", "10 downing st london"),
    ],
)
def test_the_spellings_of_one_value(options: dict[str, Any], text: str, value: str | None) -> None:
    kind = IdentifierType(name="it", paths=[], priority=1, **options)
    assert normaliser(kind, "KR")(text) == value


@pytest.mark.parametrize(
    "text", ["없음", "비회원", "고객", "고객님", "Guest", "1234567890", "해당 없음", "noname@naver.com", "없음@x.kr", "test"]
)
def test_placeholders_identify_nobody(text: str) -> None:
    kind = IdentifierType(name="it", paths=[], priority=1, blocked=["$placeholders"])
    assert normaliser(kind, "KR")(text) is None
    assert normaliser(kind, "KR")(f"k-{text}x") == f"k-{text}x"


@pytest.mark.parametrize("text", ["010-0000-0000", "010-1111-1111", "01099999999", "+82 10 1234 1234"])
def test_numbers_that_nobody_has(text: str) -> None:
    kind = IdentifierType(name="phone", paths=[], priority=1, normalise="phone", blocked=["$placeholders"])
    assert normaliser(kind, "KR")(text) is None
