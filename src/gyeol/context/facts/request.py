"""What the caller of decide says of the situation: the device, the page, the store, the weather outside."""

from __future__ import annotations

from collections.abc import Iterable

from gyeol.context.fact import Fact
from gyeol.context.facts.kind import Situation
from gyeol.expressions.schema import NameInfo

MOST_CHARS = 200


class RequestFacts:
    """Only the names below are taken; a value that is not text is left out."""

    names = {
        "device": NameInfo(type="text", label={"ko": "기기", "en": "device"}),
        "page": NameInfo(type="text", label={"ko": "페이지", "en": "page"}),
        "store": NameInfo(type="text", label={"ko": "매장", "en": "store"}),
        "weather": NameInfo(type="text", label={"ko": "날씨", "en": "weather"}),
        "channel": NameInfo(type="text", label={"ko": "채널", "en": "channel"}),
    }

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """Those that the request gives."""
        for name in self.names:
            value = situation.request.get(name)
            if isinstance(value, str) and value:
                yield Fact(name=name, value=value[:MOST_CHARS], source="request", observed_at_ms=situation.now_ms)
