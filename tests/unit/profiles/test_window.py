"""Windows: calendar days of the workspace's zone, rolling hours in hourly buckets."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from gyeol.events.batch import Vocabularies
from gyeol.events.model import TrackingPlan
from gyeol.events.rows import batch_of
from gyeol.kernel.instants import DAY_MS, HOUR_MS, Zone, parse_instant
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.table import TraitTable


def instant(text: str) -> int:
    at_ms = parse_instant(text)
    assert at_ms is not None
    return at_ms


class Shop:
    """A table with counts and sums over some windows, and one customer."""

    def __init__(self, zone: str = "Asia/Seoul", windows: tuple[str, ...] = ("1d", "7d", "30d", "24h")) -> None:
        definitions = [TraitDefinition(name=f"n_{w}", kind="count", event="Bought", window=w) for w in windows]
        paid = {"kind": "sum", "event": "Bought", "property": "properties.paid"}
        definitions += [msgspec.convert(paid | {"name": f"paid_{w}", "window": w}, TraitDefinition) for w in windows]
        self.vocabularies = Vocabularies()
        self.table = TraitTable(definitions, self.vocabularies, Zone(zone), TrackingPlan())
        self.row = self.table.new_row()
        self.events = 0

    def buy(self, *times: str | int, now: str | int | None = None, paid: float = 1.5) -> None:
        at = [t if isinstance(t, int) else instant(t) for t in times]
        now_ms = max(at) if now is None else now if isinstance(now, int) else instant(now)
        self.events += len(at)
        sent: list[dict[str, Any]] = [
            {"event": "Bought", "timestamp": t, "messageId": f"{self.events}-{i}", "properties": {"paid": paid}} for i, t in enumerate(at)
        ]
        self.table.fold(batch_of(sent, vocabularies=self.vocabularies), np.arange(len(at)), np.full(len(at), self.row), now_ms)

    def value(self, name: str, now: str | int) -> Any:
        return self.table.column(name, np.array([self.row]), now if isinstance(now, int) else instant(now)).item(0)


def test_a_day_is_a_day_in_the_workspaces_zone() -> None:
    shop = Shop()
    shop.buy("2026-03-01T14:59:59.999Z", "2026-03-01T15:00:00Z")  # before and at midnight in Seoul
    assert shop.value("n_1d", "2026-03-01T15:00:00Z") == 1
    assert shop.value("n_1d", "2026-03-02T14:59:59Z") == 1
    assert shop.value("n_7d", "2026-03-07T14:59:59Z") == 2
    assert shop.value("n_7d", "2026-03-07T15:00:00Z") == 1
    assert shop.value("n_7d", "2026-03-08T15:00:00Z") == 0
    assert shop.value("paid_7d", "2026-03-07T14:00:00Z") == 3.0


def test_days_of_23_and_25_hours_are_days() -> None:
    shop = Shop("Europe/Berlin", ("1d", "2d"))
    shop.buy("2026-03-28T23:00:00Z", "2026-03-29T21:59:00Z")  # the first and the last minute of a day of 23 hours
    assert shop.value("n_1d", "2026-03-29T21:59:30Z") == 2
    assert shop.value("n_1d", "2026-03-29T22:00:00Z") == 0
    assert shop.value("n_2d", "2026-03-30T21:59:00Z") == 2


def test_hours_roll_in_hourly_buckets() -> None:
    shop = Shop()
    shop.buy("2026-03-01T10:00:00Z", "2026-03-01T10:59:59Z", "2026-03-01T11:00:00Z")
    assert shop.value("n_24h", "2026-03-02T09:59:59Z") == 3
    assert shop.value("n_24h", "2026-03-02T10:00:00Z") == 1
    assert shop.value("n_24h", "2026-03-02T11:00:00Z") == 0


def test_a_late_event_counts_in_its_own_bucket() -> None:
    shop = Shop()
    now = "2026-03-30T12:00:00Z"
    shop.buy(now)
    shop.buy("2026-03-25T12:00:00Z", "2026-03-01T12:00:00Z", "2026-02-20T12:00:00Z", now=now)
    assert [shop.value(f"n_{w}", now) for w in ("1d", "7d", "30d")] == [1, 2, 3]
    assert shop.value("n_30d", instant(now) + 2 * DAY_MS) == 2


def test_an_event_ahead_of_now_counts_when_its_time_has_come() -> None:
    shop = Shop()
    shop.buy("2026-03-01T15:01:00Z", now="2026-03-01T14:58:00Z")
    assert shop.value("n_7d", "2026-03-01T14:58:00Z") == 0
    assert shop.value("n_7d", "2026-03-01T15:00:00Z") == 1


def test_what_was_worked_out_for_one_instant_is_not_given_for_another() -> None:
    shop = Shop()
    at = instant("2026-03-01T12:00:00Z")
    shop.buy(at)
    seen = [shop.value("n_1d", at + d * DAY_MS) for d in (0, 1, 40, 1, 0)]
    assert seen == [1, 0, 0, 0, 1]
    shop.buy(at + 40 * DAY_MS)
    assert shop.value("n_1d", at + 40 * DAY_MS) == 1


def test_joined_rows_add_up_bucket_by_bucket_whatever_was_worked_out_before() -> None:
    shop = Shop()
    first, now = shop.row, instant("2026-03-05T12:00:00Z")
    shop.buy(now, now - 2 * DAY_MS, now - 40 * DAY_MS)
    shop.row = second = shop.table.new_row()
    shop.buy(now - HOUR_MS, now - 2 * DAY_MS, now - 3 * DAY_MS, now=now)
    shop.row = shop.table.new_row()
    for _ in range(2):
        for row in (first, second):
            assert shop.table.column("n_7d", np.array([row]), now).item(0) in (2, 3)
        shop.table.rebuild(shop.row, [first, second])
        assert [shop.value(f"n_{w}", now) for w in ("1d", "7d", "24h")] == [2, 5, 2]


def test_buckets_that_no_window_needs_are_dropped() -> None:
    shop = Shop()
    start = instant("2026-01-01T00:00:00Z")
    for day in range(400):
        shop.buy(start + day * DAY_MS, start + day * DAY_MS + HOUR_MS)
    now = start + 399 * DAY_MS + HOUR_MS
    assert (shop.value("n_7d", now), shop.value("n_30d", now), shop.value("paid_30d", now)) == (14, 60, 90.0)
    days = shop.table.groups[0].windows[0]._lists
    assert int(days.length.max()) <= 31
    assert int(days.sizes[int(days.size.max())]) == 31


def test_windows_of_one_event_and_grain_share_their_buckets() -> None:
    shop = Shop()
    assert [w._lists.cells["total"].shape[1] for w in shop.table.groups[0].windows] == [2, 2]


@pytest.mark.parametrize(
    ("windows", "edge"),
    [(("7d",), "2026-03-01T15:00:00Z"), (("24h", "7d"), "2026-03-01T11:00:00Z"), (("1h",), "2026-03-01T11:00:00Z")],
)
def test_the_next_edge_is_where_the_next_bucket_ends(windows: tuple[str, ...], edge: str) -> None:
    assert Shop(windows=windows).table.next_edge_ms(instant("2026-03-01T10:30:00Z")) == instant(edge)


def test_without_windows_there_is_no_edge() -> None:
    table = TraitTable([TraitDefinition(name="n", kind="count", event="Bought")], Vocabularies(), Zone("UTC"), TrackingPlan())
    assert table.next_edge_ms(0) is None
