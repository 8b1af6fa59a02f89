"""A log of decisions in a file, as the history that a policy begins with: read in parts, with everything that is wrong in it at once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gyeol.app.policy_files import CONTEXT_PREFIX, LogColumns, numbers_of, texts_of
from gyeol.app.policy_history import BLOCK, Ground, History, Tell
from gyeol.decisions.ranking.drawing import Floats
from gyeol.decisions.ranking.warm import MOST_WORTH
from gyeol.engine.warming import unknown_arms
from gyeol.kernel.errors import InputError, NotFoundError, Problem

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_NAMED = 5
_CSV = (".csv", ".gz")
_FAULTS: dict[str, tuple[str, str]] = {
    "missing_action": ("name no action", "write what was shown, or leave rows out where nothing was"),
    "bad_reward": ("have a reward that is no number of 0 or more", "write 0 where nothing came of it, 1 where the goal was reached"),
    "zero_propensity": ("have a propensity of 0 or less: what was drawn had one", "mend what logs it, or leave it empty"),
    "propensity_above_one": ("have a propensity above 1", "write it as a share, 0.25 for 25 %"),
    "bad_propensity": ("have a propensity that is no number", "leave it empty where it is not known"),
    "bad_value": ("have a value that is no amount of 0 or more", "write minor units of one currency; leave it empty where it is not known"),
    "bad_feature": ("hold what is no number, truth or nothing", "write numbers; leave it empty where it is not known"),
}


def file_hash(path: Path) -> str:
    """Hash of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def read_history(
    path: Path, ground: Ground, history: History, columns: LogColumns, *, skip_unknown: bool = False, tell: Tell | None = None
) -> list[str]:
    """Spool a file's decisions.

    Args:
        path: Parquet or CSV: a row a decision.
        ground: The policy.
        history: Takes the decisions.
        columns: What the columns are called. A feature ``f`` is read from ``context_f``, else from ``f``.
        skip_unknown: Whether rows of arms that the policy never draws are left out, and counted, instead of refused.
        tell: Told how many rows were read.

    Returns:
        Its columns ``context_…`` that are no feature of the policy, and were not read.

    Raises:
        NotFoundError: There is no such file.
        InputError: Every problem: columns that are missing, values that are none, arms that nothing knows.
    """
    if not path.is_file():
        raise NotFoundError("no_such_file", f"there is no file {path}; name a Parquet or CSV file", path=str(path))
    reading = _Reading(path, ground, columns)
    for done, batch in enumerate(_batches(path, reading.columns)):
        reading.take(batch, history)
        if tell is not None:
            tell("reading history", done * BLOCK, 0)
    problems = reading.problems(skip_unknown)
    if problems:
        raise InputError("bad_policy_log", problems)
    if reading.unknown:
        history.left_out["unknown_offer"] += sum(reading.unknown.values())
    return reading.unused


