"""What a text claims, in Korean and English, in one form each."""

from __future__ import annotations

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
