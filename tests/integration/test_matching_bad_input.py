"""Files as they are: every fault is told with where it stands and how to mend it, and what can be understood is."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from gyeol.kernel.errors import InputError
from gyeol.storage.matching.decoding import text_of
from gyeol.storage.matching.matching import Matched, link, match
from gyeol.storage.matching.records import Table, read

PEOPLE: list[tuple[str, ...]] = [
    ("1", "김하나", "010-1234-5678", "1983-02-03"),
    ("2", "김하나", "01012345678", "830203"),
    ("3", "박서준", "010-8765-4321", "1990-11-30"),
    ("4", "이지은", "010-2222-3456", "1975-07-07"),
    ("5", "이지은", "+82 10-2222-3456", "1975년 7월 7일"),
]
HEADER = ("no", "성명", "연락처", "생년월일")


def _read(path: Path, tmp_path: Path, id_column: str = "no") -> tuple[Table, list[tuple[str | None, ...]]]:
    with duckdb.connect() as connection:
        table = read(connection, path, id_column, "records0", tmp_path)
        return table, connection.execute('SELECT * EXCLUDE ("#row") FROM records0 ORDER BY "#row"').fetchall()


def _faults(path: Path, id_column: str = "no") -> set[str]:
    with pytest.raises(InputError) as told:
        match(path, id_column, path.parent / "out.csv")
    assert all(problem.path and problem.what and problem.mend for problem in told.value.problems)
    return {problem.code for problem in told.value.problems}


def _text(rows: list[tuple[str, ...]], separator: str = ",") -> str:
    return "".join(separator.join(row) + "\n" for row in [HEADER, *rows])


def _matched(path: Path) -> tuple[Matched, dict[str, str]]:
    matched = match(path, "no", path.parent / "out.csv")
    with (path.parent / "out.csv").open(encoding="utf-8", newline="") as file:
        return matched, {row["id"]: row["cluster"] for row in csv.DictReader(file)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "euc-kr", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_encoding_and_separator_reads_the_same(encoding: str, separator: str, tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(_text(PEOPLE, separator).encode(encoding))
    table, rows = _read(path, tmp_path)
    assert rows == PEOPLE and table.headers == list(HEADER[1:])
    zipped = tmp_path / "in.csv.gz"
    zipped.write_bytes(gzip.compress(path.read_bytes()))
    assert _read(zipped, tmp_path)[1] == PEOPLE


def test_rows_and_values_of_several_encodings_in_one_file(tmp_path: Path) -> None:
    lines = _text(PEOPLE).splitlines(keepends=True)
    path = tmp_path / "in.csv"
    torn = b"6," + "최민수".encode("cp949") + b",010," + "1999년".encode() + b"\n" + b"7,caf\xc3\xa9,,\n" + b"8,\xff\xff,,\n"
    path.write_bytes(b"".join(line.encode("cp949" if i % 2 else "utf-8") for i, line in enumerate(lines)) + torn)
    table, rows = _read(path, tmp_path)
    assert rows[:5] == PEOPLE
    assert rows[5] == ("6", "최민수", "010", "1999년") and rows[6][1] == "café" and rows[7][1] is not None
    assert [note.code for note in table.notes] == ["mixed_encodings"] and "1 values unreadable" in table.notes[0].what


def test_quotes_line_breaks_short_and_empty_rows(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b'no,name,address\r\n1,"Kim, ""Hana""","Seoul\r\n2nd floor"\r\n2,Park\r\n\r\n,,\r\n3,N/A,-\r\n')
    assert _read(path, tmp_path)[1] == [("1", 'Kim, "Hana"', "Seoul\r\n2nd floor"), ("2", "Park", None), ("3", None, None)]


