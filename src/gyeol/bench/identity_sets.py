"""The labelled sets of the shared data: the records as a person would be given them, and who is who."""

from __future__ import annotations

import csv
import gzip
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec

from gyeol.bench.kit import PROJECT
from gyeol.kernel.errors import ConfigError

Row = dict[str, str]
Pair = tuple[str, str]
ID = "rid"
"""The header of the record's id in the files that are written."""


class Judged(msgspec.Struct, frozen=True):
    """How far what was found is true, over pairs of records."""

    precision: float
    recall: float
    f1: float


class Records(msgspec.Struct, frozen=True, kw_only=True):
    """A file of records, and who is who.

    Args:
        name: Part of the figures' keys.
        path: CSV with ``rid`` and what is known of the records; the truth is not in it.
        truth: Record → person.
    """

    name: str
    path: Path
    truth: dict[str, str]

    def judge(self, cluster: dict[str, str]) -> Judged:
        """Over all pairs of records, after closure; a record that is in no cluster is alone."""
        found = {record: cluster.get(record, f"alone {record}") for record in self.truth}
        both = _pairs(Counter((found[record], person) for record, person in self.truth.items()).values())
        return _judged(both, _pairs(Counter(found.values()).values()), _pairs(Counter(self.truth.values()).values()))


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """Two files of records, and pairs that were labelled.

    Args:
        name: Part of the figures' keys.
        left, right: CSV with ``rid`` and what is known of the records.
        labels: Labelled pair (left, right) → whether it is one thing. All splits: nothing is fitted to labels here.
    """

    name: str
    left: Path
    right: Path
    labels: dict[Pair, bool]

    def judge(self, links: Iterable[Pair]) -> Judged:
        """Over the labelled pairs; links between others are not judged, for nobody has said what they are."""
        found = {pair for pair in links if pair in self.labels}
        both = sum(self.labels[pair] for pair in found)
        return _judged(both, len(found), sum(self.labels.values()))


def _judged(both: int, found: int, true: int) -> Judged:
    return Judged(both / found if found else 0.0, both / true if true else 0.0, 2 * both / (found + true) if found + true else 0.0)


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def data_folder() -> Path:
    """The folder of the labelled sets.

    Raises:
        ConfigError: It is not there.
    """
    folder = Path(os.environ.get("GYEOL_SHARED") or PROJECT.parent / "shared") / "data" / "identity"
    if not folder.is_dir():
        told = f"{folder} is not there. Set GYEOL_SHARED to the folder that holds data/identity with the labelled sets."
        raise ConfigError("no_identity_data", told, folder=str(folder))
    return folder


def record_sets(folder: Path, *, quick: bool) -> list[Records]:
    """The sets of one file each, written to ``folder``; quick: the two small ones."""
    data = data_folder()
    fake = _rows(data / "fake_1000.csv.gz")
    made = [_records("fake_1000", folder, fake, "unique_id", "cluster"), _febrl("febrl1", folder, data)]
    if quick:
        return made
    import pyarrow.parquet as pq

    historical = [{k: v or "" for k, v in row.items()} for row in pq.read_table(data / "historical_figures_dev.parquet").to_pylist()]
    return [
        *made,
        _febrl("febrl3", folder, data),
        _records("korean", folder, _rows(data / "korean_customers_sim.csv.gz"), "record_id", "person_id"),
        _records("historical", folder, historical, "unique_id", "cluster"),
    ]


PAIR_SETS = {"fodors_zagats": "pairs_fodors-zagats", "dblp_acm": "pairs_dblp-acm", "amazon_google": "pairs_amazon-google"}
_TRUTHS = ("class",)
"""Columns that are the truth by another name."""


def pair_sets(folder: Path, *, quick: bool) -> list[Sides]:
    """The sets of two files each, written to ``folder``; quick: the small one."""
    data = data_folder()
    chosen = dict(list(PAIR_SETS.items())[:1]) if quick else PAIR_SETS
    return [_sides(name, folder, _rows(data / f"{file}.csv.gz")) for name, file in chosen.items()]


def _febrl(name: str, folder: Path, data: Path) -> Records:
    rows = _rows(data / f"{name}.csv.gz")
    return _records(name, folder, [{**row, "person": row["rec_id"].split("-")[1]} for row in rows], "rec_id", "person")


def _records(name: str, folder: Path, rows: list[Row], id_column: str, truth_column: str) -> Records:
    truth = {row[id_column]: row[truth_column] for row in rows}
    kept = [{ID: row[id_column], **{k: v for k, v in row.items() if k not in (id_column, truth_column)}} for row in rows]
    return Records(name=name, path=_write(folder / f"{name}.csv", kept), truth=truth)


def _sides(name: str, folder: Path, rows: list[Row]) -> Sides:
    """The distinct records of either side, numbered in order of first sight."""
    known: dict[str, dict[tuple[str, ...], str]] = {"l": {}, "r": {}}
    headers = [header[2:] for header in rows[0] if header.startswith("l_") and header[2:] not in _TRUTHS]
    labels: dict[Pair, bool] = {}
    for row in rows:
        left, right = (
            known[side].setdefault(tuple(row[f"{side}_{header}"] for header in headers), f"{side}{len(known[side])}") for side in "lr"
        )
        labels[left, right] = labels.get((left, right), False) or row["label"] == "1"
    paths = [
        _write(folder / f"{name}_{side}.csv", [{ID: number, **dict(zip(headers, values, strict=True))} for values, number in those.items()])
        for side, those in known.items()
    ]
    return Sides(name=name, left=paths[0], right=paths[1], labels=labels)


def _rows(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_clusters(path: Path) -> dict[str, str]:
    """Record → cluster, as ``gyeol identity match`` writes it."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["cluster"] for row in csv.DictReader(file)}


def read_links(path: Path) -> list[Pair]:
    """(left, right), as ``gyeol identity link`` writes it."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["left"], row["right"]) for row in csv.DictReader(file)]
