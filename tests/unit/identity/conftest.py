"""What the identity tests share: the usual rules, a batch made of plain columns, and a graph that takes events by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from gyeol.events.model import EVENT_TYPES
from gyeol.identity.evidence import Change
from gyeol.identity.extract import Extracted, identify_batch
from gyeol.identity.graph import IdentityGraph
from gyeol.identity.model import IdentifierType, IdentityRules

KEY = b"an identity key of a test folder"
RULES = IdentityRules(
    types=[
        IdentifierType(name="user_id", paths=["userId"], priority=1, limit=1, from_client=True),
        IdentifierType(name="email", paths=["traits.email", "context.traits.email"], priority=2, limit=3, normalise="email", pii=True),
        IdentifierType(name="phone", paths=["traits.phone"], priority=3, limit=3, normalise="phone", pii=True),
        IdentifierType(name="anonymous_id", paths=["anonymousId"], priority=4, from_client=True),
    ]
)
SOURCES = [("shop", "client"), ("till", "server")]


class PlainBatch:
    """Events given as dicts of dotted paths; ``type``, ``source`` (a name of SOURCES) and ``at`` (ms) are no paths."""

    def __init__(self, events: Sequence[dict[str, Any]], first_offset: int = 0) -> None:
        self.events, self.n, self.first_offset = events, len(events), first_offset
        self.type_code = np.array([EVENT_TYPES.index(e.get("type", "track")) for e in events], np.uint8)
        self.source = np.array([[name for name, _ in SOURCES].index(e.get("source", "shop")) for e in events], np.int16)
        self.time_ms = np.array([e.get("at", first_offset + i) for i, e in enumerate(events)], np.int64)

    def offset(self, i: int) -> int:
        """Of an event."""
        return self.first_offset + i

    def coded(self, path: str) -> Any:
        """No codes."""

    def texts(self, path: str) -> list[str | None]:
        return [e.get(path) for e in self.events]


class CodedBatch(PlainBatch):
    """The same events with texts as codes of words, as imports have them; one word is of no event."""

    def coded(self, path: str) -> Any:
        texts = self.texts(path)
        words = ["of nobody", *sorted({text for text in texts if text is not None}, reverse=True)]
        return np.array([-1 if text is None else words.index(text) for text in texts], np.int32), words


class Collector:
    """A graph fed with events, as the engine feeds it."""

    def __init__(self, rules: IdentityRules = RULES, batch: type[PlainBatch] = PlainBatch) -> None:
        self._batch = batch
        self.graph = IdentityGraph(rules, KEY)
        self.change = Change()
        self.offset = 0

    def take(self, *events: dict[str, Any]) -> Extracted:
        """One batch: identify and observe."""
        batch = self._batch(events, self.offset)
        trusts, names = [trust for _, trust in SOURCES], [name for name, _ in SOURCES]
        extracted = identify_batch(batch, self.graph.rules, self.graph, trusts, names)
        self.change = self.graph.observe(extracted.evidence)
        self.offset += batch.n
        return extracted

    def who(self, *texts: str) -> list[frozenset[str]]:
        """The values of the person behind each text."""
        return [frozenset(self.graph.identifier(n)[1] for n in self.graph.members(self.person(text))) for text in texts]

    def person(self, text: str) -> int:
        """The person index behind a text that must be known."""
        found = self.graph.find(text)
        assert found is not None, text
        return found

    def node(self, text: str) -> int:
        """The node of a text that must be known."""
        found = self.graph.find_node(text)
        assert found is not None, text
        return found

    def together(self, a: str, b: str) -> bool:
        """Whether two texts name one person."""
        return self.person(a) == self.person(b)

    def merge(self, a: str, b: str) -> Change:
        """A merge command, now."""
        self.offset += 1
        return self.graph.merge(self.node(a), self.node(b), self.offset, self.offset, "ops")

    def cut(self, a: str, b: str) -> Change:
        """A cut command, now."""
        self.offset += 1
        return self.graph.cut(self.node(a), self.node(b), self.offset, self.offset)


@pytest.fixture
def collector() -> Collector:
    """A collector under the usual rules."""
    return Collector()


@pytest.fixture
def collector_of() -> Callable[[IdentityRules], Collector]:
    """A collector under other rules."""
    return Collector


@pytest.fixture
def rules() -> IdentityRules:
    """The usual rules."""
    return RULES


@pytest.fixture
def coded() -> list[Collector]:
    """A collector of events as texts, and one of events as codes."""
    return [Collector(), Collector(batch=CodedBatch)]
