"""Tables in, tables with more columns out."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gyeol.kernel.errors import InputError
from gyeol.storage.table_file import TableFile, add_columns, numbers_of, table_writer


def untold(what: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


def doubled(part: pa.RecordBatch) -> dict[str, Any]:
    return {"twice": pa.array(numbers_of(part, "n") * 2)}


def read(path: Path) -> list[dict[str, Any]]:
    return [row for part in TableFile(path).parts() for row in part.to_pylist()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_text_stays_as_it_stands_in_every_encoding(tmp_path: Path, encoding: str, mark: str) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(
        mark.join(["이름", "n", "전화"]).encode(encoding)
        + f"\n김하나{mark}1.5{mark}0101234\n".encode(encoding.replace("-sig", "").replace("16", "16-le"))
    )
    assert add_columns(TableFile(source, ("n",)), out, doubled, untold) == 1
    assert read(out) == [{"이름": "김하나", "n": "1.5", "전화": "0101234", "twice": "3"}]


def test_gzip_quotes_and_newlines(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv.gz", tmp_path / "out.parquet"
    source.write_bytes(gzip.compress('a,n\n"줄\n바꿈, ""말""",2\n,x\n'.encode()))
    add_columns(TableFile(source), out, doubled, untold)
    rows = pq.read_table(out).to_pylist()
    assert [row["a"] for row in rows] == ['줄\n바꿈, "말"', ""]
    assert rows[0]["twice"] == 4 and rows[1]["twice"] != rows[1]["twice"], "what is no number is NaN"


def test_parquet_keeps_its_types_and_rows_are_counted(tmp_path: Path) -> None:
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table({"n": pa.array([1, None, 3], pa.int32()), "more": [[1], [], None]}), source)
    told: list[tuple[int, int]] = []
    assert add_columns(TableFile(source, ("n",)), out, doubled, lambda what, done, total: told.append((done, total))) == 3
    assert told == [(3, 3)]
    assert pq.read_schema(out).field("n").type == pa.int32()


def test_an_empty_table_has_the_columns_all_the_same(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("a,n\n")
    assert add_columns(TableFile(source), out, doubled, untold) == 0
    assert TableFile(out).columns == ["a", "n", "twice"]


def test_rows_that_do_not_fit_are_left_out_and_counted(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("a,n\n1,2\n3\n4,5,6\n7,8\n")
    table = TableFile(source)
    assert [row["n"] for part in table.parts() for row in part.to_pylist()] == ["2", "8"]
    assert table.left_out == 2


def test_all_faults_of_a_table_at_once(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("lat,lat,lon\n1,2,3\n")
    with pytest.raises(InputError) as caught:
        TableFile(source, ("lon", "latt", "x"))
    assert [problem.code for problem in caught.value.problems] == ["column_twice", "no_column", "no_column"]


@pytest.mark.parametrize(("name", "content", "code"), [
    ("none.csv", None, "no_file"),
    ("empty.csv", b"", "no_header"),
    ("broken.parquet", b"PAR1 no", "unreadable"),
    ("broken.csv.gz", b"no gzip", "unreadable"),
    ("odd.csv", b"a,\x81\n,\xff\n1", "bad_encoding"),
])  # fmt: skip
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, content: bytes | None, code: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        TableFile(tmp_path / name)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_what_breaks_off_leaves_no_half_file(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    source = tmp_path / "in.csv"
    source.write_text("n\n1\n")

    def broken(part: pa.RecordBatch) -> dict[str, Any]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_columns(TableFile(source), out, broken, untold)
    source.unlink()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError), table_writer(tmp_path / "out.xlsx"):
        pass
    with pytest.raises(InputError), table_writer(tmp_path / "none" / "out.csv"):
        pass
