"""What a text claims, in Korean and English, in one form each."""

from __future__ import annotations

import time

import pytest

from gyeol.content.claims import agrees, claims
from gyeol.content.model import FactDefinition

WON = ("KRW", 2250)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("2,250원", "price", WON),
        ("2250 원에", "price", WON),
        ("₩2,250", "price", WON),
        ("KRW 2,250", "price", WON),
        ("2,250 won off", "price", WON),
        ("3만원", "price", ("KRW", 30_000)),
        ("1만 5천원", "price", ("KRW", 15_000)),
        ("2천 5백 원", "price", ("KRW", 2_500)),
        ("$3.50", "price", ("USD", 350)),
        ("3.5 dollars", "price", ("USD", 350)),
        ("50%", "percent", 50.0),
        ("12.5 퍼센트", "percent", 12.5),
        ("반값", "percent", 50.0),
        ("at half price", "percent", 50.0),
        ("8월 31일까지", "date", (None, 8, 31)),
        ("2026년 8월 31일", "date", (2026, 8, 31)),
        ("2026-08-31", "date", (2026, 8, 31)),
        ("2026.8.31", "date", (2026, 8, 31)),
        ("until 31 August 2026", "date", (2026, 8, 31)),
        ("until August 31st", "date", (None, 8, 31)),
        ("Aug 31, 2026", "date", (2026, 8, 31)),
        ("8/31", "date", (None, 8, 31)),
        ("오전 11시", "time", (660, True)),
        ("오후 2시 30분", "time", (870, True)),
        ("11시 반", "time", (690, False)),
        ("11:00", "time", (660, False)),
        ("14:30", "time", (870, True)),
        ("11 a.m.", "time", (660, True)),
        ("ICE50을", "code", "ICE50"),
        ("https://shop.example/ice?x=1.", "link", "https://shop.example/ice?x=1"),
        ("24시간", "number", 24.0),
        ("3잔", "number", 3.0),
    ],
)
def test_one_claim(text: str, kind: str, value: object) -> None:
    assert [(claim.kind, claim.value) for claim in claims(text)] == [(kind, value)]


@pytest.mark.parametrize("text", ["두 번째 잔", "원두를 새로 볶았어요", "SALE", "A second drink", "", "님, 안녕하세요"])
def test_what_claims_nothing(text: str) -> None:
    assert claims(text) == []


def test_what_is_known_claims_nothing_where_it_stands_alone() -> None:
    assert claims("1+1 행사, 2,250원", ["1+1", "2,250원"]) == []
    assert [claim.text for claim in claims("12,250원", ["2,250원"])] == ["12,250원"]
    assert [claim.text for claim in claims("ICE505", ["ICE50"])] == ["ICE505"]


@pytest.mark.parametrize(
    ("text", "fact", "agreed"),
    [
        ("2천 250원", FactDefinition(type="price", value=2250), True),
        ("2,260원", FactDefinition(type="price", value=2250), False),
        ("$22.50", FactDefinition(type="price", value=2250), False),
        ("$22.50", FactDefinition(type="price", value=2250, currency="USD"), True),
        ("반값", FactDefinition(type="percent", value=50), True),
        ("8월 31일", FactDefinition(type="date", value="2026-08-31"), True),
        ("2025년 8월 31일", FactDefinition(type="date", value="2026-08-31"), False),
        ("11시", FactDefinition(type="time", value="23:00"), True),
        ("오전 11시", FactDefinition(type="time", value="23:00"), False),
        ("https://shop.example/?utm=mail", FactDefinition(type="link", value="https://shop.example/"), True),
        ("https://shop.example.evil/", FactDefinition(type="link", value="https://shop.example"), False),
    ],
)
def test_a_claim_agrees_with_a_fact_of_its_type_and_value(text: str, fact: FactDefinition, agreed: bool) -> None:
    (claim,) = claims(text)
    assert agrees(claim, fact, "KRW") is agreed


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("오천원 할인", "price", ("KRW", 5_000)), ("만 이천 원에", "price", ("KRW", 12_000)), ("만원의 행복", "price", ("KRW", 10_000)),
        ("삼십 퍼센트", "percent", 30.0), ("30~50%", "percent", 30.0), ("26.08.31까지", "date", (2026, 8, 31)),
        ("26년 8월 31일", "date", (2026, 8, 31)), ("8월 1일~31일", "date", (None, None, 31)), ("8월 한 달", "date", (None, 8, None)),
        ("bit.ly/3abc 참고", "link", "bit.ly/3abc"), ("www.shop.example", "link", "www.shop.example"),
    ],
)  # fmt: skip
def test_what_people_write_in_messages_is_read(text: str, kind: str, value: object) -> None:
    assert (kind, value) in [(claim.kind, claim.value) for claim in claims(text)]


@pytest.mark.parametrize(
    "text", ["만원 버스", "회원 여러분", "이번 정원", "몇 만 원", "help@shop.example", "이천 원두", "천천히", "수백만 회원"]
)
def test_words_that_are_no_sums(text: str) -> None:
    assert not claims(text)


def test_a_day_with_a_point_and_an_address_without_its_scheme_are_those_of_the_facts() -> None:
    until, link = FactDefinition(type="date", value="2026-08-31"), FactDefinition(type="link", value="https://shop.example/ice")
    assert [agrees(claim, until, "KRW") for claim in claims("8.31까지, 9.1까지")] == [True, False]
    assert [agrees(claim, link, "KRW") for claim in claims("shop.example/ice shop.example/tea")] == [True, False]


@pytest.mark.parametrize(
    "text", ["만 " * 20_000, "일이삼" * 10_000, "천" * 30_000, "A-" * 15_000, "a." * 15_000, "1 만 " * 10_000, "26." * 10_000]
)
def test_long_texts_are_read_in_one_pass(text: str) -> None:
    before = time.process_time()
    claims(text)
    assert time.process_time() - before < 3
