"""moment.page: the page or screen that is looked at."""

from __future__ import annotations

from gyeol.context.facts.told import Told

PAGE = Told("page", {"ko": "페이지", "en": "page"}, ttl_ms=30 * 60_000)
"""Counts for 30 minutes: a session, as analytics tools commonly end it."""
