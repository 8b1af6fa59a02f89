"""Events as a table whose columns are the paths of the Segment spec, in order of time; and the truth, row by row beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gyeol.context.subject import cell_of
from gyeol.workspace.cafe import places, texts
from gyeol.workspace.cafe.clicks import ADD, CHAT, ORDER, PAGES, SEARCH, VIEW
from gyeol.workspace.cafe.menu import PRODUCTS, SEARCHES, STORES
from gyeol.workspace.cafe.offers import OFFERS
from gyeol.workspace.cafe.people import Flags, Floats, Ints
from gyeol.workspace.cafe.visits import APP, HOUR_MS, INTENTS, TILL, WEB
from gyeol.workspace.cafe.weather import SKIES

if TYPE_CHECKING:
    import pyarrow as pa

    from gyeol.workspace.cafe.company import Company

SOURCES = ("app", "web", "till", "crm", "messages")
CRM, MESSAGES = SOURCES.index("crm"), SOURCES.index("messages")
REVIEW_SHARE, COMPLAINT_SHARE = 0.06, 0.5
LOGGED_IN = (0.9, 0.55, 0.75)
"""By channel: how often somebody is signed in, or shows the membership at the till."""
BY_PHONE = 0.6
"""Of those without membership at the till: how often they give their number for a stamp; the others are not recorded."""


class Rows:
    """Events of one kind: who, when, where from, and columns of their own. Texts are codes into a list, -1: none."""

    def __init__(self, type: str, event: str | None, person: Ints, at_ms: Ints, source: Ints) -> None:
        self.type, self.event = type, event
        self.person, self.at_ms, self.source = person, at_ms, source
        n = len(person)
        self.known: Flags = np.ones(n, np.bool_)
        self.device: Flags = np.zeros(n, np.bool_)
        self.receipt = np.full(n, -1)
        self.intent = np.full(n, -1)
        self.polarity = np.full(n, -128, np.int8)
        self.topic = np.full(n, -1, np.int8)
        self.columns: dict[str, Any] = {}


def event_table(company: Company, rng: np.random.Generator) -> tuple[pa.Table, pa.Table]:
    """All events, and their truth."""
    parts = [*_members(company), *_done(company, rng), *_reviews(company, rng), *_offers(company, rng)]
    return _together(company, parts)


def truth_of_people(company: Company) -> pa.Table:
    """Who is who: every name that a customer goes by, and what they are like."""
    import pyarrow as pa

    people = company.people
    return pa.table(
        {
            "person": np.arange(len(people.home)),
            "user_id": people.user_ids(),
            "phone": people.phones(),
            "email": people.emails(),
            "app_device": [f"app-{i}" for i in range(len(people.home))],
            "cookie": [f"web-{i}" for i in people.cookie.tolist()],
            "home_store": [STORES[i].id for i in people.home.tolist()],
            "commuter": people.commuter,
            "price_sensitive": people.price_sensitive,
            "sweet_tooth": people.sweet_tooth,
            "iced_lover": people.iced_lover,
            "upset_ms": people.upset_ms,
        }
    )


def weather_table(company: Company) -> pa.Table:
    """The weather by the hour where the shops are; of shops in one cell it is told once."""
    import pyarrow as pa

    stores = list({cell_of(store.lat, store.lon): store for store in reversed(STORES)}.values())[::-1]
    hours = company.weather.sky.shape[1]
    regions = [store.region for store in stores]
    return pa.table(
        {
            "time": pa.array(np.tile(company.start_ms + np.arange(hours) * HOUR_MS, len(stores)), pa.timestamp("ms", "UTC")),
            "lat": np.repeat([store.lat for store in stores], hours),
            "lon": np.repeat([store.lon for store in stores], hours),
            "weather": _texts(company.weather.sky[regions].ravel().astype(np.int64), list(SKIES)),
            "temperature": np.round(company.weather.temperature[regions].ravel(), 1),
        }
    )


def _members(company: Company) -> list[Rows]:
    """What the customer database knows: an identify for everybody, and their consent to mail."""
    people = company.people
    everybody = np.arange(len(people.home))
    known = Rows("identify", None, everybody, np.full(len(everybody), company.start_ms), np.full(len(everybody), CRM))
    known.columns = {
        "traits.name": (everybody, company.names),
        "traits.phone": (everybody, people.phones()),
        "traits.email": (everybody, people.emails()),
        "traits.home_store": (people.home, [store.id for store in STORES]),
    }
    willing = np.flatnonzero(people.has_email)
    consent = Rows("track", "Consent Changed", willing, np.full(len(willing), company.start_ms + 1_000), np.full(len(willing), CRM))
    consent.columns = {
        "properties.channel": (np.zeros(len(willing), np.int64), ["email"]),
        "properties.purpose": (np.zeros(len(willing), np.int64), ["offers"]),
        "properties.status": (people.wants_mail[willing].astype(np.int64), ["withdrawn", "granted"]),
        "properties.email": (willing, people.emails()),
    }
    return [known, consent]


def _done(company: Company, rng: np.random.Generator) -> list[Rows]:
    did, came = company.clicks, company.visits
    person, channel = came.person[did.visit], came.channel[did.visit]
    signed_in = (rng.random(len(came.person)) < np.array(LOGGED_IN)[came.channel])[did.visit]
    gives_phone = (rng.random(len(came.person)) < BY_PHONE)[did.visit]
    recorded = (channel != TILL) | signed_in | gives_phone
    parts = []
    for event, chosen in (
        (None, np.isin(did.action, tuple(PAGES))),
        ("Product Viewed", did.action == VIEW),
        ("Products Searched", did.action == SEARCH),
        ("Product Added", did.action == ADD),
        ("Support Message Sent", did.action == CHAT),
        ("Order Completed", did.action == ORDER),
    ):
        at = np.flatnonzero(chosen & recorded)
        rows = Rows("page" if event is None else "track", event, person[at], did.at_ms[at], channel[at])
        rows.known, rows.device = signed_in[at], channel[at] != TILL
        rows.intent = np.where(channel[at] == TILL, -1, came.intent[did.visit[at]])
        rows.columns = {"properties.visit": did.visit[at]}
        if event is None:
            rows.columns["properties.path"] = (did.action[at], [PAGES.get(a, "") for a in range(max(PAGES) + 1)])
        elif event == "Products Searched":
            rows.columns["properties.query"] = _queries(rows.intent, rng)
        elif event == "Support Message Sent":
            _speak(rows, came.upset[did.visit[at]], rng, complaint=True)
        else:
            rows.columns |= _product(did.product[at])
        if event == "Order Completed":
            at_till = ~rows.known & (channel[at] == TILL)
            rows.receipt = np.where(at_till, at, -1)
            rows.columns |= {
                "properties.order_id": (np.arange(len(at)), [f"o{i}" for i in at.tolist()]),
                "properties.revenue": np.array([p.price for p in PRODUCTS], np.float64)[did.product[at]],
                "properties.store": (came.store[did.visit[at]], [store.id for store in STORES]),
                "properties.phone": (np.where(at_till, person[at], -1), company.people.phones()),
            }
        parts.append(rows)
    return [*parts, _places(company, rng)]


def _places(company: Company, rng: np.random.Generator) -> Rows:
    """Where the app was opened, of those who let it know; of who walks to a shop also where they were some minutes before."""
    came, people = company.visits, company.people
    at = np.flatnonzero((came.channel == APP) & people.gives_place[came.person] & (rng.random(len(came.person)) < 0.5))
    walks = at[came.places.going[at]]
    times = np.concatenate([came.at_ms[at] - 500, came.at_ms[walks] - places.WALK_MS])
    both = np.concatenate([at, walks])
    rows = Rows("track", "Location Updated", came.person[both], times, came.channel[both])
    rows.device = np.ones(len(both), np.bool_)
    lat = np.concatenate([came.places.lat[at], came.places.was_lat[walks]])
    lon = np.concatenate([came.places.lon[at], came.places.was_lon[walks]])
    rows.columns = dict(zip(("context.location.latitude", "context.location.longitude"), places.told(lat, lon, rng), strict=True))
    return rows


def _reviews(company: Company, rng: np.random.Generator) -> list[Rows]:
    did, came = company.clicks, company.visits
    ordered = np.flatnonzero(did.action == ORDER)
    upset = came.upset[did.visit[ordered]]
    writes = rng.random(len(ordered)) < REVIEW_SHARE + COMPLAINT_SHARE * upset * 0.4
    at, upset = ordered[writes], upset[writes]
    later = (rng.random(len(at)) * 20 * HOUR_MS).astype(np.int64) + 600_000
    rows = Rows("track", "Review Submitted", came.person[did.visit[at]], did.at_ms[at] + later, np.full(len(at), APP))
    rows.device = np.ones(len(at), np.bool_)
    rows.columns = _product(did.product[at])
    _speak(rows, upset, rng, complaint=False)
    rows.columns["properties.rating"] = np.clip(np.round(3 + 1.7 * rows.polarity + rng.normal(0, 0.4, len(at))), 1, 5)
    return [rows]


def _offers(company: Company, rng: np.random.Generator) -> list[Rows]:
    shown = company.exposures
    at = np.flatnonzero(shown.offer >= 0)
    names = [offer.id for offer in OFFERS]
    decisions = [f"d{i}" for i in range(len(shown.person))]
    seen = Rows("track", "Offer Shown", shown.person[at], shown.at_ms[at], np.full(len(at), MESSAGES))
    seen.columns = {
        "properties.offer": (shown.offer[at], names),
        "properties.decision_id": (at, decisions),
        "properties.propensity": np.full(len(at), 1 / len(OFFERS)),
    }
    at = np.flatnonzero(shown.taken)
    later = (rng.random(len(at)) * 12 * HOUR_MS).astype(np.int64) + 300_000
    taken = Rows("track", "Offer Taken", shown.person[at], shown.at_ms[at] + later, np.full(len(at), TILL))
    taken.columns = {
        "properties.offer": (shown.offer[at], names),
        "properties.decision_id": (at, decisions),
        "properties.revenue": np.array([float(o.margin) for o in OFFERS])[shown.offer[at]] * 1.6,
    }
    return [seen, taken]


def _speak(rows: Rows, upset: Floats, rng: np.random.Generator, *, complaint: bool) -> None:
    n = len(rows.person)
    dice = rng.random(n)
    bad, good = (0.45 + 0.5 * upset, 0.1) if complaint else (0.06 + 0.9 * upset, 0.82)
    polarity = np.where(dice < bad, -1, np.where(dice < bad + good * (1 - upset), 1, 0)).astype(np.int8)
    topic = rng.choice(len(texts.TOPICS), n, p=(0.1, 0.15, 0.25, 0.1, 0.35, 0.05) if complaint else (0.4, 0.2, 0.1, 0.12, 0.08, 0.1))
    rows.polarity, rows.topic = polarity, topic.astype(np.int8)
    rows.columns["properties.text"] = (np.arange(n), texts.write(polarity, rows.topic, rng))


def _queries(intent: Ints, rng: np.random.Generator) -> tuple[Ints, list[str]]:
    """What is typed: most often what the intent asks for, now and then anything."""
    words = [word for name in INTENTS for word in SEARCHES[name]]
    first = np.cumsum([0] + [len(SEARCHES[name]) for name in INTENTS])
    own = first[intent] + (rng.random(len(intent)) * (first[intent + 1] - first[intent])).astype(np.int64)
    return np.where(rng.random(len(intent)) < 0.15, rng.integers(0, len(words), len(intent)), own), words


def _product(product: Ints) -> dict[str, Any]:
    return {
        "properties.product_id": (product, [p.sku for p in PRODUCTS]),
        "properties.category": (product, [p.category for p in PRODUCTS]),
        "properties.price": np.array([p.price for p in PRODUCTS], np.float64)[product],
    }


def _together(company: Company, parts: list[Rows]) -> tuple[pa.Table, pa.Table]:
    import pyarrow as pa

    people = company.people
    at_ms = np.concatenate([rows.at_ms for rows in parts])
    order = np.argsort(at_ms, kind="stable")
    person = np.concatenate([rows.person for rows in parts])[order]
    source = np.concatenate([rows.source for rows in parts])[order]
    known = np.concatenate([rows.known for rows in parts])[order]
    device = np.concatenate([rows.device for rows in parts])[order]
    kind = np.repeat(np.arange(len(parts)), [len(rows.person) for rows in parts])[order]
    devices = [f"app-{i}" for i in range(len(people.home))] + [f"web-{i}" for i in range(len(people.home))]
    of_device = np.where(source == WEB, len(people.home) + people.cookie[person], person)
    # Who gives a number at the till and no membership is known by the receipt, which the number then ties to the person.
    receipt = np.concatenate([rows.receipt for rows in parts])[order]
    devices += [f"receipt-{i}" for i in range(len(company.clicks.visit))]
    of_device = np.where(receipt >= 0, 2 * len(people.home) + receipt, of_device)
    ids = [f"c{i:07d}" for i in range(len(order))]
    columns: dict[str, Any] = {
        "messageId": ids,
        "type": _texts(kind, [rows.type for rows in parts]),
        "event": _texts(kind, [rows.event for rows in parts]),
        "timestamp": pa.array(at_ms[order], pa.timestamp("ms", "UTC")),
        "source": _texts(source, list(SOURCES)),
        "userId": _texts(np.where(known, person, -1), people.user_ids()),
        "anonymousId": _texts(np.where(device | (receipt >= 0), of_device, -1), devices),
    }
    starts = np.cumsum([0] + [len(rows.person) for rows in parts])
    for name in dict.fromkeys(name for rows in parts for name in rows.columns):
        columns[name] = _spread(name, parts, starts, order)
    intent = np.concatenate([rows.intent for rows in parts])[order]
    polarity = np.concatenate([rows.polarity for rows in parts])[order]
    topic = np.concatenate([rows.topic for rows in parts])[order]
    truth = {
        "messageId": ids,
        "person": person,
        "intent": _texts(intent, list(INTENTS)),
        "polarity": pa.array(polarity, mask=polarity == -128),
        "topic": _texts(topic.astype(np.int64), list(texts.TOPICS)),
    }
    return pa.table(columns), pa.table(truth)


def _spread(name: str, parts: list[Rows], starts: Ints, order: Ints) -> Any:
    """A column that only some kinds of event have, over all of them."""
    import pyarrow as pa

    n = int(starts[-1])
    having = [(i, rows.columns[name]) for i, rows in enumerate(parts) if name in rows.columns]
    if isinstance(having[0][1], tuple):
        words: list[str | None] = []
        begins: dict[tuple[str | None, ...], int] = {}
        codes = np.full(n, -1)
        for i, (code, names) in having:
            first = begins.setdefault(tuple(names), len(words))
            if first == len(words):
                words += names
            codes[starts[i] : starts[i + 1]] = np.where(code >= 0, code + first, -1)
        return _texts(codes[order], words)
    values = np.zeros(n)
    lacks: NDArray[np.bool_] = np.ones(n, np.bool_)
    for i, numbers in having:
        values[starts[i] : starts[i + 1]] = numbers
        lacks[starts[i] : starts[i + 1]] = False
    return pa.array(values[order], mask=lacks[order])


def _texts(codes: Ints, words: list[str | None] | list[str]) -> Any:
    """Codes into words as plain text; a code of -1, or of a word that is None, is null."""
    import pyarrow as pa

    indices = pa.array(np.asarray(codes, np.int64), mask=np.asarray(codes) < 0)
    return pa.array(words, pa.string()).take(indices)
