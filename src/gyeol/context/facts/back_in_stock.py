"""moment.back_in_stock: whether an article that was sold out can be had again."""

from __future__ import annotations

from gyeol.context.facts.told import Told
from gyeol.kernel.instants import DAY_MS

BACK_IN_STOCK = Told(
    "back_in_stock", {"ko": "재입고", "en": "back in stock"}, ttl_ms=3 * DAY_MS, subjects=("sku",), type="flag", in_request=False
)
"""News for three days, our own choice."""