def test_headers_that_are_missing_or_stand_twice_are_told_and_read(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text("no,name,Name,,name\n1,Kim,Kim,x,K\n2,Lee,Lee,y,L\n", encoding="utf-8")
    table, rows = _read(path, tmp_path)
    assert table.headers == ["name", "Name_2", "column_4", "name_3"] and rows[0] == ("1", "Kim", "Kim", "x", "K")
    assert {note.code for note in table.notes} == {"same_headers", "no_header"}
    path.write_text("no,no\n1,2\n", encoding="utf-8")
    assert _faults(path) == {"id_column_twice"}


def test_everything_wrong_with_both_files_is_told_at_once(tmp_path: Path) -> None:
    left, right = tmp_path / "l.csv", tmp_path / "r.csv"
    left.write_text("no,name\n1,Kim\n1,Lee\n,Park\n2,a,b\n", encoding="utf-8")
    right.write_text("number,name\n1,Kim\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        link(left, right, ("no", "no"), tmp_path / "out.csv")
    assert {(Path(p.path).name, p.code) for p in told.value.problems} == {
        ("l.csv", "no_id"),
        ("l.csv", "id_twice"),
        ("l.csv", "bad_lines"),
        ("r.csv", "no_column"),
    }
    assert "line 5" in next(p.what for p in told.value.problems if p.code == "bad_lines")


def test_files_that_are_no_files_of_records(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    assert _faults(tmp_path / "empty.csv") == {"empty_file"}
    (tmp_path / "not.parquet").write_bytes(b"no,name\n1,a\n")
    assert _faults(tmp_path / "not.parquet") == {"unreadable"}
    assert _faults(tmp_path / "nowhere.csv") == {"no_file"}
    with pytest.raises(InputError) as told:
        match(tmp_path / "empty.csv", "no", tmp_path / "nowhere" / "out.xlsx")
    assert {problem.code for problem in told.value.problems} == {"bad_out", "no_folder"}


def test_parquet_with_structures_lists_and_numbers(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 1.0::DOUBLE AS no, {'city': '서울', 'zip': 4524} AS address, [1, 2] AS tags, 'x'::BLOB AS raw, "
            f"1012345678.0::DOUBLE AS phone, DATE '1983-02-03' AS birth, NULL AS nothing) TO '{path}'"
        )
    table, rows = _read(path, tmp_path)
    assert table.headers == ["address.city", "address.zip", "phone", "birth", "nothing"]
    assert rows == [("1", "서울", "4524", "1012345678", "1983-02-03", None)]
    assert table.left_out == {"tags": "nested", "raw": "nested"} and [note.code for note in table.notes] == ["nested"]


def test_ids_stay_as_they_are_written_and_other_writings_of_a_number_are_told(tmp_path: Path) -> None:
    left, right = tmp_path / "l.csv", tmp_path / "r.parquet"
    left.write_text(_text([("001", *PEOPLE[0][1:]), ("1", *PEOPLE[2][1:]), ("1.0", *PEOPLE[3][1:])]), encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT * FROM (VALUES (1, '김하나', 1012345678, '1983-02-03'), (2, '이지은', 1022223456, '1975-07-07')) "
            f"t(no, 성명, 연락처, 생년월일); COPY t TO '{right}'"
        )
    matched = link(left, right, ("no", "no"), tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert {(row["left"], row["right"]) for row in csv.DictReader(file)} == {("001", "1"), ("1.0", "2")}
    assert [note.code for note in matched.notes] == ["id_writings"]


def test_no_records_one_record_and_nothing_to_compare(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(_text([]), encoding="utf-8")
    matched, clusters = _matched(path)
    assert matched.records == [0] and clusters == {}
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").strip() == "id,cluster,weight"
    path.write_text(_text(PEOPLE[:1]), encoding="utf-8")
    assert _matched(path)[1] == {"1": "1"}
    full = tmp_path / "full.csv"
    full.write_text(_text(PEOPLE), encoding="utf-8")
    path.write_text(_text([]), encoding="utf-8")
    assert link(path, full, ("no", "no"), tmp_path / "out.csv").links == 0
    path.write_text("no\n1\n2\n", encoding="utf-8")
    assert _matched(path)[1] == {"1": "1", "2": "2"}


def test_records_that_all_say_the_same_are_one_where_it_is_enough_to_tell(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(_text([(str(i), *PEOPLE[0][1:]) for i in range(500)]), encoding="utf-8")
    matched, clusters = _matched(path)
    assert set(clusters.values()) == {"0"} and matched.groups == 1
    assert [note.code for note in matched.notes] == ["copies"] and matched.notes[0].what.startswith("499 ")
    path.write_text("no,성명,국가\n" + "".join(f"{i},김하나,KR\n" for i in range(20)), encoding="utf-8")
    assert len(set(_matched(path)[1].values())) == 20


def test_a_number_of_two_hundred_people_finds_nobody_and_does_not_keep_the_others_from_being_found(tmp_path: Path) -> None:
    crowd = [(f"c{i}", f"{'김이박최'[i % 4]}{chr(0xAC00 + 28 * i)}{chr(0xB098 + 28 * (i % 80))}", "010-0000-1111", "") for i in range(200)]
    numbers = [f"010-{4000 + 7 * i}-{1000 + 13 * i}" for i in range(60)]
    twice = [(f"p{i}a", f"정{chr(0xC544 + 56 * i)}", number, "") for i, number in enumerate(numbers)]
    twice += [(f"p{i}b", f"정 {chr(0xC544 + 56 * i)}", number.replace("-", ""), "") for i, number in enumerate(numbers)]
    path = tmp_path / "in.csv"
    path.write_text(_text([*crowd, *twice]), encoding="utf-8")
    matched, clusters = _matched(path)
    assert max(Counter(cluster for record, cluster in clusters.items() if record[0] == "c").values()) <= 3
    assert sum(clusters[f"p{i}a"] == clusters[f"p{i}b"] for i in range(60)) >= 57
    assert "frequent_value" in {note.code for note in matched.notes}


def test_files_whose_headers_differ_are_linked_by_what_stands_below_them(tmp_path: Path) -> None:
    left, right = tmp_path / "l.csv", tmp_path / "r.csv"
    left.write_text(_text([*PEOPLE[:1], *PEOPLE[2:4]]), encoding="utf-8")
    rows = "".join(f"k{number},{phone},{name},{birth}\n" for number, name, phone, birth in PEOPLE[2:4])
    right.write_text("no,mobile,Full Name,DOB\n" + rows, encoding="utf-8")
    link(left, right, ("no", "no"), tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert {("3", "k3"), ("4", "k4")} <= {(row["left"], row["right"]) for row in csv.DictReader(file)}


def test_a_copy_in_utf_8_is_made_only_where_it_must_be(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(_text(PEOPLE), encoding="utf-8-sig")
    assert text_of(path, tmp_path, "copy").path == path
    path.write_text(_text(PEOPLE), encoding="cp949")
    told = text_of(path, tmp_path, "copy")
    assert told.path != path and [note.code for note in told.notes] == ["encoding"]
