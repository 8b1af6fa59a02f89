"""Logs of decisions and policies as files: Parquet or CSV, read once, with everything that is wrong in them named at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from gyeol.kernel.errors import InputError, NotFoundError, Problem
from gyeol.kernel.instants import Int64
from gyeol.measures.policy.candidates import Candidate, Shares, Table, Uniform
from gyeol.measures.policy.logged import Flags, Floats, Logged, check_logged, check_probabilities, refuse

if TYPE_CHECKING:
    import pyarrow as pa

UNIFORM = "uniform"
CONTEXT_PREFIX = "context_"
_ROWS_NAMED = 5
_TRUTHS = {"true": 1.0, "false": 0.0}
LEVELS = 50
"""So many different texts of a column become columns of their own, the most frequent first; the rest are all one."""


class LogColumns(msgspec.Struct, frozen=True, kw_only=True):
    """What the columns of a log are called.

    Args:
        action: What was drawn: text or whole number.
        reward: What came of it: a number.
        propensity: With which probability it was drawn.
        person: Whose decision it was; without such a column every row is somebody else's.
        position: In which slot; without such a column there is one.
        value: What a reached goal was worth, in minor units; read by warm starts, may be missing.
        context: What was known, numbers, texts or flags; None: every column that begins with ``context_``.
    """

    action: str = "action"
    reward: str = "reward"
    propensity: str = "propensity"
    person: str = "person"
    position: str = "position"
    value: str = "value"
    context: list[str] | None = None


class FileLog(msgspec.Struct, frozen=True, kw_only=True):
    """A log that was read, before a policy is laid over it.

    Args:
        actions: Names, in order of first sight.
        slots: The values of ``position``, ascending; one empty text where there is no such column.
        logged: The rows.
    """

    actions: tuple[str, ...]
    slots: tuple[str, ...]
    logged: Logged


def read_log(path: Path, columns: LogColumns) -> FileLog:
    """A log of decisions.

    Raises:
        NotFoundError: There is no such file.
        InputError: Every problem: columns that are missing, values that are none.
    """
    table = read_table(path)
    wanted = (columns.action, columns.reward, columns.propensity)
    context = [name for name in table.column_names if name.startswith(CONTEXT_PREFIX)] if columns.context is None else columns.context
    missing = [name for name in (*wanted, *(columns.context or ())) if name not in table.column_names]
    refuse([_no_column(path, name, table.column_names) for name in missing])
    action = texts_of(table.column(columns.action))
    problems = [Problem(path=str(path), code="missing_action", what="some rows name no action", mend="write one")] if "" in action else []
    reward, propensity = (_numbers(table.column(name), name, problems) for name in (columns.reward, columns.propensity))
    refuse([*problems, *check_logged(reward, propensity)])
    actions, code = codes_of(action)
    slots, position = _slots(table, columns.position)
    person = codes_of(texts_of(table.column(columns.person)))[1] if columns.person in table.column_names else np.arange(table.num_rows)
    encoded = encode([(name, table.column(name).to_pylist()) for name in context], table.num_rows)
    logged = Logged(actions=actions, action=code, reward=reward, propensity=propensity, person=person, position=position, context=encoded)
    return FileLog(actions=actions, slots=slots, logged=logged)


def read_policy(text: str, log: FileLog) -> tuple[Logged, Candidate]:
    """The policy that somebody named, and the log with its actions.

    Args:
        text: ``uniform``; or a file: either of ``action``, ``probability`` and perhaps ``position`` (the same in each row), or with as
            many rows as the log has and a column for each action.
        log: What it is laid over. Actions that only the policy knows are added: they were never tried.

    Raises:
        NotFoundError: There is no such file.
        InputError: Every problem.
    """
    if text == UNIFORM:
        return log.logged, Uniform()
    path = Path(text)
    table = read_table(path)
    names = set(table.column_names)
    if {"action", "probability"} <= names:
        return _shares(path, table, log)
    return _by_row(path, table, log)


def _shares(path: Path, table: pa.Table, log: FileLog) -> tuple[Logged, Candidate]:
    problems: list[Problem] = []
    action = texts_of(table.column("action"))
    probability = _numbers(table.column("probability"), "probability", problems)
    actions = tuple(dict.fromkeys([*log.actions, *action]))
    known = np.isin(np.arange(len(actions)), [actions.index(each) for each in dict.fromkeys(action)])
    problems += check_logged(log.logged.reward, log.logged.propensity, known[log.logged.action])
    shares = np.zeros((len(log.slots), len(actions)))
    slot = texts_of(table.column("position")) if "position" in table.column_names else None
    place = {name: i for i, name in enumerate(actions)}
    for i, name in enumerate(action):
        rows = range(len(log.slots)) if slot is None else [log.slots.index(slot[i])] if slot[i] in log.slots else []
        for row in rows:
            shares[row, place[name]] += probability[i]
    refuse([*problems, *check_probabilities(shares)])
    return msgspec.structs.replace(log.logged, actions=actions), Shares(path.stem, shares)


def _by_row(path: Path, table: pa.Table, log: FileLog) -> tuple[Logged, Candidate]:
    problems = []
    if table.num_rows != log.logged.n:
        what = f"it has {table.num_rows:,} rows, the log has {log.logged.n:,}"
        mend = (
            "a policy by row needs one row for each of the log's, in its order; one that is the same in each needs `action`, `probability`"
        )
        problems.append(Problem(path=str(path), code="rows_differ", what=what, mend=mend))
    missing = [name for name in log.actions if name not in table.column_names]
    if missing:
        what = f"there is no column for {len(missing)} actions of the log: {', '.join(missing[:5])}{', …' if len(missing) > 5 else ''}"
        problems.append(Problem(path=str(path), code="unknown_action", what=what, mend="give each action a column; 0 is a probability"))
    refuse(problems)
    actions = (*log.actions, *(name for name in table.column_names if name not in log.actions))
    found = np.stack([_numbers(table.column(name), name, problems) for name in actions], axis=1)
    refuse([*problems, *check_probabilities(found)])
    return msgspec.structs.replace(log.logged, actions=actions), Table(path.stem, found)


def read_table(path: Path) -> pa.Table:
    """A Parquet or CSV file as an Arrow table.

    Raises:
        NotFoundError: There is no such file.
        InputError: It cannot be read.
    """
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    if not path.is_file():
        raise NotFoundError("no_such_file", f"there is no file {path}; name a Parquet or CSV file", path=str(path))
    read: Callable[[Path], Any] = pyarrow.csv.read_csv if path.suffix in (".csv", ".gz") else pyarrow.parquet.read_table
    try:
        return read(path)
    except (pa.ArrowInvalid, OSError) as error:
        what = f"it cannot be read: {error}"
        problem = Problem(path=str(path), code="unreadable_file", what=what, mend="give a Parquet file, or a CSV file with a header")
        raise InputError("bad_policy_log", [problem]) from error


def texts_of(column: pa.Array | pa.ChunkedArray) -> list[str]:
    """Values as texts: whole numbers without a point, NULL as an empty text."""
    values = column.to_pylist()
    return ["" if v is None else str(int(v)) if isinstance(v, float) and v.is_integer() else str(v) for v in values]


def codes_of(texts: Sequence[str]) -> tuple[tuple[str, ...], Int64]:
    """The different texts in order of first sight, and (n,) which each row has."""
    names = tuple(dict.fromkeys(texts))
    place = {name: i for i, name in enumerate(names)}
    return names, np.fromiter((place[text] for text in texts), np.int64, len(texts))


def _slots(table: pa.Table, name: str) -> tuple[tuple[str, ...], Int64]:
    if name not in table.column_names:
        return ("",), np.zeros(table.num_rows, np.int64)
    texts = texts_of(table.column(name))
    slots = tuple(sorted(dict.fromkeys(texts), key=lambda text: (len(text), text)))
    place = {text: i for i, text in enumerate(slots)}
    return slots, np.fromiter((place[text] for text in texts), np.int64, len(texts))


def numbers_of(column: pa.Array | pa.ChunkedArray) -> tuple[Floats, Flags]:
    """Values as numbers, and which are none.

    Args:
        column: Numbers, truths (1 and 0), or texts of them.

    Returns:
        (n,) values, not finite where there is none; (n,) whether something stands there that is no number. NULL and an empty text are
        nothing.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    empty = np.asarray(column.is_null(), np.bool_)
    try:
        found: Floats = np.array(pc.fill_null(column.cast(pa.float64()), float("nan")), np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        texts = texts_of(column)
        found = np.array([_number(text) for text in texts], np.float64)
        empty = np.array([not text for text in texts], np.bool_)
    return found, ~np.isfinite(found) & ~empty


def _number(text: str) -> float:
    if text.lower() in _TRUTHS:
        return _TRUTHS[text.lower()]
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _numbers(column: pa.ChunkedArray, name: str, problems: list[Problem]) -> Floats:
    """Values as numbers, NaN where there are none; a problem where something else stands."""
    found, wrong = numbers_of(column)
    if wrong.any():
        rows = (np.flatnonzero(wrong)[:_ROWS_NAMED] + 1).tolist()
        listed = f"{', '.join(map(str, rows))}{', …' if wrong.sum() > len(rows) else ''}"
        what = f"{int(wrong.sum()):,} rows of the column {name} hold what is no number (rows {listed})"
        problems.append(Problem(path=name, code="not_a_number", what=what, mend="write numbers"))
    return found


def encode(columns: Sequence[tuple[str, Sequence[object]]], n: int, levels: int = LEVELS) -> Floats:
    """(n, d) columns as numbers: numbers centred and scaled, what is not known as 0 with a column that says so; texts as one column each.

    Args:
        columns: Name and values (None: not known) of each.
        n: Rows.
        levels: See ``LEVELS``.
    """
    made: list[Floats] = []
    for _, values in columns:
        if all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values):
            made += _scaled(np.array([float(value) if isinstance(value, int | float) else np.nan for value in values]))
        else:
            made += _levels(["" if value is None else str(value) for value in values], levels)
    return np.stack(made, axis=1) if made else np.zeros((n, 0))


def _scaled(values: Floats) -> list[Floats]:
    known = np.isfinite(values)
    if not known.any():
        return []
    spread = float(values[known].std())
    scaled = np.where(known, (values - values[known].mean()) / spread, 0.0) if spread else None
    return [each for each in (scaled, None if known.all() else (~known).astype(np.float64)) if each is not None]


def _levels(texts: list[str], levels: int) -> list[Floats]:
    names, code = codes_of(texts)
    often = np.bincount(code, minlength=len(names))
    kept = np.argsort(-often, kind="stable")[:levels]
    return [(code == level).astype(np.float64) for level in kept.tolist()] if len(names) > 1 else []


def _no_column(path: Path, name: str, there: Sequence[str]) -> Problem:
    shown = ", ".join(there[:12]) + (", …" if len(there) > 12 else "")
    mend = f"it has: {shown}. Say what its columns are called: --action, --reward, --propensity, --person, --position, --context"
    return Problem(path=str(path), code="missing_column", what=f"there is no column {name!r}", mend=mend)
