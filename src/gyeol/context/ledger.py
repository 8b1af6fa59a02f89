"""All facts that still matter, by what they are about: the latest of each name, and those that a late event may still need.

A set: whichever way the same facts come in, the same are found. A fact is forgotten when it has been out of date for as long as the
workspace says (``facts_days``), so that what is held is bounded.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator

import msgspec

from gyeol.context.fact import Fact
from gyeol.context.subject import Subject, SubjectKind
from gyeol.events.values import as_text
from gyeol.kernel.errors import LimitError

MOST_FACTS = 1_000_000
"""Held at once, about 300 bytes each: beyond, facts are refused until others are forgotten."""
_Key = tuple[SubjectKind, str, str]
_Order = tuple[int, float, int, tuple[int, ...], str, int, str]


class FactLedger:
    """Facts by subject and name, each list in the order of ``_order``.

    Attributes:
        count: How many are held.
    """

    def __init__(self) -> None:
        self._of: dict[_Key, list[Fact]] = {}
        self._longest: dict[_Key, int] = {}
        self._ends: list[tuple[int, _Key]] = []
        self._present: set[tuple[str, str]] = set()
        self._ids: dict[str, dict[str, int]] = {}
        self.count = 0

    def holds(self, fact: Fact) -> bool:
        """Whether the same was told before, whenever it was received."""
        return _holds(self._of.get(_key(fact), []), fact)

    def add(self, fact: Fact, now_ms: int) -> bool:
        """Keep a fact about something; False when the same was told before. ``now_ms``: what ends by then ends without a word."""
        key = _key(fact)
        held = self._of.get(key)
        if held is None:
            held = self._of[key] = []
            self._present.add((key[0], key[2]))
            ids = self._ids.setdefault(key[0], {})
            ids[key[1]] = ids.get(key[1], 0) + 1
        elif _holds(held, fact):
            return False
        insort(held, fact, key=_order)
        ttl_ms = fact.ttl_ms or 0
        self._longest[key] = max(self._longest.get(key, 0), ttl_ms)
        if fact.observed_at_ms + ttl_ms > now_ms:
            heapq.heappush(self._ends, (fact.observed_at_ms + ttl_ms, key))
        self.count += 1
        return True

    def at(self, subject: Subject, name: str, at_ms: int, oldest_ms: int) -> Fact | None:
        """The fact that counts for a subject at an instant; an aged one where none is fresh; None where there is none.

        Args:
            subject: What it is about.
            name: Without ``moment.``.
            at_ms: The instant.
            oldest_ms: Facts that ended at or before it are forgotten.
        """
        key = (subject.kind, subject.id, name)
        held = self._of.get(key)
        if held is None:
            return None
        first = bisect_right(held, at_ms, key=_observed)
        longest, aged = self._longest[key], None
        for fact in reversed(held[:first]) if first <= 4 else (held[i] for i in range(first - 1, -1, -1)):
            until = fact.observed_at_ms + (fact.ttl_ms or 0)
            if until > oldest_ms:
                if until > at_ms:
                    return fact
                aged = fact if aged is None else aged
            if fact.observed_at_ms + longest <= min(at_ms, oldest_ms) or (aged is not None and fact.observed_at_ms + longest <= at_ms):
                break
        return aged

    def has(self, kind: str, name: str) -> bool:
        """Whether anything was ever held of a name about some subject of a kind; False spares looking."""
        return (kind, name) in self._present

    def ids(self, kind: str) -> list[str]:
        """The subjects of a kind that something is held of, sorted."""
        return sorted(self._ids.get(kind, ()))

    def subjects(self, kind: str) -> int:
        """How many subjects of a kind something is held of."""
        return len(self._ids.get(kind, ()))

    def about(self, subject: Subject) -> Iterator[Fact]:
        """All facts that are held of a subject, by name, the latest first."""
        for kind, id, name in sorted(key for key in self._of if key[:2] == (subject.kind, subject.id)):
            yield from reversed(self._of[kind, id, name])

    def all(self) -> Iterator[Fact]:
        """All facts that are held, in an order that depends on nothing else."""
        for key in sorted(self._of):
            yield from self._of[key]

    def next_end_ms(self) -> int | None:
        """The next instant at which some fact ends that was not taken by ``ended`` yet; None: none will."""
        return self._ends[0][0] if self._ends else None

    def ended(self, until_ms: int) -> list[tuple[int, Subject, str]]:
        """What ends up to and including an instant, in the order of time, each once: (when, what it is about, name)."""
        found: dict[tuple[int, _Key], None] = {}
        while self._ends and self._ends[0][0] <= until_ms:
            found[heapq.heappop(self._ends)] = None
        return [(at_ms, Subject(kind, id), name) for at_ms, (kind, id, name) in found]

    def forget(self, oldest_ms: int) -> None:
        """Let go of what ended at or before an instant."""
        for key, held in list(self._of.items()):
            if held[0].observed_at_ms + self._longest[key] > oldest_ms:
                continue
            kept = [fact for fact in held if fact.observed_at_ms + (fact.ttl_ms or 0) > oldest_ms]
            self.count -= len(held) - len(kept)
            if kept:
                self._of[key] = kept
            else:
                del self._of[key], self._longest[key]
                ids = self._ids[key[0]]
                ids[key[1]] -= 1
                if not ids[key[1]]:
                    del ids[key[1]]

    def room(self, wanted: int) -> None:
        """See that so many more may be held.

        Raises:
            LimitError: There are too many.
        """
        if self.count + wanted > MOST_FACTS:
            told = f"{self.count:,} facts are held, {MOST_FACTS:,} may be: shorten `facts_days` in workspace.yaml, or send fewer"
            raise LimitError("too_many_facts", told)

    def dump(self, oldest_ms: int) -> bytes:
        """All facts that are not forgotten, for a snapshot: the same for the same facts."""
        return _encode([fact for fact in self.all() if fact.observed_at_ms + (fact.ttl_ms or 0) > oldest_ms])

    @classmethod
    def load(cls, data: bytes, now_ms: int) -> FactLedger:
        """Take back what ``dump`` gave."""
        found = cls()
        for fact in _decode(data):
            found.add(fact, now_ms)
        return found


def best(facts: Iterable[Fact], at_ms: int) -> Fact | None:
    """Which of several facts of one name counts: a fresh one, what the request says, the most specific, the latest, the more confident."""
    return max(facts, key=lambda fact: (fact.fresh(at_ms), _specific(fact), _order(fact)), default=None)


def _specific(fact: Fact) -> int:
    if fact.about is None:
        return 2 if fact.source == "request" else 1
    return -fact.about.rank


def same(one: Fact, other: Fact) -> bool:
    """Whether two facts say the same, whenever they were received."""
    return (
        one.observed_at_ms == other.observed_at_ms
        and type(one.value) is type(other.value)
        and one.value == other.value
        and (one.source, one.ttl_ms, one.confidence, one.origin) == (other.source, other.ttl_ms, other.confidence, other.origin)
    )


def _holds(held: list[Fact], fact: Fact) -> bool:
    start = bisect_left(held, fact.observed_at_ms, key=_observed)
    for i in range(start, len(held)):
        if held[i].observed_at_ms != fact.observed_at_ms:
            return False
        if same(held[i], fact):
            return True
    return False


def _key(fact: Fact) -> _Key:
    assert fact.about is not None
    return fact.about.kind, fact.about.id, fact.name


def _observed(fact: Fact) -> int:
    return fact.observed_at_ms


def _order(fact: Fact) -> _Order:
    """The later counts, then the more confident, the one received last, the first by source, the greater value, TTL and origin."""
    # The text is turned round, so that "greater" means "before".
    source = (*(-ord(character) for character in fact.source), 1)
    received = fact.observed_at_ms if fact.received_at_ms is None else fact.received_at_ms
    return fact.observed_at_ms, fact.confidence, received, source, as_text(fact.value) or "", fact.ttl_ms or 0, fact.origin


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Fact]).decode
