"""moment.channel: through which touchpoint the person is here: web, app, store, call_centre, …"""

from __future__ import annotations

from gyeol.context.facts.told import Told

CHANNEL = Told("channel", {"ko": "채널", "en": "channel"}, ttl_ms=30 * 60_000)
"""Counts for 30 minutes: a session, as analytics tools commonly end it."""
