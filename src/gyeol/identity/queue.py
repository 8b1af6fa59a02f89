"""What waits for a person's judgement: quarantined evidence of everybody, and shared identifiers with their fan-out. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from gyeol.identity.description import IdentifierView, StatementView
from gyeol.identity.explain import Show
from gyeol.identity.statements import HELD

if TYPE_CHECKING:
    from gyeol.identity.graph import IdentityGraph


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence in quarantine.

    Args:
        record: Its number, newest statement greatest.
        statement: Why it is held back, since when, and by whom it was stated.
        people: Person indexes of the two sides.
        fan_out: How many values of ``statement.type`` the two would have together; ``statement.limit`` are allowed.
    """

    record: int
    statement: StatementView
    people: tuple[int, int]
    fan_out: int


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Part of a list. ``next``: the ``before`` of the following part, None at the end. ``total``: of the whole list."""

    next: int | None
    total: int


def quarantined(graph: IdentityGraph, limit: int, before: int | None = None, reveal: bool = False) -> tuple[list[Held], Page]:
    """Evidence in quarantine over all people, newest first.

    Args:
        graph: Not changed.
        limit: Of lines.
        before: Only records with a lower number.
        reveal: Show personal values whole.
    """
    store, labels = graph.statements, graph.people.person.view
    records, page = _page(np.flatnonzero(store.verdict.data[: store.size] == HELD), limit, before)
    show = Show(graph, reveal)
    lines = []
    for record in records:
        a, b = store.a.view[record], store.b.view[record]
        statement = show.statement(record, a, b)
        lines.append(Held(record=record, statement=statement, people=(labels[a], labels[b]), fan_out=len(statement.values)))
    return lines, page


def shared(graph: IdentityGraph, limit: int, before: int | None = None, reveal: bool = False) -> tuple[list[IdentifierView], Page]:
    """Shared identifiers, newest first: each with the types of which it was stated with too many values; ``before`` is a node."""
    nodes, page = _page(np.flatnonzero(graph.sharing.level.data[: graph.size]), limit, before)
    show = Show(graph, reveal)
    return [show.identifier(node) for node in nodes], page


def _page(found: np.ndarray[tuple[int], np.dtype[np.int64]], limit: int, before: int | None) -> tuple[list[int], Page]:
    total = len(found)
    if before is not None:
        found = found[found < before]
    numbers: list[int] = found[::-1][:limit].tolist()
    return numbers, Page(next=numbers[-1] if len(found) > limit else None, total=total)
