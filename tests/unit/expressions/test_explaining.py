from __future__ import annotations

import json

import msgspec
import pytest

from gyeol.expressions.condition import parse_condition
from gyeol.expressions.explain import Explained
from gyeol.expressions.schema import NameInfo
from gyeol.expressions.sentence import lines_for, sentence_for

Schema = dict[str, NameInfo]
PERSON = {"orders": 2, "views": 7, "revenue": 150_000, "city": "부산", "tier": "gold", "burst": True, "tags": ["p1", "p2"],
          "seen": 1_767_225_600_000}  # fmt: skip


def explained(text: str, schema: Schema) -> Explained:
    return parse_condition(text, schema).explain(PERSON.get, lambda name: name == "moment.weather")


@pytest.mark.parametrize(
    ("text", "ko", "en"),
    [
        ("orders >= 3", "주문 수 2 < 3 (불만족)", "orders 2 < 3 (not met)"),
        ("orders < 3", "주문 수 2 < 3 (만족)", "orders 2 < 3 (met)"),
        ("NOT (orders > 3)", "주문 수 2 ≤ 3 (만족)", "orders 2 ≤ 3 (met)"),
        ("city = '서울'", "도시 ‘부산’ ≠ ‘서울’ (불만족)", "city ‘부산’ ≠ ‘서울’ (not met)"),
        ("tier IN ('gold', 'vip')", "등급 ‘gold’ ∈ {‘gold’, ‘vip’} (만족)", "tier ‘gold’ ∈ {‘gold’, ‘vip’} (met)"),
        ("orders BETWEEN 3 AND 5", "주문 수 2 ∉ 3–5 (불만족)", "orders 2 ∉ 3–5 (not met)"),
        ("revenue > 200000", "매출 150,000원 ≤ 200,000원 (불만족)", "revenue ₩150,000 ≤ ₩200,000 (not met)"),
        ("revenue + revenue > 200000", "매출 + 매출 300,000원 > 200,000원 (만족)", "revenue + revenue ₩300,000 > ₩200,000 (met)"),
        ("revenue / orders > 70000", "매출 ÷ 주문 수 75,000원 > 70,000원 (만족)", "revenue ÷ orders ₩75,000 > ₩70,000 (met)"),
        ("views > orders", "조회 수 7 > 2 (만족)", "views 7 > 2 (met)"),
        ("burst", "몰아 보기 예 (만족)", "browsing burst yes (met)"),
        ("CONTAINS(tags, 'p3')", "최근 본 상품 ‘p1’, ‘p2’ ∌ ‘p3’ (불만족)", "recent products ‘p1’, ‘p2’ ∌ ‘p3’ (not met)"),
        ("city LIKE '%울'", "도시 ‘부산’ ≁ ‘%울’ (불만족)", "city ‘부산’ ≁ ‘%울’ (not met)"),
        ("seen > '2026-01-01'", "마지막 방문 2026-01-01T00:00:00.000Z ≤ 2026-01-01 (불만족)",
         "last visit 2026-01-01T00:00:00.000Z ≤ 2026-01-01 (not met)"),
        ("moment.weather = 'rain'", "날씨 오래된 정보 (필요: = ‘rain’)", "weather out of date (needed: = ‘rain’)"),
        ("city IS NULL", "도시 ‘부산’ (불만족)", "city ‘부산’ (not met)"),
        ("orders > 1 AND city = '서울' AND tier = 'vip'", "도시 ‘부산’ ≠ ‘서울’ (불만족) · 등급 ‘gold’ ≠ ‘vip’ (불만족)",
         "city ‘부산’ ≠ ‘서울’ (not met) · tier ‘gold’ ≠ ‘vip’ (not met)"),
        ("TRUE", "만족", "met"),
    ],
)  # fmt: skip
def test_short_lines(text: str, ko: str, en: str, schema: Schema) -> None:
    tree = explained(text, schema)
    assert sentence_for(tree, "ko", schema) == ko
    assert sentence_for(tree, "en", schema) == en


def test_every_test_has_its_line(schema: Schema) -> None:
    tree = explained("orders > 1 AND (city = '서울' OR burst)", schema)
    assert lines_for(tree, "en", schema) == ["orders 2 > 1 (met)", "city ‘부산’ ≠ ‘서울’ (not met)", "browsing burst yes (met)"]


def test_the_tree_is_json_with_what_was_found_and_wanted(schema: Schema) -> None:
    tree = explained("orders BETWEEN 3 AND views AND moment.weather IS NULL", schema)
    assert json.loads(msgspec.json.encode(tree)) == {
        "op": "AND",
        "verdict": "false",
        "parts": [
            {"op": "between", "verdict": "false", "sql": "orders BETWEEN 3 AND views", "subject": "orders", "found": 2, "wanted": [3, 7],
             "wanted_sql": ["views"]},
            {"op": "is null", "verdict": "true", "sql": "moment.weather IS NULL", "subject": "moment.weather", "stale": ["moment.weather"]},
        ],
    }  # fmt: skip


def test_is_true_of_the_unknown_is_false_in_the_whole(schema: Schema) -> None:
    assert explained("(moment.weather = 'rain') IS TRUE", schema).verdict == "false"
    assert explained("moment.weather = 'rain'", schema).verdict == "unknown"
