"""Files in, files out: ``match`` groups the records of one file, ``link`` finds the pairs between two."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gyeol.identity.matching.linkage import STRONGEST, Pairs, grouped
from gyeol.identity.matching.waterfall import Waterfall
from gyeol.kernel.errors import CapabilityMissingError, InputError, Problem
from gyeol.storage.matching.explaining import waterfall
from gyeol.storage.matching.matcher import MEMORY, Matcher, Tell

AT_LEAST = -2.0
"""Average weight in bits above which records are joined. Below zero, for mistakes come together: who types badly does so in several fields.
Source: ``gyeol bench identity``; between -3 and 0 F1 changes by less than 0.1 on every set."""
ONCE_AT_LEAST = -3.0
"""The same for links where each record is linked once at most: that neither of the two has a better partner speaks for them as well.
Source: ``gyeol bench identity``; from -8 to -3 F1 changes by less than 0.01 on Amazon and Google."""
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
        notes: What was odd in the files and how it was taken: what, where, how to mend it.
        explained: The waterfall that was asked for.
    """

    records: list[int]
    candidates: int
    fields: dict[str, str]
    groups: int = 0
    links: int = 0
    ignored: dict[str, str] = field(default_factory=dict)
    one_to_one: bool = False
    notes: list[Problem] = field(default_factory=list)
    explained: Waterfall | None = None


def match(
    path: Path,
    id_column: str,
    out: Path,
    *,
    at_least: float = AT_LEAST,
    explain: tuple[str, str] | None = None,
    memory: int = MEMORY,
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
        memory: Bytes the database may use; the process as a whole takes about 0.5 GB more.
        tell: Told how far it is.

    Raises:
        InputError: The file cannot be used, or ``out`` has no known format.
        CapabilityMissingError: Splink is not installed.
    """
    _check_out(out)
    matcher = _open([(path, id_column)], tell, memory)
    try:
        matcher.weigh()
        strong = matcher.strong(at_least)
        tell("joining records", 0, 0)
        found = grouped(matcher.records, strong, matcher.within, at_least)
        if found.raised:
            what = f"{found.raised:,} groups were too large; within them only pairs above {found.weight:.0f} bits connect records"
            mend = "leave values empty that many share and that say nothing, or give more columns"
            matcher.notes.append(Problem(path=str(path), code="giant_group", what=what, mend=mend))
        group = found.group
        copies, firsts = matcher.copies()
        group[copies] = group[firsts]
        _write_clusters(matcher, group, strong, out)
        explained = waterfall(matcher, *explain, at_least) if explain else None
        several = int((np.bincount(group, minlength=1) > 1).sum())
        return _report(matcher, groups=several, explained=explained)
    finally:
        matcher.close()


def link(
    left: Path,
    right: Path,
    id_columns: tuple[str, str],
    out: Path,
    *,
    at_least: float | None = None,
    explain: tuple[str, str] | None = None,
    memory: int = MEMORY,
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
        memory: Bytes the database may use.
        tell: Told how far it is.

    Raises:
        InputError: A file cannot be used, or ``out`` has no known format.
        CapabilityMissingError: Splink is not installed.
    """
    _check_out(out)
    matcher = _open([(left, id_columns[0]), (right, id_columns[1])], tell, memory)
    try:
        matcher.weigh()
        once = matcher.twins() <= ALONE
        if at_least is None:
            at_least = ONCE_AT_LEAST if once else AT_LEAST
        strong = matcher.strong(at_least)
        order = np.argsort(-strong.weight, kind="stable")
        if once:
            order = _one_to_one(strong, order, [table.rows for table in matcher.tables])
        _write_links(matcher, strong, order, out)
        explained = waterfall(matcher, *explain, at_least) if explain else None
        return _report(matcher, links=len(order), one_to_one=once, explained=explained)
    finally:
        matcher.close()


def _one_to_one(pairs: Pairs, order: NDArray[np.int64], rows: list[int]) -> NDArray[np.int64]:
    """Of pairs from the strongest on, those whose two records are both still free."""
    free_left, free_right = (np.ones(count, bool) for count in rows)
    kept = []
    for pair in order.tolist():
        a, b = pairs.left[pair], pairs.right[pair]
        if free_left[a] and free_right[b]:
            free_left[a] = free_right[b] = False
            kept.append(pair)
    return np.array(kept, np.int64)


def _write_clusters(matcher: Matcher, group: NDArray[np.int64], strong: Pairs, out: Path) -> None:
    strongest = np.full(len(group), -np.inf)
    inside = group[strong.left] == group[strong.right]
    for side in (strong.left, strong.right):
        np.maximum.at(strongest, side[inside], strong.weight[inside])
    for side in matcher.copies():
        strongest[side] = np.maximum(strongest[side], STRONGEST)
    matcher.write(
        out,
        {"i": np.arange(len(group)), "g": group, "w": np.where(np.isfinite(strongest), strongest, np.nan)},
        'SELECT a."#id" AS id, b."#id" AS cluster, CASE WHEN isnan(w) THEN NULL ELSE round(w, 3) END AS weight FROM found '
        'JOIN records0 a ON a."#row" = i JOIN records0 b ON b."#row" = g ORDER BY i',
    )


def _write_links(matcher: Matcher, strong: Pairs, order: NDArray[np.int64], out: Path) -> None:
    columns = {"l": strong.left[order], "r": strong.right[order], "w": strong.weight[order], "i": np.arange(len(order))}
    query = (
        'SELECT a."#id" AS "left", b."#id" AS "right", round(w, 3) AS weight FROM found '
        'JOIN records0 a ON a."#row" = l JOIN records1 b ON b."#row" = r ORDER BY i'
    )
    matcher.write(out, columns, query)


def _open(files: list[tuple[Path, str]], tell: Tell, memory: int) -> Matcher:
    try:
        import scipy  # noqa: F401  # looked for now: a run of minutes must not end on it
        import splink  # noqa: F401
    except ModuleNotFoundError as error:
        raise CapabilityMissingError("match_missing", "matching needs Splink: pip install 'gyeol[match]'") from error
    return Matcher(files, tell, memory)


def _report(matcher: Matcher, *, groups: int = 0, links: int = 0, one_to_one: bool = False, explained: Waterfall | None = None) -> Matched:
    plan = matcher.matching
    return Matched(
        records=[table.rows for table in matcher.tables],
        candidates=matcher.candidates,
        fields={one.label: one.form.role for one in plan.fields},
        groups=groups,
        links=links,
        ignored=plan.ignored | matcher.left_out,
        one_to_one=one_to_one,
        notes=matcher.notes,
        explained=explained,
    )


def _check_out(out: Path) -> None:
    """Asked before the work, so that a wrong name costs no minutes; both things that can be wrong at once."""
    problems = []
    if out.suffix not in (".csv", ".parquet"):
        what = f"{out.suffix or 'no ending'} is no known format"
        problems.append(Problem(path=str(out), code="bad_out", what=what, mend="name it .csv or .parquet"))
    if not out.parent.is_dir():
        problems.append(Problem(path=str(out), code="no_folder", what="its folder does not exist", mend="make the folder first"))
    if problems:
        raise InputError("bad_out", problems)
