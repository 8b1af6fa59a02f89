"""moment.price_drop: by which share of its price an article has become cheaper."""

from __future__ import annotations

from gyeol.context.facts.told import Told
from gyeol.kernel.instants import DAY_MS

PRICE_DROP = Told(
    "price_drop", {"ko": "가격 인하율", "en": "price drop"}, ttl_ms=3 * DAY_MS, subjects=("sku",), type="number", in_request=False
)
"""0.2: a fifth off. News for three days, our own choice."""
