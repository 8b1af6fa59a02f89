"""Laws of the identity graph: people follow from the set of evidence and commands, whatever their order and batches."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations, pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gyeol.identity.evidence import Change, Evidence
from gyeol.identity.graph import IdentityGraph
from gyeol.identity.model import IdentifierType, IdentityRules
from gyeol.identity.statements import HELD
from gyeol.kernel.hashing import keyed_hash

KEY = b"an identity key of a test folder"
RULES = IdentityRules(
    types=[
        IdentifierType(name="user_id", paths=["userId"], priority=1, limit=1, from_client=True),
        IdentifierType(name="card", paths=["properties.card"], priority=2, limit=1),
        IdentifierType(name="email", paths=["traits.email"], priority=3, limit=2, normalise="email", pii=True),
        IdentifierType(name="anonymous_id", paths=["anonymousId"], priority=4, from_client=True),
    ]
)
CROWDED = IdentityRules(
    types=[
        IdentifierType(name="user_id", paths=["userId"], priority=1, limit=1, from_client=True),
        IdentifierType(name="card", paths=["properties.card"], priority=2, limit=1, from_client=True),
        IdentifierType(name="email", paths=["traits.email"], priority=2, limit=1, normalise="email", pii=True),
        IdentifierType(name="anonymous_id", paths=["anonymousId"], priority=4, limit=2, from_client=True),
    ]
)
"""Limits everywhere, two types of one priority: also accounts and devices become shared."""
LENDING = IdentityRules(
    types=[
        IdentifierType(name="user_id", paths=["userId"], priority=1, limit=1, from_client=True),
        IdentifierType(name="email", paths=["traits.email"], priority=2, limit=3, normalise="email", pii=True),
        IdentifierType(name="card", paths=["properties.card"], priority=3, limit=2, belongs_to="household", from_client=True),
        IdentifierType(name="anonymous_id", paths=["anonymousId"], priority=4, belongs_to="device", from_client=True),
    ]
)
"""What a household shares, and what a device carries."""
TIMED = IdentityRules(
    types=[
        IdentifierType(name="user_id", paths=["userId"], priority=1, limit=1, from_client=True),
        IdentifierType(name="email", paths=["traits.email"], priority=2, limit=1, per="3s", normalise="email", pii=True),
        IdentifierType(name="card", paths=["properties.card"], priority=3, limit=1, per="2s", belongs_to="household", from_client=True),
        IdentifierType(name="anonymous_id", paths=["anonymousId"], priority=4, limit=2, per="2s", belongs_to="device", from_client=True),
    ]
)
"""Limits of a length of time; events here are whole seconds apart."""
ALL_RULES = {"usual": RULES, "crowded": CROWDED, "lending": LENDING, "timed": TIMED}
CLIENT, SERVER, COMMAND = 1, 2, 3
Identifier = tuple[str, str]
POOL: list[Identifier] = [
    *[("user_id", f"u{i}") for i in range(4)],
    *[("card", f"c{i}") for i in range(3)],
    *[("email", f"e{i}@example.invalid") for i in range(4)],
    *[("anonymous_id", f"a{i}") for i in range(5)],
]


class Said(NamedTuple):
    """A statement (``what`` = say), or a command with its offset."""

    what: str
    a: Identifier
    b: Identifier
    trust: int
    at_ms: int
    offset: int = 0


class Outcome(NamedTuple):
    """What must not depend on the order."""

    people: frozenset[frozenset[Identifier]]
    quarantined: frozenset[tuple[frozenset[Identifier], int, str]]
    shared: frozenset[tuple[Identifier, int]]
    ids: frozenset[tuple[frozenset[Identifier], str]]


# ------------------------------------------------------------------ the oracle: the rule as it is written, from scratch


def oracle(said: Iterable[Said], rules: IdentityRules = RULES) -> Outcome:
    """People by DESIGN.md section 5, slowly and plainly."""
    said = list(said)
    kinds = {kind.name: kind for kind in rules.types}
    first_seen: dict[Identifier, int] = {}
    for each in said:
        for one in (each.a, each.b):
            first_seen[one] = min(each.at_ms, first_seen.get(one, each.at_ms))
    statements: dict[tuple[frozenset[Identifier], int], int] = {}
    for each in said:
        if each.what not in ("cut", "confirm") and each.a != each.b:
            key = (frozenset((each.a, each.b)), COMMAND if each.what == "merge" else each.trust)
            statements[key] = min(each.at_ms, statements.get(key, each.at_ms))

    def is_live(pair: frozenset[Identifier], trust: int) -> bool:
        if last_word(pair) == "cut" or (last_word(pair) == "confirm" and trust == COMMAND):
            return False
        return trust != CLIENT or all(kinds[name].from_client for name, _ in pair)

    def last_word(pair: frozenset[Identifier]) -> str:
        """Of the commands on a pair the latest holds; of several at once a cut before a confirm before a merge."""
        rank = {"merge": 0, "confirm": 1, "cut": 2}
        words = [((e.offset, e.at_ms), rank[e.what], e.what) for e in said if e.what in rank and {e.a, e.b} == pair]
        return max(words)[2] if words else ""

    live = {key: at_ms for key, at_ms in statements.items() if is_live(*key)}
    same = _classes(
        [pair for pair, trust in live if trust == COMMAND and len({t for t, _ in pair}) == 1 and kinds[next(iter(pair))[0]].limit]
    )
    level = {one: _level(one, live, same, kinds) for one in first_seen}
    stated = _first_stated(live, same)
    alive = {(pair, trust): at_ms for (pair, trust), at_ms in live.items() if all(trust > level[one] for one in pair)}
    barred = {pair for pair, _ in alive if last_word(pair) == "confirm"}
    people, quarantined = _joined(first_seen, alive, same, kinds, stated, barred)
    ids = {(person, _person_id(person, first_seen, kinds)) for person in people}
    return Outcome(people, quarantined, frozenset((one, at) for one, at in level.items() if at), frozenset(ids))


def _classes(pairs: list[frozenset[Identifier]]) -> dict[Identifier, Identifier]:
    groups: list[set[Identifier]] = []
    for pair in pairs:
        touching = [group for group in groups if group & pair]
        groups = [group for group in groups if not group & pair] + [set(pair).union(*touching)]
    return {one: min(group) for group in groups for one in group}


def _level(one: Identifier, live: Any, same: dict[Identifier, Identifier], kinds: dict[str, IdentifierType]) -> int:
    shared_at = 0
    for kind in kinds.values():
        if kind.limit is None or kind.name == one[0]:
            continue
        for level in (CLIENT, SERVER, COMMAND):
            values: dict[Identifier, int] = {}
            for pair, trust in live:
                if one in pair:
                    (other,) = pair - {one}
                    looks_up = kinds[one[0]].priority > kind.priority
                    weight = SERVER if trust == CLIENT and looks_up else trust
                    if other[0] == kind.name and weight >= level:
                        value, at_ms = same.get(other, other), live[pair, trust]
                        values[value] = min(at_ms, values.get(value, at_ms))
            if _too_many(kind, values):
                shared_at = max(shared_at, level)
    return shared_at


def _too_many(kind: IdentifierType, times: dict[Identifier, int]) -> bool:
    """Whether these values, by when they were first stated, are more than the limit."""
    if kind.limit is None or kind.per is None:
        return kind.limit is not None and len(times) > kind.limit
    length_ms = 1_000 * int(kind.per.removesuffix("s"))
    windows = ([at for at in times.values() if start <= at < start + length_ms] for start in times.values())
    return any(len(window) > kind.limit for window in windows)


def _first_stated(live: Any, same: dict[Identifier, Identifier]) -> dict[Identifier, int]:
    first: dict[Identifier, int] = {}
    for (pair, _), at_ms in live.items():
        for one in pair:
            value = same.get(one, one)
            first[value] = min(at_ms, first.get(value, at_ms))
    return first


def _joined(
    everybody: Iterable[Identifier],
    alive: Any,
    same: dict[Identifier, Identifier],
    kinds: dict[str, IdentifierType],
    stated: dict[Identifier, int],
    barred: set[frozenset[Identifier]],
) -> tuple[Any, Any]:
    def order(item: tuple[tuple[frozenset[Identifier], int], int]) -> Any:
        (pair, trust), at_ms = item
        return -trust, sorted(kinds[name].priority for name, _ in pair), at_ms, sorted(keyed_hash(KEY, *one) for one in pair)

    def whose(one: Identifier) -> str:
        return kinds[one[0]].belongs_to

    groups = {one: frozenset({one}) for one in everybody}
    quarantined = set()

    def has(group: frozenset[Identifier], *owners: str) -> bool:
        return any(whose(one) in owners for one in group)

    def too_many(both: frozenset[Identifier]) -> bool:
        held = {kind.name: {same.get(x, x): stated.get(same.get(x, x), 0) for x in both if x[0] == kind.name} for kind in kinds.values()}
        return any(_too_many(kind, held[kind.name]) for kind in kinds.values())

    def known(group: frozenset[Identifier]) -> bool:
        return any(name == "user_id" for name, _ in group)

    def take(key: tuple[frozenset[Identifier], int], apart: Any = lambda mine, theirs: False) -> None:
        pair, trust = key
        a, b = pair
        mine, theirs = groups[a], groups[b]
        if mine == theirs or pair in barred:
            return
        if too_many(mine | theirs) or (trust == CLIENT and known(mine) and known(theirs)) or apart(mine, theirs):
            quarantined.add((pair, trust))
            return
        for one in mine | theirs:
            groups[one] = mine | theirs

    ordered = [key for key, _ in sorted(alive.items(), key=order)]
    first = [key for key in ordered if key[1] == COMMAND or all(whose(one) == "person" for one in key[0])]
    rest = [key for key in ordered if key not in first]
    given: dict[Identifier, set[Identifier]] = {}
    addresses: dict[Identifier, set[Identifier]] = {}
    for pair, trust in rest:
        owners = {whose(one): one for one in pair}
        if trust != COMMAND and set(owners) == {"person", "household"}:
            given.setdefault(owners["person"], set()).add(owners["household"])
    for pair, _ in first:
        for account in (one for one in pair if known(frozenset({one}))):
            (address,) = pair - {account}
            if not known(frozenset({address})) and whose(address) == "person":
                addresses.setdefault(account, set()).add(address)
    for pair, trust in first:
        accounts = [one for one in pair if known(frozenset({one}))]
        apart = False
        if trust != COMMAND and len(accounts) == 1:
            (address,) = pair - set(accounts)
            mine, theirs = given.get(accounts[0], set()), given.get(address, set())
            apart = bool(mine and theirs) and not mine & theirs and len(addresses[accounts[0]]) > 1
        take((pair, trust), lambda x, y, apart=apart: apart)
    lent = [key for key in rest if not any(whose(one) == "device" for one in key[0])]
    between = [key for key in lent if all(whose(one) == "household" for one in key[0])]
    with_known = [key for key in lent if key not in between and any(known(groups[one]) for one in key[0])]
    without = [key for key in lent if key not in between and key not in with_known]

    def one_of(pair: frozenset[Identifier], owner: str) -> Identifier:
        return next(one for one in pair if whose(one) == owner)

    claims_of = [(pair, one_of(pair, "household"), one_of(pair, "person")) for pair, _ in with_known + without]
    people_with: dict[frozenset[Identifier], set[frozenset[Identifier]]] = {}
    numbers_of: dict[frozenset[Identifier], set[frozenset[Identifier]]] = {}
    for _, number, person in claims_of:
        if groups[number] != groups[person]:
            people_with.setdefault(groups[number], set()).add(groups[person])
            numbers_of.setdefault(groups[person], set()).add(groups[number])
    doubted = set()
    for pair, number, person in claims_of:
        own_numbers = {n for account in groups[person] if known(frozenset({account})) for n in given.get(account, set())}
        if known(groups[person]):
            if own_numbers and number not in own_numbers:
                doubted.add(pair)
        elif not known(groups[number]) and len(people_with.get(groups[number], ())) > 1 and len(numbers_of.get(groups[person], ())) > 1:
            doubted.add(pair)
    for key in with_known + without + between:
        doubt = key[0] in doubted
        take(key, lambda x, y, doubt=doubt: doubt or (has(x, "person") and has(y, "person") and (known(x) or known(y))))
    carried = [key for key in rest if key not in lent]
    claims = [key for key in carried if not all(whose(one) == "device" for one in key[0])]
    people_of: dict[frozenset[Identifier], set[frozenset[Identifier]]] = {}
    for pair, _ in claims:
        (device,) = (one for one in pair if whose(one) == "device")
        (other,) = pair - {device}
        people_of.setdefault(groups[device], set()).add(groups[other])
    torn = {group for group, people in people_of.items() if len(people) > 1 and not has(group, "person", "household")}
    for key in claims + [key for key in carried if key not in claims]:
        take(key, lambda x, y: x in torn or y in torn or (has(x, "person", "household") and has(y, "person", "household")))

    def reason(pair: frozenset[Identifier], trust: int) -> str:
        mine, theirs = (groups[one] for one in pair)
        if trust == CLIENT and known(mine) and known(theirs):
            return "client_cannot_join_known"
        if too_many(mine | theirs):
            return "limit"
        return "device_of_several" if has(pair, "device") else "number_of_another" if has(pair, "household") else "another_number"

    return frozenset(groups.values()), frozenset((pair, trust, reason(pair, trust)) for pair, trust in quarantined)


def _person_id(person: frozenset[Identifier], first_seen: dict[Identifier, int], kinds: dict[str, IdentifierType]) -> str:
    best = min(person, key=lambda one: (kinds[one[0]].priority, first_seen[one], keyed_hash(KEY, *one)))
    return keyed_hash(KEY, *best)


# ------------------------------------------------------------------ the graph under test


class Follower:
    """Knows people only from what ``Change`` says, as the engine does."""

    def __init__(self) -> None:
        self.people: dict[int, list[int]] = {}

    def apply(self, graph: IdentityGraph, change: Change) -> None:
        """Take a change; every part of it must be real."""
        before = {tuple(nodes) for nodes in self.people.values()}
        for node in change.created:
            self.people[int(graph.person[node])] = [node]
        for person in change.dissolved:
            del self.people[person]
        for person, nodes in change.formed:
            assert person not in self.people and tuple(nodes) not in before
            self.people[person] = nodes
        assert {p: graph.members(p) for p in set(graph.person.tolist())} == self.people
        assert all(int(graph.person[node]) == person for person, nodes in self.people.items() for node in nodes)
        assert graph.people.count == len(self.people)


def _nodes(graph: IdentityGraph, each: Said) -> tuple[int, int]:
    a = graph.nodes(each.a[0], [each.a[1]], [each.at_ms])
    b = graph.nodes(each.b[0], [each.b[1]], [each.at_ms])
    return int(a[0]), int(b[0])


def run(
    batches: Iterable[list[Said]], graph: IdentityGraph | None = None, follower: Follower | None = None, rules: IdentityRules = RULES
) -> IdentityGraph:
    """Hand statements over in batches; commands come alone, as from the log."""
    graph, follower = graph or IdentityGraph(rules, KEY), follower or Follower()
    for batch in batches:
        evidence = []
        for each in batch:
            a, b = _nodes(graph, each)
            if each.what == "cut":
                follower.apply(graph, graph.cut(a, b, each.at_ms, each.offset))
            elif each.what == "confirm":
                follower.apply(graph, graph.confirm([(a, b)], each.at_ms, each.offset))
            elif each.what == "merge":
                follower.apply(graph, graph.merge(a, b, each.at_ms, each.offset))
            else:
                evidence.append(Evidence(a=a, b=b, trust=each.trust, at_ms=each.at_ms))
        follower.apply(graph, graph.observe(evidence))
    return graph


def outcome(graph: IdentityGraph) -> Outcome:
    """What the graph says, by identifier."""
    name = {node: graph.identifier(node)[:2] for node in range(graph.size)}
    people = {person: frozenset(name[node] for node in graph.members(person)) for person in graph.person.tolist()}
    store = graph.statements
    held = [record for record in range(store.size) if store.verdict.view[record] == HELD]
    quarantined = frozenset(
        (frozenset((name[store.a.view[r]], name[store.b.view[r]])), store.trust.view[r], graph.settler.quarantined(r).reason) for r in held
    )
    shared = frozenset((name[node], graph.sharing.level.view[node]) for node in name if graph.sharing.level.view[node])
    ids = frozenset((nodes, graph.person_id(person)) for person, nodes in people.items())
    return Outcome(frozenset(people.values()), quarantined, shared, ids)


identifiers = st.sampled_from(POOL)
_times, _trusts, _offsets = st.integers(0, 5).map(lambda second: 1_000 * second), st.sampled_from([CLIENT, SERVER]), st.integers(0, 9)


@st.composite
def evidence_sets(draw: st.DrawFn) -> list[Said]:
    """Statements and commands over a few identifiers, so that they meet: limits, shared devices, quarantine upon quarantine."""
    pool = st.sampled_from(draw(st.lists(identifiers, min_size=3, max_size=8, unique=True)))
    say = st.builds(Said, st.just("say"), pool, pool, _trusts, _times)
    command = st.builds(Said, st.sampled_from(["merge", "merge", "cut", "confirm"]), pool, pool, st.just(COMMAND), _times, _offsets)
    said = draw(st.lists(st.one_of(say, say, say, command) if draw(st.booleans()) else say, max_size=30))
    return [each for each in said if each.a != each.b]


def _split(said: list[Said], cuts: list[int]) -> list[list[Said]]:
    edges = [0, *sorted({c % (len(said) + 1) for c in cuts}), len(said)]
    return [said[a:b] for a, b in pairwise(edges)]


# ------------------------------------------------------------------ the laws


@pytest.mark.parametrize("rules", ALL_RULES.values(), ids=ALL_RULES)
@settings(max_examples=2 * settings().max_examples)
@given(data=st.data())
def test_any_order_and_any_batches_give_what_the_rule_gives(rules: IdentityRules, data: st.DataObject) -> None:
    said = data.draw(evidence_sets())
    shuffled = data.draw(st.permutations(said))
    batches = _split(list(shuffled), data.draw(st.lists(st.integers(0, 60), max_size=20)))
    assert outcome(run(batches, rules=rules)) == oracle(said, rules)


@given(evidence_sets())
def test_saying_everything_twice_changes_nothing(said: list[Said]) -> None:
    graph, follower = IdentityGraph(RULES, KEY), Follower()
    run([said], graph, follower)
    before, labels = outcome(graph), graph.person.tolist()
    run([said[::-1]], graph, follower)
    assert outcome(graph) == before and graph.person.tolist() == labels


@given(evidence_sets(), identifiers, identifiers)
def test_merge_then_cut_is_as_if_never_merged(said: list[Said], a: Identifier, b: Identifier) -> None:
    said = [each for each in said if {each.a, each.b} != {a, b}]
    seen = [Said("say", a, a, SERVER, 3), Said("say", b, b, SERVER, 3)]
    merged = [Said("merge", a, b, COMMAND, 3, 100), Said("cut", a, b, COMMAND, 3, 101)]
    assert outcome(run([said + seen, merged])) == outcome(run([said + seen]))


@given(evidence_sets(), st.lists(identifiers, min_size=1, max_size=3, unique=True))
def test_a_division_is_as_if_its_evidence_had_never_been(said: list[Said], apart: list[Identifier]) -> None:
    pairs = [(a, b) for a in apart for b in POOL if b not in apart]
    graph = run([said, [Said("say", one, one, SERVER, 3) for one in POOL]])
    nodes = {graph.identifier(node)[:2]: node for node in range(graph.size)}
    graph.divide([(nodes[a], nodes[b]) for a, b in pairs], [], 6, 100)
    without = [each for each in said if frozenset((each.a, each.b)) not in set(map(frozenset, pairs))]
    seen = [Said("say", one, one, SERVER, each.at_ms) for each in said for one in (each.a, each.b)]
    seen += [Said("say", one, one, SERVER, 3) for one in POOL]
    assert outcome(graph) == outcome(run([without, seen]))


@given(evidence_sets())
def test_no_person_has_more_values_than_the_limits_allow(said: list[Said]) -> None:
    said = [each for each in said if each.what != "merge"]
    for person in outcome(run([said])).people:
        for kind in RULES.types:
            assert kind.limit is None or len([1 for name, _ in person if name == kind.name]) <= kind.limit


@given(evidence_sets())
def test_a_client_joins_no_two_known_people(said: list[Said]) -> None:
    def accounts_together(each: Iterable[Said]) -> set[frozenset[Identifier]]:
        people = outcome(run([list(each)])).people
        return {frozenset(pair) for person in people for pair in combinations([i for i in person if i[0] == "user_id"], 2)}

    assert accounts_together(said) <= accounts_together(each for each in said if each.what != "say" or each.trust != CLIENT)


@given(evidence_sets(), evidence_sets())
def test_a_snapshot_goes_on_as_if_nothing_had_happened(before: list[Said], after: list[Said]) -> None:
    graph = run([before])
    copy = IdentityGraph(RULES, KEY)
    assert copy.load(graph.dump()) == Change()
    assert copy.dump() == graph.dump() and outcome(copy) == outcome(graph)
    for each in (graph, copy):
        follower = Follower()
        follower.people = {p: each.members(p) for p in set(each.person.tolist())}
        run([after], each, follower)
    assert copy.dump() == graph.dump() and outcome(copy) == oracle(before + after)


@given(evidence_sets())
def test_other_rules_resolve_everything_anew(said: list[Said]) -> None:
    looser = IdentityRules(types=[IdentifierType(name=k.name, paths=k.paths, priority=k.priority, limit=k.limit and k.limit + 1, normalise=k.normalise, from_client=k.from_client) for k in RULES.types])  # fmt: skip # noqa: E501
    graph, follower = IdentityGraph(looser, KEY), Follower()
    run([said], graph, follower)
    follower.apply(graph, graph.set_rules(RULES))
    assert outcome(graph) == oracle(said)


@pytest.mark.parametrize("name", [kind.name for kind in RULES.types])
@given(st.text(max_size=30))
def test_ids_are_keyed_hashes_and_resolve(name: str, value: str) -> None:
    graph = IdentityGraph(RULES, KEY)
    node = int(graph.nodes(name, [value], [1])[0])
    if node >= 0:
        kind, normal, _ = graph.identifier(node)
        assert graph.node_id(node) == keyed_hash(KEY, kind, normal) == graph.person_id(int(graph.person[node]))
        assert graph.find(graph.node_id(node)) == graph.find(f"{name}:{value}") == int(graph.person[node])
