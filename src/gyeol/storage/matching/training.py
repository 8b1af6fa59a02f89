"""What agreement and difference say: learnt from the records themselves; no labels, nothing by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gyeol.identity.matching.form import Level
from gyeol.identity.matching.learning import BELIEF, Learnt, Patterns, belief, learn
from gyeol.identity.matching.plan import Field, budget_of
from gyeol.storage.matching.nearest import nearest_pairs

if TYPE_CHECKING:
    import duckdb

PRIOR = 1e-4
_SEED = 1
_RANDOM_PAIRS = 300_000
_LEAST_TRAINING = 30
_SESSION_PAIRS = 20_000
_SESSIONS = 4
"""A field is learnt about from so many groups of pairs."""
_STEPS = 50
_TELLING = 0.7
"""A title names things one by one where so many of the records have one that no other record has."""
COARSE = ("category", "number")
Tell = Callable[[str, int, int], None]


class Training:
    """Groups of pairs, and what they tell.

    Args:
        connection: With the derived tables and the candidates.
        tables: One, or two whose records are linked.
        rows: Records of each.
        fields: What is compared.
        levels: Levels of likeness of a field, best first.

    When it has learnt, ``possible`` is how many pairs the shares are about, and ``prior`` the share of them to begin with that are equal.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        tables: list[str],
        rows: list[int],
        fields: Sequence[Field],
        levels: Callable[[Field], list[Level]],
    ) -> None:
        self._connection = connection
        self._tables = tables
        self._rows = rows
        self._fields = fields
        self._levels = [levels(one) for one in fields]
        self._title = telling_title(connection, tables, fields)
        # Of the pairs that the shares are about: all, or, for things, the candidates.
        self.possible = rows[0] * (rows[0] - 1) / 2 if len(rows) == 1 else float(rows[0] * rows[1])
        self.prior = max(1 / max(2, *rows), PRIOR)

    def learnt(self, tell: Tell) -> Learnt:
        """Probabilities of the levels of every field."""
        beliefs = [belief(len(levels) + 1, one.form.differs) for one, levels in zip(self._fields, self._levels, strict=True)]
        tell("training", 0, 0)
        rare = 1 / max(2, *self._rows)
        if self._title is not None and self._title[1] >= _TELLING and all(one.form.role != "name" for one in self._fields):
            self._connection.register("nearest", nearest_pairs(self._connection, self._tables, self._title[0]))
            # Things come in families (songs of an album, models of a maker) that agree in much by their nature: different ones are looked
            # at among the candidates, not among all.
            among = f"SELECT DISTINCT l, r FROM candidates ORDER BY hash(l, r), 1, 2 LIMIT {_RANDOM_PAIRS}"
            drawn = self._patterns(f"SELECT * FROM ({among}) EXCEPT SELECT unique_id_l, unique_id_r FROM nearest")
            near = self._patterns("SELECT unique_id_l AS l, unique_id_r AS r FROM nearest")
            self.possible = float(self._connection.execute("SELECT count(*) FROM (SELECT DISTINCT l, r FROM candidates)").fetchall()[0][0])
            self.prior = min(max(float(near.counts.sum()) / max(self.possible, 1.0), PRIOR), 0.5)
            self._connection.unregister("nearest")
            return learn(drawn, [near], beliefs, rare, candidates=True)
        drawn = self._patterns(self._drawn())
        return learn(drawn, self._sessions(tell), beliefs, rare)

    def _own(self, i: int) -> bool:
        """Whether a field is the person's own; of titles the one that tells most: the songs of an album share all others."""
        one = self._fields[i]
        return one.form.own and (one.form.role != "title" or (self._title is not None and one.name == self._title[0].name))

    def _drawn(self) -> str:
        """Random pairs, or all where they are few: SQL for their rows."""
        import pyarrow as pa

        if self._rows[0] * self._rows[-1] <= _RANDOM_PAIRS:
            left_table, right_table = self._sides()
            once = " WHERE l.unique_id < r.unique_id" if len(self._tables) == 1 else ""
            return f"SELECT l.unique_id AS l, r.unique_id AS r FROM {left_table} l, {right_table} r{once}"
        chance = np.random.default_rng(_SEED)
        left, right = (chance.integers(0, rows, _RANDOM_PAIRS) for rows in (self._rows[0], self._rows[-1]))
        if len(self._tables) == 1:
            left, right = np.minimum(left, right), np.maximum(left, right)
        keep = left != right if len(self._tables) == 1 else np.ones(len(left), bool)
        self._connection.register("drawn", pa.table({"l": left[keep], "r": right[keep]}))
        return "SELECT l, r FROM drawn"

    def _sessions(self, tell: Tell) -> list[Patterns]:
        """Pairs that agree in two fields, at least one of them a person's own; where there are too few, in one."""
        telling = [i for i, one in enumerate(self._fields) if one.form.role not in COARSE]
        pairs = list(combinations(telling, 2))
        pairs.sort(key=lambda chosen: (-sum(self._own(i) for i in chosen), chosen))
        # Families agree in address and telephone number: without a field of a person's own they would be taken for one.
        owned = [chosen for chosen in pairs if any(self._own(i) for i in chosen)]
        alone = sorted(((i,) for i in telling), key=lambda chosen: (not self._own(chosen[0]), chosen))
        learnt = dict.fromkeys(range(len(self._fields)), 0)
        found: list[Patterns] = []
        tried = [*(owned or pairs), *alone]
        for done, chosen in enumerate(tried):
            wanted = _SESSIONS if len(chosen) == 2 else 1
            if all(learnt[i] >= wanted for i in learnt if i not in chosen):
                continue
            tell("training", done, len(tried))
            session = self._session(chosen)
            if session is not None:
                found.append(session)
                for i in learnt:
                    learnt[i] += i not in chosen
        return found

    def _session(self, chosen: tuple[int, ...]) -> Patterns | None:
        fields = [self._fields[i] for i in chosen]
        columns = [one.column(one.form.known) for one in fields]
        named = ", ".join(f'"{column}"' for column in columns)
        one_file = " WHERE l.unique_id < r.unique_id" if len(self._tables) == 1 else ""
        few = budget_of(sum(self._rows))
        # Values that very many share say little and would cost most.
        often = max(int(few**0.5), 10)
        left, right = (
            f"(SELECT unique_id, {named} FROM {table} QUALIFY count(*) OVER (PARTITION BY {named}) <= {often})" for table in self._sides()
        )
        rows = (
            f"SELECT l.unique_id AS l, r.unique_id AS r FROM {left} l JOIN {right} r USING ({named}){one_file} "
            f"ORDER BY hash(l.unique_id, r.unique_id), 1, 2 LIMIT {_SESSION_PAIRS}"
        )
        patterns = self._patterns(rows, frozenset(chosen))
        return patterns if patterns.counts.sum() >= _LEAST_TRAINING else None

    def _sides(self) -> tuple[str, str]:
        return self._tables[0], self._tables[-1]

    def _patterns(self, rows: str, silent: frozenset[int] = frozenset()) -> Patterns:
        """How pairs of rows agree, counted."""
        cases, columns = [], []
        for number, (one, levels) in enumerate(zip(self._fields, self._levels, strict=True)):
            tests = "".join(f" WHEN {one.sql(level.sql)} THEN {len(levels) - i}" for i, level in enumerate(levels))
            cases.append(f"CASE WHEN {one.unknown} THEN -1{tests} ELSE 0 END AS g{number}")
            columns += [f'{side}."{one.column(part)}" AS "{one.column(part)}_{side}"' for part in one.form.parts for side in "lr"]
        left, right = self._sides()
        found = self._connection.execute(
            f"SELECT *, count(*) AS n FROM (SELECT {', '.join(cases)} FROM (SELECT {', '.join(columns)} FROM ({rows}) p "
            f"JOIN {left} l ON l.unique_id = p.l JOIN {right} r ON r.unique_id = p.r)) GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        table = np.array(found, np.int64).reshape(len(found), len(self._fields) + 1)
        return Patterns(table[:, :-1], table[:, -1].astype(np.float64), silent)


def telling_title(connection: duckdb.DuckDBPyConnection, tables: list[str], fields: Sequence[Field]) -> tuple[Field, float] | None:
    """The title that is most often one of its own, and the share of its values that are different; None without titles."""
    best: tuple[Field, float] | None = None
    for one in fields:
        if one.form.role == "title":
            text = one.column(one.form.known)
            counts = " UNION ALL ".join(f'SELECT count(DISTINCT "{text}") / greatest(count("{text}"), 1) AS s FROM {t}' for t in tables)
            share = float(connection.execute(f"SELECT min(s) FROM ({counts})").fetchall()[0][0])
            if best is None or share > best[1]:
                best = one, share
    return best


def install(linker: Any, learnt: Learnt, prior: float) -> None:
    """Give Splink what was learnt. Its levels stand best first, behind one for values that cannot be compared.

    Splink adds log2(m / u), and something for rare values: where a field counts for a part, it gets ratios of that power, and that part.
    """
    linker._settings_obj._probability_two_random_records_match = prior
    shares = zip(learnt.equal, learnt.other, learnt.counted.tolist(), strict=True)
    for comparison, (equal, other, counted) in zip(linker._settings_obj.comparisons, shares, strict=True):
        levels = [level for level in comparison.comparison_levels if not level.is_null_level]
        for level, m, u in zip(levels, equal[::-1].tolist(), other[::-1].tolist(), strict=True):
            level.m_probability, level.u_probability, level._tf_adjustment_weight = u * (m / u) ** counted, u, counted


def shift(weights: Mapping[float, int], possible: float, prior: float) -> float:
    """How many bits to add to every weight so that the prior is what the weights themselves expect: EM over the prior alone.

    Args:
        weights: Bits, with the prior in them → how many pairs have them.
        possible: How many pairs there are, candidates or not.
        prior: Share of equal pairs that is in the weights.
    """
    if not weights:
        return 0.0
    values: NDArray[np.float64] = np.array(list(weights), np.float64)
    counts: NDArray[np.float64] = np.array(list(weights.values()), np.float64)
    before = np.log2(prior / (1 - prior))
    share = prior
    for _ in range(_STEPS):
        odds = np.exp2(np.clip(values - before + np.log2(share / (1 - share)), -60, 60))
        # The beginning belief keeps a file of a few records from losing all its pairs on the way.
        expected = float((counts * odds / (1 + odds)).sum()) + BELIEF * prior
        share = min(max(expected / (possible + BELIEF), 1e-12), 0.5)
    return float(np.log2(share / (1 - share)) - before)
