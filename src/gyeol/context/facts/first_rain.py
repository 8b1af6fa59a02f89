"""moment.first_rain: whether rain or snow has begun after a dry day."""

from __future__ import annotations

from gyeol.context.facts.told import Told

FIRST_RAIN = Told(
    "first_rain",
    {"ko": "오랜만의 비", "en": "first rain after a dry day"},
    ttl_ms=60 * 60_000,
    subjects=("store", "cell", "region"),
    type="flag",
    in_request=False,
)
"""Counts for an hour, as the weather does."""
