"""The identity graph: people as a function of the set of evidence and commands, whatever the order in which they came.

How it works: ``sharing`` (rule 1), ``joining`` (rule 2), ``settling`` (which part of it a new statement makes necessary).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NoReturn

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.identity import explain, snapshot
from gyeol.identity.description import Description
from gyeol.identity.evidence import Change, Evidence, EvidenceKind, merged
from gyeol.identity.identifiers import IdentifierTable
from gyeol.identity.known_pairs import KnownPairs
from gyeol.identity.model import IdentityRules
from gyeol.identity.people import People
from gyeol.identity.policy import COMMAND, TRUST_NAMES, Policy
from gyeol.identity.recent import RecentNodes
from gyeol.identity.settling import Settler, Work
from gyeol.identity.sharing import Sharing
from gyeol.identity.statements import ACCEPTED, MAX_NODES, Order, StatementStore
from gyeol.kernel.errors import InputError, LimitError, NotFoundError, Problem

Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
Pair = tuple[int, int]


class IdentityGraph:
    """Identifiers, evidence and people. One thread may use it.

    Args:
        rules: Identifier types with priorities and limits.
        key: Key of person ids, 1 to 64 bytes; another key gives every person another id.
    """

    def __init__(self, rules: IdentityRules, key: bytes) -> None:
        self._key = key
        self.reset(Policy(rules, []))

    def reset(self, policy: Policy) -> None:
        """Forget everything (before a snapshot is read)."""
        self.policy = policy
        self.table = IdentifierTable(self._key)
        self.statements = StatementStore()
        self.people = People()
        self.sharing = Sharing(self.table, self.statements, self.policy)
        self.settler = Settler(self.table, self.statements, self.sharing, self.people)
        self.pending: dict[tuple[int, str], dict[tuple[int, int], Evidence]] = {}
        self.awake: list[Evidence] = []
        self.known_pairs = KnownPairs(self.statements.index)
        self._recent: dict[int, RecentNodes] = {}

    # ------------------------------------------------------------------ what is there

    @property
    def size(self) -> int:
        """Identifiers; nodes are 0 to ``size - 1``."""
        return self.table.size

    @property
    def person(self) -> Int32:
        """(size,) person index by node. A view of live memory: do not write, and do not keep it across a call that adds nodes."""
        return self.people.person.data[: self.table.size]

    @property
    def rules(self) -> IdentityRules:
        """The rules in force."""
        return self.policy.rules

    def members(self, person: int) -> list[int]:
        """The nodes of a person, ascending; empty for an index that has been dissolved."""
        return self.people.members(person)

    def alone(self, nodes: Int64) -> npt.NDArray[np.bool_]:
        """(n,) whether each of some nodes is all that its person has."""
        return self.people.alone(nodes)

    def identifier(self, node: int) -> tuple[str, str, int]:
        """(type name, normalised value, least event time in ms) of a node."""
        return self.policy.names[self.table.type.view[node]], self.table.value(node), self.table.first_ms.view[node]

    def types(self) -> npt.NDArray[np.uint8]:
        """(size,) type code by node; ``type_code`` gives the code of a name."""
        return self.table.type.data[: self.table.size]

    def type_code(self, name: str) -> int:
        """The code of an identifier type."""
        return self.policy.code(name)

    def node_id(self, node: int) -> str:
        """The public id of an identifier, 32 hex digits: the person id of whoever it is the strongest identifier of."""
        return self.table.digest(self.policy.names[self.table.type.view[node]], self.table.raw(node)).hex()

    def person_id(self, person: int) -> str:
        """The public id of a person, 32 hex digits: that of the strongest identifier (priority, first event time, hash).

        Raises:
            NotFoundError: The person index has been dissolved, or never was.
        """
        nodes = self.people.members(person)
        if not nodes:
            raise NotFoundError("unknown_person", f"person {person} is dissolved; look up its node in ``person`` again", person=person)
        if len(nodes) > 1:
            types, first_ms, priority = self.table.type.view, self.table.first_ms.view, self.policy.priority
            best = min((priority[types[node]], first_ms[node]) for node in nodes)
            nodes = [node for node in nodes if (priority[types[node]], first_ms[node]) == best]
        return min(map(self.node_id, nodes))

    def find(self, text: str) -> int | None:
        """The person behind a person id (also an old one), ``type:value``, or a value of any type; None when nobody is."""
        node = self.find_node(text)
        return None if node is None else self.people.person.view[node]

    def find_node(self, text: str) -> int | None:
        """As ``find``, but the node that the text names."""
        return explain.find_node(self.table, self.policy, text)

    def describe(self, person: int, reveal: bool = False, at_most: int = 200) -> Description:
        """What is known of who a person is, and why.

        Args:
            person: Person index.
            reveal: Show values of personal identifiers; else they are masked.
            at_most: Identifiers and statements listed of each kind; ``complete`` says whether that was all.
        """
        return explain.describe(self, person, reveal, at_most)

    # ------------------------------------------------------------------ what changes it

    def nodes(self, type_name: str, values: Sequence[str | None], first_ms: Sequence[int] | Int64) -> Int64:
        """Nodes of some values, new ones where a value was never seen.

        Args:
            type_name: The identifier type.
            values: As sent; they are normalised here.
            first_ms: Event time of each; the least one is kept.

        Returns:
            (n,) nodes, -1 where a value is None or identifies nobody.
        """
        code = self.policy.code(type_name)
        nodes = self.resolve(code, list(values))
        self.date(nodes, np.asarray(first_ms, np.int64))
        return nodes

    def numbered(self, node: int, type_name: str, value: str, now_ms: int) -> int:
        """The node of an identifier that a record of the log names, seen at ``now_ms``.

        Args:
            node: Its number when the record was made. It keeps that for ever, also when the rules drop its type or block its value; it
                gets it here if no identifier has it yet.
            type_name: Of the identifier.
            value: Of the identifier.
            now_ms: Of the record.
        """
        if 0 <= node < self.size:
            self.date(np.array([node], np.int64), np.array([now_ms], np.int64))
            return node
        return int(self.nodes(type_name, [value], [now_ms])[0])

    def resolve(self, code: int, texts: list[str | None]) -> Int64:
        """As ``nodes``, without dates."""
        recent = self._recent.setdefault(code, RecentNodes())
        found = list(map(recent.young.get, texts))
        if None in found:
            missing = [i for i, node in enumerate(found) if node is None]
            unseen = dict.fromkeys(text for i in missing if (text := texts[i]) is not None)
            known = self._resolve_unseen(recent, code, list(unseen))
            for i in missing:
                found[i] = known[texts[i] or ""]
        return np.array(found, np.int64)

    def _resolve_unseen(self, recent: RecentNodes, code: int, texts: list[str]) -> dict[str, int]:
        """Nodes of different texts that were not seen lately."""
        known: dict[str, int] = {}
        spelled: dict[str, str] = {}
        normalise = self.policy.normaliser(code)
        for text in texts:
            node = recent.old.get(text)
            if node is None and (value := normalise(text)) is not None:
                spelled[text] = value
            known[text] = -1 if node is None else node
        if spelled:
            known.update(zip(spelled, self._intern(code, list(spelled.values())), strict=True))
        recent.keep(known)
        return known

    def _intern(self, code: int, values: list[str]) -> list[int]:
        before = self.table.size
        if before + len(values) > MAX_NODES:
            mend = "split the workspace"
            raise LimitError("too_many_identifiers", f"the graph holds at most {MAX_NODES} identifiers; {mend}", limit=MAX_NODES)
        nodes = self.table.intern(code, self.policy.names[code], values)
        size = self.table.size
        if size > before:
            self.people.add(size)
            self.statements.fit_nodes(size)
            self.sharing.fit_nodes(size)
            if self.pending:
                for value, node in zip(values, nodes, strict=True):
                    for link in self.pending.pop((code, value), {}).values():
                        self.awake.append(msgspec.structs.replace(link, a=node))
        return nodes

    def date(self, nodes: Int64, times_ms: Int64) -> None:
        """Keep the least event time of these nodes; -1 is passed over."""
        there = nodes >= 0
        np.minimum.at(self.table.first_ms.data, nodes[there], times_ms[there])

    def link_when_known(self, code: int, value: str, link: Evidence) -> None:
        """Evidence between node ``link.b`` and an identifier that may not exist: it counts from when some event has the identifier.

        So it does not matter whether the event with the identifier or the statement about it (an alias call) comes first.
        """
        node = self.table.find(code, self.policy.names[code], value)
        if node >= 0:
            self.awake.append(msgspec.structs.replace(link, a=node))
            return
        waiting = self.pending.setdefault((code, value), {})
        before = waiting.get((link.b, link.trust))
        waiting[link.b, link.trust] = link if before is None else merged(before, link)

    def observe(self, evidence: Iterable[Evidence]) -> Change:
        """Take statements; the people that follow depend on the set of all statements only."""
        work, size = Work(), self.size
        evidence = list(evidence)
        for each in evidence:
            if not (0 <= each.a < size and 0 <= each.b < size and each.trust in TRUST_NAMES):
                self._refuse(each.a, each.b, each.trust)
        for each in evidence:
            self._record(each, work)
        for each in self.awake:
            self._record(each, work)
        self.awake = []
        return self.settler.settle(work)

    def merge(self, a: int, b: int, at_ms: int, offset: int, by: str = "", kind: EvidenceKind = "command") -> Change:
        """A command: two nodes are one person. It is refused (quarantined, with the reason) where it would break a limit.

        Two values of one limited type that are merged count as one value from then on: the operator says that they are the same.
        """
        return self.observe([Evidence(a=a, b=b, trust=COMMAND, at_ms=at_ms, source=by, kind=kind, offset=offset)])

    def release(self, a: int, b: int, at_ms: int, offset: int, by: str = "") -> Change:
        """A command: accept what is quarantined between two nodes. The same as ``merge``: the operator's word outranks the others."""
        return self.merge(a, b, at_ms, offset, by)

    def cut(self, a: int, b: int, at_ms: int, offset: int) -> Change:
        """A command: withdraw all evidence between two nodes, also what is yet to come, until a later ``merge`` of the two.

        Other evidence may still connect them: ``person[a] == person[b]`` afterwards tells.
        """
        return self.divide([(a, b)], [], at_ms, offset)

    def confirm(self, pairs: Sequence[Pair], at_ms: int, offset: int) -> Change:
        """A command: what is stated of these pairs stays out for good, whatever the rules become, until a later ``merge`` or ``cut``.

        Unlike a cut it still counts where others are judged: to leave a statement out joins nobody else.
        """
        work = Work()
        for a, b in pairs:
            self._check_pair(a, b)
        for a, b in pairs:
            self.statements.command(self.statements.holds, a, b, (offset, at_ms))
            self._pair_changed(a, b, work)
        return self.settler.settle(work)

    def divide(self, cuts: Sequence[Pair], merges: Sequence[Pair], at_ms: int, offset: int, by: str = "") -> Change:
        """A command on many pairs at once (to split a person, to move an identifier): see ``cut`` and ``merge``."""
        for a, b in (*cuts, *merges):
            self._check_pair(a, b)
        work = Work()
        changed = dict.fromkeys(node for pair in cuts for node in pair)
        for a, b in cuts:
            self.statements.command(self.statements.cuts, a, b, (offset, at_ms))
            if self._one_limited_type(a, b):
                self._pair_changed(a, b, work)
        for node in changed:
            self._recount(node, work)
            work.seeds[node] = None
        for a, b in merges:
            self._record(Evidence(a=a, b=b, trust=COMMAND, at_ms=at_ms, source=by, kind="command", offset=offset), work)
        return self.settler.settle(work)

    def set_rules(self, rules: IdentityRules) -> Change:
        """Put other rules in force; everything is resolved anew from the evidence (about 10 µs an identifier).

        Values stay as they were normalised when they came.
        """
        self.policy = self.sharing.policy = Policy(rules, self.policy.names)
        self._recent.clear()
        work, sharing = Work(), self.sharing
        sharing.rebuild_classes()
        for node in range(self.size):
            sharing.recount(node)
            if any(True for _ in self.statements.around(node)):
                work.seeds[node] = None
        return self.settler.settle(work)

    def _record(self, evidence: Evidence, work: Work) -> None:
        a, b, trust = evidence.a, evidence.b, evidence.trust
        if a == b:
            return
        store, sharing = self.statements, self.sharing
        record, earlier = store.add(evidence)
        timed = self.policy.limits.timed
        if timed and earlier is not False and not timed.isdisjoint((self.table.type.view[a], self.table.type.view[b])):
            self._dated(a, b, work)
        if earlier is not None and trust != COMMAND:
            if earlier and store.verdict.view[record] != ACCEPTED:
                work.seeds[a] = None
            return
        if trust == COMMAND:
            order: Order = (evidence.offset, evidence.at_ms)
            store.command(store.merges, a, b, order)
            self._pair_changed(a, b, work)
        else:
            types, policy = self.table.type.view, self.policy
            kind, other_kind = types[a], types[b]
            if policy.admitted[trust][kind][other_kind] and not (store.cuts and store.is_cut(a, b)):
                level = sharing.level.view
                if policy.weights[kind][other_kind][trust] > level[a] and not store.sole(a):
                    self._recount(a, work)
                if policy.weights[other_kind][kind][trust] > level[b] and not store.sole(b):
                    self._recount(b, work)
                if store.holds and store.is_held(a, b):
                    work.seeds[a] = None
                else:
                    work.links.append((a, b, trust))

    def _pair_changed(self, a: int, b: int, work: Work) -> None:
        """A command on a pair: it may change what is live, who is shared, and which values are the same."""
        changed = [a, b]
        if self._one_limited_type(a, b):
            changed = sorted({a, b, *self.sharing.reclass(a, b)})
            for node in changed:
                for _, other in self.statements.around(node):
                    self._recount(other, work)
        for node in changed:
            self._recount(node, work)
            work.seeds[node] = None

    def _dated(self, a: int, b: int, work: Work) -> None:
        """A value of a type with a limit of a length of time has a statement that it had not, or not so early."""
        for node in (a, b):
            self._recount(node, work)
            work.seeds[node] = None

    def _one_limited_type(self, a: int, b: int) -> bool:
        types = self.table.type.view
        return types[a] == types[b] and self.policy.limit[types[a]] is not None

    def _recount(self, node: int, work: Work) -> None:
        """See whether a node is shared; if that changed, whoever it touches through the statements concerned is settled anew."""
        before, after = self.sharing.recount(node)
        if before == after:
            return
        work.seeds[node] = None
        low, high = min(before, after), max(before, after)
        for record, other in self.statements.around(node):
            if low < self.statements.trust.view[record] <= high:
                work.seeds[other] = None

    def _check_pair(self, a: int, b: int) -> None:
        if not (0 <= a < self.size and 0 <= b < self.size):
            self._refuse(a, b, COMMAND)

    def _refuse(self, a: int, b: int, trust: int) -> NoReturn:
        code, what, mend = "unknown_trust", f"trust {trust} is none of {TRUST_NAMES}", "take it from TRUST_RANKS"
        if not (0 <= a < self.size and 0 <= b < self.size):
            code, what = "unknown_node", f"evidence names nodes {a} and {b}; the graph has {self.size}"
            mend = "take nodes from nodes() or find_node()"
        raise InputError(code, [Problem(path="evidence", code=code, what=what, mend=mend)])

    # ------------------------------------------------------------------ snapshots

    def dump(self) -> bytes:
        """Everything, the same bytes for the same history of calls."""
        return snapshot.dump(self)

    def load(self, data: bytes) -> Change:
        """Replace everything by what ``dump`` gave. Person indexes stay; if the rules are others now, returns what they changed."""
        return snapshot.load(self, data)
