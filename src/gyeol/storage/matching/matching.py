"""Files in, files out: ``match`` groups the records of one file, ``link`` finds the pairs between two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gyeol.identity.matching.linkage import groups
from gyeol.identity.matching.waterfall import Waterfall
from gyeol.kernel.errors import CapabilityMissingError, InputError, Problem
from gyeol.storage.matching.explaining import waterfall
from gyeol.storage.matching.matcher import Matcher, Tell, Weighted

if TYPE_CHECKING:
    import pyarrow as pa

AT_LEAST = -2.0
"""Average weight in bits above which records are joined. Below zero, for mistakes come together: who types badly does so in several fields.
Source: ``gyeol bench identity``; between -3 and 0 F1 changes by less than 0.1 on every set."""
ONCE_AT_LEAST = -5.0
"""The same for links where each record is linked once at most: that neither of the two has a better partner speaks for them as well.
Source: ``gyeol bench identity``; from -6 to -4 F1 changes by less than 0.03 on each of the three sets."""
ALONE = 0.03
"""A file of which at most this share has a twin within it is taken to hold each thing once: then a link is one to one. Where that is wrong
at most this share of the links is lost; where it is right, every second-best is a mistake less."""


@dataclass(frozen=True)
class Matched:
    """What was done.

    Args:
        records: Of each file.
        groups: Groups of more than one record (``match``). links: Pairs that were written (``link``).
        candidates: Pairs that were weighed and not forgotten.
        fields: Headers → what they were taken for.
        ignored: Headers → why they were left out: empty, constant, repeats, source, ignored, only_one_file.
        one_to_one: Whether each record was linked once at most.
        explained: The waterfall that was asked for.
    """

    records: list[int]
    candidates: int
    fields: dict[str, str]
    groups: int = 0
    links: int = 0
    ignored: dict[str, str] = field(default_factory=dict)
    one_to_one: bool = False
    explained: Waterfall | None = None


def match(
    path: Path,
    id_column: str,
    out: Path,
    *,
    at_least: float = AT_LEAST,
    explain: tuple[str, str] | None = None,
    tell: Tell = lambda *_: None,
) -> Matched:
    """Group the records of a file.

    Args:
        path: CSV or Parquet.
        id_column: The column that names a record.
        out: CSV or Parquet with ``id``, ``cluster`` (the id of the group's first record) and ``weight`` (bits of the strongest tie of the
            record within its group; empty for one that is alone).
        at_least: Average weight above which records are joined.
        explain: Ids of two records whose waterfall is wanted.
        tell: Told how far it is.

    Raises:
        InputError: The file cannot be used, or ``out`` has no known format.
        CapabilityMissingError: Splink is not installed.
    """
    write = _writer(out)
    matcher = _open([(path, id_column)], tell)
    try:
        weighed = matcher.weigh()
        ids = weighed.ids[0]
        group = groups(len(ids), weighed.left, weighed.right, weighed.weight, at_least)
        strongest = np.full(len(ids), -np.inf)
        inside = group[weighed.left] == group[weighed.right]
        np.maximum.at(strongest, weighed.left[inside], weighed.weight[inside])
        np.maximum.at(strongest, weighed.right[inside], weighed.weight[inside])
        write({"id": ids, "cluster": [ids[i] for i in group.tolist()], "weight": _weights(strongest)})
        found = np.unique(group, return_counts=True)[1]
        explained = waterfall(matcher, *explain, at_least) if explain else None
        return _report(matcher, weighed, groups=int((found > 1).sum()), explained=explained)
    finally:
        matcher.connection.close()


def link(
    left: Path,
    right: Path,
    id_columns: tuple[str, str],
    out: Path,
    *,
    at_least: float | None = None,
    explain: tuple[str, str] | None = None,
    tell: Tell = lambda *_: None,
) -> Matched:
    """Find the records of one file in another.

    Args:
        left: CSV or Parquet.
        right: CSV or Parquet.
        id_columns: The column that names a record, in each.
        out: CSV or Parquet with ``left``, ``right`` (ids) and ``weight`` (bits), strongest first.
        at_least: Weight above which two records are linked; None: ``ONCE_AT_LEAST`` where each is linked once at most, else ``AT_LEAST``.
        explain: Ids of a record of each file whose waterfall is wanted.
        tell: Told how far it is.

    Raises:
        InputError: A file cannot be used, or ``out`` has no known format.
        CapabilityMissingError: Splink is not installed.
    """
    write = _writer(out)
    matcher = _open([(left, id_columns[0]), (right, id_columns[1])], tell)
    try:
        weighed = matcher.weigh()
        once = matcher.twins() <= ALONE
        if at_least is None:
            at_least = ONCE_AT_LEAST if once else AT_LEAST
        order = np.flatnonzero(weighed.weight > at_least)
        order = order[np.argsort(-weighed.weight[order], kind="stable")]
        if once:
            order = _one_to_one(weighed, order)
        write(
            {
                "left": [weighed.ids[0][i] for i in weighed.left[order].tolist()],
                "right": [weighed.ids[1][i] for i in weighed.right[order].tolist()],
                "weight": _weights(weighed.weight[order]),
            }
        )
        explained = waterfall(matcher, *explain, at_least) if explain else None
        return _report(matcher, weighed, links=len(order), one_to_one=once, explained=explained)
    finally:
        matcher.connection.close()


def _one_to_one(weighed: Weighted, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of pairs from the strongest on, those whose two records are both still free."""
    free_left, free_right = (np.ones(len(ids), bool) for ids in weighed.ids)
    kept = []
    for pair in order.tolist():
        a, b = weighed.left[pair], weighed.right[pair]
        if free_left[a] and free_right[b]:
            free_left[a] = free_right[b] = False
            kept.append(pair)
    return np.array(kept, np.int64)


