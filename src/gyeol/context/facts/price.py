"""moment.price: what an article costs now, in minor units of the workspace's currency."""

from __future__ import annotations

from gyeol.context.facts.told import Told
from gyeol.kernel.instants import DAY_MS

PRICE = Told("price", {"ko": "현재 가격", "en": "price now"}, ttl_ms=7 * DAY_MS, subjects=("sku",), type="number", in_request=False)
"""Counts for a week: prices stand until they are changed, and changes are told."""
