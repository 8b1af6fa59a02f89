"""Everything that the engine knows, as one value that the log determines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np

from gyeol.audiences.membership import Memberships
from gyeol.content.approval import Approvals
from gyeol.content.coupons.ledger import CouponLedger
from gyeol.content.coupons.model import compile_pools
from gyeol.content.coupons.person import PersonCoupons
from gyeol.context.clock import Clock
from gyeol.context.fact import Moment
from gyeol.context.facts import with_what_they_rest_on
from gyeol.context.ledger import FactLedger
from gyeol.context.moment import PREFIX, moment_schema
from gyeol.context.place.haunts import Haunts
from gyeol.context.subject import Subject
from gyeol.decisions.engine import Placements
from gyeol.decisions.ledger import DECISION_PATH, DecisionLedger
from gyeol.decisions.person import LivePerson
from gyeol.engine.columns import RowColumns
from gyeol.engine.definitions import Definitions
from gyeol.engine.enriching import EventJoins
from gyeol.engine.grouping import GroupRows, group_schema, grouped_paths
from gyeol.engine.learning import Learning, goal_paths
from gyeol.engine.moments import PeopleMoments
from gyeol.engine.people import PeopleRows
from gyeol.events.batch import Vocabularies
from gyeol.events.plan import PlanChecks
from gyeol.events.reading import Reading
from gyeol.identity.attributes import AttributeLedger
from gyeol.identity.extract import identity_paths
from gyeol.identity.golden import ranked, rule_of
from gyeol.identity.graph import IdentityGraph
from gyeol.identity.model import GoldenRule
from gyeol.identity.snapshot import load_parts as load_identity
from gyeol.identity.snapshot import parts as identity_parts
from gyeol.journeys.contacts import ContactLedger
from gyeol.journeys.enrolment import EnrolmentLedger
from gyeol.journeys.saying import prepare
from gyeol.journeys.trigger import Journeys
from gyeol.kernel.instants import Int64, Zone
from gyeol.privacy.consent import LOCATION, REACHABLE, Consent, ConsentLedger
from gyeol.privacy.consent_events import ConsentReader
from gyeol.privacy.law import LawTable
from gyeol.profiles.table import TraitTable


class Totals(msgspec.Struct):
    """Counts of what the log has held."""

    accepted: int = 0
    rejected: int = 0
    decisions: int = 0
    commands: int = 0
    facts: int = 0


class EngineState:
    """The state after some record of the log, under one set of definitions. One thread may use it.

    Args:
        definitions: What the workspace defines.
        identity_key: Key of person ids.
        vocabularies: Of the state that this one is carried over from; new if None.

    Raises:
        InputError: The definitions do not fit together; every problem is named.
    """

    def __init__(self, definitions: Definitions, identity_key: bytes, vocabularies: Vocabularies | None = None) -> None:
        workspace = definitions.workspace
        self.definitions, self.identity_key = definitions, identity_key
        self.zone = Zone(workspace.zone)
        # The last place stands for a source that is no longer defined: it is believed least.
        self.sources = [*(source.name for source in definitions.sources), ""]
        self.trust = [*(source.trust for source in definitions.sources), "client"]
        self.plan_checks = PlanChecks(definitions.plan)
        self.graph = IdentityGraph(definitions.identity, identity_key)
        self.consents = ConsentReader(definitions.consent_events, definitions.identity, [t == "server" for t in self.trust], self.sources)
        self.attributes = AttributeLedger(definitions.golden, dict(zip(self.sources, self.trust, strict=True)))
        self.journeys = Journeys(definitions.journeys, definitions.channels)
        vocabularies = vocabularies or Vocabularies()
        self.traits = TraitTable(definitions.all_traits, vocabularies, self.zone, definitions.plan, workspace.currency)
        asked = self.traits.paths() | self.journeys.paths() | grouped_paths(definitions.groups) | goal_paths(definitions.offers)
        self.joins = EventJoins(definitions, asked)
        paths = {path for path in asked if not path.startswith(PREFIX)}
        paths |= self.joins.paths() | self.consents.paths() | self.attributes.paths() | set(identity_paths(definitions.identity))
        paths |= {DECISION_PATH} if any(placement.impressions for placement in definitions.placements) else set()
        self.reading = Reading(definitions.plan, workspace.currency, paths, vocabularies, self.sources)
        traits = self.traits.schema()
        self.schema = {**traits, **group_schema(definitions.groups, traits), **moment_schema()}
        self.memberships = Memberships([a for a in definitions.audiences if a.of is None], definitions.stages, self.schema)
        self._priority = {kind.name: kind.priority for kind in definitions.identity.types}
        self._golden: dict[str, GoldenRule] = {"email": "most_recent", "phone": "most_recent"}
        self._golden |= {kind.name: rule_of(kind) or "most_recent" for kind in definitions.identity.types}
        self.people = PeopleRows(self.graph, self.traits, self.memberships)
        trusted, region = [t == "server" for t in self.trust], workspace.phone_region
        self.groups = GroupRows(definitions.groups, definitions.audiences, identity_key, region, self.people, trusted)
        clock = Clock(self.zone, workspace.country)
        kinds = definitions.derived
        self.moments = PeopleMoments(workspace.moment, workspace.facts_days, clock, self.traits, self.people, self.graph, kinds)
        self.moments.memberships = self.memberships
        self.moments.reads = with_what_they_rest_on(n.removeprefix(PREFIX) for n in self.memberships.reads if n.startswith(PREFIX))
        self.consent = ConsentLedger()
        self.moments.agreed = lambda nodes: self.consent.agreed(nodes, LOCATION, self.now_ms)
        self.laws = LawTable(definitions.laws, workspace.country)
        self.placements = Placements(
            definitions.placements,
            definitions.offers,
            self.schema,
            laws=self.laws,
            zone=self.zone,
            definitions=definitions.hash,
            limits=definitions.limits,
        )
        self.learning = Learning(definitions.policies, definitions.placements, definitions.offers, self.schema)
        self.decided = DecisionLedger(self.zone, self.placements.largest_cap)
        self.enrolments, self.contacts = EnrolmentLedger(), ContactLedger()
        self.pools, self.coupons = compile_pools(definitions.coupons, self.zone, workspace.currency), CouponLedger()
        self.contents = definitions.new_contents()
        prepare(definitions.offers, self.contents)
        self.totals = Totals()
        self.imported: set[tuple[str, int]] = set()
        self.replayed: set[str] = set()
        self.placed = 0
        self.forgotten_ms = 0
        self.now_ms = 0
        self.offset = 0

    def moment(self, request: dict[str, object] | None = None) -> Moment:
        """What is true now for everybody, and in this request."""
        return self.moments.one(self.now_ms, request=request)

    def moment_of(self, node: int, request: dict[str, object] | None = None, *, alone: bool = False, at_ms: int | None = None) -> Moment:
        """What is true now, or as of another instant, for the person of a node; ``alone``: as in ``person_view``."""
        nodes, row = self._served(node, alone)
        return self.moments.one(self.now_ms if at_ms is None else at_ms, nodes, row, request)

    def columns(
        self, rows: Int64, request: dict[str, object] | None = None, nodes: list[int] | None = None, moment: Moment | None = None
    ) -> RowColumns:
        """Traits and Moment of some serving rows, as of now; row -1 is somebody of whom nothing is known.

        ``nodes``: of the one row that is asked for; None: those of the person whom it serves. ``moment``: theirs, where it is known.
        """
        personal = self.moments.reader(rows, self.now_ms, request, nodes, moment)
        grouped = self.groups.column if self.groups else None
        return RowColumns(self.traits, rows, self.now_ms, moment or (lambda: self.moment(request)), personal, grouped)

    def _served(self, node: int, alone: bool) -> tuple[list[int], int]:
        """The nodes of a node's person, and the row that serves it; ``alone``: as if the node were nobody else's."""
        if alone:
            return [node], int(self.traits.rows_of_nodes(np.array([node]), create=False)[0])
        person = int(self.graph.person[node])
        return self.graph.members(person), self.people.row(person)

    def person_view(
        self, node: int, request: dict[str, object] | None = None, *, alone: bool = False, moment: Moment | None = None
    ) -> LivePerson:
        """The person of a node now, as decisions and journeys see them; ``alone``: as if the node were nobody else's.

        ``moment``: what ``moment_of`` gives for the same, where it was asked.
        """
        person = int(self.graph.person[node])
        nodes, row = self._served(node, alone)
        columns = self.columns(np.array([row], np.int64), request, nodes, moment)
        return LivePerson(
            node=node,
            person_id=self.graph.person_id(person),
            nodes=nodes,
            zone=self.moments.zone_of(row)[0],
            columns=columns,
            consents=self.consent,
            decisions=self.decided,
            addresses=lambda medium: self.address(nodes, medium),
            unreachable=lambda medium: self.unreachable(nodes, medium),
            stock=self.stock,
            default_language=self.definitions.workspace.language,
            subject=self._strongest(nodes),
            coupons=self._coupons_of(node, person, nodes) if self.pools else None,
            stage=lambda: None if row < 0 else self.memberships.stage(row),
            in_audience=lambda name: row >= 0 and name in self.memberships.of_row(row),
        )

    def stock(self, sku: str) -> float | None:
        """How many of an article are left, as last told and while that counts; None: not known."""
        fact = self.moments.facts.at(Subject("sku", sku), "stock", self.now_ms, self.now_ms - self.moments.memory_ms)
        return float(fact.value) if fact is not None and fact.fresh(self.now_ms) and isinstance(fact.value, int | float) else None

    def _coupons_of(self, node: int, person: int, seen: list[int]) -> PersonCoupons:
        """Limits count over all nodes of the person; codes are shown only of those that were seen."""
        return PersonCoupons(self.coupons, self.pools, self.identity_key, node, seen, self.graph.members(person))

    def _strongest(self, nodes: list[int]) -> str:
        """The strongest identifier of a person as ``type:value``."""
        known, priority = map(self.graph.identifier, nodes), self._priority
        _, _, value, name = min((priority.get(name, len(priority)), first_ms, value, name) for name, value, first_ms in known)
        return f"{name}:{value}"

    def contact(self, nodes: list[int], medium: str, address: str | None = None) -> int | None:
        """The node by which a person is reached on a medium: the golden one of the type that carries it, or that of ``address``."""
        wanted = {"sms": "phone", "kakao": "phone", "call": "phone"}.get(medium, "email")
        known = [(node, *self.graph.identifier(node)) for node in nodes]
        found = [node for node, name, value, _ in known if name == wanted and address in (None, value)]
        return ranked(self.graph, found, self._golden[wanted])[0] if found else None

    def address(self, nodes: list[int], medium: str) -> str | None:
        """Where a person is reached on a medium."""
        node = self.contact(nodes, medium)
        return None if node is None else self.graph.identifier(node)[1]

    def unreachable(self, nodes: list[int], medium: str) -> Consent | None:
        """What was said of that address when its server knew nobody there; None: it is good as far as anybody knows."""
        node = self.contact(nodes, medium)
        said = None if node is None else self.consent.stated(node, medium, REACHABLE)
        return None if said is None or said.granted else said

    def identified(self) -> int:
        """How many people with events have an identifier other than an anonymous one."""
        known = np.zeros(len(self.people.row_of_person), np.bool_)
        strong = self.graph.types() != (self.graph.type_code("anonymous_id") if "anonymous_id" in self._type_names() else 255)
        people = self.graph.person[strong]
        known[people[people < len(known)]] = True
        return int((known & (self.people.row_of_person >= 0)).sum())

    def _type_names(self) -> list[str]:
        return [kind.name for kind in self.definitions.identity.types]

    # -- snapshots
    def parts(self) -> Iterator[tuple[str, object]]:
        """Everything, part after part, as trees of arrays, bytes, numbers and texts; only one part is made at a time."""
        small = {
            "now_ms": self.now_ms,
            "offset": self.offset,
            "placed": self.placed,
            "totals": msgspec.structs.astuple(self.totals),
            "imported": sorted(self.imported),
            "replayed": sorted(self.replayed),
        }
        yield from small.items()
        yield "graph", identity_parts(self.graph)
        for name in _PARTS:
            yield name, getattr(self, name).dump()
        yield "attributes", self.attributes.dump()
        yield "groups", self.groups.dump()
        yield "coupons", self.coupons.dump()
        yield "learning", self.learning.dump(self.now_ms)
        yield "contacts", self.contacts.dump()
        yield "approvals", self.contents.approvals.dump()
        yield "facts", self.moments.facts.dump(self.now_ms - self.moments.memory_ms)
        yield "haunts", self.moments.haunts.dump()

    def load(self, parts: Mapping[str, object]) -> None:
        """Take back what ``parts`` gave; the state must be new and of equal definitions. Arrays may be made when they are asked for."""
        values = msgspec.convert({key: parts[key] for key in ("now_ms", "offset", "placed", "totals", "imported", "replayed")}, _Small)
        self.now_ms, self.offset, self.placed = values.now_ms, values.offset, values.placed
        self.totals = Totals(*values.totals)
        self.imported, self.replayed = set(values.imported), set(values.replayed)
        load_identity(self.graph, _arrays(parts["graph"]))
        self.traits.load(_arrays(parts["traits"]))
        self.memberships.load(_arrays(parts["memberships"]))
        self.people.load(_arrays(parts["people"]))
        self.consent = ConsentLedger.load(_bytes(parts["consent"]))
        self.decided = DecisionLedger.load(_bytes(parts["decided"]), self.zone, self.placements.largest_cap)
        self.enrolments = EnrolmentLedger.load(_bytes(parts["enrolments"]))
        if "facts" in parts:  # a snapshot of a release before there were any has none
            self.moments.facts = FactLedger.load(_bytes(parts["facts"]), self.now_ms)
        if "haunts" in parts:  # nor these
            self.moments.haunts = Haunts.load(_bytes(parts["haunts"]))
        if "approvals" in parts:  # nor these
            self.contents.approvals = Approvals.load(_bytes(parts["approvals"]))
        if "contacts" in parts:  # nor these
            self.contacts = ContactLedger.load(_bytes(parts["contacts"]))
        if "learning" in parts:  # nor this
            self.learning.load(_bytes(parts["learning"]))
        if "coupons" in parts:  # nor these
            self.coupons = CouponLedger.load(_bytes(parts["coupons"]))
        if self.groups and "groups" in parts:  # nor these
            self.groups.load(_arrays(parts["groups"]))
        if "attributes" in parts:  # nor has it these
            self.attributes.load(_bytes(parts["attributes"]))


_PARTS = ("traits", "memberships", "people", "consent", "decided", "enrolments")
"""The other large parts by attribute, in the order in which they are written."""


class _Small(msgspec.Struct):
    now_ms: int
    offset: int
    placed: int
    totals: tuple[int, ...]
    imported: list[tuple[str, int]]
    replayed: list[str]


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value


def _arrays(value: object) -> Any:
    """A part made of arrays and bytes by name."""
    assert isinstance(value, Mapping)
    return value
