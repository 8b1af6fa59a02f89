"""What was told of articles by any point of the log, from the lake: as ``ledger.FactLedger``, which knows only what is held now."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING

from gyeol.context.fact import Fact
from gyeol.context.facts.cart_supply import READS
from gyeol.context.subject import Subject
from gyeol.profiles.batch.values import functions

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

_COLUMNS = ("subject", "name", "number", "source", "start", "end", "offset")


def told_of_articles(facts: ir.Table) -> ir.Table:
    """What ``LakeLedger`` is made of; of one subject and name in the order in which ``FactLedger`` holds them.

    Args:
        facts: Columns as ``profiles.batch.events.FACTS``.
    """
    mine = facts.filter((facts.about == "sku") & facts["name"].isin(READS) & facts.number.notnull())
    plain = mine.select(
        "subject", "name", "number", "source", "confidence", "value", start=functions().epoch_ms(mine.observed),
        end=functions().epoch_ms(mine["until"]), received=functions().epoch_ms(mine.received), offset=mine.log_offset,
    )  # fmt: skip
    order = [plain.start, plain.confidence, plain.received, plain.source.desc(), plain["value"]]
    return plain.order_by("subject", "name", *order).select(*_COLUMNS)


def articles_told(facts: ir.Table | None, run: Callable[[ir.Table], pa.Table]) -> LakeLedger | None:
    """All of it, asked of the lake; None where it holds no facts.

    Args:
        facts: All of the lake; columns as ``profiles.batch.events.FACTS``.
        run: Asks the lake.
    """
    return None if facts is None else LakeLedger(run(told_of_articles(facts)))


class LakeLedger:
    """Facts about articles by subject and name.

    Args:
        found: Rows of ``told_of_articles``.
    """

    def __init__(self, found: pa.Table) -> None:
        self._of: dict[tuple[str, str], list[tuple[int, Fact]]] = {}
        self._longest: dict[tuple[str, str], int] = {}
        for subject, name, number, source, start, end, offset in zip(*(found.column(each).to_pylist() for each in _COLUMNS), strict=True):
            key = subject, name
            fact = Fact(name=name, value=number, source=source, observed_at_ms=start, ttl_ms=end - start, about=Subject("sku", subject))
            self._of.setdefault(key, []).append((offset, fact))
            self._longest[key] = max(self._longest.get(key, 0), end - start)

    def before(self, offset: int, about: Subject, name: str, at_ms: int, oldest_ms: int) -> Fact | None:
        """The fact that counted for an article at an instant, of those that the log held before an offset; None: none did.

        Args:
            offset: Of the log.
            about: What it is about.
            name: Without ``moment.``.
            at_ms: The instant.
            oldest_ms: Facts that ended at or before it were forgotten.
        """
        held = self._of.get((about.id, name), ()) if about.kind == "sku" else ()
        for i in range(bisect_right(held, at_ms, key=_observed) - 1, -1, -1):
            told, fact = held[i]
            until = fact.observed_at_ms + (fact.ttl_ms or 0)
            if told < offset and until > at_ms and until > oldest_ms:
                return fact
            if fact.observed_at_ms + self._longest[about.id, name] <= at_ms:
                return None
        return None


def _observed(told: tuple[int, Fact]) -> int:
    return told[1].observed_at_ms
