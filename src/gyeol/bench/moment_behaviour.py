"""What actions cost the fold, and what one person's Moment costs: with behaviour alone, and with everything that there is."""

from __future__ import annotations

import statistics
import time
from typing import Any

from gyeol.bench.bench import Setting
from gyeol.bench.definitions import workspace_of, write_workspace
from gyeol.bench.report import MS, US, Figures, say
from gyeol.context.fact import Fact
from gyeol.context.moment import told_kinds
from gyeol.context.subject import Subject, cell_of
from gyeol.engine.effects import Effects
from gyeol.engine.fold import fold_events
from gyeol.engine.state import EngineState
from gyeol.events.batch import EventBatch
from gyeol.events.rows import batch_of
from gyeol.workspace.load import load

PATHS = {key: f"properties.{key}" for key in ("path", "product", "category", "query", "price")}
EVERYTHING = {
    **PATHS,
    **{key: f"properties.{key}" for key in ("text", "store", "nps", "case", "channel", "beacon")},
    "sku": "properties.product", "cell": "context.location", "zone": "context.timezone", "birthday": "properties.birthday",
    "device": "context", "referrer": "context",
}  # fmt: skip
BATCH, PEOPLE = 1_000, 2_000
START_MS = 1_780_000_000_000
STORES, LATITUDES, PRODUCTS = 20, 40, 397
_STEP = 0.005
"""Degrees of latitude from one position to the next: every other one is a store's."""
_LOOKED_AT, _WARM = 500, 50


def measure(setting: Setting, figures: Figures) -> None:
    """Processor time of folding an event in batches of 1,000, without actions and with all of them; and of the Moment of one person."""
    events = 4_000 if setting.quick else 40_000
    states = {name: _state(setting, name, workspace_of(), paths, events) for name, paths in (("off", {}), ("on", PATHS))}
    spent: dict[str, list[float]] = {name: [] for name in states}
    for number, start in enumerate(range(0, events, BATCH)):
        # In turn, and the first by turns: what else the machine does falls on both alike.
        for name in ("off", "on") if number % 2 else ("on", "off"):
            spent[name].append(_folded(states[name], [event_of(i) for i in range(start, start + BATCH)], start))
    off, on = (statistics.median(spent[name]) for name in ("off", "on"))
    figures.add("moment.behaviour_off.fold_us_per_event", off, US)
    figures.add("moment.behaviour_on.fold_us_per_event", on, US)
    everything = _everything(setting, events // 2)
    for key, state in (("moment.person_ms", states["on"]), ("moment.person_all_ms", everything)):
        for took in _persons_ms(state, setting.runs):
            figures.add(key, took, MS)
    figures.note("moment.person_all_ms: stores, positions, weather, stock and prices as well, some 60 facts; medians of 500 people")
    say(f"  behaviour: {off:.1f} us an event without actions, {on:.1f} with all of them")


def event_of(i: int) -> dict[str, object]:
    """A made-up event: a page, a look, a search or something put in the cart, in turn."""
    product = {"product": f"P{i % PRODUCTS}", "category": f"c{i % 11}", "price": 1000 + i % 50}
    kinds: tuple[tuple[str | None, dict[str, object]], ...] = (
        (None, {"path": f"/menu/{i % 97}"}),
        ("Product Viewed", dict(product)),
        ("Products Searched", {"query": f"라떼 {i % 301}"}),
        ("Product Added", dict(product)),
    )
    event, properties = kinds[i % len(kinds)]
    told: dict[str, object] = {"type": "page"} if event is None else {"type": "track", "event": event}
    return {**told, "userId": f"u{i * 7919 % PEOPLE}", "timestamp": START_MS + i * 50, "properties": properties}


def _state(setting: Setting, name: str, content: dict[str, Any], paths: dict[str, str], events: int) -> EngineState:
    """A company to which so many events will happen until now."""
    content["workspace"]["moment"] = paths
    state = EngineState(load(write_workspace(setting.folder / f"moment-{name}", content)).definitions, bytes(32))
    state.now_ms = START_MS + events * 50
    return state


def _folded(state: EngineState, events: list[dict[str, object]], first_offset: int) -> float:
    """Fold one batch; microseconds an event."""
    batch: EventBatch = batch_of(
        events,
        paths=state.reading.paths,
        plan=state.definitions.plan,
        vocabularies=state.reading.vocabularies,
        first_offset=first_offset,
    )
    begun = time.process_time()
    fold_events(state, batch, Effects(first_offset=first_offset, end_offset=first_offset + batch.n, at_ms=state.now_ms))
    return (time.process_time() - begun) / batch.n * 1e6


def _persons_ms(state: EngineState, runs: int) -> list[float]:
    """The median over people, for each run; the first people only load what is loaded once."""
    moments = state.moments
    people = [(row, moments.nodes_of(row)) for row in range(min(_LOOKED_AT, state.traits.rows))]
    found = []
    for _ in range(runs):
        took = []
        for number, (row, nodes) in enumerate([*people[:_WARM], *people]):
            begun = time.process_time()
            moments.one(state.now_ms, nodes, row)
            if number >= _WARM:
                took.append(time.process_time() - begun)
        found.append(statistics.median(took) * 1_000)
    return found


def _everything(setting: Setting, events: int) -> EngineState:
    """People near stores of whom and of whose surroundings everything is known that can be told."""
    content = workspace_of()
    hours = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "09:00-22:00")
    content["stores"] = [
        {"name": f"s{i}", "lat": 37.5 + 2 * i * _STEP, "lon": 127.0, "hours": hours, "zones": [{"name": "bar", "beacon": f"b{i}"}]}
        for i in range(STORES)
    ]
    state = _state(setting, "everything", content, EVERYTHING, events)
    for start in range(0, events, BATCH):
        _folded(state, [_placed(i) for i in range(start, start + BATCH)], start)
    cells = [cell_of(37.5 + i * _STEP, 127.0) for i in range(LATITUDES)]
    weather: dict[str, str | float | bool] = {
        "weather": "rain", "temperature": 20.0, "felt_temperature": 19.0, "feels": "hot", "precipitation": 1.0, "fine_dust": "good",
        "first_rain": True,
    }  # fmt: skip
    known = [(Subject("cell", cell), name, value) for cell in dict.fromkeys(cells) for name, value in weather.items()]
    known += [(Subject("sku", f"P{i}"), name, value) for i in range(PRODUCTS) for name, value in (("stock", 3.0), ("price", 900.0))]
    for about, name, value in known:
        ttl_ms = told_kinds()[name].ttl_ms
        fact = Fact(name=name, value=value, source="bench", observed_at_ms=state.now_ms - 1_000, ttl_ms=ttl_ms, about=about)
        state.moments.facts.add(fact, state.now_ms)
    return state


def _placed(i: int) -> dict[str, object]:
    """As ``event_of``, with all that events can say."""
    event = event_of(i)
    properties = event["properties"]
    assert isinstance(properties, dict)
    more = {
        "store": f"s{i % STORES}", "channel": "app" if i % 3 else "web", "nps": i % 11, "case": f"t{i % 7}", "beacon": f"b{i % STORES}",
        "birthday": "1990-05-17",
    }  # fmt: skip
    where = {"latitude": 37.5 + i % LATITUDES * _STEP, "longitude": 127.0001}
    context = {"location": where, "timezone": "Asia/Seoul", "device": {"type": "ios"}, "campaign": {"source": "naver"}}
    return {**event, "properties": {**properties, **more}, "context": context}
