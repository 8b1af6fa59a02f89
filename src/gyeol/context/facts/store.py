"""moment.store: the shop where the person is."""

from __future__ import annotations

from gyeol.context.facts.told import Told

STORE = Told("store", {"ko": "매장", "en": "store"}, ttl_ms=60 * 60_000)
"""Counts for an hour, our own guess of a visit to a shop."""
