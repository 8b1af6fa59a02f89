"""One person's pass through one version of a journey, and the memory of who passed when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from gyeol.kernel.reason import Reason


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """A pass: it keeps the node that it was made for, whoever that node belongs to later.

    Args:
        journey: Name of the journey.
        version: Hash of its definition at the time.
        node: Whose pass it is.
        person: The person the node belonged to at the time.
        entry_key: Names the start of the match; a trigger fires once per (trigger, person, start of match).
        at_ms: ``engine_now`` of the entry.
        cause_offset: Log offset of the record that set it off.
        outcome: ``entered`` (nothing decided yet), ``queued`` (its message is in the outbox), ``refused`` (by a gate).
        send_key: Of its message.
        decision: Id of the decision taken for it.
        reason: For ``refused``: why.
    """

    journey: str
    version: str
    node: int
    person: str
    entry_key: str
    at_ms: int
    cause_offset: int
    outcome: Literal["entered", "queued", "refused"] = "entered"
    send_key: str = ""
    decision: str = ""
    reason: Reason | None = None


class EnrolmentLedger:
    """When each node last entered each journey. Derived from enrolment records; equal records give equal state."""

    def __init__(self) -> None:
        self._last: dict[str, dict[int, tuple[int, str]]] = {}
        self.total = 0

    def add(self, enrolment: Enrolment) -> None:
        """Remember an enrolment; called once for each record, in the order of the log."""
        last = self._last.setdefault(enrolment.journey, {})
        entry = (enrolment.at_ms, enrolment.entry_key)
        last[enrolment.node] = max(last.get(enrolment.node, entry), entry)
        self.total += 1

    def last(self, journey: str, nodes: Iterable[int]) -> tuple[int, int, str] | None:
        """(at_ms, node, entry_key) of the latest enrolment of any of these nodes in a journey, or None."""
        last = self._last.get(journey)
        if last is None:
            return None
        return max(((last[n][0], n, last[n][1]) for n in nodes if n in last), default=None)

    def earlier(self, journey: str, nodes: Iterable[int], at_ms: int, node: int, since_ms: int) -> int | None:
        """Another of these nodes that entered the journey from ``since_ms`` on and before (at_ms, node), or None.

        After a merge that other node's enrolment is the one that counts; the later one exits ``merged``.
        """
        last = self._last.get(journey, {})
        found = [(last[n][0], n) for n in nodes if n != node and n in last and last[n][0] >= since_ms and (last[n][0], n) < (at_ms, node)]
        return min(found)[1] if found else None

    def dump(self) -> bytes:
        """The ledger's content; equal contents give equal bytes."""
        rows = [(journey, node, at_ms, key) for journey, last in self._last.items() for node, (at_ms, key) in last.items()]
        return msgspec.msgpack.encode((self.total, sorted(rows)))

    @classmethod
    def load(cls, data: bytes) -> EnrolmentLedger:
        """The ledger that ``dump`` wrote."""
        ledger = cls()
        ledger.total, rows = msgspec.msgpack.decode(data, type=tuple[int, list[tuple[str, int, int, str]]])
        for journey, node, at_ms, key in rows:
            ledger._last.setdefault(journey, {})[node] = (at_ms, key)
        return ledger
