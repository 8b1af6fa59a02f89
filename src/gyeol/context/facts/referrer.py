"""moment.referrer: from where the person came: the source of a campaign, or the host of the page before."""

from __future__ import annotations

from gyeol.context.facts.told import Told

REFERRER = Told("referrer", {"ko": "유입 경로", "en": "came from"}, ttl_ms=30 * 60_000)
"""Counts for 30 minutes: a session, as analytics tools commonly end it."""
