"""Traits against a slow, obvious oracle: whatever the order, the split and the merges, the values are those of the definitions' words."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gyeol.events.batch import Vocabularies
from gyeol.events.model import EventRule, PropertyRule, PropertyType, TrackingPlan
from gyeol.events.rows import batch_of
from gyeol.kernel.hashing import event_hash, value_hash
from gyeol.kernel.instants import Zone, parse_instant
from gyeol.profiles.group import KINDS
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.table import TraitTable

Event = dict[str, Any]
ZONE = "Asia/Seoul"
START = parse_instant("2026-03-01T12:00:00Z") or 0
MINUTE = 60_000
DAY = 86_400_000


def rule(name: str, types: dict[str, PropertyType]) -> EventRule:
    return EventRule(name=name, properties={f"properties.{key}": PropertyRule(type=kind) for key, kind in types.items()})


TYPES: dict[str, PropertyType] = {"paid": "money", "weight": "number", "gift": "flag", "due": "time", "item": "text"}
PLAN = TrackingPlan(rules={"Bought": rule("Bought", TYPES)})


def trait(name: str, kind: Any, event: str = "Bought", **more: Any) -> TraitDefinition:
    return TraitDefinition(name=name, kind=kind, event=event, **more)


PAID, WEIGHT, ITEM, GIFT, DUE = "properties.paid", "properties.weight", "properties.item", "properties.gift", "properties.due"
HEAVY = "properties.weight > 1.5"
TRAITS = [
    trait("n", "count"),
    trait("n_heavy", "count", where=HEAVY),
    trait("n_any", "count", "$any"),
    trait("n_page", "count", "$page"),
    trait("n_gift", "count", where="properties.gift = TRUE OR properties.item = 'pear'"),
    trait("paid", "sum", property=PAID),
    trait("weight", "sum", property=WEIGHT, scale=1),
    trait("gift_paid", "sum", property=PAID, where=HEAVY),
    trait("mean_weight", "mean", property=WEIGHT),
    trait("mean_paid", "mean", property=PAID),
    trait("most", "max", property=PAID),
    trait("least", "min", property=WEIGHT, scale=3),
    trait("latest_due", "max", property=DUE),
    trait("first_item", "first", property=ITEM),
    trait("last_item", "last", property=ITEM, where=HEAVY),
    trait("last_paid", "last", property=PAID),
    trait("last_gift", "last", property=GIFT),
    trait("first_weight", "first", property=WEIGHT),
    trait("last_any", "last", "$any", property=ITEM),
    trait("items", "recent", property=ITEM, size=3),
    trait("weights", "recent", property=WEIGHT, size=5, where="properties.paid IS NOT NULL"),
    trait("gifts", "recent", property=GIFT, size=1),
    trait("heat", "decay", half_life="12h"),
    trait("paid_heat", "decay", property=PAID, half_life="3d"),
    trait("quick", "decay", half_life="5m", where=HEAVY),
    trait("kinds", "distinct", property=ITEM),
    trait("weights_seen", "distinct", property=WEIGHT),
    trait("top_item", "top", property=ITEM),
    trait("top_page", "top", "$page", property="name"),
    trait("burst", "sequence", at_least=3, within="10m"),
    trait("pair", "sequence", at_least=2, within="1m", where=HEAVY),
    trait("once", "sequence", at_least=1, within="1s"),
    trait("bought_then_page", "sequence", then="$page", within="10m"),
    trait("again", "sequence", where=HEAVY, then="Bought", within="10m"),
    trait("page_no_buy", "sequence", "$page", then_no="Bought", then_where=HEAVY, within="1d"),
    trait("no_more", "sequence", then_no="Bought", within="12h"),
    trait("n_1d", "count", window="1d"),
    trait("n_7d", "count", window="7d"),
    trait("n_2w", "count", window="2w"),
    trait("heavy_3d", "count", window="3d", where=HEAVY),
    trait("paid_7d", "sum", property=PAID, window="7d"),
    trait("weight_2d", "sum", property=WEIGHT, window="2d", scale=1),
    trait("n_3h", "count", window="3h"),
    trait("paid_24h", "sum", property=PAID, window="24h"),
    trait("any_24h", "count", "$any", window="24h"),
]


def test_the_laws_below_are_run_on_every_kind() -> None:
    assert {d.kind for d in TRAITS} == set(KINDS)


# ---------------------------------------------------------------- the oracle


def half_even(value: float, scale: int) -> int:
    return int(Decimal(repr(value)).scaleb(scale).quantize(Decimal(1), ROUND_HALF_EVEN))


def dig(event: Event, path: str) -> Any:
    found: Any = event
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found


def holds(where: str | None, event: Event) -> bool:
    weight, paid = dig(event, WEIGHT), dig(event, PAID)
    if where is None:
        return True
    if where == HEAVY:
        return weight is not None and weight > 1.5
    if where == "properties.paid IS NOT NULL":
        return paid is not None
    if where.startswith("properties.gift"):
        return dig(event, GIFT) is True or dig(event, ITEM) == "pear"
    return bool(BENCH_WHERE[where](event))


BENCH_WHERE: dict[str, Any] = {
    "properties.price > 100000": lambda e: (dig(e, "properties.price") or 0) > 100000,
    "context.campaign.source IS NOT NULL": lambda e: dig(e, "context.campaign.source") is not None,
    "properties.rating <= 2": lambda e: (dig(e, "properties.rating") or 9) <= 2,
    "properties.coupon IS NOT NULL": lambda e: dig(e, "properties.coupon") is not None,
    "properties.payment_method = 'card'": lambda e: dig(e, "properties.payment_method") == "card",
    "properties.results < 30": lambda e: dig(e, "properties.results") is not None and dig(e, "properties.results") < 30,
}


def in_window(window: str, at_ms: int, now_ms: int) -> bool:
    count, unit = int(window[:-1]), window[-1]
    if unit == "h":
        return 0 <= now_ms // 3_600_000 - at_ms // 3_600_000 < count
    zone = ZoneInfo(ZONE)
    day, today = (datetime.fromtimestamp(t / 1000, zone).date() for t in (at_ms, now_ms))
    return today - timedelta(days=count * (7 if unit == "w" else 1) - 1) <= day <= today


SPANS = {"1s": 1000, "1m": MINUTE, "5m": 5 * MINUTE, "10m": 10 * MINUTE, "12h": DAY // 2}
SPANS |= {f"{days}d": days * DAY for days in (1, 2, 3, 7, 14)}


def wanted(d: TraitDefinition, value: Any, types: dict[str, str]) -> Any:
    """A property as the trait keeps it (numbers as whole numbers at the scale)."""
    kind = types.get(d.property or "")
    if kind is None:
        kind = "number" if d.kind in ("sum", "mean", "min", "max", "decay") else "text"
    if d.kind in ("distinct", "top"):
        return value if isinstance(value, str) else str(int(value)) if value == int(value) else repr(float(value))
    if kind == "money":
        return half_even(value, 0)
    if kind == "number":
        return half_even(value, d.scale)
    return parse_instant(value) if kind == "time" else value


def named(event: Event) -> str:
    return str(event["event"]) if event["type"] == "track" else f"${event['type']}"


def following(d: TraitDefinition, firsts: list[int], second: list[Event], now_ms: int) -> bool:
    seconds = [e["timestamp"] for e in second]
    span = SPANS[d.within or ""]
    if d.then is not None:
        return any(0 < b - a <= span for a in firsts for b in seconds)
    return any(a + span <= now_ms and not any(b > a for b in seconds) for a in firsts)


def oracle(d: TraitDefinition, events: list[Event], now_ms: int, types: dict[str, str]) -> Any:
    """The value of a trait over all events of somebody, as its definition says."""
    names = {"track": "event", "page": "$page", "identify": "$identify"}
    mine = [e for e in events if d.event in ("$any", e["event"] if e["type"] == "track" else names[e["type"]]) and holds(d.where, e)]
    if d.window is not None:
        mine = [e for e in mine if in_window(d.window, e["timestamp"], now_ms)]
    if d.property is None:
        valued = [(e["timestamp"], event_hash(e["messageId"]), 1) for e in mine]
    else:
        raw = [(e, dig(e, d.property)) for e in mine]
        valued = [(e["timestamp"], event_hash(e["messageId"]), wanted(d, v, types)) for e, v in raw if v is not None]
    scale = d.scale if types.get(d.property or "", "number") == "number" else 0
    values = [v for _, _, v in valued]
    match d.kind:
        case "count":
            return len(valued)
        case "sum":
            return sum(values) / 10**scale if scale else sum(values)
        case "mean":
            return sum(values) / (len(values) * 10.0**scale) if values else None
        case "min" | "max":
            return None if not values else (min if d.kind == "min" else max)(values) / (10**scale if scale else 1)
        case "decay":
            unit = 10**scale if d.property is not None else 1
            return sum(v / unit * 0.5 ** ((now_ms - t) / SPANS[d.half_life or ""]) for t, _, v in valued)
        case "distinct":
            return len(set(values))
        case "top":
            return min(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))[0] if values else None
        case "sequence":
            times = sorted(t for t, _ in {(t, i) for t, i, _ in valued})
            if d.then is not None or d.then_no is not None:
                return following(d, times, [e for e in events if named(e) == (d.then or d.then_no) and holds(d.then_where, e)], now_ms)
            n = d.at_least
            return any(times[i + n - 1] - times[i] <= SPANS[d.within or ""] for i in range(len(times) - n + 1))
    numeric = types.get(d.property or "") in ("number", "money")
    unit = 10**scale if numeric and scale else 1
    ordered = [v / unit if unit > 1 else v for _, _, v in sorted(valued)]
    if d.kind == "recent":
        return ordered[::-1][: d.size] or None
    if d.kind == "last":
        return ordered[-1] if ordered else None
    if not valued:
        return None
    value = max(v for t, i, v in valued if (t, i) == min(valued)[:2])
    return value / unit if unit > 1 else value


# ---------------------------------------------------------------- making and comparing


def table(definitions: list[TraitDefinition] = TRAITS, plan: TrackingPlan = PLAN) -> tuple[TraitTable, Vocabularies]:
    vocabularies = Vocabularies()
    return TraitTable(definitions, vocabularies, Zone(ZONE), plan), vocabularies


def fold(
    into: TraitTable, vocabularies: Vocabularies, events: list[Event], rows: list[int], now_ms: int, plan: TrackingPlan = PLAN
) -> None:
    if events:
        batch = batch_of([e["sent"] for e in events], plan=plan, vocabularies=vocabularies)
        into.fold(batch, np.arange(len(events)), np.array(rows), now_ms)


def presented(of: TraitTable, row: int, now_ms: int) -> dict[str, Any]:
    return {name: of.column(name, np.array([row]), now_ms).item(0) for name in of.schema()}


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for name, value in expected.items():
        if isinstance(value, float) and isinstance(found[name], float):
            assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-9), name
        else:
            assert found[name] == value, name


def path_types(plan: TrackingPlan) -> dict[str, str]:
    return {path: p.type for r in plan.rules.values() for path, p in r.properties.items()}


def expected(definitions: list[TraitDefinition], events: list[Event], now_ms: int, plan: TrackingPlan = PLAN) -> dict[str, Any]:
    return {d.name: oracle(d, events, now_ms, path_types(plan)) for d in definitions}


@st.composite
def event(draw: st.DrawFn) -> Event:
    """One event; times and messageIds come from small pools, so that some are equal in both."""
    bought = draw(st.integers(0, 4)) > 0
    minute = draw(st.one_of(st.integers(0, 30), st.integers(0, 25 * 24 * 60)))
    properties = {
        "paid": draw(st.one_of(st.none(), st.integers(-5, 90_000))),
        "weight": draw(st.one_of(st.none(), st.sampled_from([0.25, 1.0, 1.5, 2.0, 2.125, 7.35, 1.005, 12.0]))),
        "item": draw(st.sampled_from([None, "apple", "pear", "배", "배추김치", "배추김밥", ""])),
        "gift": draw(st.sampled_from([None, True, False])),
        "due": draw(st.sampled_from([None, "2026-01-01T00:00:00Z", "2026-05-05T05:05:05.005Z"])),
    }
    made: Event = {
        "messageId": draw(st.one_of(st.sampled_from(["a", "b"]), st.integers(0, 10**6).map(str))),
        "timestamp": START + minute * MINUTE,
        "properties": properties,
    }
    if bought:
        made |= {"type": "track", "event": draw(st.sampled_from(["Bought", "Bought", "Bought", "Ignored"]))}
    else:
        made |= {"type": "page", "name": draw(st.sampled_from(["Home", "Cart"]))}
    return made | {"sent": dict(made)}


ROWS = 3
plots = st.lists(st.tuples(event(), st.integers(0, ROWS - 1)), max_size=40)
seeds = st.integers(0, 2**32)


def split(items: list[Any], chance: random.Random) -> list[list[Any]]:
    cuts = sorted(chance.sample(range(len(items) + 1), min(len(items), chance.randint(0, 4))))
    return [items[a:b] for a, b in zip([0, *cuts], [*cuts, len(items)], strict=True)]


def last_time(plot: list[tuple[Event, int]]) -> int:
    return max([e["timestamp"] for e, _ in plot], default=START)


@given(plots, seeds, st.integers(0, 40 * 24 * 60))
def test_values_are_those_of_the_words_in_any_order_and_split(plot: list[tuple[Event, int]], seed: int, later: int) -> None:
    chance = random.Random(seed)
    chance.shuffle(plot)
    traits, vocabularies = table()
    rows = traits.rows_of_nodes(np.arange(ROWS))
    folded_at = last_time(plot)
    for part in split(plot, chance):
        fold(traits, vocabularies, [e for e, _ in part], [int(rows[r]) for _, r in part], folded_at)
        if chance.random() < 0.5:
            presented(traits, int(rows[0]), folded_at)
    for row in range(ROWS):
        for now_ms in (folded_at, folded_at + later * MINUTE):
            assert_same(presented(traits, int(rows[row]), now_ms), expected(TRAITS, [e for e, r in plot if r == row], now_ms))
    assert presented(traits, -1, folded_at) == presented(table()[0], -1, folded_at)


@given(plots, plots, seeds)
def test_a_merged_row_is_the_row_of_all_events_and_cutting_it_leaves_the_parts(
    before: list[tuple[Event, int]], after: list[tuple[Event, int]], seed: int
) -> None:
    chance = random.Random(seed)
    traits, vocabularies = table()
    now_ms = last_time(before + after)
    rows = traits.rows_of_nodes(np.arange(ROWS)).tolist()
    fold(traits, vocabularies, [e for e, _ in before], [rows[r] for _, r in before], now_ms)
    merged = traits.new_row()
    fold(traits, vocabularies, [e for e, _ in after[:3]], [merged] * len(after[:3]), now_ms)  # what a rebuild must forget
    order = chance.sample(rows, ROWS)
    if chance.random() < 0.5:
        for row in rows:
            presented(traits, row, now_ms)  # what was worked out for the parts must not be taken for the whole
    traits.rebuild(merged, order)
    assert_same(presented(traits, merged, now_ms), expected(TRAITS, [e for e, _ in before], now_ms))
    # From now on each event counts for its node's row and for the merged one.
    if after:
        batch = batch_of([e["sent"] for e, _ in after], plan=PLAN, vocabularies=vocabularies)
        at = np.arange(len(after))
        traits.fold(batch, np.concatenate([at, at]), np.array([rows[r] for _, r in after] + [merged] * len(after)), now_ms)
    everything = expected(TRAITS, [e for e, _ in before + after], now_ms)
    assert_same(presented(traits, merged, now_ms), everything)
    # Combining is associative and commutative: through a row in between, in another order, the same comes out.
    between, whole = traits.new_row(), traits.new_row()
    traits.rebuild(between, order[:2])
    traits.rebuild(whole, [order[2], between])
    assert_same(presented(traits, whole, now_ms), everything)
    traits.free_row(merged)
    for row in range(ROWS):
        assert_same(presented(traits, rows[row], now_ms), expected(TRAITS, [e for e, r in before + after if r == row], now_ms))


@given(plots, plots, seeds)
def test_a_table_that_was_put_away_and_taken_back_goes_on_as_if_nothing_had_happened(
    before: list[tuple[Event, int]], after: list[tuple[Event, int]], seed: int
) -> None:
    now_ms = last_time(before + after)
    kept, words = table()
    again, other_words = table()
    for path in ("properties.item", "name"):
        other_words.of(path).code("a word that moves every code")
    rows = kept.rows_of_nodes(np.arange(ROWS)).tolist()
    fold(kept, words, [e for e, _ in before], [rows[r] for _, r in before], now_ms)
    spare = kept.new_row()
    kept.free_row(spare)
    again.load(kept.dump())
    everyone = np.array(rows)
    assert again.state_digest(everyone) == kept.state_digest(everyone)
    assert again.rows_of_nodes(np.arange(ROWS), create=False).tolist() == rows
    assert again.new_row() == kept.new_row() == spare
    for of, vocabularies in ((kept, words), (again, other_words)):
        fold(of, vocabularies, [e for e, _ in after], [rows[r] for _, r in after], now_ms)
    assert again.state_digest(everyone) == kept.state_digest(everyone)
    for row in rows:
        assert presented(again, row, now_ms) == presented(kept, row, now_ms)


# ---------------------------------------------------------------- the bench definitions


def bench_definitions() -> list[TraitDefinition]:
    shared = Path(os.environ.get("GYEOL_SHARED", Path(__file__).parents[3] / "shared"))
    path = shared / "bench" / "definitions.json"
    if not path.exists():
        pytest.skip("the frozen definitions are not here: set GYEOL_SHARED to the folder that holds bench/definitions.json")
    return [msgspec.convert(t, TraitDefinition) for t in json.loads(path.read_text(encoding="utf-8"))["traits"]]


BENCH_PLAN = TrackingPlan(
    rules={"Order Completed": rule("Order Completed", {"revenue": "money", "discount": "money", "shipping": "money"})}
)


BENCH_NAMES = (
    "$page", "$identify", "Product Viewed", "Product Viewed", "Products Searched", "Product Added", "Checkout Started", "Order Completed",
    "Coupon Redeemed", "Review Submitted",
)  # fmt: skip


def bench_event(chance: random.Random, i: int) -> Event:
    name = chance.choice(BENCH_NAMES)
    made: Event = {"type": "track", "event": name} if name[0] != "$" else {"type": name[1:]}
    price = chance.randrange(1000, 200_000)
    pool: dict[str, Any] = {
        "price": price,
        "value": price * 2,
        "revenue": price * 3,
        "discount": price // 10,
        "shipping": chance.choice([0, 3000]),
        "coupon": chance.choice([None, "APP5"]),
        "payment_method": chance.choice(["card", "bank", "kakaopay"]),
        "rating": chance.randint(1, 5),
        "category": chance.choice(["커피", "뷰티", "디지털"]),
        "product_id": f"P{chance.randrange(40)}",
        "brand": chance.choice(["Sol", "Nuri"]),
        "query": chance.choice(["커피 추천", "우산", "candle"]),
        "results": chance.randrange(60),
    }
    made["properties"] = {k: v for k, v in pool.items() if v is not None and chance.random() < 0.9}
    if name == "$identify":
        made["traits"] = {"city": chance.choice(["서울", "부산"]), "tier": chance.choice(["basic", "vip"])}
    if chance.random() < 0.2:
        made["context"] = {"campaign": {"source": chance.choice(["kakao", "naver"])}}
    made |= {"messageId": f"m{i}", "timestamp": START + chance.choice([chance.randrange(30 * DAY), 30 * DAY - chance.randrange(DAY)])}
    return made | {"sent": dict(made)}


def test_all_bench_traits_mean_what_the_bench_says() -> None:
    definitions = bench_definitions()
    assert len(definitions) == 50
    chance = random.Random(11)
    events = [bench_event(chance, i) for i in range(3000)]
    owner = [min(int(chance.expovariate(0.15)), 30) for _ in events]
    now_ms = START + 30 * DAY
    results = []
    for seed in (1, 2):
        traits, vocabularies = table(definitions, BENCH_PLAN)
        rows = traits.rows_of_nodes(np.arange(31))
        plot = list(zip(events, owner, strict=True))
        random.Random(seed).shuffle(plot)
        for part in (plot[:700], plot[700:701], plot[701:]) if seed == 1 else (plot,):
            fold(traits, vocabularies, [e for e, _ in part], [int(rows[r]) for _, r in part], now_ms, BENCH_PLAN)
        results.append([presented(traits, int(row), now_ms) for row in rows])
    for person in range(31):
        mine = expected(definitions, [e for e, o in zip(events, owner, strict=True) if o == person], now_ms, BENCH_PLAN)
        for found in results:
            assert_same(found[person], mine)


# ---------------------------------------------------------------- values kept by hash


def test_distinct_and_top_above_what_is_kept_are_the_same_in_any_order_and_split() -> None:
    definitions = [trait("seen", "distinct", property=ITEM), trait("best", "top", property=ITEM)]
    chance = random.Random(5)
    words = [f"v{min(int(chance.expovariate(0.004)), 1500)}" for _ in range(4000)]
    counts = Counter(words)
    hashes = sorted(value_hash(w) for w in counts)
    sample = {w for w in counts if value_hash(w) <= hashes[63]}
    estimate = round(255 / (hashes[255] / 2.0**64))
    winner = min(sample, key=lambda w: (-counts[w], w))
    events = [{"event": "Bought", "messageId": f"m{i}", "timestamp": START + i, "properties": {"item": w}} for i, w in enumerate(words)]
    assert len(counts) > 600
    for seed in range(3):
        random.Random(seed).shuffle(events)
        traits, vocabularies = table(definitions)
        traits.rows_of_nodes(np.arange(2))
        for i, part in enumerate(np.array_split(np.arange(len(events)), 1 + 40 * seed)):
            fold(traits, vocabularies, [{"sent": events[p]} for p in part], [i % 2] * len(part), START)
        merged = traits.new_row()
        traits.rebuild(merged, [0, 1])
        seen, best = traits.describe("seen", merged, START), traits.describe("best", merged, START)
        assert (seen.value, seen.estimate) == (estimate, True)
        assert (best.value, best.estimate) == (winner, True)
    assert abs(estimate - len(counts)) / len(counts) < 0.2
