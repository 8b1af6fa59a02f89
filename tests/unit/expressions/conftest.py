from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gyeol.expressions.column import Column, Kind, Vocabulary
from gyeol.expressions.schema import NameInfo

Make = Callable[..., Column]


@pytest.fixture
def schema() -> dict[str, NameInfo]:
    def info(type_: str, ko: str = "", en: str = "", unit: str | None = None) -> NameInfo:
        return NameInfo(type=type_, label={"ko": ko, "en": en} if ko else {}, unit=unit)  # type: ignore[arg-type]  # the tests spell types

    return {
        "orders": info("number", "주문 수", "orders"),
        "views": info("number", "조회 수", "views"),
        "revenue": info("number", "매출", "revenue", "KRW"),
        "city": info("text", "도시", "city"),
        "tier": info("text", "등급", "tier"),
        "burst": info("flag", "몰아 보기", "browsing burst"),
        "tags": info("list", "최근 본 상품", "recent products"),
        "seen": info("time", "마지막 방문", "last visit"),
        "moment.weather": info("text", "날씨", "weather"),
        # The names of the grammar's examples.
        "browsing_burst": info("flag"),
    }


@pytest.fixture
def column() -> Make:
    """A column of Python values, None for NULL."""

    def make(kind: Kind, *values: object, stale: list[bool] | None = None) -> Column:
        known = np.array([value is not None for value in values])
        aged = None if stale is None else np.array(stale)
        if kind == "text":
            vocabulary = Vocabulary()
            return Column(kind, vocabulary.encode([None if v is None else str(v) for v in values]), known, vocabulary, aged)
        if kind == "list":
            lists = np.empty(len(values), object)
            lists[:] = values
            return Column(kind, lists, known, None, aged)
        dtype = np.bool_ if kind == "flag" else np.float64
        return Column(kind, np.array([0 if value is None else value for value in values], dtype), known, None, aged)

    return make
