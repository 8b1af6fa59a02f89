"""moment.stock: how many of an article are left."""

from __future__ import annotations

from gyeol.context.facts.told import Told
from gyeol.kernel.instants import DAY_MS

STOCK = Told("stock", {"ko": "재고", "en": "stock"}, ttl_ms=DAY_MS, subjects=("sku",), type="number", unit="items", in_request=False)
"""Counts for a day: shops take stock at least daily, our own choice."""
