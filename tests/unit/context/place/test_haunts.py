"""Usual places: a set of days, bounded, that forgets."""

from __future__ import annotations

import random
from datetime import date, timedelta

import msgspec

from gyeol.context.place.haunts import DAYS, MOST_SQUARES, Haunts
from gyeol.context.place.movement import USUAL_CELL_DEG, Square, Usual

HOME: Square = (7500, 25400)
WORK: Square = (7510, 25410)
TODAY = date(2026, 6, 25).toordinal()


def centre(square: Square) -> tuple[float, float]:
    return square[0] * USUAL_CELL_DEG, square[1] * USUAL_CELL_DEG


def test_home_and_work_of_the_nights_and_days_of_four_weeks() -> None:
    haunts = Haunts()
    for day in range(TODAY - 2, TODAY + 1):
        haunts.add(1, "home", HOME, day)
        haunts.add(2, "work", WORK, day)
    assert haunts.usual([1, 2], TODAY) == Usual(home=centre(HOME), work=centre(WORK))
    assert haunts.usual([1], TODAY) == Usual(home=centre(HOME))
    assert haunts.usual([1, 2], TODAY + DAYS - 2) == Usual()  # two of the three days are left
    assert haunts.usual([3], TODAY) == Usual()


def test_a_day_counts_once_and_order_leaves_no_trace() -> None:
    said = [(TODAY - back, square) for back in range(40) for square in (HOME, WORK) if back % 3]
    orders = [said, said[::-1], random.Random(7).sample(said, len(said))]
    dumps = []
    for order in orders:
        haunts = Haunts()
        for day, square in [*order, *order[:5]]:
            haunts.add(4, "home", square, day)
        dumps.append(haunts.dump())
    assert len(set(dumps)) == 1
    assert Haunts.load(dumps[0]).dump() == dumps[0]


def test_nodes_of_one_person_share_their_days() -> None:
    haunts = Haunts()
    haunts.add(1, "home", HOME, TODAY)
    haunts.add(2, "home", HOME, TODAY - 1)
    assert haunts.usual([1, 2], TODAY) == Usual()
    haunts.add(2, "home", HOME, TODAY - 5)
    assert haunts.usual([1, 2], TODAY).home == centre(HOME)
    haunts.add(2, "home", HOME, TODAY)  # a day that another node knows already
    assert haunts.usual([1, 2], TODAY).home == centre(HOME)


def test_it_is_bounded_and_forgets() -> None:
    haunts = Haunts()
    for i in range(MOST_SQUARES + 10):
        haunts.add(1, "work", (i, 0), TODAY - MOST_SQUARES - 10 + i)
    dumped = Haunts.load(haunts.dump())
    assert haunts.nodes() == dumped.nodes() == [1]
    haunts.add(1, "home", HOME, TODAY)
    haunts.forget([1, 9])
    assert not len(haunts) and haunts.nodes() == []


def test_days_to_come_do_not_count_yet() -> None:
    haunts = Haunts()
    for ahead in range(3):
        haunts.add(1, "home", HOME, TODAY + ahead)
    assert haunts.usual([1], TODAY) == Usual()
    later = date.fromordinal(TODAY) + timedelta(days=2)
    assert haunts.usual([1], later.toordinal()).home == centre(HOME)


def test_of_who_stays_away_nothing_is_written_down_after_four_weeks() -> None:
    haunts = Haunts()
    haunts.add(1, "home", HOME, TODAY)
    haunts.add(2, "work", WORK, TODAY + DAYS - 1)
    assert Haunts.load(haunts.dump()).nodes() == [1, 2]
    haunts.add(2, "work", WORK, TODAY + DAYS)
    assert Haunts.load(haunts.dump()).nodes() == [2]


def test_what_was_let_go_leaves_no_trace_when_somebody_comes_back() -> None:
    kept = Haunts()
    kept.add(1, "home", HOME, TODAY)
    kept.add(2, "work", WORK, TODAY + DAYS + 5)
    taken_up = Haunts.load(kept.dump())
    for haunts in (kept, taken_up):
        haunts.add(1, "home", HOME, TODAY + 10)
    assert kept.dump() == taken_up.dump()


def test_what_the_first_release_wrote_is_read() -> None:
    rows = [(1, "home", HOME, TODAY, 1)]
    assert Haunts.load(msgspec.msgpack.encode(rows)).nodes() == [1]
    assert Haunts.load(msgspec.msgpack.encode([])).nodes() == []
