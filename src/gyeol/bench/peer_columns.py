"""Columns as the peers of a benchmark are given them: Arrow arrays with NULLs."""

from __future__ import annotations

from typing import Any

import numpy as np

from gyeol.expressions.column import Column


def as_arrow(column: Column) -> Any:
    """The column as an Arrow array; texts as texts."""
    import pyarrow as pa

    unknown = ~column.known
    if column.kind == "text":
        assert column.vocabulary is not None
        codes = pa.array(np.where(unknown, 0, column.values).astype(np.int32), mask=unknown)
        return pa.DictionaryArray.from_arrays(codes, pa.array(column.vocabulary.words, pa.string())).cast(pa.string())
    return pa.array(column.values, mask=unknown)
