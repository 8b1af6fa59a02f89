"""moment.trending_search, moment.trending_category: what is searched for, and looked at, far more than it usually is."""

from __future__ import annotations

from gyeol.context.facts.told import Told
from gyeol.kernel.instants import HOUR_MS

TRENDING_SEARCH = Told("trending_search", {"ko": "급상승 검색어", "en": "rising search"}, ttl_ms=2 * HOUR_MS, in_request=False)
"""The search that rises most in the whole workspace; ``context/trends.py`` says when it does. Its confidence grows with the count."""
TRENDING_CATEGORY = Told("trending_category", {"ko": "급상승 분류", "en": "rising category"}, ttl_ms=2 * HOUR_MS, in_request=False)
"""The category that rises most."""
