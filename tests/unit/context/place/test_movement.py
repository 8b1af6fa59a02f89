"""Distances, fences, opening hours, directions, usual places."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest

from gyeol.context.place.distance import apart, bearing, metres
from gyeol.context.place.fence import OUTSIDE, Crossing, Fence, Position, Standing, lapse, move
from gyeol.context.place.hours import Hours, hours_fault
from gyeol.context.place.movement import heading, towards, travelling, usual_places
from gyeol.kernel.instants import Zone

SEOUL = Zone("Asia/Seoul")
NORTH_M = 111_195.0
FENCE = Fence(name="강남점", lat=37.5, lon=127.0, radius_m=100)


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+09:00").timestamp() * 1000)


def spot(second: float, north_m: float, accuracy: float = 10) -> Position:
    return Position(int(second * 1000), 37.5 + north_m / NORTH_M, 127.0, accuracy)


def walk(*positions: Position, fence: Fence = FENCE) -> tuple[Standing, list[tuple[Crossing, int]]]:
    standing, told = OUTSIDE, []
    for position in positions:
        standing, more = move(fence, standing, position)
        told += more
    return standing, told


def test_distances_and_directions() -> None:
    assert float(metres(37.5665, 126.9780, 35.1796, 129.0756)) == pytest.approx(325_100, rel=0.005), "Seoul to Busan"
    assert float(metres(0, 179.9, 0, -179.9)) == pytest.approx(0.2 * NORTH_M, rel=1e-3), "across the date line"
    assert bearing(37, 127, 38, 127) == pytest.approx(0) and bearing(0, 127, 0, 128) == pytest.approx(90)
    assert apart(350, 10) == 20 and apart(10, 350) == 20 and apart(0, 180) == 180


def test_enter_dwell_and_exit_once_each_dated_when_they_began() -> None:
    inside = [spot(t, 20) for t in range(100, 500, 20)]
    outside = [spot(t, 400) for t in range(500, 600, 20)]
    standing, told = walk(spot(0, 500), *inside, *outside)
    assert told == [("enter", 100_000), ("dwell", 400_000), ("exit", 500_000)]
    assert not standing.inside


def test_jitter_about_the_border_sets_nothing_off() -> None:
    jitter = random.Random(3)
    _, told = walk(*[spot(t * 10, 100 + jitter.gauss(0, 15), 20) for t in range(200)])
    assert len(told) <= 2 and [kind for kind, _ in told] in ([], ["enter"], ["enter", "dwell"])
    _, passing = walk(spot(0, 500), spot(10, 50), spot(20, 500), spot(60, 500))
    assert passing == [], "too short to count"


def test_old_and_inaccurate_positions_change_nothing() -> None:
    standing, _ = walk(spot(0, 20), spot(40, 20))
    assert standing.inside
    assert move(FENCE, standing, spot(30, 900)) == (standing, [])
    assert move(FENCE, standing, spot(100, 900, accuracy=5_000)) == (standing, [])


def test_who_is_not_heard_of_has_left_when_last_heard_of() -> None:
    standing, _ = walk(spot(0, 20), spot(40, 20))
    assert lapse(FENCE, standing, 40_000 + FENCE.lost_ms - 1) == (standing, [])
    gone, told = lapse(FENCE, standing, 40_000 + FENCE.lost_ms)
    assert told == [("exit", 40_000)] and not gone.inside
    _, told = move(FENCE, standing, spot(3_000, 20))
    assert told == [("exit", 40_000)], "a stay that nobody saw is not one stay"


def test_opening_hours() -> None:
    hours = Hours({"mon": "09:00-12:00, 13:00-22:00", "fri": "18:00-02:00", "holiday": "11:00-15:00"}, {"2026-02-16": "closed"})
    assert hours.open_until(at("2026-02-09T08:59"), SEOUL) is None
    assert hours.open_until(at("2026-02-09T09:00"), SEOUL) == 180
    assert hours.open_until(at("2026-02-09T12:00"), SEOUL) is None, "half-open"
    assert hours.open_until(at("2026-02-09T21:59"), SEOUL) == 1
    assert hours.open_until(at("2026-02-14T01:30"), SEOUL) == 30, "Friday's night"
    assert hours.open_until(at("2026-02-14T02:00"), SEOUL) is None
    assert hours.open_until(at("2026-02-16T10:00"), SEOUL) is None, "a day that differs"
    assert hours.open_until(at("2026-02-17T12:00"), SEOUL, frozenset({date(2026, 2, 17)})) == 180, "설날"
    assert Hours({"sun": "00:00-24:00"}).open_until(at("2026-02-15T23:59"), SEOUL) == 1


@pytest.mark.parametrize("text", ["9:00-22:00", "09:00", "09:00-25:00", "09:60-10:00", "", "open", "09:00-10:00-11:00"])
def test_hours_that_are_none(text: str) -> None:
    assert hours_fault(text) is not None
    with pytest.raises(ValueError, match="no span"):
        Hours({"mon": text}).open_until(at("2026-02-09T09:00"), SEOUL)


def test_towards_a_shop_or_past_it() -> None:
    coming = [spot(t, 600 - t) for t in range(0, 300, 30)]
    assert heading(coming, 300_000) == pytest.approx(180)
    assert towards(coming, 37.5, 127.0, 300_000) is True
    assert towards(coming, 37.6, 127.0, 300_000) is False
    assert towards([spot(t, 600 + (t % 7)) for t in range(0, 300, 30)], 37.5, 127.0, 300_000) is None, "standing still"
    assert towards(coming, 37.5, 127.0, 2_000_000) is None, "long ago"


def test_home_and_work_whatever_the_order() -> None:
    home, work = (37.65, 127.05), (37.5, 127.03)
    positions = []
    for day in range(5):
        morning = at("2026-03-02T00:00") + int(timedelta(days=day).total_seconds() * 1000)
        positions += [Position(morning + hour * 3_600_000, *home) for hour in (1, 5, 22)]
        positions += [Position(morning + hour * 3_600_000, *work) for hour in (10, 13, 16)]
    learned = usual_places(positions, SEOUL)
    assert learned.home == pytest.approx(home, abs=0.003) and learned.work == pytest.approx(work, abs=0.003)
    shuffled = random.Random(1).sample(positions, len(positions))
    assert usual_places(shuffled, SEOUL) == learned
    assert usual_places(positions[:6], SEOUL).home is None, "one night is no home"
    assert travelling(Position(0, 35.18, 129.08), learned) is True
    assert travelling(Position(0, *work), learned) is False
    assert travelling(Position(0, *work), usual_places([], SEOUL)) is None
