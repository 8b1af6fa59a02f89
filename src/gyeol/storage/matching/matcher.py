"""Weights for pairs of records: candidates, training by EM, prediction. Splink does the statistics; nothing is configured by hand.

Source: Fellegi & Sunter (1969), "A theory for record linkage"; Splink 5 (Ministry of Justice, MIT).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gyeol.identity.matching.form import Level
from gyeol.identity.matching.hangul import has_hangul
from gyeol.identity.matching.plan import LEAST_SCRIPT, Field, Key, Matching, blocking, coarse, plan_of
from gyeol.identity.matching.roles import detect
from gyeol.storage.matching.nearest import nearest_pairs
from gyeol.storage.matching.records import columns_of, read, samples

Tell = Callable[[str, int, int], None]
"""Told (what, done, total)."""

LEAST_WEIGHT = -8.0
"""Pairs below this weight (bits) are forgotten."""
LEAST_SHARE = 1e-3
"""Least share of equal records at any level of likeness. Without it one field that training never saw wrong overrules all others."""
_RANDOM_PAIRS, _RANDOM_PAIRS_A_RECORD = 1.5e5, 5.0
_SEED = 1
_LEAST_TRAINING = 100
_SESSIONS = 2
_TRAINING_PAIRS = 1e6
_STEPS = 50
_DIGITS = 6
_PRIOR = 1e-4


@dataclass(frozen=True)
class Weighted:
    """Pairs with their weights.

    Args:
        ids: Of the records of each file, by row.
        left, right: Rows; with one file both are of it.
        weight: log2 odds that the two are one.
    """

    ids: list[list[str]]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    weight: NDArray[np.float64]


class Matcher:
    """Matches the records of one file, or those of two with each other.

    Args:
        files: One or two, with the name of their id column.
        tell: Told how far it is.

    Raises:
        InputError: A file cannot be used; everything found is named.
    """

    def __init__(self, files: list[tuple[Path, str]], tell: Tell = lambda what, done, total: None) -> None:
        import duckdb

        self._tell = tell
        self.connection = duckdb.connect()
        self.tables = [f"records{i}" for i in range(len(files))]
        headers = [read(self.connection, path, column, table) for (path, column), table in zip(files, self.tables, strict=True)]
        shared = [header for header in headers[0] if all(header in other for other in headers[1:])]
        self.left_out = sorted({header for one in headers for header in one} - set(shared))
        found = samples(self.connection, self.tables, shared)
        length = {sample.name: float(np.mean([len(value) for value in sample.values] or [0])) for sample in found}
        self.matching: Matching = plan_of(detect(found), length)
        self.ids = [[i for (i,) in self.connection.execute(f'SELECT "#id" FROM {t} ORDER BY "#row"').fetchall()] for t in self.tables]
        self.records = sum(len(ids) for ids in self.ids)
        self._scripts: dict[str, dict[str, float]] = {}
        self.linker: Any = None
        self.shift = 0.0

    def weigh(self) -> Weighted:
        """Weights of all candidates.

        Returns:
            Pairs of at least ``LEAST_WEIGHT`` bits.
        """
        nothing = np.zeros(0, np.int64)
        if not self.matching.fields or self.records < 2:
            return Weighted(self.ids, nothing, nothing, np.zeros(0))
        tables = self._derived()
        rules = self._rules(tables)
        if not rules:
            return Weighted(self.ids, nothing, nothing, np.zeros(0))
        return self._predicted(tables, rules)

    def twins(self) -> float:
        """The greatest share, over the files, of records that agree with another of theirs in two fields that hardly agree by chance."""
        telling = [
            one.column(one.form.known) for one in self.matching.fields if one.form.strong or one.form.role in ("name", "title", "address")
        ]
        pairs = list(combinations(telling, 2)) or [(column, column) for column in telling]
        shares = [0.0]
        for index, ids in enumerate(self.ids):
            for a, b in pairs:
                query = f'SELECT count(*) c FROM derived{index} WHERE "{a}" IS NOT NULL AND "{b}" IS NOT NULL GROUP BY "{a}", "{b}"'
                again = self.connection.execute(f"SELECT coalesce(sum(c - 1), 0) FROM ({query})").fetchall()[0][0]
                shares.append(float(again) / max(len(ids), 1))
        return max(shares)

    def _derived(self) -> list[str]:
        """The tables of the derived columns, one a file; rarity of words is counted over all of them."""
        import pyarrow as pa

        arrays: dict[str, Any] = {}
        for done, one in enumerate(self.matching.fields):
            self._tell("reading columns", done, len(self.matching.fields))
            rows = [row for table in self.tables for part in columns_of(self.connection, table, one.columns) for row in part]
            parts = one.form.of(rows)
            for part, values in parts.items():
                kind = pa.list_(pa.string()) if part in one.form.lists else pa.float64() if part in one.form.numbers else pa.string()
                arrays[one.column(part)] = pa.array(values, kind)
            known = [text for text in parts[one.form.known] if text is not None]
            hangul = sum(isinstance(text, str) and has_hangul(text) for text in known) / max(len(known), 1)
            self._scripts[one.name] = {"hangul": hangul, "latin": 1 - hangul}
        counts = [len(ids) for ids in self.ids]
        arrays["unique_id"] = pa.array([row for count in counts for row in range(count)], pa.int64())
        arrays["source_dataset"] = pa.array([f"file{i}" for i, count in enumerate(counts) for _ in range(count)], pa.string())
        self.connection.register("incoming", pa.table(arrays))
        for index in range(len(counts)):
            self.connection.execute(f"CREATE TABLE derived{index} AS SELECT * FROM incoming WHERE source_dataset = 'file{index}'")
        self.connection.unregister("incoming")
        return [f"derived{index}" for index in range(len(counts))]

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

    def _count(self, tables: list[str], columns: tuple[str, ...], spread: bool = False) -> int:
        """How many candidates a rule finds."""
        quoted = ", ".join(f'"{column}"' for column in columns)
        known = " AND ".join(f'"{column}" IS NOT NULL' for column in columns)
        chosen = f'unnest("{columns[0]}") AS k' if spread else f"hash({quoted}) AS k"
        counts = [f"SELECT k, count(*)::DOUBLE AS c FROM (SELECT {chosen} FROM {table} WHERE {known}) GROUP BY k" for table in tables]
        if len(tables) == 1:
            query = f"SELECT coalesce(sum(c * (c - 1) / 2), 0) FROM ({counts[0]})"
        else:
            query = f"SELECT coalesce(sum(a.c * b.c), 0) FROM ({counts[0]}) a JOIN ({counts[1]}) b USING (k)"
        return int(self.connection.execute(query).fetchall()[0][0])

    def _rules(self, tables: list[str]) -> list[tuple[str, ...]]:
        keys = [
            Key(one.column(part), one.name, self._count(tables, (one.column(part),), part in one.form.lists), part in one.form.lists)
            for one in self.matching.fields
            for part in one.form.keys
        ]
        self._spread = {key.column for key in keys if key.spread}
        together: dict[tuple[str, ...], int] = {
            (a.column, b.column): self._count(tables, (a.column, b.column)) for a, b in coarse(keys, self.records)
        }
        alone: dict[tuple[str, ...], int] = {(key.column,): key.pairs for key in keys}
        self._pairs = alone | together
        return blocking(keys, together, self.records)

    def _predicted(self, tables: list[str], rules: list[tuple[str, ...]]) -> Weighted:
        from splink import DuckDBAPI, Linker, block_on

        logging.getLogger("splink").setLevel(logging.ERROR)
        api = DuckDBAPI(connection=self.connection)
        blocks: list[Any] = [block_on(*rule, arrays_to_explode=[c for c in rule if c in self._spread] or None) for rule in rules]
        settings = {
            "link_type": "dedupe_only" if len(tables) == 1 else "link_only",
            "unique_id_column_name": "unique_id",
            "comparisons": [self._comparison(one) for one in self.matching.fields],
            "blocking_rules_to_generate_predictions": [block.get_blocking_rule("duckdb").as_dict() for block in blocks],
            "retain_matching_columns": False,
            "retain_intermediate_calculation_columns": False,
            "max_iterations": 25,
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            linker = Linker([api.register(table) for table in tables], settings, log_level=logging.ERROR)
            self._train(linker, api, rules)
            _temper(linker)
            self._tell("weighing pairs", 0, 0)
            predicted = linker.inference.predict(threshold_match_weight=LEAST_WEIGHT)
            table = predicted.as_duckdbpyrelation().arrow().read_all()
        left, right = (np.asarray(table[f"unique_id_{side}"], np.int64) for side in "lr")
        weight = np.asarray(table["match_weight"], np.float64)
        if len(tables) == 2:
            turned = np.asarray(table["source_dataset_l"].to_pylist()) != "file0"
            left, right = np.where(turned, right, left), np.where(turned, left, right)
        self.linker = linker
        prior = float(linker._settings_obj._probability_two_random_records_match)
        self.shift = _shift(weight, prior, self._possible())
        order = np.lexsort((right, left))
        # Sums over pairs differ in their last bits from run to run, as threads share them out.
        return Weighted(self.ids, left[order], right[order], np.round(weight[order] + self.shift, _DIGITS))

    def _possible(self) -> float:
        counts = [float(len(ids)) for ids in self.ids]
        return counts[0] * (counts[0] - 1) / 2 if len(counts) == 1 else counts[0] * counts[1]

    def _train(self, linker: Any, api: Any, rules: list[tuple[str, ...]]) -> None:
        """Random pairs tell how often different records agree; pairs of narrow rules, where matches are many, how often equal ones do.

        A session says nothing of the columns that it blocks on, so rules follow each other until every field was trained twice.
        """
        from splink import block_on

        pairs = max(_RANDOM_PAIRS, _RANDOM_PAIRS_A_RECORD * self.records)
        linker.training.estimate_u_using_random_sampling(max_pairs=pairs, seed=_SEED, min_count_per_level=None, num_chunks=1)
        roles = {one.form.role: one for one in reversed(self.matching.fields)}
        if "title" in roles and "name" not in roles:
            nearest = nearest_pairs(self.connection, [f"derived{i}" for i in range(len(self.ids))], roles["title"])
            linker.training.estimate_m_from_pairwise_labels(api.register(nearest))
            return
        trained = dict.fromkeys((one.name for one in self.matching.fields), 0)
        for done, rule in enumerate(rules):
            untrained = [one for one in self.matching.fields if trained[one.name] < _SESSIONS and not self._blocks(one, rule)]
            if not untrained or self._pairs[rule] < _LEAST_TRAINING or self._spread.intersection(rule):
                continue
            self._tell("training", done, len(rules))
            try:
                linker.training.estimate_parameters_using_expectation_maximisation(
                    block_on(*rule), record_sample_proportion=1.0, max_pairs=_TRAINING_PAIRS
                )
            except ValueError:
                continue  # a session among pairs that are all one, or all two, ends in probabilities of nought: it says nothing
            for one in self.matching.fields:
                trained[one.name] += not self._blocks(one, rule)

    def _blocks(self, one: Field, rule: tuple[str, ...]) -> bool:
        """Whether a rule fixes what a field's best level looks at."""
        compared = {one.column(part) for part in one.form.parts if any(f"{{{part}_l}}" in level.sql for level in self.levels(one))}
        return bool(compared.intersection(rule))


