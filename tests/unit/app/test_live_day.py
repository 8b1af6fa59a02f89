"""The live day: an import's rest as calls of the SDK, in order, at a pace, going on where it was."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from gyeol.app import live_day
from gyeol.app.demo import cut_of
from gyeol.app.live_day import Call, Feeder, Noted, Order, Progress, calls_of, live
from gyeol.cli.live_day import speed_of
from gyeol.events.data_clock import DataClock
from gyeol.kernel.errors import BackendUnavailableError, InputError
from gyeol.kernel.instants import DAY_MS
from gyeol.workspace.imports.opening import open_import
from gyeol.workspace.imports.plan import ImportPlan, ImportSettings

ROWS = [
    {"type": "track", "event": "Bought", "messageId": f"m{i}", "userId": "u1", "timestamp": f"2017-01-01T00:0{i}:00Z", "source": "till"}
    | {"properties": {"price": 1.5 * i, "items": [{"sku": "a"}], "gift": {"wrapped": True}}}
    for i in range(6)
]


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[ImportPlan]:
    """Six events a minute apart, in groups of two."""
    file = tmp_path / "rows.ndjson"
    file.write_bytes(b"\n".join(msgspec.json.encode(row) for row in ROWS))
    with open_import(str(file), None, ImportSettings(sources=["crm", "till"], group_rows=2, base=str(tmp_path))) as opened:
        yield opened


def order(tmp_path: Path, **changes: Any) -> Order:
    made = Order(
        url="http://x", mapping="", base="", sources=["crm", "till"], keys={}, first_group=1, from_ms=0, speed=0.0,
        progress=str(tmp_path / "live_day.json"),
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


class Sent:
    """Takes the place of the SDKs."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.settled: list[int] = []

    def send(self, call: Call) -> None:
        self.calls.append(call)

    def settle(self, calls: Sequence[Call]) -> None:
        self.settled.append(len(calls))


def test_a_group_becomes_calls_of_the_sdk(plan: ImportPlan) -> None:
    (first, *_) = plan.sections(0)
    calls = calls_of(first.events, ["crm", "till"], 0)
    assert [call.row for call in calls] == [0, 1]
    call = calls[1]
    assert (call.source, call.type) == ("till", "track")
    assert call.fields == {
        "event": "Bought", "message_id": "m1", "user_id": "u1", "timestamp": datetime(2017, 1, 1, 0, 1, tzinfo=UTC),
        "properties": {"price": 1.5, "items": [{"sku": "a"}], "gift": {"wrapped": True}},
    }  # fmt: skip


def test_it_sends_the_rest_and_goes_on_where_it_was(plan: ImportPlan, tmp_path: Path) -> None:
    feeder, told = Sent(), list[Progress]()
    live(order(tmp_path), plan, feeder, told.append, threading.Event())  # type: ignore[arg-type]  # stands in for a Feeder
    assert [call.fields["message_id"] for call in feeder.calls] == ["m2", "m3", "m4", "m5"]
    assert told[-1].sent == told[-1].total == 4
    noted = msgspec.json.decode((tmp_path / "live_day.json").read_bytes(), type=Noted)
    assert noted == Noted(file_hash=plan.file_hash, row=6)
    (tmp_path / "live_day.json").write_bytes(msgspec.json.encode(Noted(file_hash=plan.file_hash, row=5)))
    again = Sent()
    live(order(tmp_path), plan, again, told.append, threading.Event())  # type: ignore[arg-type]  # see above
    assert [call.fields["message_id"] for call in again.calls] == ["m5"]
    (tmp_path / "live_day.json").write_bytes(msgspec.json.encode(Noted(file_hash="of another import", row=5)))
    anew = Sent()
    live(order(tmp_path), plan, anew, told.append, threading.Event())  # type: ignore[arg-type]  # see above
    assert len(anew.calls) == 4


def test_it_keeps_the_pace_from_the_cut_on_and_stops_when_told(plan: ImportPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(live_day, "time", SimpleNamespace(monotonic=lambda: now[0]))
    stop, at = threading.Event(), list[tuple[str, float]]()

    class Waiting(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            now[0] += timeout or 0.0
            return self.is_set()

    class Timed(Sent):
        def send(self, call: Call) -> None:
            at.append((call.fields["message_id"], now[0]))

    cut_ms = 1_483_228_800_000 + 2 * 60_000
    live(order(tmp_path, first_group=0, from_ms=cut_ms, speed=60.0), plan, Timed(), lambda told: None, Waiting())  # type: ignore[arg-type]
    assert [name for name, _ in at] == ["m0", "m1", "m2", "m3", "m4", "m5"]
    assert [round(when - 100, 3) for _, when in at] == [0, 0, 0, 1, 2, 3], "a minute is a second; what lies before the cut goes at once"
    stop.set()
    sent = Sent()
    live(order(tmp_path / "none"), plan, sent, lambda told: None, stop)  # type: ignore[arg-type]  # see above
    assert sent.calls == []


def test_what_the_sdk_gave_up_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    feeder = Feeder("http://127.0.0.1:1", {})
    tried: list[str] = []

    def refuse(call: Call) -> None:
        tried.append(call.fields["message_id"])
        feeder._failures.append(OSError("gone"))

    monkeypatch.setattr(feeder, "send", refuse)
    feeder._failures.append(OSError("gone"))
    call = Call(row=0, time_ms=0, source="till", type="track", fields={"message_id": "m"})
    with pytest.raises(BackendUnavailableError, match="goes on"):
        feeder.settle([call])
    assert tried == ["m"] * 5


@pytest.mark.parametrize(("text", "speed"), [("max", 0.0), ("1440", 1440.0), ("0.5", 0.5)])
def test_speeds(text: str, speed: float) -> None:
    assert speed_of(text) == speed


@pytest.mark.parametrize("text", ["", "fast", "0", "-1", "nan", "inf"])
def test_no_speeds(text: str) -> None:
    with pytest.raises(InputError):
        speed_of(text)


def test_cuts() -> None:
    assert cut_of("2017-12-25", "America/New_York") == 1_514_178_000_000
    assert cut_of("2017-12-25T00:00:00Z", "America/New_York") == 1_514_160_000_000
    with pytest.raises(InputError, match="neither"):
        cut_of("Christmas", "UTC")


def test_the_datas_present_runs_on_at_the_machines_pace() -> None:
    clock, wall, then = DataClock(), 1_795_000_000_000, 1_514_000_000_000
    assert DataClock().shift_ms(wall, 0) == 0, "nothing is known yet"
    assert DataClock().shift_ms(wall, wall - DAY_MS + 1) == 0, "the data is of today"
    assert wall + clock.shift_ms(wall, then) == then
    assert wall + 5_000 + clock.shift_ms(wall + 5_000, then) == then + 5_000
    assert wall + 6_000 + clock.shift_ms(wall + 6_000, then + 60_000) == then + 60_000, "an event took it further"
    assert wall + 7_000 + clock.shift_ms(wall + 7_000, then + 60_000) == then + 61_000
