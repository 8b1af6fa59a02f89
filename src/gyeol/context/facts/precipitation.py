"""moment.precipitation: what fell within the last hour."""

from __future__ import annotations

from gyeol.context.facts.told import Told

PRECIPITATION = Told(
    "precipitation",
    {"ko": "강수량", "en": "precipitation"},
    ttl_ms=60 * 60_000,
    subjects=("store", "cell", "region"),
    type="number",
    unit="mm",
    in_request=False,
)
"""Counts for an hour, as the weather does."""
