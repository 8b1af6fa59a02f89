"""A simulated stream of events with everything that melts people together or keeps them apart, and who was really behind each identifier.

What happens in it, and how often (``Life``): people use several browsers and clear cookies; a browser is passed on to somebody else; a
tablet serves a household and a kiosk serves strangers; a household gives one telephone number; e-mail addresses are mistyped, at times into
somebody else's; guests order without ever signing in. Browsers report with a public key, orders and the till come from the server.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from gyeol.events.model import EVENT_TYPES
from gyeol.identity.extract import identify_batch
from gyeol.identity.graph import IdentityGraph
from gyeol.identity.model import IdentityRules

TRUSTS = ("client", "server")
_BATCH = 1_000


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """How people live in the simulation; shares of 1. Set before anything was measured.

    Args:
        accounts: People who have an account; the others order as guests.
        browsers: Cookies a person uses over the time, at most.
        households: People who live with others. tablet: Of those, who use the household's tablet. household_phone: Households where
            all give one number.
        kiosk: People who sign in at a kiosk, of which there is one for a hundred people.
        passed_on: People who use a browser that was somebody else's before.
        typos: Orders with a mistyped e-mail address; one in ten of those is the address of somebody else.
        orders, visits: A person's, on average.
    """

    accounts: float = 0.85
    browsers: int = 4
    households: float = 0.4
    tablet: float = 0.3
    household_phone: float = 0.03
    kiosk: float = 0.05
    passed_on: float = 0.01
    typos: float = 0.01
    orders: int = 3
    visits: int = 6


class Person(msgspec.Struct):
    """Somebody, with what is theirs alone and what they share."""

    number: int
    account: str | None
    emails: list[str]
    phone: str
    browsers: list[str]
    shared: list[str]


class Said(msgspec.Struct, frozen=True):
    """How wrong the graph is: people, in all and a thousand."""

    people: int
    events: int
    merged: int
    split: int

    @property
    def merged_per_1000(self) -> float:
        """People of whom an identifier of theirs alone is in one person with somebody else's."""
        return 1_000 * self.merged / self.people

    @property
    def split_per_1000(self) -> float:
        """People whose own identifiers are in more pieces than their own events leave them."""
        return 1_000 * self.split / self.people


class _Batch:
    """Events as identity reads them."""

    def __init__(self, events: Sequence[dict[str, Any]], first_offset: int) -> None:
        self._events, self.n, self.first_offset = events, len(events), first_offset
        self.type_code = np.full(self.n, EVENT_TYPES.index("track"), np.uint8)
        self.source = np.array([event["source"] for event in events], np.int16)
        self.time_ms = np.arange(first_offset, first_offset + self.n, dtype=np.int64)

    def offset(self, i: int) -> int:
        """Of an event."""
        return self.first_offset + i

    def coded(self, path: str) -> None:
        """No codes."""

    def texts(self, path: str) -> list[str | None]:
        return [event.get(path) for event in self._events]


def simulate(rules: IdentityRules, count: int, seed: int, life: Life = Life()) -> Said:
    """Live, stream, resolve, and count what is wrong.

    Args:
        rules: Of the graph.
        count: People.
        seed: Of chance.
        life: How they live.
    """
    chance = random.Random(seed)
    people = _people(chance, count, life)
    events = [(event, person) for person in people for event in _events(chance, person, people, life)]
    chance.shuffle(events)
    graph = IdentityGraph(rules, b"a key of the benchmark")
    for start in range(0, len(events), _BATCH):
        batch = _Batch([event for event, _ in events[start : start + _BATCH]], start)
        graph.observe(identify_batch(batch, rules, graph, TRUSTS, TRUSTS).evidence)
    merged, split = _wrong(graph, people, events)
    return Said(count, len(events), merged, split)


