"""top: the most frequent value, ties to the smallest; above 64 different ones among the 64 of smallest hash, as in the stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gyeol.profiles.batch.rows import Rows
from gyeol.profiles.batch.values import functions
from gyeol.profiles.kinds.top import MOST
from gyeol.profiles.rules import Trait

if TYPE_CHECKING:
    import ibis.expr.types as ir


def relation(rows: Rows, trait: Trait) -> ir.Table:
    """Person and ``value``, a text; nobody without values."""
    import ibis

    values = rows.table.select(person=rows.table.person, word=rows.value(trait))
    counts = values.filter(values.word.notnull()).group_by(["person", "word"]).aggregate(times=ibis._.count())
    by_hash = ibis.window(group_by="person", order_by=functions().hash(counts.word))
    kept = counts.mutate(rank=ibis.row_number().over(by_hash)).filter(ibis._.rank < MOST)
    return kept.group_by("person").aggregate(value=kept.word.first(order_by=[kept.times.desc(), kept.word]))
