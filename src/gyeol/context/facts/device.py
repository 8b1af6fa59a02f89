"""moment.device: what the person holds in hand: mobile, desktop, tablet, tv, kiosk, …"""

from __future__ import annotations

from gyeol.context.facts.kind import words
from gyeol.context.facts.told import Told

DEVICE = Told(
    "device",
    {"ko": "기기", "en": "device"},
    ttl_ms=30 * 60_000,
    values=words(mobile=("휴대전화", "mobile"), desktop=("컴퓨터", "desktop"), tablet=("태블릿", "tablet")),
)
"""Counts for 30 minutes: a session, as analytics tools commonly end it."""