def _people(chance: random.Random, count: int, life: Life) -> list[Person]:
    people = []
    for number in range(count):
        account = f"member-{number}" if chance.random() < life.accounts else None
        emails = [f"person{number}.{i}@mail.example" for i in range(chance.choice((1, 1, 1, 2)))]
        browsers = [f"browser-{number}-{i}" for i in range(chance.randint(1, life.browsers))]
        people.append(Person(number, account, emails, f"010{number + 20_000_000:08d}", browsers, []))
    number = 0
    while number < count:
        size = chance.choice((2, 2, 3, 4)) if chance.random() < life.households / 2 else 1
        home = people[number : number + size]
        if size > 1:
            one_number = chance.random() < life.household_phone
            for person in home:
                if chance.random() < life.tablet:
                    person.shared.append(f"tablet-{number}")
                if one_number:
                    person.phone = f"02{number + 20_000_000:08d}"
        number += size
    for person in people:
        if chance.random() < life.kiosk:
            person.shared.append(f"kiosk-{chance.randrange(max(count // 100, 1))}")
        if chance.random() < life.passed_on:
            person.shared.append(chance.choice(chance.choice(people).browsers))
    return people


def _events(chance: random.Random, person: Person, people: list[Person], life: Life) -> Iterator[dict[str, Any]]:
    """Visits with a public key, some signed in; orders from the server, with address and number, some of them signed in."""
    used = person.browsers + person.shared
    for browser in used:
        if person.account is not None and chance.random() < 0.8:
            yield {"source": 0, "anonymousId": browser, "userId": person.account}
    for _ in range(chance.randint(1, 2 * life.visits - 1)):
        yield {"source": 0, "anonymousId": chance.choice(used)}
    for _ in range(chance.randint(0, 2 * life.orders)):
        email = chance.choice(person.emails)
        if chance.random() < life.typos:
            email = chance.choice(chance.choice(people).emails) if chance.random() < 0.1 else email.replace("person", "persn", 1)
        order: dict[str, Any] = {"source": 1, "traits.email": email}
        if chance.random() < 0.7:
            order["traits.phone"] = person.phone
        if person.account is not None and chance.random() < 0.9:
            order["userId"] = person.account
        if chance.random() < 0.5:
            order["anonymousId"] = chance.choice(used)
        yield order


_PATHS = ("userId", "traits.email", "traits.phone", "anonymousId")


def _wrong(graph: IdentityGraph, people: list[Person], events: list[tuple[dict[str, Any], Person]]) -> tuple[int, int]:
    """(people merged with others, people left in pieces)."""
    users: dict[str, set[int]] = {}
    for event, person in events:
        for path in _PATHS:
            if event.get(path):
                users.setdefault(event[path], set()).add(person.number)
    own: dict[str, int] = {text: next(iter(who)) for text, who in users.items() if len(who) == 1}
    group = {text: graph.find(text) for text in own}
    behind: dict[int, set[int]] = {}
    for text, number in own.items():
        if (found := group[text]) is not None:
            behind.setdefault(found, set()).add(number)
    merged = {number for who in behind.values() if len(who) > 1 for number in who}
    pieces = _pieces(events, own)
    found_pieces: dict[int, set[int]] = {}
    for text, number in own.items():
        if (found := group[text]) is not None:
            found_pieces.setdefault(number, set()).add(found)
    return len(merged), sum(len(found) > pieces[number] for number, found in found_pieces.items())


def _pieces(events: list[tuple[dict[str, Any], Person]], own: dict[str, int]) -> dict[int, int]:
    """By person: how many pieces their own identifiers fall into that no event of theirs names together."""
    parent = {text: text for text in own}

    def root(text: str) -> str:
        while parent[text] != text:
            parent[text] = parent[parent[text]]
            text = parent[text]
        return text

    for event, _ in events:
        texts = [event[path] for path in _PATHS if event.get(path) in own]
        for text in texts[1:]:
            parent[root(text)] = root(texts[0])
    counted: dict[int, int] = {}
    for text, number in own.items():
        if root(text) == text:
            counted[number] = counted.get(number, 0) + 1
    return counted
