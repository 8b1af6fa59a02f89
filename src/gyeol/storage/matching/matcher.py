"""Weights for pairs of records: candidates, training by EM, prediction. Splink does the statistics; nothing is configured by hand.

Memory is bounded: records, candidates and weights stand in a database on disk that may use so much of it, and are gone through in parts.

Source: Fellegi & Sunter (1969), "A theory for record linkage"; Splink 5 (Ministry of Justice, MIT).
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gyeol.identity.matching.form import Level
from gyeol.identity.matching.hangul import has_hangul
from gyeol.identity.matching.linkage import Pairs
from gyeol.identity.matching.plan import LEAST_SCRIPT, Field, Matching, Rule, plan_of
from gyeol.identity.matching.roles import detect, telling
from gyeol.kernel.errors import InputError, Problem
from gyeol.storage.matching.candidates import CHUNK, Candidates
from gyeol.storage.matching.records import ROW, Table, columns_of, parts, quoted, read, repeated, samples, shared_headers
from gyeol.storage.matching.training import COARSE, Training, install, shift, telling_title

Tell = Callable[[str, int, int], None]
"""Told (what, done, total)."""

LEAST_WEIGHT = -8.0
"""Pairs below this weight (bits) are forgotten."""
MEMORY = 1 << 30
"""Bytes the database may use; what does not fit is on disk meanwhile."""
LEAST_MEMORY = 128 << 20
_PART = 50_000
_DIGITS = 6


class Matcher:
    """Matches the records of one file, or those of two with each other.

    Args:
        files: One or two, with the name of their id column.
        tell: Told how far it is.
        memory: Bytes the database may use, at least ``LEAST_MEMORY``.

    Raises:
        InputError: A file cannot be used; everything found in all of them is named.
    """

    def __init__(self, files: list[tuple[Path, str]], tell: Tell = lambda what, done, total: None, memory: int = MEMORY) -> None:
        import duckdb

        self._tell = tell
        self._names = [str(path) for path, _ in files]
        self._folder = tempfile.TemporaryDirectory(prefix="gyeol-match-")
        folder = Path(self._folder.name)
        self.connection = duckdb.connect(str(folder / "records.duckdb"))
        self.connection.execute(f"SET memory_limit = '{max(memory, LEAST_MEMORY) >> 20}MiB'")
        self.connection.execute(f"SET temp_directory = '{folder / 'spilled'}'")
        try:
            self.tables = self._read(files, folder)
            names = [table.name for table in self.tables]
            shared, alone = shared_headers(self.connection, self.tables, self._roles)
            self.left_out = alone | {header: why for table in self.tables for header, why in table.left_out.items()}
            self._tell("looking at columns", 0, 0)
            found = samples(self.connection, names, shared)
        except BaseException:
            self.close()
            raise
        self._shared, self._telling = shared, telling(found)
        length = {sample.name: float(np.mean([len(value) for value in sample.values] or [0])) for sample in found}
        self.matching: Matching = plan_of(detect(found, partial(repeated, self.connection, names)), length)
        self.notes: list[Problem] = [note for table in self.tables for note in table.notes]
        self.records = sum(table.rows for table in self.tables)
        self._scripts: dict[str, dict[str, float]] = {}
        self.linker: Any = None
        self.shift = 0.0
        self.candidates = 0

    def _read(self, files: list[tuple[Path, str]], folder: Path) -> list[Table]:
        tables: list[Table] = []
        problems: list[Problem] = []
        for number, (path, column) in enumerate(files):
            self._tell("reading files", number, len(files))
            try:
                tables.append(read(self.connection, path, column, f"records{number}", folder))
            except InputError as error:
                problems += error.problems
        if problems:
            raise InputError("bad_records", problems)
        return tables

    def _roles(self, table: str, headers: list[str]) -> dict[str, str]:
        """What columns of one file are taken for, where that says enough to pair them with columns of another file."""
        found = detect(samples(self.connection, [table], headers))
        return {column.name: column.role for column in found if column.role not in ("ignored", "category", "number", "place")}

    def close(self) -> None:
        """Forget everything."""
        self.connection.close()
        self._folder.cleanup()

    def weigh(self) -> None:
        """Weigh all candidates; ``strong`` and ``within`` give those of at least ``LEAST_WEIGHT`` bits."""
        self.connection.execute("CREATE TABLE pairs (l BIGINT, r BIGINT, w DOUBLE)")
        self._find_copies()
        if not self.matching.fields or any(table.rows < (2 if len(self.tables) == 1 else 1) for table in self.tables):
            return
        derived = self._derived()
        self.connection.execute("DELETE FROM derived0 WHERE unique_id IN (SELECT c FROM copies)")
        candidates = Candidates(self.connection, derived, self.records, self._tell)
        rules = candidates.rules(self.matching.fields)
        self.notes += candidates.notes
        if rules:
            self._predict(candidates, rules)

    def _find_copies(self) -> None:
        """Records of one file that say in every column what an earlier one says are not weighed: they go with it.

        That holds where at least two columns are filled that hardly two people have in common.
        """
        self.connection.execute("CREATE TABLE copies (c BIGINT, f BIGINT)")
        if len(self.tables) == 2 or len(self._telling) < 2:
            return
        filled = " + ".join(f"CAST({quoted(header)} IS NOT NULL AS INTEGER)" for header in self._telling)
        everything = ", ".join(quoted(header) for header in self._shared)
        self.connection.execute(
            f'INSERT INTO copies SELECT i, f FROM (SELECT "{ROW}" AS i, min("{ROW}") OVER (PARTITION BY {everything}) AS f '
            f"FROM records0 WHERE {filled} >= 2) WHERE i <> f ORDER BY i"
        )
        count = self.connection.execute("SELECT count(*) FROM copies").fetchall()[0][0]
        if count:
            what = f"{count:,} records say in every column what another says; each goes with the first"
            self.notes.append(Problem(path=self._names[0], code="copies", what=what, mend="nothing to do"))

    def copies(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of copies, and the row that each is a copy of."""
        found = self.connection.execute("SELECT c, f FROM copies ORDER BY c").fetchnumpy()
        return np.asarray(found["c"], np.int64), np.asarray(found["f"], np.int64)

    def strong(self, at_least: float) -> Pairs:
        """Pairs above a weight, by record."""
        query = "SELECT l, r, w FROM pairs WHERE w > ? ORDER BY l, r"
        return _pairs(self.connection.execute(query, [at_least]).fetchnumpy())

    def within(self, group: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], Pairs]]:
        """All pairs inside of groups, weak ones too: (group of each pair, pairs) in parts, by group.

        Args:
            group: (records,) number of each record's group; below 0: its pairs are not asked for.
        """
        import pyarrow as pa

        chosen = np.flatnonzero(group >= 0)
        self.connection.register("asked", pa.table({"i": chosen, "g": group[chosen]}))
        self.connection.execute("CREATE OR REPLACE TABLE grouped AS SELECT i, g FROM asked")
        self.connection.unregister("asked")
        reader = self.connection.execute(
            "SELECT a.g AS g, l, r, w FROM pairs JOIN grouped a ON a.i = l JOIN grouped b ON b.i = r WHERE a.g = b.g ORDER BY 1, 2, 3"
        ).to_arrow_reader(1_000_000)
        for batch in reader:
            columns = {name: batch.column(name).to_numpy(zero_copy_only=False) for name in ("g", "l", "r", "w")}
            yield columns["g"], _pairs(columns)

    def write(self, out: Path, found: dict[str, NDArray[Any]], query: str) -> None:
        """Write the result of a query over ``found`` as CSV or Parquet, by the ending of ``out``."""
        import pyarrow as pa

        self.connection.register("given", pa.table(found))
        self.connection.execute("CREATE OR REPLACE TABLE found AS SELECT * FROM given")
        self.connection.unregister("given")
        target = str(out).replace("'", "''")
        form = "FORMAT csv, HEADER true" if out.suffix == ".csv" else "FORMAT parquet"
        self.connection.execute(f"COPY ({query}) TO '{target}' ({form})")

    def twins(self) -> float:
        """The greatest share, over the files, of records that agree with another of theirs in two fields that hardly agree by chance."""
        if self.linker is None:
            return 0.0
        names = [f"derived{index}" for index in range(len(self.tables))]
        title = telling_title(self.connection, names, self.matching.fields)
        telling = [
            one.column(one.form.known)
            for one in self.matching.fields
            if one.form.strong or one.form.role in ("name", "address") or (title is not None and one.name == title[0].name)
        ]
        if len(telling) == 1:
            # A name of a thing may stand twice (a beer of two breweries): what else is told, or told of neither, must be the same, too.
            others = [one.column(one.form.known) for one in self.matching.fields if one.form.role not in COARSE]
            pairs = [(telling[0], other) for other in others if other not in telling] or [(telling[0], telling[0])]
        else:
            pairs = list(combinations(telling, 2))
        shares = [0.0]
        for index, table in enumerate(self.tables):
            for a, b in pairs:
                known = f'"{a}" IS NOT NULL' + (f' AND "{b}" IS NOT NULL' if len(telling) > 1 else "")
                query = f'SELECT count(*) c FROM derived{index} WHERE {known} GROUP BY "{a}", "{b}"'
                again = self.connection.execute(f"SELECT coalesce(sum(c - 1), 0) FROM ({query})").fetchall()[0][0]
                shares.append(float(again) / max(table.rows, 1))
        return max(shares)

    def _derived(self) -> list[str]:
        """The tables of the derived columns, one a file; rarity of words is counted over all of them."""
        fields = self.matching.fields
        tallies: dict[str, Counter[str]] = {one.name: Counter() for one in fields if one.form.tally is not None}
        for one in fields:
            if one.form.tally is not None:
                for table, begin, end in self._parts("counting words"):
                    one.form.tally(one.form.of(columns_of(self.connection, table.name, one.columns, begin, end)), tallies[one.name])
        known: Counter[str] = Counter()
        hangul: Counter[str] = Counter()
        made: list[str] = []
        for table, begin, end in self._parts("reading columns"):
            name = table.name.replace("records", "derived")
            self._insert(name, self._part(table, begin, end, tallies, known, hangul), create=name not in made)
            made += [] if name in made else [name]
        for one in fields:
            share = hangul[one.name] / max(known[one.name], 1)
            self._scripts[one.name] = {"hangul": share, "latin": 1 - share}
        return made

    def _parts(self, what: str) -> Iterator[tuple[Table, int, int]]:
        done = 0
        for table in self.tables:
            for begin, end in parts(table.rows, _PART):
                self._tell(what, done, self.records)
                yield table, begin, end
                done += end - begin

    def _part(
        self, table: Table, begin: int, end: int, tallies: dict[str, Counter[str]], known: Counter[str], hangul: Counter[str]
    ) -> dict[str, Any]:
        """The derived columns of some rows, as Arrow arrays by name."""
        import pyarrow as pa

        arrays: dict[str, Any] = {}
        for one in self.matching.fields:
            found = one.form.of(columns_of(self.connection, table.name, one.columns, begin, end))
            if one.form.settle is not None:
                one.form.settle(found, tallies[one.name])
            for part, values in found.items():
                kind = pa.list_(pa.string()) if part in one.form.lists else pa.float64() if part in one.form.numbers else pa.string()
                arrays[one.column(part)] = pa.array(values, kind)
            texts = [text for text in found[one.form.known] if text is not None]
            known[one.name] += len(texts)
            hangul[one.name] += sum(isinstance(text, str) and has_hangul(text) for text in texts)
        arrays["unique_id"] = pa.array(np.arange(begin, end), pa.int64())
        arrays["source_dataset"] = pa.array([table.name.replace("records", "file")] * (end - begin), pa.string())
        return arrays

    def _insert(self, name: str, arrays: dict[str, Any], *, create: bool) -> None:
        import pyarrow as pa

        self.connection.register("incoming", pa.table(arrays))
        self.connection.execute(
            f"CREATE TABLE {name} AS SELECT * FROM incoming" if create else f"INSERT INTO {name} SELECT * FROM incoming"
        )
        self.connection.unregister("incoming")

    def levels(self, one: Field) -> list[Level]:
        """The levels that a field is compared by, given the scripts it is written in."""
        scripts = self._scripts[one.name]
        return [level for level in one.form.levels if not level.script or scripts[level.script] >= LEAST_SCRIPT]

    def _comparison(self, one: Field) -> dict[str, Any]:
        levels: list[dict[str, Any]] = [{"sql_condition": one.unknown, "label_for_charts": "unknown", "is_null_level": True}]
        for level in self.levels(one):
            entry: dict[str, Any] = {"sql_condition": one.sql(level.sql), "label_for_charts": level.en}
            if level.rarity:
                entry |= {"tf_adjustment_column": one.column(level.rarity), "tf_adjustment_weight": 1.0}
            levels.append(entry)
        levels.append({"sql_condition": "ELSE", "label_for_charts": "different"})
        return {"output_column_name": one.name, "comparison_levels": levels}

    def _predict(self, candidates: Candidates, rules: list[Rule]) -> None:
        from splink import DuckDBAPI, Linker, block_on

        logging.getLogger("splink").setLevel(logging.ERROR)
        api = DuckDBAPI(connection=self.connection)
        tables = candidates.tables
        first: Any = block_on(*rules[0].columns)  # a form only: candidates are handed over below
        settings = {
            "link_type": "dedupe_only" if len(tables) == 1 else "link_only",
            "unique_id_column_name": "unique_id",
            "comparisons": [self._comparison(one) for one in self.matching.fields],
            "blocking_rules_to_generate_predictions": [first.get_blocking_rule("duckdb").as_dict()],
            "retain_matching_columns": False,
            "retain_intermediate_calculation_columns": False,
            "max_iterations": 25,
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            candidates.collect(rules)
            linker = Linker([api.register(table) for table in tables], settings, log_level=logging.ERROR)
            rows = [table.rows for table in self.tables]
            training = Training(self.connection, tables, rows, self.matching.fields, self.levels)
            install(linker, training.learnt(self._tell), training.prior)
            # Splink's own blocking holds a hash table for every rule at once; here one rule follows the other.
            for number, total in candidates.handed_out(rules):
                self._tell("weighing pairs", number, total)
                linker.table_management.register_blocked_pairs_for_predict(api.register(CHUNK))
                self._keep(linker.inference.predict(threshold_match_weight=LEAST_WEIGHT, warning_mode="never"))
        self.linker = linker
        histogram = self.connection.execute("SELECT round(w, 2) AS b, count(*) FROM pairs GROUP BY b ORDER BY b").fetchall()
        self.shift = shift(dict(histogram), training.possible, training.prior)
        # Sums over pairs differ in their last bits from run to run, as threads share them out.
        self.connection.execute(f"UPDATE pairs SET w = round(w + {self.shift!r}, {_DIGITS})")
        self.candidates = sum(count for _, count in histogram)

    def _keep(self, predicted: Any) -> None:
        name = predicted.physical_name
        sides = "unique_id_l, unique_id_r"
        if len(self.tables) == 2:
            sides = ", ".join(f"CASE WHEN source_dataset_l = 'file0' THEN unique_id_{a} ELSE unique_id_{b} END" for a, b in ("lr", "rl"))
        self.connection.execute(f"INSERT INTO pairs SELECT {sides}, match_weight FROM {name}")
        predicted.drop_table_from_database_and_remove_from_cache()


def _pairs(columns: dict[str, NDArray[Any]]) -> Pairs:
    return Pairs(np.asarray(columns["l"], np.int64), np.asarray(columns["r"], np.int64), np.asarray(columns["w"], np.float64))
