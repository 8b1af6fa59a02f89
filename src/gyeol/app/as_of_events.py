"""Facts beside the events that a figure counts: what was true when each of them happened, from the lake."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gyeol.context.moment import PREFIX
from gyeol.engine.definitions import Definitions
from gyeol.engine.enriching import EventJoins
from gyeol.expressions.condition import parse_condition
from gyeol.expressions.nodes import Name, walk
from gyeol.profiles.batch.events import Past, Seen, person_events

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

Told = tuple["ir.Table | None", "dict[str, pa.Table] | None"]
"""``log_offset`` and a column for each fact, and the tables that this brings along; None: no fact is read."""


def facts_of_events(where: str | None, event: str, definitions: Definitions, run: Callable[..., pa.Table]) -> Told:
    """The facts that a condition over events reads, as of each event of a name.

    Args:
        where: The condition; None: there is none.
        event: Its name; ``$any``: of every name.
        definitions: The workspace's.
        run: Runs an expression over the lake.

    Raises:
        InputError: The condition is wrong.
    """
    names = set() if where is None else {part.name for part in walk(parse_condition(where, None).tree) if isinstance(part, Name)}
    names = {name for name in names if name.startswith(PREFIX)}
    joins = EventJoins(definitions, names, frozenset([event])).sql() if names else None
    if joins is None:
        return None, None
    past, seen = Past.of_lake(facts=True), Seen()
    asked = past if event == "$any" else Past(past.events.filter(past.events["name"] == event), past.moves, past.facts)
    told = joins.joined(person_events(asked, seen), names, past, seen)
    # What earlier events tell may be of any name; zones, spans and what events say themselves are asked of these alone.
    return told.select("log_offset", *sorted(names)), joins.tables(run, asked, earlier=joins.earlier(run, past))
