"""Consent as events state it: which events speak of consent, and where in them the words stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.events.batch import EventBatch
from gyeol.identity.model import IdentityRules
from gyeol.kernel.errors import InputError, Problem
from gyeol.privacy.consent import ConsentLedger, Statement
from gyeol.privacy.model import ConsentEventDefinition

Int64 = npt.NDArray[np.int64]
NodesOf = Callable[[str, list[str | None], list[int]], Int64]
"""(identifier type, values, first seen in ms) → nodes, -1 where a value identifies nobody."""

STATUSES = {"granted": True, "withdrawn": False}


class Ignored(msgspec.Struct, frozen=True):
    """An event of the batch that spoke of consent and was not believed.

    Codes: ``consent_untrusted`` (a source that anybody can write to), ``consent_bad_status``, and those of ``ConsentLedger.state``.
    """

    event: int
    code: str


class ConsentReader:
    """The workspace's consent events, ready to read batches.

    Args:
        definitions: Which events speak of consent.
        rules: Identity rules: an ``address`` path belongs to the identifier type that reads the same path.
        trusted: For each source, by index, whether it is believed (trust ``server``).
        sources: For each source, by index, its name.

    Raises:
        InputError: An ``address`` is read by no identifier type.
    """

    def __init__(
        self, definitions: Sequence[ConsentEventDefinition], rules: IdentityRules, trusted: Sequence[bool], sources: Sequence[str]
    ) -> None:
        self._trusted = np.array(trusted, np.bool_)
        self._sources = list(sources)
        self._definitions: list[tuple[ConsentEventDefinition, str | None]] = []
        problems = []
        for definition in definitions:
            type_name = next((t.name for t in rules.types if definition.address in t.paths), None)
            if definition.address is not None and type_name is None:
                problems.append(
                    Problem(
                        path=f"consent_events.{definition.event}.address",
                        code="address_without_type",
                        what=f"no identifier type reads {definition.address!r}, so the address of this consent is nobody's",
                        mend="add the path to the paths of the identifier type it holds",
                    )
                )
            self._definitions.append((definition, type_name))
        if problems:
            raise InputError("consent_events", problems)

    def paths(self) -> set[str]:
        """The event paths that ``read`` asks for."""
        return {path for d, _ in self._definitions for path in (d.channel, d.purpose, d.status, d.address, d.proof) if path is not None}

    def read(self, batch: EventBatch, event_nodes: Int64, nodes_of: NodesOf, ledger: ConsentLedger) -> list[Ignored]:
        """State every consent of a batch in the ledger.

        Args:
            batch: The events.
            event_nodes: (n,) node of each event.
            nodes_of: Interns contact addresses (``IdentityGraph.nodes``).
            ledger: Where the statements go.

        Returns:
            The events that were not believed, in order.
        """
        ignored: list[Ignored] = []
        # Read first: a batch gives its names their codes when they are asked for.
        event_names = batch.name
        for definition, type_name in self._definitions:
            code = batch.names.find(definition.event)
            if code < 0:
                continue
            hits = np.flatnonzero(event_names == code)
            if not len(hits):
                continue
            believed = self._trusted[batch.source[hits]]
            ignored.extend(Ignored(int(i), "consent_untrusted") for i in hits[~believed])
            hits = hits[believed]
            if len(hits):
                contacts = self._contacts(batch, definition, type_name, hits, event_nodes, nodes_of)
                ignored.extend(self._state(batch, definition, hits, contacts, ledger))
        return sorted(ignored, key=lambda i: (i.event, i.code))

    def _contacts(
        self,
        batch: EventBatch,
        definition: ConsentEventDefinition,
        type_name: str | None,
        hits: Int64,
        event_nodes: Int64,
        nodes_of: NodesOf,
    ) -> Int64:
        if definition.address is None or type_name is None:
            return event_nodes[hits]
        addresses = batch.texts(definition.address)
        return nodes_of(type_name, [addresses[i] for i in hits.tolist()], batch.time_ms[hits].tolist())

    def _state(
        self, batch: EventBatch, definition: ConsentEventDefinition, hits: Int64, contacts: Int64, ledger: ConsentLedger
    ) -> list[Ignored]:
        channel, purpose, status = (batch.texts(path) for path in (definition.channel, definition.purpose, definition.status))
        proof = batch.texts(definition.proof) if definition.proof is not None else [None] * batch.n
        ignored = []
        for i, node in zip(hits.tolist(), contacts.tolist(), strict=True):
            granted = STATUSES.get((status[i] or "").strip().lower())
            problem = "consent_bad_status"
            if granted is not None:
                refused = ledger.state(
                    Statement(
                        node=node,
                        channel=channel[i] or "",
                        purpose=purpose[i] or "",
                        granted=granted,
                        at_ms=int(batch.time_ms[i]),
                        id=int(batch.id_hash[i]),
                        source=self._sources[int(batch.source[i])],
                        proof=proof[i] or "",
                        simulated=definition.simulated,
                    )
                )
                if refused is None:
                    continue
                problem = refused
            ignored.append(Ignored(i, problem))
        return ignored
