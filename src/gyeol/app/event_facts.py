"""Facts that follow from events beside the engine: what texts say, what is told of articles, what is searched for more than usually.

It follows the log in the side process. What it knows is made anew from the log at its first turns, without telling anybody; then each
event is told once. The facts are records of the log: a replay does not work them out again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

import msgspec

from gyeol.app.event_feed import EventFeed, FrameReader, Told
from gyeol.app.private_files import write_private
from gyeol.context.emotion.complaint import ALL
from gyeol.context.emotion.provider import EmotionProvider, Said
from gyeol.context.emotion.settings import TextEvent
from gyeol.context.moment import told_kinds
from gyeol.context.provider import Wanted
from gyeol.context.record import FactInput
from gyeol.context.subject import SubjectKind
from gyeol.context.supply import Offered, Supply
from gyeol.context.trends import Trend
from gyeol.engine.definitions import Definitions
from gyeol.kernel.instants import DAY_MS, instant_text, parse_instant

FRAMES_A_TURN = 500
"""So that a turn takes a second or so, and the thread can be stopped."""
EVERY_S = 0.5
TREND_EVERY_MS = 10 * 60_000
"""How often, in the time of events, what rises is told anew."""
_TREND_PATHS = {"query": "trending_search", "category": "trending_category"}
_OLDEST_MS = 3 * DAY_MS
"""Events older than this say nothing of what rises now."""
MOST_CHARACTERS = 200


class Place(msgspec.Struct):
    """How far the log was read: everything before ``offset`` was told."""

    offset: int = 0


class _Texts:
    """The texts of the last turn, as ``EmotionProvider`` asks for them."""

    def __init__(self) -> None:
        self.said: list[Said] = []

    def since(self, from_ms: int, cursor: str | None) -> tuple[Sequence[Said], str]:
        """What came since it was last asked."""
        found, self.said = self.said, []
        return [each for each in found if each.at_ms >= from_ms], ""

    def close(self) -> None:
        """Nothing is open."""


class EventFacts:
    """A ``FactProvider``.

    Args:
        log: Where events come from.
        definitions: Those in force, whenever asked.
        place: The file that keeps how far the log was read.
    """

    name = "events"
    every_s = EVERY_S
    kinds: ClassVar[tuple[SubjectKind, ...]] = ()

    def __init__(self, log: FrameReader, definitions: Callable[[], Definitions], place: Path) -> None:
        self._log, self._definitions, self._path = log, definitions, place
        self._told = _place_of(place).offset
        self._saved = self._told
        self._asks: tuple[object, ...] | None = None
        self._read = 0
        self._feed: EventFeed | None = None

    def observe(self, wanted: Wanted) -> Sequence[FactInput]:
        """What the events say that came since the last turn; what was given then has been recorded."""
        self._save()
        self._follow(self._definitions())
        if self._feed is None:
            self._read = self._told = self._log.end_offset()
            return []
        facts: list[FactInput] = []
        for end, events in self._feed.read(self._log, self._read, FRAMES_A_TURN):
            known = [event for event in events if event.offset < self._told]
            self._facts(known, wanted)
            facts += self._facts(events[len(known) :], wanted)
            self._read = end
        self._told = max(self._told, self._read)
        return [fact for fact in facts if _counts(fact, wanted.now_ms)]

    def close(self) -> None:
        """Let go of nothing: the log is another's."""

    def _save(self) -> None:
        if self._told != self._saved:
            write_private(self._path, msgspec.json.encode(Place(self._told)))
            self._saved = self._told

    def _follow(self, definitions: Definitions) -> None:
        """Where other definitions came into force, what is known is made anew, of what the log still holds."""
        settings = definitions.workspace
        wanted = [settings.moment.get(key) for key in _TREND_PATHS]
        asks = (settings.texts, settings.supply, settings.trends, wanted, definitions.identifiers, definitions.events, definitions.sources)
        if asks == self._asks:
            return
        self._asks = asks
        texts = {} if settings.texts is None else settings.texts.read
        supply = settings.supply
        self._texts, self._supply = texts, supply
        self._keys = {
            path: name for key, name in _TREND_PATHS.items() if settings.trends is not None and (path := settings.moment.get(key))
        }
        self._emotion_texts, self._catalogue = _Texts(), Supply()
        self._emotion = EmotionProvider(self._emotion_texts)
        self._trends = {} if settings.trends is None else {path: Trend(settings.trends) for path in self._keys}
        self._trend_told_ms = 0
        self._read = 0
        names = frozenset(texts) | frozenset(supply.read if supply is not None else ())
        paths = {path for each in texts.values() for path in (each.text, each.case) if path} | set(self._keys)
        numbers = {supply.price, supply.stock} if supply is not None else set()
        paths |= {supply.sku} if supply is not None else set()
        self._feed = EventFeed(definitions, None if self._keys else names, paths, numbers) if names or self._keys else None

    def _facts(self, events: Sequence[Told], wanted: Wanted) -> list[FactInput]:
        """What events say, in the order of the log."""
        if not events:
            return []
        offered: list[Offered] = []
        for event in events:
            text = self._texts.get(event.name)
            if text is not None and event.person is not None:
                said = _said(event, text)
                self._emotion_texts.said += [said] if said is not None else []
            if self._supply is not None and event.trusted and event.name in self._supply.read:
                offered += self._article(event)
            if event.at_ms > wanted.now_ms - _OLDEST_MS:
                for path, trend in self._trends.items():
                    name = event.values.get(path)
                    if isinstance(name, str) and event.person is not None:
                        trend.add(name.strip().casefold()[:MOST_CHARACTERS], event.person, event.at_ms)
        found = self._catalogue.facts(offered)
        found += self._rising()
        return [*found, *self._emotion.observe(wanted)] if self._emotion_texts.said else found

    def _article(self, event: Told) -> list[Offered]:
        assert self._supply is not None
        sku = event.values.get(self._supply.sku)
        price, stock = event.values.get(self._supply.price), event.values.get(self._supply.stock)
        if not isinstance(sku, str) or len(sku) > MOST_CHARACTERS:
            return []
        return [Offered(sku, event.at_ms, price if isinstance(price, float) else None, stock if isinstance(stock, float) else None)]

    def _rising(self) -> list[FactInput]:
        now_ms = max((trend.last_ms for trend in self._trends.values()), default=0)
        if now_ms < self._trend_told_ms + TREND_EVERY_MS:
            return []
        self._trend_told_ms = now_ms
        found: list[FactInput] = []
        for path, trend in self._trends.items():
            rising = trend.rising()
            if rising is not None:
                sure = round(rising.often / (rising.often + 1), 4)
                at = instant_text(trend.last_ms)
                found.append(FactInput(name=self._keys[path], value=rising.name, source="trends", observed_at=at, confidence=sure))
        return found


def _counts(fact: FactInput, now_ms: int) -> bool:
    """Whether a fact still counts, or is to come: nobody needs to hear what has aged."""
    at_ms = parse_instant(fact.observed_at or "")
    return at_ms is None or now_ms < at_ms + told_kinds()[fact.name].ttl_ms


def _said(event: Told, of: TextEvent) -> Said | None:
    """What an event says of texts; None: nothing is written there."""
    assert event.person is not None
    case = event.values.get(of.case) if of.case else None
    if not of.text:
        return Said(person=event.person, at_ms=event.at_ms, source=of.source, case=str(case or ALL), text=None)
    text = event.values.get(of.text)
    if not isinstance(text, str):
        return None
    return Said(person=event.person, at_ms=event.at_ms, source=of.source, case=str(case or f"record {event.offset}"), text=text)


def _place_of(path: Path) -> Place:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Place)
    except (OSError, msgspec.MsgspecError):
        return Place()
