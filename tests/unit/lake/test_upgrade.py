"""A lake of an older format is brought to this one when it is opened for writing; its rows stay."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pyarrow as pa
import pytest

from gyeol.storage.lake import schema, store
from gyeol.storage.lake.reader import LakeReader
from gyeol.storage.lake.store import LakeStore


def one_event(columns: dict[str, str]) -> pa.Table:
    kinds = {"BIGINT": 7, "UBIGINT": 7, "VARCHAR": "x", "JSON": "{}", "TIMESTAMPTZ": 1_767_225_600_000}
    arrays = [pa.array([kinds[kind]]).cast(field.type) for kind, field in zip(columns.values(), schema.arrow_schema("events"), strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema.arrow_schema("events"))


def test_a_lake_of_format_1_gets_the_new_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    added = {pair for pairs in schema.ADDED.values() for pair in pairs}
    older = {name: kind for name, kind in schema.COLUMNS["events"].items() if ("events", name) not in added}
    with monkeypatch.context() as patch:
        patch.setitem(schema.COLUMNS, "events", older)
        patch.setattr(schema, "LAKE_FORMAT", 1)
        patch.setattr(store, "LAKE_FORMAT", 1)
        old = LakeStore(tmp_path)
        old._connection.execute("ALTER TABLE lake.main.lake_offset DROP COLUMN countries_from")
        old.commit({"events": one_event(older)}, 8)
        old.close()
    for _ in range(2):  # the second time there is nothing left to do
        LakeStore(tmp_path).close()
    new = LakeStore(tmp_path)
    new.commit({"events": one_event(schema.COLUMNS["events"])}, 9)
    new.close()
    reader = LakeReader(tmp_path)
    try:
        assert (reader.offset(), reader.countries_from()) == (9, 8)
        found = reader.query("SELECT * FROM person_events ORDER BY accepted NULLS FIRST").to_pylist()
        assert [(row["fields"], row["ip_country"]) for row in found] == [(None, None), ("{}", "x")]
        assert found[0]["accepted"] is None
    finally:
        reader.close()


def test_a_lake_that_was_moved_is_read_where_it_is(tmp_path: Path) -> None:
    made = LakeStore(tmp_path / "here")
    made.commit({"events": pa.concat_tables([one_event(schema.COLUMNS["events"])] * 600)}, 600)
    made.close()
    (tmp_path / "here").rename(tmp_path / "there")
    reader = LakeReader(tmp_path / "there")
    try:
        assert reader.query("SELECT count(*) AS n FROM events").to_pylist() == [{"n": 600}]
        assert reader.countries_from() == 0
    finally:
        reader.close()


def data_path(folder: Path) -> list[tuple[str]]:
    with sqlite3.connect(folder / store.CATALOG_FILE) as catalog:
        return catalog.execute("SELECT value FROM ducklake_metadata WHERE key = 'data_path'").fetchall()


def test_the_catalog_is_left_as_it_was_by_readers(tmp_path: Path) -> None:
    LakeStore(tmp_path).close()
    before = data_path(tmp_path)
    LakeReader(tmp_path).close()
    assert data_path(tmp_path) == before