def _weights(values: NDArray[np.float64]) -> list[float | None]:
    return [round(value, 3) if np.isfinite(value) else None for value in values.tolist()]


def _open(files: list[tuple[Path, str]], tell: Tell) -> Matcher:
    try:
        import scipy  # noqa: F401  # looked for now: a run of minutes must not end on it
        import splink  # noqa: F401
    except ModuleNotFoundError as error:
        raise CapabilityMissingError("match_missing", "matching needs Splink: pip install 'gyeol[match]'") from error
    return Matcher(files, tell)


def _report(
    matcher: Matcher, weighed: Weighted, *, groups: int = 0, links: int = 0, one_to_one: bool = False, explained: Waterfall | None = None
) -> Matched:
    plan = matcher.matching
    return Matched(
        records=[len(ids) for ids in weighed.ids],
        candidates=len(weighed.weight),
        fields={one.label: one.form.role for one in plan.fields},
        groups=groups,
        links=links,
        ignored=plan.ignored | dict.fromkeys(matcher.left_out, "only_one_file"),
        one_to_one=one_to_one,
        explained=explained,
    )


def _writer(out: Path) -> Callable[[dict[str, list[str] | list[float | None]]], None]:
    """How a result is written; asked before the work, so that a wrong name costs no minutes."""
    if out.suffix not in (".csv", ".parquet"):
        mend = "name it .csv or .parquet"
        raise InputError(
            "bad_out", [Problem(path=str(out), code="bad_out", what=f"{out.suffix or 'no ending'} is no known format", mend=mend)]
        )
    if not out.parent.is_dir():
        raise InputError(
            "bad_out", [Problem(path=str(out), code="no_folder", what="its folder does not exist", mend="make the folder first")]
        )

    def write(columns: dict[str, list[str] | list[float | None]]) -> None:
        import pyarrow as pa
        import pyarrow.csv
        import pyarrow.parquet

        table: pa.Table = pa.table({name: pa.array(v, pa.float64() if name == "weight" else pa.string()) for name, v in columns.items()})
        if out.suffix == ".csv":
            pyarrow.csv.write_csv(table, out, pyarrow.csv.WriteOptions(quoting_style="needed"))
        else:
            pyarrow.parquet.write_table(table, out)

    return write
