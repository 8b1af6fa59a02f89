"""moment.felt_temperature: how warm people feel it is (체감온도)."""

from __future__ import annotations

from gyeol.context.facts.told import Told

FELT_TEMPERATURE = Told(
    "felt_temperature",
    {"ko": "체감온도", "en": "felt temperature"},
    ttl_ms=60 * 60_000,
    subjects=("store", "cell", "region"),
    type="number",
    unit="°C",
    in_request=False,
)
"""Counts for an hour, as the weather does."""
