"""The bench's 200 audience conditions stay fast. Bounds are ten times what was measured: they catch a lost vectorisation, not noise."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from gyeol.expressions.column import Column, Vocabulary
from gyeol.expressions.condition import ConditionSet, parse_condition
from gyeol.expressions.schema import NameInfo, NameType

SHARED = Path(os.environ.get("GYEOL_SHARED", Path(__file__).parents[4] / "shared"))
TEXTS = ("first_campaign", "last_category", "last_query", "city", "tier", "top_category", "top_brand")
TYPES: dict[str, NameType] = {"recent": "list", "sequence": "flag"}


def columns_of(schema: dict[str, NameInfo], n: int) -> dict[str, Column]:
    generator = np.random.default_rng(0)
    vocabulary = Vocabulary()
    for word in ("서울", "부산", "커피", "vip", "basic", "gold", "kakao", "봄 세일", *(f"w{i}" for i in range(500))):
        vocabulary.code(word)
    columns = {}
    for name, info in schema.items():
        known = generator.random(n) < 0.4
        if info.type == "text":
            columns[name] = Column("text", generator.integers(0, len(vocabulary.words), n).astype(np.int32), known, vocabulary)
        elif info.type == "flag":
            columns[name] = Column("flag", generator.random(n) < 0.2, np.ones(n, np.bool_))
        else:
            columns[name] = Column("number", generator.exponential(50_000.0, n), known)
    return columns


def test_200_conditions_on_1000_rows_take_milliseconds() -> None:
    path = SHARED / "bench" / "definitions.json"
    if not path.exists():
        pytest.skip("the bench definitions are not beside the project")
    bench = json.loads(path.read_text(encoding="utf-8"))
    types = {t["name"]: "text" if t["name"] in TEXTS else TYPES.get(t["kind"], "number") for t in bench["traits"]}
    schema = {name: NameInfo(type=type_) for name, type_ in types.items()}
    conditions = ConditionSet([parse_condition(audience["condition"], schema) for audience in bench["audiences_200"]])
    assert len(conditions) == 200
    columns = columns_of(schema, 1000)
    taken = []
    for _ in range(10):
        start = time.process_time()
        true, _ = conditions.evaluate(columns.__getitem__, 1000)
        taken.append(time.process_time() - start)
    assert true.any()
    # Measured on 2 shared cores: 2.6 ms.
    assert min(taken) < 0.030
