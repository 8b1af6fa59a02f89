"""One suite over every state store, and what only a file can do: migrate, be read by another process, fill a disk, be damaged."""

from __future__ import annotations

import ast
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from gyeol.channels.model import Delivery, Message, MessageState
from gyeol.decisions.model import Decision, Reason, Refusal
from gyeol.engine.state_store import AuditEntry, StateStore
from gyeol.events.dead_letter import DeadLetter
from gyeol.journeys.enrolment import Enrolment
from gyeol.kernel.errors import (
    BackendError,
    BackendTimeoutError,
    CapabilityMissingError,
    ConfigError,
    InputError,
    InternalError,
    NotFoundError,
    StateError,
    VersionConflictError,
)
from gyeol.privacy.sealing import PLAIN, Vault
from gyeol.storage.state import revision, sqlite
from gyeol.storage.state.memory import MemoryStateStore
from gyeol.storage.state.store import SqlStateStore
from gyeol.storage.state.tables import metadata

NOW = 1_772_420_400_000


def message(key: str, node: int = 1, queued_at_ms: int = NOW, **fields: object) -> Message:
    base: dict[str, object] = {
        "send_key": key,
        "channel": "mailer",
        "node": node,
        "person": "p",
        "address": "a@example.invalid",
        "journey": "j",
        "journey_version": "v",
        "decision": "d_1",
        "content": {"title": "제목"},
        "message_class": "advertising",
        "purpose": "marketing",
        "queued_at_ms": queued_at_ms,
        "expires_at_ms": queued_at_ms + 1_000,
        "cause_offset": 3,
    }
    return Message(**{**base, **fields})  # type: ignore[arg-type]  # a test's shorthand


def delivery(key: str, state: MessageState, at_ms: int = NOW + 1, reason: str = "", retry_after_ms: int = 0) -> Delivery:
    return Delivery(send_key=key, state=state, at_ms=at_ms, reason=reason, retry_after_ms=retry_after_ms)


def decision(id: str, node: int = 1, at_ms: int = NOW, placement: str = "hero") -> Decision:
    return Decision(
        id=id,
        placement=placement,
        node=node,
        person="p",
        at_ms=at_ms,
        chosen="a",
        fallback=False,
        reasons=[Reason(code="only_candidate", params={"offer": "a", "score": 1.5})],
        refusals=[Refusal(offer="b", gate="eligibility", reason=Reason(code="not_eligible", params={"values": {"x": None}}))],
        moment={"weather": "rain"},
        propensity=1.0,
        catalogue="1",
        definitions="0" * 32,
    )


def enrolment(node: int = 1, key: str = "event:3", journey: str = "j", at_ms: int = NOW) -> Enrolment:
    return Enrolment(
        journey=journey,
        version="v",
        node=node,
        person="p",
        entry_key=key,
        at_ms=at_ms,
        cause_offset=3,
        outcome="refused",
        reason=Reason(code="no_address", params={"medium": "email"}),
    )


def letter(offset: int, code: str = "no_type") -> DeadLetter:
    return DeadLetter(id=f"dl_{offset}", source="web", code=code, detail="", raw=b"\xff{", received_ms=NOW)


def command(offset: int) -> AuditEntry:
    return AuditEntry(offset=offset, at_ms=NOW, by="kim", kind="merge", why="same person", body={"a": 1, "b": 2})


Open = Callable[[], StateStore]


