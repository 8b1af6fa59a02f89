"""The fold's second peer: one Polars query with an expression a trait, grouped by person."""

from __future__ import annotations

import time
from typing import Any

from gyeol.bench.fold_peers import NUMERIC, PERSON, TIME, Grouped, Instants, condition_of
from gyeol.expressions.durations import parse_duration
from gyeol.profiles.model import TraitDefinition


class PolarsFold:
    """The events as a data frame.

    Attributes:
        threads: That Polars uses.
    """

    def __init__(self, grouped: Grouped, traits: list[TraitDefinition], instants: Instants) -> None:
        import polars as pl

        self._events: Any = pl.from_arrow(grouped.table)
        chosen = [trait for trait in traits if trait.kind != "sequence"]
        self._traits = {trait.name: _expression(trait, instants) for trait in chosen}
        self._numeric = [trait.name for trait in chosen if trait.kind in NUMERIC]
        self.threads = pl.thread_pool_size()

    def run(self) -> tuple[float, dict[str, float]]:
        """Seconds, and the total of each numeric trait."""
        import polars as pl

        begun = time.perf_counter()
        found = self._events.lazy().group_by(PERSON).agg(**self._traits).collect()
        took = time.perf_counter() - begun
        totals = found.select(pl.col(name).cast(pl.Float64).sum() for name in self._numeric).row(0, named=True)
        return took, {name: float(total) for name, total in totals.items()}


def _expression(trait: TraitDefinition, instants: Instants) -> Any:
    import polars as pl

    counts = pl.sql_expr(condition_of(trait, None if trait.window is None else instants.since(trait.window)))
    value = pl.col(trait.property or TIME).filter(counts)
    at = pl.col(TIME).filter(counts)
    match trait.kind:
        case "count":
            return counts.sum()
        case "first":
            return value.get(at.arg_min(), null_on_oob=True)
        case "last":
            return value.get(at.arg_max(), null_on_oob=True)
        case "recent":
            return value.top_k_by(at, trait.size)
        case "distinct":
            return value.n_unique()
        case "top":
            return value.mode().first()
        case "decay":
            assert trait.half_life is not None
            weight = 2.0 ** ((at - instants.now_ms) / parse_duration(trait.half_life).ms)
            return (weight if trait.property is None else value * weight).sum()
        case _:
            return getattr(value, trait.kind)()
