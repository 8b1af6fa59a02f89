"""What the core wants of the lake: histories of sequences that late events made doubtful, and the past of new traits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import msgspec
import numpy as np

from gyeol.app.core_api import CommandRequest, Core, ReportReply, ReportRequest, SubmitRequest
from gyeol.app.past_blocks import PastBlocks
from gyeol.context.batch import SqlJoins
from gyeol.engine.definitions import Definitions
from gyeol.engine.enriching import EventJoins
from gyeol.engine.refold import Doubtful, History
from gyeol.events.log import Log
from gyeol.events.reading import Reading
from gyeol.profiles.batch.events import Past
from gyeol.profiles.batch.moments import sequence_events
from gyeol.profiles.batch.traits import paths_read, unreadable
from gyeol.profiles.rules import Trait, compile_traits
from gyeol.storage.lake.shaping import Shaping

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

BY = "gyeol"
_ROUNDS = 1_000


class ReadLake(Protocol):
    """The part of ``storage.lake.lake.Lake`` that is read."""

    @property
    def offset(self) -> int:
        """The first log offset that the lake does not hold."""
        ...

    def query(self, text: str, values: list[object] | None = None) -> pa.Table:
        """Rows of a query of ours."""
        ...

    def run(self, expression: ir.Table, tables: dict[str, pa.Table] | None = None) -> pa.Table:
        """Rows of an expression over the lake's tables."""
        ...


class PastWork:
    """Gives the core what it wants of the lake.

    Args:
        core: Asked what it wants, and given it.
        lake: Read only as far as it says that it is.
        log: Of the same folder.
        definitions: The definitions of a hash.
    """

    def __init__(self, core: Core, lake: ReadLake, log: Log, definitions: Callable[[str], Definitions]) -> None:
        self._core, self._lake, self._log, self._definitions = core, lake, log, definitions

    def step(self, reply: ReportReply, hash_: str) -> int:
        """Give the core some of what it wants; returns how many commands that took, 0 when nothing more can be given.

        Args:
            reply: What it wants.
            hash_: The definitions in force.
        """
        definitions = self._definitions(hash_)
        commands = self._refolds(reply.doubtful, definitions)
        if commands:
            self._core.submit(SubmitRequest(commands=commands))
        given = len(commands)
        for owed in reply.owed:
            if owed.until <= self._lake.offset:
                for block in PastBlocks(self._lake, self._log, definitions).blocks(owed):
                    command = CommandRequest(kind="backfill", body=msgspec.structs.asdict(block), by=BY)
                    self._core.submit(SubmitRequest(commands=[command]))
                    given += 1
        return given

    def all(self, hash_: Callable[[], str]) -> None:
        """Give the core all that it wants now."""
        for _ in range(_ROUNDS):
            reply = self._core.report(ReportRequest(lake_offset=self._lake.offset))
            if not self.step(reply, hash_()):
                return

    def _refolds(self, wanted: list[Doubtful], definitions: Definitions) -> list[CommandRequest]:
        until = self._lake.offset
        currency = definitions.workspace.currency
        traits = {t.name: t for t in compile_traits(definitions.all_traits, definitions.plan, currency)}
        hides = Shaping(definitions).hides
        reading = Reading(definitions.plan, currency)
        made: list[History] = []
        for name in dict.fromkeys(each.trait for each in wanted):
            if name not in traits:
                continue
            joins = EventJoins(definitions, paths_read([traits[name]]))
            if unreadable([traits[name]], joins.hides(hides), _paths_of(joins)):
                continue
            mine = [each.nodes for each in wanted if each.trait == name]
            made += self._histories(traits[name], mine, until, definitions.hash, reading, joins.sql())
        body: dict[str, object] = {"histories": [msgspec.structs.asdict(history) for history in made]}
        return [CommandRequest(kind="refold", body=body, by=BY)] if made else []

    def _histories(
        self, trait: Trait, wanted: list[list[int]], until: int, hash_: str, reading: Reading, facts: SqlJoins | None
    ) -> list[History]:
        """The histories of one sequence; they are read at once."""
        nodes = sorted({node for group in wanted for node in group})
        past = Past.of_lake(facts=facts is not None)
        tables = None if facts is None else facts.tables(self._lake.run, past)
        found = self._lake.run(sequence_events(trait, past, reading, nodes, until, facts), tables)
        node, times, ids, roles = (found.column(name).to_numpy() for name in ("node", "time", "id", "role"))
        made = []
        for group in wanted:
            at = np.flatnonzero(np.isin(node, group))
            at = at[np.lexsort((ids[at], times[at]))]
            made.append(
                History(
                    trait=trait.name,
                    definitions=hash_,
                    nodes=group,
                    until=until,
                    times=times[at].astype("<i8").tobytes(),
                    ids=ids[at].astype("<u8").tobytes(),
                    roles=roles[at].astype(np.uint8).tobytes(),
                )
            )
        return made


def _paths_of(joins: EventJoins) -> Callable[[str], set[str]]:
    return lambda name: joins.paths_in_lake([name])
