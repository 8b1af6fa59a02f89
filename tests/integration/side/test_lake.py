"""The lake on disk: what is in it, what never is, and that it is written once."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from gyeol.events.sections import Tick
from gyeol.kernel.errors import BackendError, NotFoundError, StateError, VersionConflictError
from gyeol.storage.lake.reader import LakeReader
from gyeol.storage.lake.schema import COLUMNS, LAKE_FORMAT
from gyeol.storage.lake.store import LakeStore

ORDER = {
    "type": "track",
    "event": "Order Completed",
    "userId": "ann",
    "properties": {
        "revenue": 12.345,
        "card": "4111-1111",
        "currency": "usd",
        "products": [{"price": 1.005, "name": "cup"}, {"price": "2.50", "currency": "JPY"}, {"name": "free"}, 7],
        "gift": {"price": 1500},
        "receivers": [{"name": "Secret Bob", "floor": 2}],
    },
    "context": {"ip": "203.0.113.9", "locale": "ko", "traits": {"email": "ann@secret.example", "tier": "gold"}},
}
IDENTIFY = {"type": "identify", "userId": "ann", "traits": {"email": "ann@secret.example", "phone": "010-1234-5678", "city": "서울"}}


def rows(lake: Any, text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lake.query(text).to_pylist()
    return found


def test_events_become_rows(world: Any, open_lake: Any) -> None:
    world.collect([dict(ORDER), dict(IDENTIFY), {"type": "page", "userId": "bob", "time": 5}], source=1)
    lake = open_lake(world)
    assert lake.catch_up() == world.log.end_offset() == lake.offset
    order, identify, page = rows(lake, "SELECT * FROM person_events ORDER BY log_offset")
    assert list(order) == ["person", *COLUMNS["events"]]
    assert (order["person"], order["source"], order["channel"], order["type"], order["name"]) == (
        "person-ann",
        "web",
        "web",
        "track",
        "Order Completed",
    )
    assert (order["message_id"], order["node"], page["node"], page["person"]) == ("m0", 0, 1, "person-bob")
    assert identify["name"] == "$identify" and json.loads(identify["traits"]) == {"city": "서울"}
    assert page["name"] == "$page" and page["properties"] is None
    assert page["time"].timestamp() == 0.005 and page["sent"] is None


def test_money_is_whole_minor_units_with_its_currency(world: Any, open_lake: Any) -> None:
    world.collect([dict(ORDER), {"event": "Order Completed", "userId": "bob", "properties": {"revenue": 7, "products": [{"price": 0.1}]}}])
    lake = open_lake(world)
    lake.catch_up()
    first, second = (json.loads(r["properties"]) for r in rows(lake, "SELECT properties FROM events ORDER BY log_offset"))
    assert first["revenue"] == 1234  # 1234.5 cents, half to even
    assert first["products"] == [{"price": 100, "name": "cup"}, {"price": 2, "currency": "JPY"}, {"name": "free"}, 7]
    assert first["gift"] == {"price": 1500, "currency": "KRW"}
    assert second == {"revenue": 700, "currency": "USD", "products": [{"price": 10}]}


def test_no_pii_and_no_address_in_any_byte_of_the_folder(world: Any, open_lake: Any, tmp_path: Path) -> None:
    for _ in range(3):  # some rows wait in the catalog, some become Parquet
        world.collect([json.loads(json.dumps(event)) for event in (ORDER, IDENTIFY)])
    world.decide("ann")
    lake = open_lake(world)
    lake.catch_up()
    before = rows(lake, "SELECT count(*) AS n FROM events")
    lake.tidy()
    assert rows(lake, "SELECT count(*) AS n FROM events") == before == [{"n": 6}]
    assert list((tmp_path / "lake" / "data").rglob("*.parquet"))
    texts = [r["t"] for r in rows(lake, "SELECT concat_ws(' ', properties, traits, context) AS t FROM events")]
    for secret in ("4111-1111", "Secret Bob", "secret.example", "010-1234-5678", "203.0.113.9"):
        assert not any(secret in text for text in texts)
        assert not any(secret.encode() in path.read_bytes() for path in (tmp_path / "lake").rglob("*") if path.is_file())
    assert "gold" in texts[0] and "floor" in texts[0]


def test_text_is_nfc_whatever_way_it_was_sent(world: Any, open_lake: Any) -> None:
    decomposed = "\u1100\u1167\u11af"  # 결 in three letters
    world.collect([{"event": "A", "userId": "ann", "properties": {"word": decomposed, "n": 1.5, "big": 2**60, "none": None}}])
    lake = open_lake(world)
    lake.catch_up()
    (row,) = rows(lake, "SELECT properties FROM events")
    assert json.loads(row["properties"]) == {"word": "결", "n": 1.5, "big": 2**60, "none": None}


def test_decisions_messages_and_deliveries(world: Any, open_lake: Any) -> None:
    world.collect([dict(ORDER)])
    decision, message = world.decide("ann")
    lake = open_lake(world)
    lake.catch_up()
    (told,) = rows(lake, "SELECT * FROM decisions")
    assert (told["id"], told["chosen"], told["node"], told["log_offset"]) == (decision.id, "gift", 0, 1)
    assert json.loads(told["refusals"])[0]["reason"]["code"] == "holdout"
    (sent,) = rows(lake, "SELECT * FROM messages")
    assert (sent["send_key"], sent["journey"], sent["simulated"]) == (message.send_key, "welcome", False)
    (delivered,) = rows(lake, "SELECT * FROM deliveries")
    assert (delivered["state"], delivered["provider_id"]) == ("accepted", "p1")


def test_never_ahead_of_what_was_acted_upon(world: Any, open_lake: Any) -> None:
    world.collect([dict(ORDER)])
    world.collect([dict(ORDER)], act=False)
    lake = open_lake(world)
    assert lake.catch_up() == 1
    assert rows(lake, "SELECT count(*) AS n FROM events") == [{"n": 1}]


def test_writing_twice_is_writing_once(world: Any, open_lake: Any) -> None:
    for _ in range(5):
        world.collect([dict(ORDER), dict(IDENTIFY)])
        world.tick()
    first = open_lake(world)
    first.catch_up()
    assert first.catch_up() == 15
    first.close()
    again = open_lake(world)
    assert again.offset == 15 and again.catch_up() == 15
    assert rows(again, "SELECT count(*) AS n, count(DISTINCT log_offset) AS d FROM events") == [{"n": 10, "d": 10}]
    assert rows(again, "SELECT count(*) AS n FROM node_person") == [{"n": 1}]


def test_uncommitted_rows_are_read_again_after_a_restart(world: Any, open_lake: Any) -> None:
    world.collect([dict(ORDER)])
    lake = open_lake(world, commit_s=3_600.0)
    assert lake.writer.step() == 1
    assert (lake.offset, lake.writer.read_offset, len(lake.tail())) == (0, 1, 1)
    lake.close()
    again = open_lake(world)
    assert again.catch_up() == 1
    assert rows(again, "SELECT count(*) AS n FROM events") == [{"n": 1}]


def test_commits_at_so_many_rows_or_seconds(world: Any, open_lake: Any) -> None:
    lake = open_lake(world, commit_rows=3, commit_s=3_600.0)
    for _ in range(2):
        world.collect([dict(ORDER)])
        lake.writer.step()
    assert lake.offset == 0
    world.collect([dict(ORDER)])
    lake.writer.step()
    assert lake.offset == 3 and lake.tail() == ()
    now = [0.0]
    lake.writer._monotonic_s = lambda: now[0]
    world.collect([dict(ORDER)])
    lake.writer.step()
    now[0] = 3_601.0
    lake.writer.step()
    assert lake.offset == 4


def test_people_follow_their_nodes(world: Any, open_lake: Any) -> None:
    world.collect([{"event": "A", "userId": "ann"}, {"event": "A", "userId": "bob"}])
    lake = open_lake(world)
    lake.catch_up()
    world.append([*_ticks()], None, [(1, "person-ann")])
    lake.catch_up()
    assert rows(lake, "SELECT person, count(*) AS n FROM person_events GROUP BY person") == [{"person": "person-ann", "n": 2}]
    world.append([*_ticks()], None, [(1, "person-bob")])
    lake.catch_up()
    assert sorted(r["person"] for r in rows(lake, "SELECT person FROM person_events")) == ["person-ann", "person-bob"]
    assert rows(lake, "SELECT count(*) AS n FROM node_person") == [{"n": 4}]


def _ticks() -> list[Tick]:
    return [Tick()]


def test_readers_in_another_connection_see_each_commit(world: Any, open_lake: Any, tmp_path: Path) -> None:
    lake = open_lake(world)
    reader = LakeReader(tmp_path / "lake")
    try:
        for number in range(1, 4):
            world.collect([dict(ORDER)])
            lake.catch_up()
            assert reader.offset() == number
            assert reader.query("SELECT count(*) FROM events").column(0)[0].as_py() == number
    finally:
        reader.close()


def test_partitioned_by_month_of_receipt(world: Any, open_lake: Any, tmp_path: Path) -> None:
    for month in range(3):
        world.collect([{"event": "A", "userId": "ann"} for _ in range(600)], received_ms=1_767_225_600_000 + month * 31 * 86_400_000)
    open_lake(world).catch_up()
    folders = {
        str(path.parent.relative_to(tmp_path / "lake" / "data" / "main" / "events")) for path in (tmp_path / "lake").rglob("*.parquet")
    }
    assert folders == {"year=2026/month=1", "year=2026/month=2", "year=2026/month=3"}


def test_missing_nodes_are_an_error_not_a_guess(world: Any, open_lake: Any) -> None:
    world.collect([dict(ORDER)])
    world.store.forget_nodes(10)
    with pytest.raises(StateError, match="lacks the nodes"):
        open_lake(world).catch_up()


def test_a_newer_lake_is_refused_unchanged(tmp_path: Path) -> None:
    store = LakeStore(tmp_path / "lake")
    store._connection.execute(f"UPDATE lake.main.lake_offset SET format = {LAKE_FORMAT + 1}")
    store.close()
    with pytest.raises(VersionConflictError, match="newer release"):
        LakeStore(tmp_path / "lake")


def test_no_lake_yet(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no lake"):
        LakeReader(tmp_path)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BackendError, match="Free some space"):
        LakeStore(tmp_path / "file" / "lake")


def test_a_failed_commit_keeps_nothing_and_is_tried_again(world: Any, open_lake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world.collect([dict(ORDER)])
    lake = open_lake(world)

    def full(self: LakeStore) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(LakeStore, "_sync_files", full)
        with pytest.raises(BackendError, match="No space left"):
            lake.catch_up()
    assert lake.offset == 0 and len(lake.tail()) == 1
    assert rows(lake, "SELECT count(*) AS n FROM events") == [{"n": 0}]
    assert lake.catch_up() == 1
    assert rows(lake, "SELECT count(*) AS n FROM events") == [{"n": 1}]


def test_the_catalog_is_in_wal_mode(world: Any, open_lake: Any, tmp_path: Path) -> None:
    open_lake(world).close()
    connection = sqlite3.connect(tmp_path / "lake" / "catalog.sqlite")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
