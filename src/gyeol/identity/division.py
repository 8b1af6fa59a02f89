"""Which pairs of identifiers a command on people concerns: worked out once, when it is given, and written into the log as pairs.

So the command means the same whatever is folded before or after it, and under whatever rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gyeol.identity.explain import Show
from gyeol.kernel.errors import InputError, LimitError, Problem

if TYPE_CHECKING:
    from gyeol.identity.graph import IdentityGraph, Pair

MOST_PAIRS = 20_000
"""One command separates at most so many pairs: a person of 200 identifiers can be split anywhere. Beyond, the record would be megabytes."""


def held_pairs(graph: IdentityGraph, a: int, b: int) -> list[Pair]:
    """What is held back between two identifiers, or else between the people whose they are: pairs, each once, in a fixed order.

    Raises:
        InputError: Nothing is.
    """
    labels = graph.people.person.view
    people = graph.members(labels[a]), graph.members(labels[b])
    pairs = _held(graph, [a], {b}) or _held(graph, people[0], set(people[1]) - set(people[0]))
    if not pairs:
        what = "nothing that was stated between the two is held back"
        mend = "take them from `gyeol identity quarantine`; to join two people whom nothing connects, merge them"
        raise InputError("nothing_held", [Problem(path="a, b", code="nothing_held", what=what, mend=mend)])
    return pairs


def released_pairs(graph: IdentityGraph, a: int, b: int) -> list[Pair]:
    """The pairs to merge so that the people whom held evidence concerns are one, in spite of the limit.

    The values that the limit would not allow together are declared to be the same; else some other of their statements would be held
    back instead.

    Raises:
        InputError: Nothing is held back.
    """
    pairs = held_pairs(graph, a, b)
    labels, types, policy = graph.people.person.view, graph.table.type.view, graph.policy
    times = graph.settler.times([*graph.members(labels[pairs[0][0]]), *graph.members(labels[pairs[0][1]])])
    by_type: dict[int, list[int]] = {}
    for node in sorted({*graph.members(labels[pairs[0][0]]), *graph.members(labels[pairs[0][1]])}):
        by_type.setdefault(types[node], []).append(node)
    for kind, nodes in sorted(by_type.items()):
        limit, values = policy.limit[kind], {graph.sharing.value(node): node for node in reversed(nodes)}
        if limit is not None and not policy.limits.allows(kind, values, times):
            first, *others = sorted(values.values())
            pairs += [(first, other) for other in others if (first, other) not in pairs]
    return pairs


def _held(graph: IdentityGraph, ours: list[int], theirs: set[int]) -> list[Pair]:
    show, found = Show(graph, reveal=False), dict[tuple[int, int], None]()
    for node in ours:
        for record, other in sorted(graph.statements.around(node)):
            if other in theirs and show.verdict(record, node, other)[0] in ("quarantined", "shared"):
                found[node, other] = None
    return list(found)


def split_pairs(graph: IdentityGraph, nodes: Iterable[int]) -> list[Pair]:
    """The pairs to cut so that these identifiers of one person are nobody's of the person's others.

    Raises:
        InputError: They are of several people, or all that the person has.
        LimitError: More than ``MOST_PAIRS``.
    """
    apart, labels = sorted(set(nodes)), graph.people.person.view
    if len({labels[node] for node in apart}) != 1:
        what, mend = "the identifiers are not all of one person", "split one person at a time"
        raise InputError("several_people", [Problem(path="identifiers", code="several_people", what=what, mend=mend)])
    rest = [node for node in graph.members(labels[apart[0]]) if node not in set(apart)]
    if not rest:
        what, mend = "these are all the identifiers of the person", "leave out those that shall stay"
        raise InputError("nothing_left", [Problem(path="identifiers", code="nothing_left", what=what, mend=mend)])
    return _product(apart, rest)


def move_pairs(graph: IdentityGraph, node: int, to: int) -> tuple[list[Pair], list[Pair]]:
    """The pairs to cut and to merge so that an identifier leaves its person for another, whom ``to`` names.

    Raises:
        InputError: It is that person's already.
        LimitError: More than ``MOST_PAIRS``.
    """
    labels = graph.people.person.view
    if labels[node] == labels[to]:
        what, mend = "the identifier is already that person's", "name another person, or split this one"
        raise InputError("same_person", [Problem(path="b", code="same_person", what=what, mend=mend)])
    rest = [each for each in graph.members(labels[node]) if each != node]
    return _product([node], rest), [(node, to)]


def _product(ours: list[int], theirs: list[int]) -> list[Pair]:
    if len(ours) * len(theirs) > MOST_PAIRS:
        told = f"{len(ours)} identifiers are to be taken from {len(theirs)}; at most {MOST_PAIRS:,} pairs in one command: take fewer"
        raise LimitError("too_many_pairs", told, limit=MOST_PAIRS)
    return [(a, b) for a in ours for b in theirs]