def _temper(linker: Any) -> None:
    """People make mistakes in every field: no level is rarer among equal records than ``LEAST_SHARE``, whatever training came to.

    And the prior is set anew, for a session that fails leaves its own behind; ``_shift`` fits it to the weights.
    """
    linker._settings_obj._probability_two_random_records_match = _PRIOR
    for comparison in linker._settings_obj.comparisons:
        for level in comparison.comparison_levels:
            if level.is_null_level:
                continue
            found = level.m_probability
            if isinstance(found, float) and found < LEAST_SHARE:
                level.m_probability = LEAST_SHARE


def _shift(weight: NDArray[np.float64], prior: float, possible: float) -> float:
    """How many bits to add to every weight so that the prior is what the weights themselves expect: EM over the prior alone.

    Args:
        weight: Bits, with the prior in them.
        prior: Probability that two random records are one, as it is in them.
        possible: How many pairs there are.
    """
    if not len(weight):
        return 0.0
    before = np.log2(prior / (1 - prior))
    share = prior
    for _ in range(_STEPS):
        odds = np.exp2(np.clip(weight - before + np.log2(share / (1 - share)), -60, 60))
        share = min(max(float((odds / (1 + odds)).sum()) / possible, 1e-12), 0.5)
    return float(np.log2(share / (1 - share)) - before)
