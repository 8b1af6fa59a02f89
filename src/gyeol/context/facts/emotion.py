"""moment.emotion, moment.emotion_topic, moment.emotion_trend, moment.open_complaint: what a person's texts tell."""

from __future__ import annotations

from gyeol.context.emotion.topics import LABELS
from gyeol.context.facts.told import Told
from gyeol.kernel.instants import DAY_MS

EMOTION = Told("emotion", {"ko": "최근 글의 감정", "en": "emotion of the latest text"}, ttl_ms=7 * DAY_MS, type="number", in_request=False)
"""Polarity of the latest text, -1 to 1; with the confidence of its direction."""
EMOTION_TOPIC = Told(
    "emotion_topic", {"ko": "최근 글의 주제", "en": "topic of the latest text"}, ttl_ms=7 * DAY_MS, values=LABELS, in_request=False
)
"""What the latest text speaks of most decidedly."""
EMOTION_TREND = Told("emotion_trend", {"ko": "요즘 감정", "en": "emotion lately"}, ttl_ms=30 * DAY_MS, type="number", in_request=False)
"""The decayed trend, -1 to 1; told anew with each text."""
OPEN_COMPLAINT = Told(
    "open_complaint", {"ko": "해결되지 않은 불만", "en": "open complaint"}, ttl_ms=30 * DAY_MS, type="flag", in_request=False
)
"""Whether a complaint is open; it lapses with its TTL."""
