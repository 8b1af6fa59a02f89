"""Korean particles after Hangul, digits, Latin letters, quotes and signs."""

from __future__ import annotations

import pytest

from gyeol.expressions.particles import Particle, with_particle


@pytest.mark.parametrize(
    ("word", "particle", "wanted"),
    [
        ("도시", "이/가", "도시가"),
        ("서울", "이/가", "서울이"),
        ("도시", "은/는", "도시는"),
        ("서울", "은/는", "서울은"),
        ("커피", "을/를", "커피를"),
        ("상품", "을/를", "상품을"),
        ("도시", "와/과", "도시와"),
        ("상품", "와/과", "상품과"),
        ("부산", "으로/로", "부산으로"),
        ("서울", "으로/로", "서울로"),
        ("제주", "으로/로", "제주로"),
        ("‘서울’", "으로/로", "‘서울’로"),
        ("주문 수(건)", "이/가", "주문 수(건)이"),
        ("0", "이/가", "0이"),
        ("1", "으로/로", "1로"),
        ("2", "이/가", "2가"),
        ("3", "으로/로", "3으로"),
        ("6", "으로/로", "6으로"),
        ("7", "을/를", "7을"),
        ("9", "을/를", "9를"),
        ("10", "이/가", "10이"),
        ("100", "으로/로", "100으로"),
        ("1,000", "을/를", "1,000을"),
        ("50,000", "을/를", "50,000을"),
        ("1,000,000,000,000", "을/를", "1,000,000,000,000를"),
        ("2.5", "이/가", "2.5가"),
        ("2.0", "이/가", "2.0이"),
        ("10,000원", "을/를", "10,000원을"),
        ("12.34달러", "을/를", "12.34달러를"),
        ("50%", "이/가", "50%가"),
        ("VIP", "이/가", "VIP가"),
        ("URL", "으로/로", "URL로"),
        ("LLM", "을/를", "LLM을"),
        ("SMS", "을/를", "SMS를"),
        ("email", "으로/로", "email로"),
        ("web", "으로/로", "web으로"),
        ("kakao", "이/가", "kakao가"),
        ("naver", "이/가", "naver가"),
        ("instagram", "을/를", "instagram을"),
        ("shopping", "을/를", "shopping을"),
        ("store", "을/를", "store를"),
        ("click", "을/를", "click을"),
        ("", "이/가", "가"),
    ],
)
def test_particles(word: str, particle: Particle, wanted: str) -> None:
    assert with_particle(word, particle) == wanted
