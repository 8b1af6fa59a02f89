"""``gyeol emotion score``: files in, files out."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from gyeol.cli.main import app

TEXTS = ["배송도 빠르고 정말 좋아요", "직원이 불친절하고 최악이에요", "", "I love this app", 'worst, "ever"\nnever again']
LABELS = ["positive", "negative", "neutral", "positive", "negative"]


def _run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["emotion", "score", *arguments])
    return done.exit_code, done.output


def _write(path: Path, encoding: str = "utf-8") -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "후기"])
        writer.writerows((f"00{i}", text) for i, text in enumerate(TEXTS))


def _rows(path: Path) -> list[dict[str, str]]:
    text = gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()
    return list(csv.DictReader(io.StringIO(text.decode(), newline="")))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_csv_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    _write(tmp_path / "in.csv", encoding)
    code, told = _run(str(tmp_path / "in.csv"), "--column", "후기", "--out", str(tmp_path / "out.csv"), "--json")
    assert code == 0, told
    assert json.loads(told.splitlines()[-1]) | {"out": ""} == {
        "rows": 5, "negative": 2, "neutral": 1, "positive": 2, "unread": 1, "left_out": 0, "out": "",
    }  # fmt: skip
    rows = _rows(tmp_path / "out.csv")
    assert [row["label"] for row in rows] == LABELS
    assert [row["id"] for row in rows] == ["000", "001", "002", "003", "004"]
    assert [row["후기"] for row in rows] == TEXTS
    assert rows[0]["topics"] == "delivery"
    assert rows[2]["polarity"] == rows[2]["confidence"] == "0"
    assert all(-1 <= float(row["polarity"]) <= 1 for row in rows)


def test_parquet_in_and_out_keeps_types(tmp_path: Path) -> None:
    table = pa.table({"n": pa.array([1, 2, 3], pa.int16()), "text": pa.array(["good", None, "terrible"])})
    pq.write_table(table, tmp_path / "in.parquet")
    code, told = _run(str(tmp_path / "in.parquet"), "--column", "text", "--out", str(tmp_path / "out.parquet"), "--lang", "en")
    assert code == 0, told
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.schema.field("n").type == pa.int16()
    assert found.column("label").to_pylist() == ["positive", "neutral", "negative"]
    assert found.column("text").to_pylist() == ["good", None, "terrible"]


def test_an_empty_table_gets_its_columns(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("text\n", encoding="utf-8")
    code, _ = _run(str(tmp_path / "in.csv"), "--column", "text", "--out", str(tmp_path / "out.csv.gz"))
    assert code == 0
    assert _rows(tmp_path / "out.csv.gz") == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["in.csv", "--column", "review", "--out", "out.csv"], "there is no column 'review'"),
        (["none.csv", "--column", "후기", "--out", "out.csv"], "there is no such file"),
        (["bad.csv", "--column", "x", "--out", "out.csv"], "in no encoding"),
        (["in.csv", "--column", "후기", "--out", "out.xlsx"], "cannot be told"),
        (["in.csv", "--column", "후기", "--out", "out.csv", "--lang", "jp"], "no language"),
        (["in.csv"], "--column, --out"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    _write(tmp_path / "in.csv")
    (tmp_path / "bad.csv").write_bytes(b"x\n\xff\xfe\xff\xff\xff")
    code, told = _run(*arguments)
    assert code != 0
    assert expected in told.replace("\n", " ") or expected in told
    assert not (tmp_path / "out.csv").exists()


def test_explaining_one_text() -> None:
    code, told = _run("--explain", "가격은 저렴한데 배송이 너무 느려요", "--json")
    assert code == 0
    said = json.loads(told.splitlines()[-1])
    assert said["language"] == "ko"
    assert {topic["topic"] for topic in said["topics"]} == {"price", "delivery"}
    assert [word["text"] for word in said["words"]] == ["가격은", "저렴한데", "배송이", "너무", "느려요"]
    code, told = _run("--explain", "great phone")
    assert code == 0
    assert "great" in told
