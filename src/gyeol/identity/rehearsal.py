"""A change of identity rules tried on a copy of the graph: who would be joined, who would be split. The graph itself is not touched.

The copy is taken in slices, so that whoever owns the graph goes on in between: what may change (statements, verdicts, people) at once, as
plain memory copies; then the identifiers, which once written never change, some megabytes at a time. The rules are tried elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.identity.description import IdentifierView
from gyeol.identity.explain import Show
from gyeol.identity.graph import IdentityGraph
from gyeol.identity.model import IdentityRules
from gyeol.identity.snapshot import Changing, changing, load_copied
from gyeol.identity.statements import HELD

Int32 = npt.NDArray[np.int32]
SLICE_BYTES = 2 << 20
"""Identifiers copied at a time. Source: measured with 1 M statements: the statements at once take 7 ms, each slice 3 ms."""
MOST_EXAMPLES, MOST_NAMED = 5, 20


class Regrouping(msgspec.Struct, frozen=True, kw_only=True):
    """Some people under two sets of rules: who they are, and who they would be. Identifiers are masked where they are personal."""

    before: list[list[IdentifierView]]
    after: list[list[IdentifierView]]


class RuleEffect(msgspec.Struct, frozen=True, kw_only=True):
    """What other rules would make of people.

    Args:
        people_before, people_after: People, with and without events.
        merged: How many people would be one with others. ``merges``: into how many.
        split: How many people would be several. ``splits``: how many these would be.
        quarantined_before, quarantined_after: Pieces of evidence that a limit holds back.
        shared_before, shared_after: Shared identifiers.
        examples_of_merges, examples_of_splits: The largest, at most five each.
    """

    people_before: int
    people_after: int
    merged: int
    merges: int
    split: int
    splits: int
    quarantined_before: int
    quarantined_after: int
    shared_before: int
    shared_after: int
    examples_of_merges: list[Regrouping]
    examples_of_splits: list[Regrouping]


def copied(ask: Callable[[Callable[[], object]], object], graph: IdentityGraph, key: bytes) -> IdentityGraph:
    """A copy of a graph that somebody else goes on using.

    Args:
        ask: Has a function run where nobody changes the graph meanwhile; each takes a few milliseconds.
        graph: To be copied.
        key: Its identity key.
    """
    taken: list[Changing] = []
    ask(lambda: taken.append(changing(graph)))
    columns: dict[str, bytes] = {}
    for name, length in taken[0].lengths.items():
        parts: list[bytes] = []
        for start in range(0, length, SLICE_BYTES):
            ask(partial(_take, parts, graph, name, start, min(start + SLICE_BYTES, length)))
        columns[name] = b"".join(parts)
    copy = IdentityGraph(graph.rules, key)
    load_copied(copy, taken[0], columns)
    return copy


def _take(parts: list[bytes], graph: IdentityGraph, name: str, start: int, end: int) -> None:
    parts.append(graph.table.bytes_of(name, start, end))


def rehearse(copy: IdentityGraph, rules: IdentityRules) -> RuleEffect:
    """Try other rules on a copy, which has them afterwards."""
    before = standing(copy)
    copy.set_rules(rules)
    return effect(before, copy)


class Standing(msgspec.Struct, frozen=True):
    """Person index by node, and how much evidence is in quarantine and how many identifiers are shared."""

    people: Int32
    held: int
    shared: int


def standing(graph: IdentityGraph) -> Standing:
    """Who is who now, copied."""
    held = np.count_nonzero(graph.statements.verdict.data[: graph.statements.size] == HELD)
    return Standing(graph.person.copy(), int(held), int(np.count_nonzero(graph.sharing.level.data[: graph.size])))


def effect(before: Standing, graph: IdentityGraph) -> RuleEffect:
    """Compare people with those of a graph of the same nodes under other rules."""
    after = standing(graph)
    now = after.people[: len(before.people)].astype(np.int64)
    was = before.people[: len(now)].astype(np.int64)
    pairs = np.unique(was << 32 | now)
    old, new = pairs >> 32, pairs & 0xFFFFFFFF
    joined, of_joined = _several(new)
    parted, of_parted = _several(old)
    show = Show(graph, reveal=False)
    return RuleEffect(
        people_before=len(np.unique(was)),
        people_after=len(np.unique(now)),
        merged=int(of_joined.sum()),
        merges=len(joined),
        split=len(parted),
        splits=int(of_parted.sum()),
        quarantined_before=before.held,
        quarantined_after=after.held,
        shared_before=before.shared,
        shared_after=after.shared,
        examples_of_merges=[_example(show, was, now, now == label) for label in _largest(joined, of_joined)],
        examples_of_splits=[_example(show, was, now, was == label) for label in _largest(parted, of_parted)],
    )


def _several(labels: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Labels that occur more than once, and how often."""
    found, counts = np.unique(labels, return_counts=True)
    return found[counts > 1], counts[counts > 1]


def _largest(labels: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]) -> list[int]:
    order = np.lexsort((labels, -counts))[:MOST_EXAMPLES]
    largest: list[int] = labels[order].tolist()
    return largest


def _example(show: Show, was: npt.NDArray[np.int64], now: npt.NDArray[np.int64], chosen: npt.NDArray[np.bool_]) -> Regrouping:
    nodes = np.flatnonzero(chosen)[:MOST_NAMED].tolist()

    def grouped(labels: npt.NDArray[np.int64]) -> list[list[IdentifierView]]:
        groups: dict[int, list[IdentifierView]] = {}
        for node in nodes:
            groups.setdefault(int(labels[node]), []).append(show.identifier(node))
        return list(groups.values())

    return Regrouping(before=grouped(was), after=grouped(now))
