"""What events say of themselves beside what happened: on which device, and where somebody came from. Read with each event, where asked.

A name (``moment.seen_device``) is joined with events in the stream and in SQL; both ask the same function once for each different answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

LASTS_MS = 30 * 60_000
"""For how long it counts: a session, as analytics tools commonly end it."""
MOST_CHARACTERS = 200
_BOT = re.compile(r"bot|crawl|spider|slurp|headless|lighthouse", re.I)
_AGENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("tv", re.compile(r"smart-?tv|appletv|googletv|hbbtv|tizen.*tv|web0s|bravia|aft[a-z]\b|crkey", re.I)),
    ("tablet", re.compile(r"ipad|tablet|kindle|silk/|playbook|android(?!.*mobi)", re.I)),
    ("mobile", re.compile(r"mobi|iphone|ipod|android|cfnetwork|okhttp|dart/", re.I)),
    ("desktop", re.compile(r"windows nt|macintosh|x11|cros|linux", re.I)),
)
"""Source: MDN, Browser detection using the user agent: "Mobi" tells a telephone, Android without it a tablet."""
_TYPES = {"ios": "mobile", "android": "mobile", "iphone": "mobile", "phone": "mobile", "smartphone": "mobile", "handset": "mobile",
          "ipad": "tablet", "pc": "desktop", "computer": "desktop", "laptop": "desktop", "smarttv": "tv", "television": "tv"}  # fmt: skip


class Seen(NamedTuple):
    """One such thing.

    Args:
        key: Of the workspace's ``moment``: under which object of events it stands.
        leaves: What of that object is read.
        tell: The answer by the texts of the leaves; None: nothing is said.
    """

    key: str
    leaves: tuple[str, ...]
    tell: Callable[..., str | None]

    def paths(self, moment: Mapping[str, str]) -> list[str]:
        """The paths of events."""
        return [f"{moment[self.key]}.{leaf}" for leaf in self.leaves]


@lru_cache(maxsize=4_096)
def device_of(type: str | None, agent: str | None) -> str | None:
    """``mobile``, ``tablet``, ``desktop``, ``tv``, or what the type says besides (``kiosk``).

    Args:
        type: As the app's SDK says it: ``ios``, ``tablet``.
        agent: As the browser says it; a robot has no device.
    """
    if type and (word := type.strip().casefold()):
        return _TYPES.get(word, word)[:MOST_CHARACTERS]
    if not agent or _BOT.search(agent):
        return None
    return next((name for name, pattern in _AGENTS if pattern.search(agent)), None)


def referrer_of(source: str | None, referrer: str | None, page: str | None) -> str | None:
    """Where somebody came from: the source of a campaign, else the host of the page before; a page of our own says nothing.

    Args:
        source: Of the campaign (``utm_source``).
        referrer: Address of the page before.
        page: Address of this page.
    """
    if source and (word := source.strip().casefold()):
        return word[:MOST_CHARACTERS]
    before, here = _host(referrer), _host(page)
    own = before is None or (here is not None and (f".{here}".endswith(f".{before}") or f".{before}".endswith(f".{here}")))
    return None if own else before


def _host(address: str | None) -> str | None:
    try:
        host = urlsplit(address or "").hostname
    except ValueError:
        return None
    return host.removeprefix("www.")[:MOST_CHARACTERS] or None if host else None


DEVICE, REFERRER = "moment.seen_device", "moment.seen_referrer"
SEEN: dict[str, Seen] = {
    DEVICE: Seen("device", ("device.type", "userAgent"), device_of),
    REFERRER: Seen("referrer", ("campaign.source", "page.referrer", "page.url"), referrer_of),
}
SAID = {"device": DEVICE, "referrer": REFERRER}
"""Name of a fact (without ``moment.``) → what an event says of it; that comes before what is told of the fact."""
