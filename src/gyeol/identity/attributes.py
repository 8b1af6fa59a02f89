"""What was said of people beside their identifiers: names, birth dates, addresses; and which value wins, and why.

A ledger by node, as trait rows are: a person's values are those of his or her nodes, put together when somebody asks. So a merge or a cut
needs nothing, and no order of arrival shows. It is a monoid: for each value and source how often, first and last; of more than ``MOST``
values of a node those of the smallest hashes are kept, which any order of events keeps.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec
import numpy as np

from gyeol.events.batch import EventBatch
from gyeol.events.model import EVENT_TYPES
from gyeol.events.values import as_text
from gyeol.expressions.column import Vocabulary
from gyeol.identity.model import TRUST_RANKS, AttributeDefinition, GoldenRule, IdentifierType
from gyeol.identity.normalise import normaliser
from gyeol.kernel.hashing import event_hash
from gyeol.kernel.instants import Int64

MOST = 32
"""Different values of an attribute that a node keeps: far more than anybody has, and few enough that nobody can fill the memory."""
_IDENTIFY = EVENT_TYPES.index("identify")
_ENTRY = np.dtype([("attribute", "<u2"), ("source", "<u2"), ("value", "<u4"), ("count", "<u4"), ("first", "<i8"), ("last", "<i8")])
_COLUMNS = ("attribute", "source", "value", "count", "first", "last")
_PACKED = struct.Struct("<HHIIqq")
"""One entry, byte for byte as in ``_ENTRY``."""
_MOST_SEEN = 50_000
_MOST_COUNT = 2**32 - 1
Entry = tuple[int, int, int, int, int, int]
"""attribute, source, value (codes), count, first and last event time in ms."""
_written = normaliser(IdentifierType(name="", paths=[], priority=1, blocked=["$placeholders"]), "KR")
"""The text, or None for what people write who say nothing (없음, null) and for what is longer than any name or address."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One value of an attribute of a person.

    Args:
        value: As it was written, but for spaces.
        source: The most believed one; ``trust``: how far it is believed: ``server`` or ``client``.
        first_ms, last_ms: Event times of the first and the last statement.
        count: How often it was stated.
    """

    value: str
    source: str
    trust: str
    first_ms: int
    last_ms: int
    count: int


class GoldenAttribute(msgspec.Struct, frozen=True, kw_only=True):
    """The value of an attribute that wins.

    Args:
        definition: The attribute.
        ordered: All values of the person, the winner first.
        reason: What set the winner apart from the second: ``only`` | ``recent`` | ``frequent`` | ``source`` | ``value`` (all else equal).
        estimate: Whether more values were stated than are kept.
    """

    definition: AttributeDefinition
    ordered: list[Said]
    reason: str
    estimate: bool


Measure = tuple[str, Callable[[Said], int]]
"""A code of ``GoldenAttribute.reason``, and what it compares."""


class AttributeLedger:
    """What identify calls said of each node. One thread may use it.

    Args:
        definitions: The attributes; their order does not matter, and those without paths are not kept.
        trust: ``client`` or ``server`` by name of source; one that is not there is believed least.
    """

    def __init__(self, definitions: Sequence[AttributeDefinition], trust: dict[str, str]) -> None:
        self.definitions = sorted((each for each in definitions if each.paths), key=lambda each: each.name)
        self._trust = trust
        self._values, self._sources = Vocabulary(), Vocabulary()
        self._held: dict[int, bytes] = {}
        self._seen: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._held)

    def paths(self) -> set[str]:
        """The event paths that ``read`` asks for."""
        return {path for each in self.definitions for path in each.paths}

    def read(self, batch: EventBatch, event_nodes: Int64, sources: Sequence[str]) -> None:
        """Keep what the identify calls of a batch say.

        Args:
            batch: The events.
            event_nodes: (n,) node of each event, -1: nobody's.
            sources: Names by source index.
        """
        rows = np.flatnonzero((batch.type_code == _IDENTIFY) & (event_nodes >= 0)).tolist()
        if not rows:
            return
        fresh: dict[int, list[Entry]] = {}
        nodes, times, source_of = event_nodes.tolist(), batch.time_ms.tolist(), batch.source.tolist()
        for attribute, definition in enumerate(self.definitions):
            for row, text in _texts(batch, rows, definition.paths):
                value = self._code(text)
                if value >= 0:
                    source = self._sources.code(sources[source_of[row]])
                    fresh.setdefault(nodes[row], []).append((attribute, source, value, 1, times[row], times[row]))
        for node, entries in fresh.items():
            self._held[node] = self._packed([*self._entries(node), *entries])

    def _code(self, text: str) -> int:
        """The code of what somebody wrote, -1 when it says nothing. The same words come again and again."""
        found = self._seen.get(text)
        if found is None:
            value = _written(" ".join(text.split()))
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            found = self._seen[text] = -1 if value is None else self._values.code(value)
        return found

    def golden(self, nodes: Iterable[int]) -> list[GoldenAttribute]:
        """The attributes of a person and which values win, by name.

        Args:
            nodes: The person's.
        """
        by_attribute: dict[int, list[Entry]] = {}
        over: set[int] = set()
        for node in nodes:
            entries = self._entries(node)
            for entry in entries:
                by_attribute.setdefault(entry[0], []).append(entry)
            over |= {a for a in range(len(self.definitions)) if len({each[2] for each in entries if each[0] == a}) >= MOST}
        found = []
        for attribute in sorted(by_attribute):
            definition = self.definitions[attribute]
            said = self._said(by_attribute[attribute], definition)
            order = self._orders(definition)
            said.sort(key=lambda each: (*(measure(each) for _, measure in order), each.value), reverse=True)
            reason = _reason(said, order)
            found.append(GoldenAttribute(definition=definition, ordered=said, reason=reason, estimate=attribute in over))
        return found

    def dump(self) -> bytes:
        """The ledger's content; equal contents give equal bytes, whatever the order in which statements came."""
        nodes = sorted(self._held)
        lengths = np.array([len(self._held[node]) // _ENTRY.itemsize for node in nodes], np.int64)
        entries = np.frombuffer(b"".join(self._held[node] for node in nodes), _ENTRY).copy()
        words = {}
        for name, vocabulary in (("value", self._values), ("source", self._sources)):
            words[name], entries[name] = _in_order(entries[name], vocabulary)
        owner = np.array(nodes, np.int64).repeat(lengths)
        order = np.lexsort((entries["source"], entries["value"], entries["attribute"], owner))
        columns = {name: entries[name][order].tobytes() for name in _COLUMNS}
        return msgspec.msgpack.encode((words, owner.astype("<i8").tobytes(), columns))

    def load(self, data: bytes) -> None:
        """Take back what ``dump`` gave; the ledger must be new and of equal definitions."""
        words, owners, columns = msgspec.msgpack.decode(data, type=tuple[dict[str, list[str]], bytes, dict[str, bytes]])
        self._values.encode(list(words["value"]))
        self._sources.encode(list(words["source"]))
        owner = np.frombuffer(owners, "<i8")
        entries = np.zeros(len(owner), _ENTRY)
        for name in _COLUMNS:
            entries[name] = np.frombuffer(columns[name], _ENTRY[name])
        edges = [0, *(np.flatnonzero(owner[1:] != owner[:-1]) + 1).tolist(), len(owner)] if len(owner) else []
        packed, size = entries.tobytes(), _ENTRY.itemsize
        for start, end in pairwise(edges):
            self._held[int(owner[start])] = packed[start * size : end * size]

    def adopt(self, other: AttributeLedger) -> None:
        """Take what a ledger of the same attributes holds, and go on; rules may differ. The other one is not to be used again."""
        self.load(other.dump())

    def _entries(self, node: int) -> list[Entry]:
        return list(_PACKED.iter_unpack(self._held.get(node, b"")))

    def _packed(self, entries: list[Entry]) -> bytes:
        """The entries of a node, one a value and source, at most ``MOST`` values an attribute."""
        merged: dict[tuple[int, ...], Entry] = {}
        for each in entries:
            before = merged.get(each[:3])
            merged[each[:3]] = each if before is None else _joined(before, each)
        if len(merged) > MOST:
            merged = self._least(merged)
        return b"".join(_PACKED.pack(*each) for each in merged.values())

    def _least(self, merged: dict[tuple[int, ...], Entry]) -> dict[tuple[int, ...], Entry]:
        """Of each attribute the values of the smallest hashes."""
        words, kept = self._values.words, set()
        for attribute in {key[0] for key in merged}:
            values = {key[2] for key in merged if key[0] == attribute}
            least = sorted(values, key=lambda code: (event_hash(words[code]), words[code]))[:MOST]
            kept |= {(attribute, value) for value in least}
        return {key: entry for key, entry in merged.items() if (key[0], key[2]) in kept}

    def _said(self, entries: list[Entry], definition: AttributeDefinition) -> list[Said]:
        """Entries of one attribute of several nodes, one a value."""
        by_value: dict[int, list[Entry]] = {}
        for each in entries:
            by_value.setdefault(each[2], []).append(each)
        found = []
        for value, mine in by_value.items():
            source = min((self._sources.words[each[1]] for each in mine), key=lambda name: (-self._belief(name, definition), name))
            found.append(
                Said(
                    value=self._values.words[value],
                    source=source,
                    trust=self._trust.get(source, "client"),
                    first_ms=min(each[4] for each in mine),
                    last_ms=max(each[5] for each in mine),
                    count=sum(each[3] for each in mine),
                )
            )
        return found

    def _belief(self, source: str, definition: AttributeDefinition) -> int:
        """How far a source is believed: those that the definition names before all others, the first of them most."""
        if source in definition.sources:
            return len(TRUST_RANKS) + len(definition.sources) - definition.sources.index(source)
        return TRUST_RANKS[self._trust.get(source, "client")]

    def _orders(self, definition: AttributeDefinition) -> list[Measure]:
        """By what values are compared, the first first; the greater wins."""
        recent: Measure = ("recent", lambda said: said.last_ms)
        frequent: Measure = ("frequent", lambda said: said.count)
        source: Measure = ("source", lambda said: self._belief(said.source, definition))
        by_rule: dict[GoldenRule, list[Measure]] = {
            "most_recent": [recent, frequent],
            "most_frequent": [frequent, recent],
            "source_order": [source, recent, frequent],
        }
        return by_rule[definition.rule]


def _texts(batch: EventBatch, rows: list[int], paths: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Of some events the first text that stands under any of the paths, with its event."""
    each = batch.each()
    if each is None:  # columns: a path that no event has costs nothing
        columns = [texts for path in paths if (texts := batch.texts(path)).count(None) < batch.n]
        for row in rows if columns else ():
            text = next((texts[row] for texts in columns if texts[row]), None)
            if text is not None:
                yield row, text
        return
    readers = [each.readers[path] for path in paths]
    for row in rows:  # few events of a batch are identify calls: only they are looked at
        event = each.events[row]
        text = next((text for read in readers if (text := as_text(read(event)))), None)
        if text is not None:
            yield row, text


def _joined(a: Entry, b: Entry) -> Entry:
    return a[0], a[1], a[2], min(a[3] + b[3], _MOST_COUNT), min(a[4], b[4]), max(a[5], b[5])


def _reason(said: list[Said], order: list[Measure]) -> str:
    if len(said) == 1:
        return "only"
    return next((name for name, measure in order if measure(said[0]) != measure(said[1])), "value")


def _in_order(codes: Int64, vocabulary: Vocabulary) -> tuple[list[str], Int64]:
    """The words in use, sorted, and the codes as places among them."""
    used, inverse = np.unique(codes, return_inverse=True)
    words = [vocabulary.words[code] for code in used.tolist()]
    order = sorted(range(len(words)), key=words.__getitem__)
    place = np.empty(len(words), np.int64)
    place[order] = np.arange(len(words))
    return [words[i] for i in order], place[inverse]
