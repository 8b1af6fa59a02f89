"""A Parquet file of people with three identifiers each: what a large company's state is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

CITIES, TIERS = ("서울", "부산", "대구", "인천", "광주", "대전"), ("basic", "silver", "gold", "vip")
EVENTS_OF_ONE = 2
_BLOCK = 100_000


def write_population(path: Path, people: int, end_ms: int) -> None:
    """Two events a person: an identify call with account, device and e-mail, and an order within the last 30 days.

    Args:
        path: The file.
        people: How many.
        end_ms: No event is later.
    """
    import pyarrow.parquet as pq

    writer = None
    for first in range(0, people, _BLOCK):
        table = _block(np.arange(first, min(first + _BLOCK, people)), end_ms)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def _block(numbers: np.ndarray[tuple[int], np.dtype[np.int64]], end_ms: int) -> Any:
    import pyarrow

    n = len(numbers)
    rng = np.random.default_rng(int(numbers[0]))
    each = [f"u{i:08d}" for i in numbers.tolist()]
    times = end_ms - rng.integers(0, 30 * 86_400_000, 2 * n)
    nothing = [None] * n
    return pyarrow.table(
        {
            "type": ["identify"] * n + ["track"] * n,
            "event": nothing + ["Order Completed"] * n,
            "messageId": [f"{name}-{kind}" for kind in ("i", "o") for name in each],
            "userId": each * 2,
            "anonymousId": [f"device-{name}" for name in each] * 2,
            "timestamp": pyarrow.array(times, pyarrow.timestamp("ms", "UTC")),
            "traits.email": [f"{name}@example.com" for name in each] + nothing,
            "traits.city": [CITIES[i] for i in rng.integers(0, len(CITIES), n).tolist()] + nothing,
            "traits.tier": [TIERS[i] for i in rng.integers(0, len(TIERS), n).tolist()] + nothing,
            "properties.revenue": pyarrow.array([None] * n + rng.integers(1_000, 500_000, n).tolist(), pyarrow.float64()),
            "properties.currency": nothing + ["KRW"] * n,
        }
    )
