"""What is kept of where one identifier was, and what of the stores follows from it as of an event."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import numpy as np
import pytest

from gyeol.context.facts.holiday import calendar_of
from gyeol.context.facts.nearest_store import NearestStore
from gyeol.context.near_stores import NAMES, StoresOfEvents, rests_on
from gyeol.context.place.stores import StoreDefinition, Stores, StoreZone
from gyeol.context.place.trail import Trail, points_of
from gyeol.context.place.whereabouts import LASTS_MS, POSITIONS
from gyeol.events.model import EventRule, PropertyRule, TrackingPlan
from gyeol.events.reading import Reading
from gyeol.kernel.instants import Zone, parse_instant

MINUTE = 60_000
NOWHERE = float("nan")
GATE = StoreDefinition(
    name="gate", lat=37.5, lon=127.0, hours={"fri": "18:00-02:00", "sat": "10:00-12:00, 13:00-20:00", "holiday": "00:00-24:00"},
    days={"2026-03-28": "closed"}, zones=[StoreZone(name="bar", beacon="b-1")],
)  # fmt: skip
SILENT = StoreDefinition(name="silent", lat=37.6, lon=127.0)


def test_the_latest_positions_are_kept_by_time_and_id() -> None:
    trail = Trail()
    for minute in reversed(range(POSITIONS + 5)):
        trail.add(minute * MINUTE, 1, (minute / 1_000, 0.0), None)
    trail.add(10 * MINUTE, 9, (1.0, 1.0), None)
    path = trail.seen(64 * MINUTE, None, None).path
    assert len(path) == POSITIONS and path[0].at_ms == 6 * MINUTE and path[-1].at_ms == 64 * MINUTE
    assert [each.lat for each in path if each.at_ms == 10 * MINUTE] == [0.01, 1.0]
    # The event's own one comes last, and what was said of later instants is not looked at.
    own = trail.seen(20 * MINUTE, (2.0, 2.0), None).path
    assert own[-1].lat == 2.0 and own[-2].at_ms == 20 * MINUTE and len(own) == 17
    assert trail.seen(64 * MINUTE + LASTS_MS, None, None).path == []
    assert len(trail.seen(64 * MINUTE + LASTS_MS, (2.0, 2.0), None).path) == POSITIONS


def test_the_beacon_that_was_heard_last_counts() -> None:
    trail = Trail()
    assert trail.seen(5, None, None).beacon is None
    trail.add(2 * MINUTE, 1, None, "b")
    trail.add(1 * MINUTE, 7, None, "a")
    trail.add(2 * MINUTE, 0, None, "c")
    assert trail.seen(3 * MINUTE, None, None)[1:] == ("b", 2 * MINUTE)
    assert trail.seen(MINUTE, None, None)[1:] == (None, 0), "what was heard before the last one is not kept"
    assert trail.seen(MINUTE, None, "d")[1:] == ("d", MINUTE)


def test_which_positions_count() -> None:
    found = points_of(
        np.array([37.123456789, 91, NOWHERE, 37, 37]), np.array([127.0, 127, 127, -181, 127]), np.array([NOWHERE, 1, 1, 1, 200.5])
    )
    assert found.said.tolist() == [True, False, False, False, True] and found.exact.tolist() == [True, False, False, False, False]
    assert found.lat[0] == 37.123457


@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/New_York"])
def test_hours_of_many_instants_are_those_of_each(zone: str) -> None:
    stores, clock = Stores([GATE, SILENT]), Zone(zone)
    # The week in which clocks in New York go forward, and one with a day that differs.
    start = parse_instant("2026-03-06T00:00:00Z") or 0
    times = start + np.arange(0, 24 * 24 * 60, 17) * MINUTE
    north = np.full(len(times), GATE.lat)
    told = NearestStore(stores).of_points(north, np.full(len(times), 127.0), times, clock, hours=True)["store_open"]

    def opens(at_ms: int) -> bool:
        today = clock.local(at_ms).date()
        days = (today - timedelta(days=1), today)
        minutes = stores.open_minutes(
            0, at_ms, clock, frozenset(day for day in days if day in (calendar_of("KR", day.year).holidays or {}))
        )
        return bool(minutes)

    assert told == [opens(at) for at in times.tolist()] and {*told} == {True, False}
    unknown = NearestStore(stores).of_points(np.array([SILENT.lat, GATE.lat]), np.full(2, 127.0), np.array([start, -5]), clock, hours=True)
    assert unknown["store_open"] == [None, None], "nobody knows its hours; and before 1970 nobody asks"
    assert unknown["nearest_store"] == ["silent", "gate"]


def test_what_can_be_told() -> None:
    def known(moment: dict[str, str], stores: list[StoreDefinition], **types: str) -> tuple[str, ...]:
        rules = {path.replace("__", "."): msgspec.convert({"type": kind}, PropertyRule) for path, kind in types.items()}
        plan = TrackingPlan(rules={"$any": EventRule(name="$any", properties=rules)})
        return StoresOfEvents(NAMES, moment, Stores(stores), Reading(plan, "KRW"), Zone("Asia/Seoul")).names

    both = {"cell": "context.location", "beacon": "properties.beacon"}
    assert known(both, [GATE]) == NAMES and known(both, []) == () and known({}, [GATE]) == ()
    assert known({"beacon": "properties.beacon"}, [GATE]) == ("store_zone",)
    assert known({"beacon": "properties.beacon"}, [SILENT]) == ()
    assert known(both, [GATE], context__location__latitude="text") == ("store_zone",), "what the plan calls a text is no degree"
    assert known(both, [GATE], properties__beacon="number", context__location__longitude="text") == ()


def test_what_of_the_stores_decides_a_fact() -> None:
    def changed(**fields: object) -> list[str]:
        other = msgspec.structs.replace(GATE, **fields)
        return [name for name in NAMES if rests_on(name, [GATE]) != rests_on(name, [other])]

    assert changed(label={"ko": "문"}) == [] and changed(lat=37.51) == [name for name in NAMES if name != "store_zone"]
    assert changed(hours={}) == ["store_open"] and changed(dwell="1m") == ["store_visit"]
    assert changed(radius_m=90.0) == ["at_store", "store_visit", "towards_store"]
    assert changed(zones=[]) == ["store_zone"] and changed(name="door") == [*NAMES]
    assert changed(zones=[StoreZone(name="bar", beacon="b-1", label={"ko": "바"})]) == []
