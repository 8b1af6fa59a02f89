"""Commands on people: named (from what people call them to nodes and pairs, as the log holds them) and carried out."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from gyeol.events.sections import Command
from gyeol.identity.division import held_pairs, move_pairs, released_pairs, split_pairs
from gyeol.identity.evidence import Change, Evidence
from gyeol.identity.graph import IdentityGraph, Pair
from gyeol.identity.policy import SERVER
from gyeol.kernel.errors import InputError, NotFoundError, Problem

IDENTITY_COMMANDS = ("merge", "cut", "release", "confirm", "move", "split", "accept", "reject")
"""merge, cut: a pair. release, confirm: what is held back between two. move: ``a`` to the person of ``b``. split: ``identifiers`` off.
accept, reject: a suggestion that two are one; an accepted one is evidence within the limits, a rejected one is not made again."""


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of a command on people. ``a``, ``b``: nodes. ``pairs``: to be released or confirmed.

    ``weight``, ``model``: of a suggestion, in bits, and what it was weighed by.
    """

    a: int = -1
    b: int = -1
    nodes: list[int] = []
    pairs: list[tuple[int, int]] = []
    cuts: list[tuple[int, int]] = []
    merges: list[tuple[int, int]] = []
    weight: float | None = None
    model: str = ""

    def all_nodes(self) -> list[int]:
        """The nodes that the command was given for."""
        return list(dict.fromkeys([*self.nodes, *(node for node in (self.a, self.b) if node >= 0)]))


def told(command: Command) -> Told:
    """What a named command says."""
    return msgspec.convert(command.body, Told)


def named(graph: IdentityGraph, command: Command) -> Command:
    """The command with nodes and pairs instead of what people call them.

    Raises:
        NotFoundError: Nobody is known by a name.
        InputError: It cannot be done; says why.
        LimitError: It concerns too many pairs.
    """
    if command.kind == "split":
        names = command.body.get("identifiers")
        if not isinstance(names, list) or not names:
            what, mend = "which identifiers are to be split off?", "name at least one"
            raise InputError("no_identifiers", [Problem(path="identifiers", code="no_identifiers", what=what, mend=mend)])
        nodes = [_node(graph, name) for name in names]
        return _with(command, Told(nodes=nodes, cuts=split_pairs(graph, nodes)))
    a, b = _node(graph, command.body.get("a")), _node(graph, command.body.get("b"))
    match command.kind:
        case "release":
            return _with(command, Told(a=a, b=b, pairs=released_pairs(graph, a, b)))
        case "confirm":
            return _with(command, Told(a=a, b=b, pairs=held_pairs(graph, a, b)))
        case "move":
            cuts, merges = move_pairs(graph, a, b)
            return _with(command, Told(a=a, b=b, cuts=cuts, merges=merges))
        case "accept" | "reject":
            weight, model = command.body.get("weight"), command.body.get("model")
            said = float(weight) if isinstance(weight, int | float) else None
            return _with(command, Told(a=a, b=b, weight=said, model=str(model or "")))
        case _:
            return _with(command, Told(a=a, b=b))


def _with(command: Command, body: Told) -> Command:
    return replace(command, body=msgspec.to_builtins(body))


def _node(graph: IdentityGraph, name: object) -> int:
    node = graph.find_node(str(name))
    if node is None:
        raise NotFoundError("unknown_person", f"nobody is known as {name!r}: give a person id, `type:value` or an identifier's value")
    return node


def carry_out(graph: IdentityGraph, command: Command, offset: int) -> Change:
    """Change the graph as a command says; nodes that it does not have (of a log that was cut) are passed over."""
    body, at_ms = told(command), command.at_ms
    # An older release wrote one pair, also for what was held back.
    pairs = _known(graph, body.pairs or ([(body.a, body.b)] if body.a >= 0 else []))
    match command.kind:
        case "merge" | "release":
            return graph.divide([], pairs, at_ms, offset, command.by)
        case "confirm":
            return graph.confirm(pairs, at_ms, offset)
        case "accept":
            return graph.observe([_suggested(a, b, at_ms, offset) for a, b in pairs])
        case "reject":
            return Change()
        case "cut":
            return graph.divide(pairs, [], at_ms, offset)
        case _:
            return graph.divide(_known(graph, body.cuts), _known(graph, body.merges), at_ms, offset, command.by)


def _suggested(a: int, b: int, at_ms: int, offset: int) -> Evidence:
    """An accepted suggestion as evidence: believed as a server is, but joined after everything that was observed, and within limits."""
    return Evidence(a=a, b=b, trust=SERVER, at_ms=at_ms, source="suggestion", kind="suggestion", offset=offset)


def _known(graph: IdentityGraph, pairs: Sequence[Pair]) -> list[Pair]:
    return [(a, b) for a, b in pairs if max(a, b) < graph.size]
