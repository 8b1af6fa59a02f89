"""The log is shortened only when nothing needs its oldest days any more, and a start then still gives the same state."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gyeol.app.core_api import Check
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.opening import OpenCore
from gyeol.app.retention import LEAST_DAYS
from gyeol.app.settings import Settings
from gyeol.app.verifying import log_check, replay_check, snapshots_check, state_digest
from gyeol.engine.jobs import Collect
from gyeol.events.ingest import Incoming
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.errors import StateError
from gyeol.kernel.instants import DAY_MS
from gyeol.storage.log.files import log_files
from gyeol.workspace.starter import init


class Days:
    """A workspace in which days go by."""

    def __init__(self, workspace: Path) -> None:
        self.workspace, self.clock, self.number = workspace, ManualClock(20_000 * DAY_MS), 0
        self.session = self.opened()

    def opened(self) -> EmbeddedSession:
        return EmbeddedSession(self.workspace, Settings(), clock=self.clock)

    @property
    def parts(self) -> OpenCore:
        return self.session.parts

    def collect(self) -> None:
        definitions = self.parts.engine.definitions
        index = next(i for i, source in enumerate(definitions.sources) if source.trust == "server")
        self.number += 1
        raw = msgspec.json.encode({"type": "track", "event": "Product Viewed", "userId": f"u{self.number}", "messageId": f"m{self.number}"})
        incoming = Incoming(source=definitions.sources[index], source_index=index, events=[raw], received_ms=self.clock.now_ms())
        self.session.run(Collect(incoming))
        self.session.engine.flush()

    def again(self) -> None:
        """Stop and start: a snapshot is taken."""
        self.session.close()
        self.session = self.opened()

    def crash(self) -> None:
        """End without a snapshot."""
        self.session._closed = True
        self.parts.close()

    def pass_days(self, days: int) -> None:
        for _ in range(days):
            self.collect()
            self.clock.advance(DAY_MS)

    @property
    def files(self) -> int:
        return len(log_files(self.parts.folder.log))


@pytest.fixture
def days(tmp_path: Path) -> Iterator[Days]:
    keys = iter(("web-key-for-tests", "server-key-for-tests"))
    init(tmp_path / "shop", None, lambda: next(keys))
    made = Days(tmp_path / "shop")
    yield made
    made.session.close()


def told(days: Days) -> dict[str, Check]:
    """What doctor says of the log and of snapshots."""
    return {check.name: check for check in (log_check(days.parts), snapshots_check(days.parts))}


def caught_up(days: Days) -> None:
    """Two snapshots, and a lake that has everything."""
    days.again()
    days.collect()
    days.again()
    days.parts.retention.lake_offset = days.parts.log.end_offset()


def test_old_days_go_once_everybody_is_past_them(days: Days) -> None:
    days.pass_days(20)
    assert (days.parts.retention.run(), days.files) == ([], 20), "there are no two snapshots yet"
    days.again()
    days.collect()
    days.again()
    assert days.parts.retention.run() == [], "the lake has not told how far it is"
    days.parts.retention.lake_offset = 5
    assert len(days.parts.retention.run()) <= 4, "nothing goes that the lake has yet to read"
    days.parts.retention.lake_offset = days.parts.log.end_offset()
    assert days.parts.retention.run() != []
    assert days.files == 15, "today and the 14 days before"
    assert days.parts.retention.run() == []


def test_a_backup_holds_everything_in_place(days: Days) -> None:
    days.pass_days(20)
    caught_up(days)
    with days.parts.folder.hold.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        assert days.parts.retention.run() == []
    assert days.parts.retention.run() != []


def test_a_start_from_a_shortened_log_gives_the_same_state(days: Days) -> None:
    days.pass_days(20)
    caught_up(days)
    assert days.parts.retention.run()
    digest = state_digest(days.parts.engine.state)
    days.again()
    state = days.parts.engine.state
    assert state_digest(state) == digest and state.totals.accepted == 21
    found = replay_check(days.parts, (state.offset, digest, state.people.people))
    assert found.good and "snapshot" in found.detail, "the replay begins at the older snapshot, and says so"
    assert all(told(days)[name].good for name in ("log", "snapshots"))


def test_without_a_usable_snapshot_a_shortened_log_is_refused_not_guessed(days: Days) -> None:
    days.pass_days(20)
    caught_up(days)
    assert days.parts.retention.run()
    for path in days.parts.folder.snapshots.glob("*/*.manifest"):
        path.write_bytes(b"damaged")
    days.crash()
    with pytest.raises(StateError) as refused:
        days.opened()
    assert refused.value.code == "log_shortened" and "restore" in refused.value.message


@pytest.mark.parametrize(("keep", "kept"), [(0, 20), (1, LEAST_DAYS + 1), (30, 20)])
def test_how_many_days_stay(days: Days, keep: int, kept: int) -> None:
    days.session.close()
    settings = Settings(keep_log_days=keep)
    days.opened = lambda: EmbeddedSession(days.workspace, settings, clock=days.clock)  # type: ignore[method-assign]
    days.session = days.opened()
    days.pass_days(20)
    days.clock.advance(-DAY_MS)
    caught_up(days)
    days.parts.retention.run()
    assert days.files == kept


def test_what_a_start_found_damaged_is_told_by_doctor(days: Days) -> None:
    days.pass_days(2)
    days.again()
    days.collect()
    days.again()
    for path in sorted(days.parts.folder.snapshots.glob("*/*.manifest"))[-1:]:
        path.write_bytes(path.read_bytes()[:-1])
    days.crash()
    days.session = days.opened()
    assert not told(days)["snapshots"].good and "damaged" in told(days)["snapshots"].detail
    days.collect()
    days.again()
    assert told(days)["snapshots"].good, "the next one replaces it"


def _harm_end(days: Days) -> Any:
    import sqlite3

    path = log_files(days.parts.folder.log)[-1]
    connection = sqlite3.connect(path)
    (offset, data) = connection.execute("SELECT first_offset, frame FROM frames ORDER BY first_offset DESC LIMIT 1").fetchone()
    connection.execute("UPDATE frames SET frame = ? WHERE first_offset = ?", (data[:-1] + b"\xff", offset))
    connection.commit()
    connection.close()
    return offset


def test_a_damaged_end_is_bridged_so_that_no_offset_is_given_twice(days: Days) -> None:
    days.pass_days(2)
    days.again()
    days.pass_days(2)
    end, acted = days.parts.log.end_offset(), days.parts.store.acted_offset()
    assert end == acted
    days.crash()
    offset = _harm_end(days)
    days.session = days.opened()
    assert offset < end
    assert days.parts.log.end_offset() == end, "ticks stand where the damaged records were"
    assert str(offset) in days.parts.found[0]
    assert not told(days)["log"].good and "damaged" in told(days)["log"].detail
    before = days.parts.engine.state.totals.accepted
    days.number -= 1
    days.collect()
    assert days.parts.engine.state.totals.accepted == before + 1, "what was cut is not known any more, so it may be sent again"


def test_a_log_that_lost_its_files_is_refused(days: Days) -> None:
    days.pass_days(3)
    days.crash()
    log_files(days.parts.folder.log)[-1].unlink()
    with pytest.raises(StateError) as refused:
        days.opened()
    assert refused.value.code == "log_behind"