@pytest.fixture(params=["memory", "sqlite", "sealed"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateStore]:
    seal = Vault([b"k" * 32]) if request.param == "sealed" else PLAIN
    made: StateStore = MemoryStateStore() if request.param == "memory" else SqlStateStore(tmp_path / "state.db", seal=seal)
    yield made
    made.close()


def act(store: StateStore, *messages: Message, acted: int | None = None) -> None:
    with store.unit() as unit:
        unit.queue(messages)
        if acted is not None:
            unit.acted(acted)


def report(store: StateStore, *deliveries: Delivery) -> None:
    with store.unit() as unit:
        unit.deliver(deliveries)


def state_of(store: StateStore, key: str) -> str:
    entry = store.outbox.get(key)
    assert entry is not None
    return entry.state


def test_an_empty_store(store: StateStore) -> None:
    assert store.acted_offset() == 0
    assert store.outbox.get("m") is None
    assert store.outbox.claim(NOW, 10) == []
    assert store.outbox.counts() == store.decisions.counts() == store.enrolments.counts() == store.dead_letters.counts() == {}
    assert store.dead_letters.list(None, 10, None) == ([], None)
    assert not store.moves()
    assert not store.audit.list()


def test_an_empty_unit_is_fine(store: StateStore) -> None:
    with store.unit() as unit:
        unit.queue([])
        unit.deliver([])
        unit.enrol([])
        unit.decided([])
        unit.reject([])
        unit.moved([])
        unit.acted(0)
    assert store.acted_offset() == 0


def test_what_is_kept_comes_back_whole(store: StateStore) -> None:
    with store.unit() as unit:
        unit.queue([message("m")])
        unit.decided([decision("d")])
        unit.enrol([enrolment()])
        unit.reject([letter(4)])
        unit.moved([(1, "p", 5, NOW)])
        unit.acted(6, [command(5)])
    entry = store.outbox.get("m")
    assert entry is not None
    assert (entry.message, entry.state, entry.changed_at_ms, entry.attempts) == (message("m"), "queued", NOW, 0)
    assert store.decisions.get("d") == decision("d")
    assert store.enrolments.get("j", "event:3", 1) == enrolment()
    assert store.dead_letters.get("dl_4") == letter(4)
    assert store.moves() == [(1, "p", 5, NOW)]
    assert store.audit.list() == [command(5)]
    assert store.acted_offset() == 6
    assert store.decisions.get("e") is None
    assert store.enrolments.get("j", "event:3", 2) is None
    assert store.dead_letters.get("dl_5") is None


def test_a_unit_that_raises_leaves_nothing(store: StateStore) -> None:
    act(store, message("kept"), acted=3)

    def fail() -> None:
        with store.unit() as unit:
            unit.queue([message("lost")])
            unit.deliver([delivery("kept", "failed")])
            unit.decided([decision("d")])
            unit.enrol([enrolment()])
            unit.reject([letter(4)])
            unit.moved([(1, "p", 5, NOW)])
            unit.acted(9, [command(8)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store.outbox.counts() == {"queued": 1}
    assert store.acted_offset() == 3
    assert store.decisions.counts() == store.enrolments.counts() == store.dead_letters.counts() == {}
    assert not any([store.moves(), store.audit.list(), store.outbox.deliveries("kept")])
    act(store, message("next"), acted=4)
    assert store.acted_offset() == 4


def test_a_send_key_is_queued_once_for_ever(store: StateStore) -> None:
    act(store, message("m"))
    store.outbox.claim(NOW, 10)
    report(store, delivery("m", "accepted"))
    act(store, message("m", content={"title": "again"}), message("n"), message("n"))
    assert store.outbox.counts() == {"accepted": 1, "queued": 1}
    assert [m.send_key for m in store.outbox.claim(NOW + 5, 10)] == ["n"]


def test_everything_written_again_changes_nothing(store: StateStore) -> None:
    def frame() -> None:
        with store.unit() as unit:
            unit.queue([message("m")])
            unit.decided([decision("d")])
            unit.enrol([enrolment()])
            unit.reject([letter(4)], [("dl_4", 5)])
            unit.moved([(1, "p", 5, NOW)])
            unit.acted(6, [command(5)])

    def everything() -> object:
        return (
            store.outbox.list(),
            store.decisions.of_nodes([1]),
            store.enrolments.of_nodes([1]),
            store.dead_letters.list(None, 10, None),
            store.moves(),
            store.audit.list(),
            store.acted_offset(),
        )

    frame()
    once = everything()
    frame()
    assert everything() == once


def test_claims_hand_out_the_oldest_once(store: StateStore) -> None:
    act(store, message("c", queued_at_ms=NOW + 2), message("b", queued_at_ms=NOW), message("a", queued_at_ms=NOW))
    act(store, message("later", queued_at_ms=NOW - 9, not_before_ms=NOW + 100))
    assert [m.send_key for m in store.outbox.claim(NOW + 10, 2)] == ["a", "b"]
    assert [m.send_key for m in store.outbox.claim(NOW + 10, 2)] == ["c"]
    assert store.outbox.claim(NOW + 10, 2) == []
    assert [m.send_key for m in store.outbox.interrupted()] == ["a", "b", "c"]
    assert [m.send_key for m in store.outbox.claim(NOW + 100, 2)] == ["later"]
    entry = store.outbox.get("later")
    assert entry is not None
    assert (entry.state, entry.attempts, entry.changed_at_ms) == ("sending", 1, NOW + 100)


def test_many_claimants_never_share_a_message(store: StateStore) -> None:
    act(store, *(message(f"m{i:03}") for i in range(120)))
    got: list[str] = []

    def take() -> None:
        while taken := store.outbox.claim(NOW, 7):
            got.extend(m.send_key for m in taken)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [f"m{i:03}" for i in range(120)]


def test_deliveries_move_messages_forward_only(store: StateStore) -> None:
    act(store, message("m"))
    store.outbox.claim(NOW, 1)
    for at_ms, state in enumerate(("accepted", "queued", "clicked", "opened", "delivered", "failed", "complained"), NOW + 1):
        report(store, Delivery(send_key="m", state=state, at_ms=at_ms))  # type: ignore[arg-type]  # a loop over literals
    entry = store.outbox.get("m")
    assert entry is not None
    assert (entry.state, entry.changed_at_ms) == ("complained", NOW + 7)
    assert [d.state for d in store.outbox.deliveries("m")] == [
        "accepted",
        "queued",
        "clicked",
        "opened",
        "delivered",
        "failed",
        "complained",
    ]


def test_a_throttled_message_waits_and_a_repeated_report_does_not_revive_it(store: StateStore) -> None:
    act(store, message("m"))
    store.outbox.claim(NOW, 1)
    throttled = delivery("m", "queued", NOW + 1, "provider_wait", retry_after_ms=500)
    report(store, throttled)
    entry = store.outbox.get("m")
    assert entry is not None
    assert (entry.state, entry.reason, entry.not_before_ms) == ("queued", "provider_wait", NOW + 501)
    assert store.outbox.claim(NOW + 500, 1) == []
    assert len(store.outbox.claim(NOW + 501, 1)) == 1
    report(store, throttled)
    assert state_of(store, "m") == "sending", "the record was folded again after a crash"
    report(store, delivery("m", "accepted", NOW + 600), throttled)
    assert state_of(store, "m") == "accepted"


def test_a_delivery_of_an_unknown_message_is_kept(store: StateStore) -> None:
    report(store, delivery("ghost", "accepted"))
    assert store.outbox.get("ghost") is None
    assert [d.state for d in store.outbox.deliveries("ghost")] == ["accepted"]


def test_pages_cover_everything_once_newest_first(store: StateStore) -> None:
    act(store, *(message(f"m{i}", queued_at_ms=NOW + i // 3) for i in range(20)))
    store.outbox.claim(NOW, 2)
    seen: list[str] = []
    cursor = None
    while True:
        page = store.outbox.list("queued", 4, cursor)
        seen += [e.message.send_key for e in page.entries]
        cursor = page.next
        if cursor is None:
            break
    expected = sorted((NOW + i // 3, f"m{i}") for i in range(20))[2:]
    assert seen == [key for _, key in reversed(expected)]
    assert len(store.outbox.list(None, 100).entries) == 20
    assert store.outbox.list("failed").entries == []
    assert store.outbox.list("queued", 18).next is None


@pytest.mark.parametrize("cursor", ["", "x", "1", "1.", "x.y", "--1.a"])
def test_a_cursor_of_something_else_is_refused(store: StateStore, cursor: str) -> None:
    with pytest.raises(InputError):
        store.outbox.list(cursor=cursor)
    with pytest.raises(InputError):
        store.dead_letters.list(None, 1, cursor + "!")


def test_of_nodes_gives_the_newest(store: StateStore) -> None:
    with store.unit() as unit:
        unit.queue([message(f"m{i}", node=i % 3, queued_at_ms=NOW + i) for i in range(9)])
        unit.decided([decision(f"d{i}", node=i % 3, at_ms=NOW + i, placement=f"p{i % 2}") for i in range(9)])
        unit.enrol([enrolment(node=i % 3, key=f"event:{i}", at_ms=NOW + i) for i in range(9)])
    assert [e.message.send_key for e in store.outbox.of_nodes([0, 2], 3)] == ["m8", "m6", "m5"]
    assert [d.id for d in store.decisions.of_nodes([0, 2], 3)] == ["d8", "d6", "d5"]
    assert [e.entry_key for e in store.enrolments.of_nodes([0, 2], 3)] == ["event:8", "event:6", "event:5"]
    assert not any([store.outbox.of_nodes([]), store.decisions.of_nodes([7]), store.enrolments.of_nodes([7])])
    assert store.decisions.counts() == {"p0": 5, "p1": 4}
    assert store.enrolments.counts() == {"j": 9}


def test_enrolments_are_unique_by_journey_entry_and_node(store: StateStore) -> None:
    first = enrolment()
    with store.unit() as unit:
        unit.enrol(
            [first, msgspec.structs.replace(first, at_ms=NOW + 9), enrolment(node=2), enrolment(key="event:4"), enrolment(journey="k")]
        )
    assert store.enrolments.counts() == {"j": 3, "k": 1}
    assert store.enrolments.get("j", "event:3", 1) == first


def test_dead_letters_are_replayed_once(store: StateStore) -> None:
    with store.unit() as unit:
        unit.reject([letter(offset, "no_type" if offset % 2 else "too_large") for offset in range(1, 13)])
    assert store.dead_letters.counts() == {"no_type": 6, "too_large": 6}
    first, cursor = store.dead_letters.list("waiting", 5, None)
    second, cursor = store.dead_letters.list("waiting", 5, cursor)
    third, end = store.dead_letters.list("waiting", 5, cursor)
    assert [d.id for d in first + second + third] == [f"dl_{i}" for i in range(12, 0, -1)], "by offset, not by text"
    assert end is None
    with store.unit() as unit:
        unit.reject([], [("dl_2", 50), ("dl_99", 51)])
    with store.unit() as unit:
        unit.reject([], [("dl_2", 77)])
    replayed, _ = store.dead_letters.list("replayed", 5, None)
    assert [(d.id, d.status, d.replayed_offset) for d in replayed] == [("dl_2", "replayed", 50)]
    assert store.dead_letters.get("dl_2") == replayed[0]
    assert store.dead_letters.counts() == {"no_type": 6, "too_large": 5}


def test_moves_are_read_from_where_one_stopped(store: StateStore) -> None:
    moves = [(node, f"p{offset}", offset, NOW + offset) for offset in (3, 8) for node in range(5)]
    with store.unit() as unit:
        unit.moved(moves[::-1])
    first = store.moves(limit=7)
    assert first == moves[:7]
    assert store.moves(after=(first[-1][2], first[-1][0])) == moves[7:]


def test_a_node_that_moves_twice_in_a_frame_stays_where_it_came_last(store: StateStore) -> None:
    with store.unit() as unit:
        unit.moved([(1, "alone", 5, NOW), (2, "alone too", 5, NOW), (1, "together", 5, NOW)])
    with store.unit() as unit:
        unit.moved([(2, "together", 5, NOW)])
    assert store.moves() == [(1, "together", 5, NOW), (2, "together", 5, NOW)]


def test_the_nodes_of_frames_are_kept_until_the_lake_has_passed(store: StateStore) -> None:
    frames = {first: np.array([first, -1, 7], "<i8") for first in (0, 3, 6)}
    with store.unit() as unit:
        unit.moved([], [(first, nodes.tobytes()) for first, nodes in frames.items()])
    kept = store.nodes_of(3)
    assert kept is not None
    assert kept.tolist() == [3, -1, 7]
    assert store.nodes_of(4) is None
    store.forget_nodes(6)
    assert [first for first in frames if store.nodes_of(first) is not None] == [6]


def test_the_audit_trail_is_newest_first(store: StateStore) -> None:
    with store.unit() as unit:
        unit.acted(10, [command(offset) for offset in range(1, 8)])
    assert [c.offset for c in store.audit.list(3)] == [7, 6, 5]
    assert [c.offset for c in store.audit.list(3, before_offset=5)] == [4, 3, 2]


def test_acted_never_goes_back(store: StateStore) -> None:
    act(store, acted=5)
    act(store, acted=5)
    with pytest.raises(InternalError):
        act(store, message("m"), acted=4)
    assert (store.acted_offset(), store.outbox.counts()) == (5, {})


def test_a_unit_inside_a_unit_is_a_bug(store: StateStore) -> None:
    with store.unit() as unit:
        unit.queue([message("m")])
        with pytest.raises(InternalError):
            store.outbox.claim(NOW, 1)
    assert state_of(store, "m") == "queued"


def test_readers_do_not_see_a_unit_before_it_ends(store: StateStore) -> None:
    with store.unit() as unit:
        unit.queue([message("m")])
        assert store.outbox.get("m") is None
    assert store.outbox.get("m") is not None


# What only a file can do.


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


def test_what_was_kept_is_there_after_a_restart(path: Path) -> None:
    first = SqlStateStore(path)
    act(first, message("m"), acted=7)
    first.outbox.claim(NOW, 1)
    first.close()
    second = SqlStateStore(path)
    assert second.acted_offset() == 7
    assert [m.send_key for m in second.outbox.interrupted()] == ["m"]
    second.close()


def test_the_file_is_wal_and_full(path: Path) -> None:
    store = SqlStateStore(path)
    with store._transaction() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.close()


def test_the_side_process_reads_and_cannot_write(path: Path) -> None:
    with pytest.raises(NotFoundError):
        SqlStateStore(path, read_only=True)
    assert not path.exists()
    core = SqlStateStore(path)
    side = SqlStateStore(path, read_only=True)
    act(core, message("m"), acted=2)
    assert (side.acted_offset(), state_of(side, "m")) == (2, "queued")
    with pytest.raises(CapabilityMissingError):
        side.outbox.claim(NOW, 1)
    with pytest.raises(CapabilityMissingError):
        act(side, message("n"))
    core.close()
    assert state_of(side, "m") == "queued", "also when the core has stopped"
    side.close()
    late = SqlStateStore(path, read_only=True)
    assert state_of(late, "m") == "queued"
    late.close()


def test_migrations_make_the_tables_that_the_code_uses(path: Path) -> None:
    SqlStateStore(path).close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()
    folder = ScriptDirectory(str(Path(revision.__file__).parent / "migrations"))
    known = [script.revision for script in folder.walk_revisions()]
    assert tuple(reversed(known)) == revision.REVISIONS


def test_a_newer_file_is_refused_and_left_alone(path: Path) -> None:
    SqlStateStore(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'r9999'")
    connection.close()
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(VersionConflictError) as raised:
            SqlStateStore(path, read_only=read_only)
        assert "r9999" in raised.value.message
        assert revision.HEAD in raised.value.message
    assert path.read_bytes() == before


def test_an_older_file_is_copied_and_then_migrated(path: Path) -> None:
    with closing(SqlStateStore(path)) as store:
        act(store, *(message(f"m{n}", address="kim@example.com") for n in range(3)), acted=7)
        before = store.outbox.list()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'r0001'")  # its bodies were plain
        connection.execute("DROP TABLE node_group")
        connection.commit()
    with pytest.raises(VersionConflictError, match="Start the core"):
        SqlStateStore(path, read_only=True)
    vault = Vault([b"k" * 32])
    with closing(SqlStateStore(path, seal=vault)) as store:
        assert (store.acted_offset(), store.outbox.list()) == (7, before)
        assert b"kim@example.com" not in b"".join(each.read_bytes() for each in (path, Path(f"{path}-wal")) if each.exists())
    assert b"kim@example.com" in path.with_name(f"state.db.before-{revision.HEAD}").read_bytes()
    with closing(SqlStateStore(path, seal=PLAIN)) as store, pytest.raises(ConfigError) as raised:
        store.outbox.list()
    assert raised.value.code == "data_key_unknown"


def test_a_body_in_another_row_is_not_read(path: Path) -> None:
    with closing(SqlStateStore(path, seal=Vault([b"k" * 32]))) as store:
        act(store, message("a"), message("b"), acted=1)
        with store._transaction() as connection:
            connection.exec_driver_sql("UPDATE outbox SET body = (SELECT body FROM outbox WHERE send_key = 'a')")
        assert store.outbox.get("a") is not None
        with pytest.raises(StateError) as raised:
            store.outbox.get("b")
    assert raised.value.code == "seal_broken"


def test_a_start_without_migration_does_not_load_alembic(path: Path) -> None:
    SqlStateStore(path).close()
    code = f"""
import sys
from pathlib import Path
from gyeol.storage.state.store import SqlStateStore
SqlStateStore(Path({str(path)!r})).close()
print([m for m in sys.modules if m == "alembic" or m.startswith("alembic.")])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=15)
    assert ast.literal_eval(done.stdout) == []


def test_a_full_disk_loses_the_step_only(path: Path) -> None:
    store = SqlStateStore(path)
    act(store, message("m"), acted=1)
    with store._transaction() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    with store._transaction() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(BackendError) as raised:
        act(store, *(message(f"big{i}", content={"x": "y" * 4_000}) for i in range(50)), acted=2)
    assert raised.value.code == "disk_full"
    assert (store.acted_offset(), store.outbox.counts()) == (1, {"queued": 1})
    with store._transaction() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    act(store, message("n"), acted=2)
    assert store.outbox.counts() == {"queued": 2}
    store.close()


def test_a_lock_by_another_process_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    store = SqlStateStore(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BackendTimeoutError):
        act(store, message("m"))
    other.execute("ROLLBACK")
    other.close()
    act(store, message("m"))
    assert store.outbox.counts() == {"queued": 1}
    store.close()


def test_what_cannot_be_opened_or_read_is_told(path: Path) -> None:
    with pytest.raises(BackendError) as raised:
        SqlStateStore(path / "nowhere" / "state.db")
    assert raised.value.code == "state_cannot_open"
    path.write_bytes(b"this is no database, only words" * 100)
    with pytest.raises(BackendError) as raised:
        SqlStateStore(path)
    assert raised.value.code == "state_damaged"


def test_a_read_only_file_is_told(path: Path) -> None:
    store = SqlStateStore(path)
    with store._transaction() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(BackendError) as raised:
        act(store, message("m"))
    assert raised.value.code == "state_read_only"
    store.close()


def test_a_backup_is_whole_and_overwrites_nothing(path: Path, tmp_path: Path) -> None:
    store = SqlStateStore(path)
    act(store, message("m"), acted=3)
    store.backup(tmp_path / "copy.db")
    with pytest.raises(BackendError):
        store.backup(tmp_path / "copy.db")
    with pytest.raises(BackendError):
        store.backup(tmp_path / "nowhere" / "copy.db")
    store.close()
    copy = SqlStateStore(tmp_path / "copy.db")
    assert (copy.acted_offset(), state_of(copy, "m")) == (3, "queued")
    copy.close()
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith("copy")) == ["copy.db"]
