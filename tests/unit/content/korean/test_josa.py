"""Particles after Hangul, digits, Latin letters and signs; the same as a Liquid filter."""

from __future__ import annotations

import pytest

from gyeol.content.korean.josa import josa, josa_ahead, sound_of, with_josa
from gyeol.content.liquid import fill, unknown_filters


@pytest.mark.parametrize(
    ("word", "wanted", "right"),
    [
        ("라떼", "을/를", "를"),
        ("쿠폰", "을/를", "을"),
        ("서울", "으로/로", "로"),
        ("집", "으로/로", "으로"),
        ("길", "은/는", "은"),
        ("바다", "이/가", "가"),
        ("3", "이/가", "이"),
        ("2,250원", "이/가", "이"),
        ("10", "으로/로", "으로"),
        ("7", "으로/로", "로"),
        ("1,000", "을/를", "을"),
        ("0", "은/는", "은"),
        ("1.0", "은/는", "은"),
        ("50%", "을/를", "를"),
        ("VIP", "은/는", "는"),
        ("URL", "으로/로", "로"),
        ("ATM", "은/는", "은"),
        ("Apple", "은/는", "은"),
        ("Coffee", "을/를", "를"),
        ("ICE50", "을/를", "을"),
        ("‘결’", "은/는", "은"),
        ("커피(대)", "은/는", "는"),
        ("♥", "은/는", "은(는)"),
        ("♥", "으로/로", "(으)로"),
        ("", "을/를", "을(를)"),
        ("학교", "은", "는"),
        ("학생", "는", "은"),
        ("우유", "이에요", "예요"),
    ],
)
def test_the_particle_fits(word: str, wanted: str, right: str) -> None:
    assert josa(word, wanted) == right


def test_sounds() -> None:
    assert [sound_of(word) for word in ("조", "1000000000000", "만", "10000", "ㅋ")] == [
        "vowel",
        "vowel",
        "consonant",
        "consonant",
        "unknown",
    ]


def test_a_particle_that_stands_ahead() -> None:
    assert [josa_ahead(text) for text in ("를 드려요", "으로", "는다", "", " 를")] == ["를", "으로", "", "", ""]


def test_the_filter() -> None:
    assert fill("{{ facts.x | josa: '을/를' }} 드려요", {"facts.x": "라떼"}) == "라떼를 드려요"
    assert fill("{{ facts.x | josa: '은/는' }}", {"facts.x": 3}) == "3은"
    assert fill("<b>{{ facts.x | josa: '을/를' }}</b>", {"facts.x": "<결>"}, html=True) == "<b>&lt;결&gt;을</b>"
    assert unknown_filters("{{ facts.x | josa: '을/를' }}") == []
    assert with_josa("결", "입니다") == "결입니다"
