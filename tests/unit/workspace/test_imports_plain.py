"""Imports without a mapping: Parquet, CSV and ndjson whose columns are event paths."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gyeol.events.columns import ColumnsBatch
from gyeol.events.ingest import Flag
from gyeol.events.model import EventRule, PropertyRule, TrackingPlan
from gyeol.events.reading import Reading
from gyeol.kernel.errors import InputError
from gyeol.kernel.hashing import event_hash
from gyeol.kernel.instants import parse_instant
from gyeol.workspace.imports import ImportGroup, ImportPlan, ImportSettings, open_import

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

SOURCES = ["app", "till", "web"]
AT = dt.datetime(2026, 3, 1, 9, 30, 0, 250_000, tzinfo=dt.UTC)
AT_MS = 1_772_357_400_250


def settings(**changes: Any) -> ImportSettings:
    return ImportSettings(**({"sources": SOURCES, "source": "web"} | changes))


def rows(n: int) -> dict[str, list[Any]]:
    return {
        "type": ["track"] * n,
        "event": [["Order Completed", "Product Viewed"][i % 2] for i in range(n)],
        "messageId": [f"m{i}" for i in range(n)],
        "userId": [f"u{i % 7}" for i in range(n)],
        "timestamp": [AT + dt.timedelta(seconds=i) for i in range(n)],
        "properties.revenue": [i + 0.5 if i % 2 == 0 else None for i in range(n)],
        "properties.products": [[{"product_id": f"p{i}", "quantity": i}] if i % 2 == 0 else None for i in range(n)],
        "context.active": [i % 3 == 0 for i in range(n)],
        "traits.city": [["서울", "부산", None][i % 3] for i in range(n)],
    }


def parquet(path: Path, columns: dict[str, list[Any]], **kwargs: Any) -> str:
    pq.write_table(pa.table(columns), path, **kwargs)
    return str(path)


def batch(group: ImportGroup, plan: TrackingPlan | None = None) -> ColumnsBatch:
    return ColumnsBatch(group.events, 0, Reading(plan or TrackingPlan(), "KRW"))


def texts(plan: ImportPlan, path: str) -> list[str | None]:
    return [t for g in plan for t in (batch(g).texts(path) if g.events.count else [])]


def test_parquet_columns_become_the_columns_of_a_section(tmp_path: Path) -> None:
    file = parquet(tmp_path / "e.parquet", rows(10))
    with open_import(file, None, settings()) as plan:
        assert (plan.total, plan.groups, plan.by_source, plan.warnings) == (10, 1, {"web": 10}, [])
        (group,) = plan
    found = batch(group)
    assert group.origin.last and group.origin.file_hash == plan.file_hash and group.rejected == []
    assert found.time_ms.tolist() == [AT_MS + 1000 * i for i in range(10)]
    assert found.received_ms.tolist() == found.time_ms.tolist()
    assert found.source.tolist() == [2] * 10
    assert found.flags.tolist() == [Flag.IMPORTED.value] * 10
    assert found.id_hash.tolist() == [event_hash(f"m{i}") for i in range(10)]
    assert found.texts("traits.city")[:3] == ["서울", "부산", None]
    revenue = found.column("properties.revenue", "number")
    assert revenue.known.tolist() == [True, False] * 5 and revenue.values[revenue.known].tolist() == [0.5, 2.5, 4.5, 6.5, 8.5]
    assert found.column("properties.products", "list").item(2) == [{"product_id": "p2", "quantity": 2}]
    assert found.column("context.active", "flag").values.tolist() == [i % 3 == 0 for i in range(10)]


def test_an_event_comes_out_as_it_went_in(tmp_path: Path) -> None:
    file = parquet(tmp_path / "e.parquet", rows(3))
    with open_import(file, None, settings()) as plan:
        raw = json.loads(batch(next(iter(plan))).raw(2))
    assert raw["properties"] == {"revenue": 2.5, "products": [{"product_id": "p2", "quantity": 2}]}
    assert (raw["type"], raw["event"], raw["userId"], raw["messageId"]) == ("track", "Order Completed", "u2", "m2")
    assert raw["timestamp"] == "2026-03-01T09:30:02.250Z" and raw["context"] == {"active": False}
    assert "traits" not in raw


def write_as(form: str, path: Path, columns: dict[str, list[Any]]) -> str:
    if form == "parquet":
        return parquet(path / "e.parquet", columns)
    n = len(columns["type"])
    lines = [{k: v[i].isoformat() if isinstance(v[i], dt.datetime) else v[i] for k, v in columns.items()} for i in range(n)]
    if form == "csv":
        import csv

        with (path / "e.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(columns))
            writer.writeheader()
            writer.writerows({k: v for k, v in line.items() if v is not None} for line in lines)
        return str(path / "e.csv")
    nested: list[dict[str, Any]] = []
    for line in lines:
        event: dict[str, Any] = {}
        for key, value in line.items():
            at, _, leaf = key.rpartition(".")
            if value is not None:
                (event.setdefault(at, {}) if at else event)[leaf] = value
        nested.append(event)
    (path / "e.ndjson").write_text("".join(json.dumps(e, ensure_ascii=False) + "\n" for e in nested))
    return str(path / "e.ndjson")


@pytest.mark.parametrize("form", ["parquet", "csv", "ndjson"])
def test_the_three_formats_give_the_same_events(tmp_path: Path, form: str) -> None:
    columns = rows(25)
    del columns["properties.products"], columns["context.active"]
    columns["userId"] = [f"00{i}" for i in range(25)]
    columns["properties.day"] = ["2026-03-01"] * 25
    columns["properties.ref"] = ["8D7D8C80-0C8A-4DB5-9C0D-3A8B2F1D7C11"] * 25
    with open_import(write_as(form, tmp_path, columns), None, settings(group_rows=10)) as plan:
        groups = list(plan)
    assert [g.events.count for g in groups] == [10, 10, 5] and [g.origin.last for g in groups] == [False, False, True]
    plan_of = TrackingPlan(
        rules={"Order Completed": EventRule(name="Order Completed", properties={"properties.revenue": PropertyRule(type="money")})}
    )
    found = [batch(g, plan_of) for g in groups]
    assert [t for b in found for t in b.texts("userId")] == columns["userId"], "leading zeros stay"
    assert [t for b in found for t in b.texts("traits.city")] == columns["traits.city"]
    assert [t for b in found for t in b.texts("properties.day")] == columns["properties.day"]
    assert [t for b in found for t in b.texts("properties.ref")] == columns["properties.ref"]
    assert np.concatenate([b.time_ms for b in found]).tolist() == [AT_MS + 1000 * i for i in range(25)]
    revenue = np.concatenate([b.column("properties.revenue", "number").values for b in found]).tolist()
    assert sum(revenue) == sum(round(v) for v in columns["properties.revenue"] if v is not None)


def test_group_boundaries_depend_on_nothing_but_the_size(tmp_path: Path) -> None:
    columns = rows(1000)
    one = parquet(tmp_path / "one.parquet", columns)
    many = parquet(tmp_path / "many.parquet", columns, row_group_size=137)
    for file in (one, many):
        with open_import(file, None, settings(group_rows=300)) as plan:
            groups = list(plan)
            assert [g.rows for g in groups] == [300, 300, 300, 100]
            assert [g.origin.group for g in groups] == [0, 1, 2, 3]
            assert texts(plan, "messageId") == columns["messageId"]
            assert texts(plan, "traits.city") == columns["traits.city"]


@pytest.mark.parametrize("form", ["parquet", "csv", "ndjson"])
def test_an_import_goes_on_where_it_was_broken_off(tmp_path: Path, form: str) -> None:
    columns = rows(100)
    del columns["properties.products"], columns["context.active"]
    file = write_as(form, tmp_path, columns)
    with open_import(file, None, settings(group_rows=30)) as plan:
        whole = list(plan)
        assert list(plan.sections(2)) == whole[2:]
        assert list(plan.sections(4)) == []
    with open_import(file, None, settings(group_rows=30)) as again:
        assert list(again) == whole and again.file_hash == plan.file_hash


def test_leaving_early_stops_the_reader(tmp_path: Path) -> None:
    file = parquet(tmp_path / "e.parquet", rows(500))
    before = threading.active_count()
    with open_import(file, None, settings(group_rows=10)) as plan:
        sections = plan.sections()
        next(sections)
        sections.close()
    assert threading.active_count() == before


def test_the_hash_is_of_the_content(tmp_path: Path) -> None:
    def hashed(name: str, columns: dict[str, list[Any]], **changes: Any) -> tuple[str, str]:
        file = parquet(tmp_path / name / "e.parquet", columns)
        with open_import(file, None, settings(**changes)) as plan:
            return plan.content_hash, plan.file_hash

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "c").mkdir()
    a = hashed("a", rows(5))
    assert hashed("b", rows(5)) == a
    assert hashed("c", rows(6))[0] != a[0]
    assert hashed("a", rows(5), source="app")[0] != a[0]
    other_size = hashed("a", rows(5), group_rows=2)
    assert other_size[0] == a[0] and other_size[1] != a[1]


def test_rows_that_are_no_events_are_rejected_with_the_codes_of_http(tmp_path: Path) -> None:
    columns: dict[str, list[Any]] = {
        "type": ["track", None, "purchase", "track", "track", "page", "alias", "alias", "group", "track", "identify"],
        "event": ["E", "E", "E", "E", None, None, None, None, None, "E", None],
        "messageId": [f"m{i}" for i in range(11)],
        "userId": ["u", "u", "u", "", "u", None, "u", None, "u", "u", "u"],
        "anonymousId": [None, None, None, None, None, "a", None, "a", None, None, None],
        "previousId": [None] * 7 + ["p"] + [None] * 3,
        "timestamp": [AT] * 10 + [None],
        "properties.price": [1.0] * 9 + [float("inf"), 1.0],
    }
    with open_import(parquet(tmp_path / "e.parquet", columns), None, settings()) as plan:
        (group,) = plan
    assert group.rows == 11 and group.events.count == 2
    assert batch(group).texts("messageId") == ["m0", "m5"]
    assert [(r.message_id, r.code) for r in group.rejected] == [
        ("m1", "no_type"),
        ("m2", "unknown_type"),
        ("m3", "no_identity"),
        ("m4", "track_without_event"),
        ("m6", "alias_without_previous"),
        ("m7", "no_identity"),
        ("m8", "group_without_id"),
        ("m9", "bad_number"),
        ("m10", "bad_timestamp"),
    ]
    raw = json.loads(group.rejected[1].raw)
    assert raw == {
        "type": "purchase", "event": "E", "messageId": "m2", "userId": "u", "properties": {"price": 1.0},
        "timestamp": "2026-03-01T09:30:00.250Z",
    }  # fmt: skip
    assert "'purchase'" in group.rejected[1].detail and "properties.price" in group.rejected[7].detail
    assert {r.source for r in group.rejected} == {2}


def test_a_group_without_an_event_still_says_where_it_stood(tmp_path: Path) -> None:
    columns = rows(4) | {"type": ["nonsense"] * 4}
    with open_import(parquet(tmp_path / "e.parquet", columns), None, settings()) as plan:
        (group,) = plan
    assert (group.events.count, len(group.rejected), group.events.origin) == (0, 4, group.origin)


def test_times_as_text_are_read_like_those_of_http(tmp_path: Path) -> None:
    written = [
        "2026-03-01T09:30:00Z",
        "2026-03-01T18:30:00.250+09:00",
        "2026-03-01 09:30",
        "20260301T093000Z",
        "yesterday",
        "infinity",
        "epoch",
        None,
    ]
    columns = rows(8) | {"timestamp": written}
    del columns["properties.products"]
    for form in ("parquet", "csv", "ndjson"):
        with open_import(write_as(form, tmp_path, columns), None, settings()) as plan:
            (group,) = plan
        wanted = [parse_instant(t) for t in written if t is not None]
        assert batch(group).time_ms.tolist() == [w for w in wanted if w is not None], form
        assert [(r.message_id, r.code) for r in group.rejected] == [(f"m{i}", "bad_timestamp") for i in (4, 5, 6, 7)], form
        assert json.loads(group.rejected[0].raw)["timestamp"] == "yesterday"


def test_missing_message_ids_are_made_of_the_file_and_the_row(tmp_path: Path) -> None:
    columns = rows(6) | {"messageId": ["m0", None, "", "m3", None, "m5"], "type": ["track"] * 3 + ["bad"] + ["track"] * 2}
    file = parquet(tmp_path / "e.parquet", columns)
    with open_import(file, None, settings(group_rows=4)) as plan:
        ids = texts(plan, "messageId")
        flags = [f for g in plan for f in batch(g).flags.tolist()]
        head = plan.content_hash[:16]
    assert ids == ["m0", f"import-{head}-1", f"import-{head}-2", f"import-{head}-4", "m5"]
    assert [bool(f & Flag.MESSAGE_ID_MADE) for f in flags] == [False, True, True, True, False]


def test_the_future_is_clamped_to_the_time_of_receipt(tmp_path: Path) -> None:
    columns = rows(3) | {"timestamp": [AT, AT + dt.timedelta(minutes=5), AT + dt.timedelta(minutes=6)]}
    with open_import(parquet(tmp_path / "e.parquet", columns), None, settings(received_ms=AT_MS)) as plan:
        found = batch(next(iter(plan)))
    assert found.time_ms.tolist() == [AT_MS, AT_MS + 300_000, AT_MS]
    assert found.received_ms.tolist() == [AT_MS] * 3
    assert [bool(f & Flag.FUTURE_CLAMPED) for f in found.flags.tolist()] == [False, False, True]


def test_a_column_says_the_source_of_each_event(tmp_path: Path) -> None:
    columns = rows(4) | {"source": ["web", "app", "till", "web"]}
    with open_import(parquet(tmp_path / "e.parquet", columns), None, settings(source=None)) as plan:
        (group,) = plan
        assert batch(group).source.tolist() == [2, 0, 1, 2] and "source" not in group.events.columns
    columns["source"][1] = "ap"
    with pytest.raises(InputError, match=r"did you mean 'app'") as caught:
        open_import(parquet(tmp_path / "e.parquet", columns), None, settings(source=None))
    assert [p.code for p in caught.value.problems] == ["unknown_source"]


def test_structs_are_flattened_and_odd_types_read(tmp_path: Path) -> None:
    import decimal

    columns = rows(2) | {
        "properties": [{"price": 3, "shop": {"city": "서울"}}, {"price": None, "shop": None}],
        "traits.score": [decimal.Decimal("1.25"), None],
        "traits.born": [dt.date(1990, 5, 1), None],
        "traits.seen": [AT, None],
        "traits.tags": [["a", "b"], []],
        "userId": [17, 18],
    }
    del columns["properties.revenue"], columns["properties.products"]
    with open_import(parquet(tmp_path / "e.parquet", columns), None, settings()) as plan:
        raw = json.loads(batch(next(iter(plan))).raw(0))
    assert raw["properties"] == {"price": 3, "shop": {"city": "서울"}} and raw["userId"] == "17"
    assert raw["traits"] == {"city": "서울", "score": 1.25, "born": "1990-05-01", "seen": "2026-03-01T09:30:00.250Z", "tags": ["a", "b"]}


def test_texts_come_in_normal_form_c(tmp_path: Path) -> None:
    columns = rows(2) | {"traits.city": ["서울", "서울"], "properties.products": [[{"n": "가"}], [{"n": "나"}]]}
    for form in ("parquet", "ndjson"):
        with open_import(write_as(form, tmp_path, columns), None, settings()) as plan:
            found = batch(next(iter(plan)))
        assert found.texts("traits.city") == ["서울", "서울"]
        assert found.column("properties.products", "list").item(0) == [{"n": "가"}]


def broken(tmp_path: Path, kind: str) -> str:
    good = rows(3)
    if kind == "truncated":
        path = Path(parquet(tmp_path / "e.parquet", good))
        path.write_bytes(path.read_bytes()[:-20])
        return str(path)
    if kind == "not_json":
        (tmp_path / "e.ndjson").write_text('{"type": "track"\nnot json\n')
        return str(tmp_path / "e.ndjson")
    if kind == "folder":
        return str(tmp_path)
    if kind == "unknown_format":
        (tmp_path / "e.xlsx").write_bytes(b"PK")
        return str(tmp_path / "e.xlsx")
    if kind == "no_file":
        parquet(tmp_path / "events.parquet", good)
        return str(tmp_path / "event.parquet")
    if kind == "no_columns":
        return parquet(tmp_path / "e.parquet", {"kind": good["type"], "user_id": good["userId"], "time_stamp": good["timestamp"]})
    if kind == "number_time":
        return parquet(tmp_path / "e.parquet", good | {"timestamp": [1, 2, 3]})
    return parquet(tmp_path / "e.parquet", good | {"properties.blob": [b"x", b"y", b"z"]})


@pytest.mark.parametrize(
    ("kind", "codes", "says"),
    [
        ("truncated", ["unreadable"], "cannot be read"),
        ("not_json", ["unreadable"], "cannot be read"),
        ("folder", ["no_mapping"], "--map"),
        ("unknown_format", ["no_mapping"], ".parquet"),
        ("no_file", ["no_file"], "did you mean 'events.parquet'?"),
        ("no_columns", ["missing_column"] * 3, "did you mean 'user_id'?"),
        ("number_time", ["wrong_type"], "timestamp"),
        ("blob", ["wrong_type"], "properties.blob"),
    ],
)
def test_files_that_cannot_be_imported_say_why(tmp_path: Path, kind: str, codes: list[str], says: str) -> None:
    with pytest.raises(InputError) as caught:
        open_import(broken(tmp_path, kind), None, settings())
    assert [p.code for p in caught.value.problems] == codes
    assert says in str(caught.value)
    assert all(p.mend for p in caught.value.problems)


def test_a_source_must_be_said_and_exist(tmp_path: Path) -> None:
    file = parquet(tmp_path / "e.parquet", rows(1))
    for source, code in ((None, "missing_column"), ("wbe", "unknown_source")):
        with pytest.raises(InputError) as caught:
            open_import(file, None, settings(source=source))
        assert [p.code for p in caught.value.problems] == [code]


def test_a_file_without_rows_is_an_import_of_nothing(tmp_path: Path) -> None:
    schema = pa.schema([("type", pa.string()), ("userId", pa.string()), ("timestamp", pa.timestamp("ms", "UTC"))])
    pq.write_table(schema.empty_table(), tmp_path / "e.parquet")
    with open_import(str(tmp_path / "e.parquet"), None, settings()) as plan:
        assert (plan.total, plan.groups, list(plan)) == (0, 0, [])


def test_columns_that_no_path_begins_are_kept_and_told(tmp_path: Path) -> None:
    with open_import(parquet(tmp_path / "e.parquet", rows(1) | {"revenue": [5]}), None, settings()) as plan:
        assert len(plan.warnings) == 1 and "'revenue'" in plan.warnings[0]
        assert json.loads(batch(next(iter(plan))).raw(0))["revenue"] == 5


def test_the_bench_generators_stream_is_read_whole(tmp_path: Path, bench_parquet: tuple[Path, dict[str, Any]]) -> None:
    file, truth = bench_parquet
    codes: Counter[str] = Counter()
    names: Counter[str] = Counter()
    ids: set[int] = set()
    with open_import(str(file), None, settings(group_rows=1000)) as plan:
        assert plan.total == truth["lines"]
        for group in plan:
            codes.update(r.code for r in group.rejected)
            found = batch(group)
            for name, id_hash in zip(found.name.tolist(), found.id_hash.tolist(), strict=True):
                if id_hash not in ids:
                    ids.add(id_hash)
                    names[found.names.words[name].removeprefix("$")] += 1
    assert dict(codes) == truth["invalid_by_reason"]
    assert dict(names) == truth["valid_by_event"]