class _Reading:
    """What is found while a file goes by.

    Args:
        path: The file.
        ground: The policy.
        columns: What the columns are called.

    Raises:
        InputError: Columns are missing, all of them named.
    """

    def __init__(self, path: Path, ground: Ground, columns: LogColumns) -> None:
        self._path, self._ground, self._names = path, ground, columns
        there = _columns(path)
        open_ = [name for name in ground.learner.columns if name.startswith(("channel:", "hour:"))]
        self._features = [name for name in ground.learner.columns if name not in open_]
        self._from = {name: CONTEXT_PREFIX + name if CONTEXT_PREFIX + name in there else name for name in self._features}
        problems = [_no_column(path, name, there) for name in (columns.action, columns.reward) if name not in there]
        read = dict.fromkeys([columns.action, columns.reward, columns.propensity, columns.value, *self._from.values()])
        problems += [_twice(path, name) for name in read if there.count(name) > 1]
        lacking = [name for name, column in self._from.items() if column not in there]
        if lacking:
            problems.append(_features_differ(path, ground.learner.name, lacking, there))
        if problems:
            raise InputError("bad_policy_log", problems)
        self._propensity = columns.propensity if columns.propensity in there else None
        self._value = columns.value if columns.value in there else None
        self._open = [name for name in ("channel", "hour") if name in there] if open_ else []
        optional = [name for name in (self._propensity, self._value) if name is not None]
        self.columns = list(dict.fromkeys([columns.action, columns.reward, *optional, *self._open, *self._from.values()]))
        self.unused = [name for name in there if name.startswith(CONTEXT_PREFIX) and name not in self.columns]
        self._faults: dict[tuple[str, str], tuple[int, list[int]]] = {}
        self.unknown: Counter[str] = Counter()
        self._row = 0

    def take(self, batch: pa.RecordBatch, history: History) -> None:
        """One part of the file."""
        named = texts_of(batch.column(self._names.action))
        self._fault("missing_action", self._names.action, np.array([not name for name in named], np.bool_))
        reward = self._numbers(batch, self._names.reward, "bad_reward", known=True)
        self._fault("bad_reward", self._names.reward, reward < 0)
        propensity = np.ones(batch.num_rows)
        if self._propensity is not None:
            propensity = self._numbers(batch, self._propensity, "bad_propensity")
            propensity[np.isnan(propensity)] = 1.0
            self._fault("zero_propensity", self._propensity, propensity <= 0)
            self._fault("propensity_above_one", self._propensity, propensity > 1)
        features = np.zeros((batch.num_rows, len(self._ground.learner.columns)))
        for name in self._features:
            place = self._ground.learner.columns.index(name)
            features[:, place] = np.nan_to_num(self._numbers(batch, self._from[name], "bad_feature"), nan=0.0)
        self._opened(batch, features)
        worth = np.zeros(batch.num_rows) if self._value is None else self._numbers(batch, self._value, "bad_value")
        self._fault("bad_value", self._value or "", (worth < 0) | (worth > MOST_WORTH))
        arm = np.array([self._ground.arm(name) for name in named], np.int64)
        self.unknown.update(name for name, code in zip(named, arm.tolist(), strict=True) if code < 0 and name)
        known = arm >= 0
        if not self._faults and known.any():
            history.add(arm[known], (reward[known] > 0).astype(np.float64), propensity[known], features[known])
            self._amounts(worth, arm, reward > 0, history)
        self._row += batch.num_rows

    def _opened(self, batch: pa.RecordBatch, features: Floats) -> None:
        """By which channel and at which hour, where placements leave them open."""
        for kind in self._open:
            for i, text in enumerate(texts_of(batch.column(kind))):
                name = f"{kind}:{text}"
                if text and name in self._ground.learner.columns:
                    features[i, self._ground.learner.columns.index(name)] = 1.0

    def _amounts(self, worth: Floats, arm: np.ndarray, reached: np.ndarray, history: History) -> None:
        if self._value is None:
            return
        paths = {offer.name for offer in self._ground.definitions.offers if offer.goal is not None and isinstance(offer.goal.value, str)}
        for code in np.unique(arm[arm >= 0]).tolist():
            offer = self._ground.arms[code].partition("/")[0]
            mine = (arm == code) & reached & np.isfinite(worth)
            if offer in paths and mine.any():
                history.paid(offer, float(worth[mine].sum()), int(mine.sum()))

    def _numbers(self, batch: pa.RecordBatch, name: str, code: str, *, known: bool = False) -> Floats:
        """(m,) values, NaN where there are none; what is no number is a fault, and with ``known`` also what is not known."""
        found, wrong = numbers_of(batch.column(name))
        self._fault(code, name, ~np.isfinite(found) if known else wrong)
        return found

    def _fault(self, code: str, column: str, wrong: np.ndarray) -> None:
        if not wrong.any():
            return
        count, rows = self._faults.get((code, column), (0, []))
        rows = [*rows, *(np.flatnonzero(wrong)[:_ROWS_NAMED] + self._row + 1).tolist()][:_ROWS_NAMED]
        self._faults[code, column] = count + int(wrong.sum()), rows

    def problems(self, skip_unknown: bool) -> list[Problem]:
        """Everything that is wrong with the file."""
        found = []
        for (code, column), (count, rows) in self._faults.items():
            what, mend = _FAULTS[code]
            more = ", …" if count > len(rows) else ""
            listed = f"{count:,} rows {what} (rows {', '.join(map(str, rows))}{more})"
            found.append(Problem(path=f"{self._path}: {column}", code=code, what=listed, mend=mend))
        if self.unknown and not skip_unknown:
            strange = [name for name, _ in self.unknown.most_common()]
            told = f" ({sum(self.unknown.values()):,} rows)"
            problem = unknown_arms(strange, self._ground.arms, f"{self._path}: {self._names.action}", told)
            mend = f"{problem.mend}; or leave them out: --skip-unknown"
            found.append(Problem(path=problem.path, code=problem.code, what=problem.what, mend=mend))
        return found


def _columns(path: Path) -> list[str]:
    """The names of a file's columns."""
    import pyarrow.csv
    import pyarrow.parquet

    with _readable(path):
        if path.suffix.lower() in _CSV:
            with pyarrow.csv.open_csv(path) as reader:
                return list(reader.schema.names)
        with pyarrow.parquet.ParquetFile(path) as file:
            return list(file.schema_arrow.names)


def _batches(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """Some columns of a file, in parts. Of CSV every value is a text: what a column holds is not known before its last row."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    with _readable(path):
        if path.suffix.lower() in _CSV:
            options = pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), include_columns=list(columns), strings_can_be_null=True
            )
            with pyarrow.csv.open_csv(path, convert_options=options) as reader:
                yield from reader
        else:
            with pyarrow.parquet.ParquetFile(path) as file:
                yield from file.iter_batches(BLOCK, columns=list(columns))


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """What is wrong with a file as an error of ours."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowInvalid, UnicodeError, OSError) as error:
        what = f"it cannot be read: {error}"
        mend = "give a Parquet file, or a CSV file in UTF-8 with a header"
        problem = Problem(path=_named(path), code="unreadable_file", what=what, mend=mend)
        raise InputError("bad_policy_log", [problem]) from error


def _named(path: Path) -> str:
    """A path as a text, also one whose bytes are none."""
    return str(path).encode(errors="replace").decode()


def _no_column(path: Path, name: str, there: Sequence[str]) -> Problem:
    shown = ", ".join(there[:12]) + (", …" if len(there) > 12 else "")
    mend = f"it has: {shown}. Say what its columns are called: --action, --reward, --propensity, --value"
    return Problem(path=str(path), code="missing_column", what=f"there is no column {name!r}", mend=mend)


def _twice(path: Path, name: str) -> Problem:
    return Problem(path=str(path), code="column_twice", what=f"there are several columns {name!r}", mend="leave one, or rename the others")


def _features_differ(path: Path, policy: str, lacking: Sequence[str], there: Sequence[str]) -> Problem:
    context = [name for name in there if name.startswith(CONTEXT_PREFIX)]
    what = f"the policy {policy!r} has features that the file does not: {', '.join(lacking)}"
    held = ", ".join(context) or "none"
    mend = f"write a column {CONTEXT_PREFIX}{lacking[0]} and so on, empty where it is not known; of that kind it has: {held}"
    return Problem(path=str(path), code="features_differ", what=what, mend=mend)
