"""The desk's operations on identity: what waits for judgement, the commands that judge, and the audit trail."""

from __future__ import annotations

import msgspec

from gyeol.app.core_api import CommandRequest, Core, PeopleRequest, SubmitRequest, Submitted
from gyeol.app.core_people import NodeName
from gyeol.app.identity_answers import AuditAnswer, AuditRow, QuarantineAnswer, SharedAnswer
from gyeol.engine.commands import IDENTITY_COMMANDS, Told
from gyeol.engine.state_store import AuditEntry, StateStore
from gyeol.kernel.errors import InputError, Problem

_AUDIT_PAGE, _MOST_AUDITED = 500, 20_000


class IdentityDesk:
    """Part of ``Desk``: what is asked and told of who is who.

    Args:
        core: The core.
        state: State.db, read-only.
    """

    _core: Core
    _state: StateStore

    def quarantine(self, limit: int = 50, cursor: str | None = None) -> QuarantineAnswer:
        """Quarantined evidence over all people, newest first. Raises InputError."""
        reply = self._core.people(PeopleRequest(waiting="quarantined", limit=limit, cursor=cursor))
        return QuarantineAnswer(quarantined=reply.quarantined, next=reply.next, total=reply.total)

    def shared(self, limit: int = 50, cursor: str | None = None) -> SharedAnswer:
        """Shared identifiers with their fan-out, newest first. Raises InputError."""
        reply = self._core.people(PeopleRequest(waiting="shared", limit=limit, cursor=cursor))
        return SharedAnswer(shared=reply.shared, next=reply.next, total=reply.total)

    def merge(self, a: str, b: str, by: str, why: str) -> Submitted:
        """Say that two people are one. Refused (a value) when a limit forbids it."""
        return self._tell("merge", {"a": a, "b": b}, by, why)

    def cut(self, a: str, b: str, by: str, why: str) -> Submitted:
        """Say that two identifiers belong to two people."""
        return self._tell("cut", {"a": a, "b": b}, by, why)

    def release(self, a: str, b: str, by: str, why: str) -> Submitted:
        """Believe what is held back between two identifiers or people, in spite of the limit."""
        return self._tell("release", {"a": a, "b": b}, by, why)

    def confirm(self, a: str, b: str, by: str, why: str) -> Submitted:
        """Leave out for good what is held back between two identifiers or people."""
        return self._tell("confirm", {"a": a, "b": b}, by, why)

    def move(self, a: str, b: str, by: str, why: str) -> Submitted:
        """Take an identifier from its person and give it to another."""
        return self._tell("move", {"a": a, "b": b}, by, why)

    def split(self, identifiers: list[str], by: str, why: str) -> Submitted:
        """Cut some identifiers of a person off the others."""
        return self._tell("split", {"identifiers": identifiers}, by, why)

    def audit(self, limit: int = 100, cursor: str | None = None, kind: str | None = None) -> AuditAnswer:
        """Commands, newest first: who, when, why. Raises InputError.

        Args:
            limit: Of entries.
            cursor: ``next`` of the page before.
            kind: Of one kind; ``identity``: those on people.
        """
        if cursor is not None and not cursor.isdecimal():
            what, mend = f"{cursor!r} is no cursor of this list", "take it from `next` of the page before"
            raise InputError("bad_cursor", [Problem(path="cursor", code="bad_cursor", what=what, mend=mend)])
        wanted = None if kind is None else IDENTITY_COMMANDS if kind == "identity" else (kind,)
        found, following = self._audited(limit, None if cursor is None else int(cursor), wanted)
        told = {each.offset: _told(each) for each in found}
        nodes = list(dict.fromkeys(node for body in told.values() for node in body.all_nodes()))
        names = {each.node: each for each in self._core.people(PeopleRequest(limit=0, nodes=nodes)).nodes} if nodes else {}
        return AuditAnswer(entries=[_row(each, told[each.offset], names) for each in found], next=following)

    def _audited(self, limit: int, before: int | None, wanted: tuple[str, ...] | None) -> tuple[list[AuditEntry], str | None]:
        """A page, and the cursor of the next: pages are read until enough of the wanted kinds are found."""
        found: list[AuditEntry] = []
        looked = 0
        while True:
            page = self._state.audit.list(_AUDIT_PAGE, before)
            for entry in page:
                before = entry.offset
                if wanted is None or entry.kind in wanted:
                    found.append(entry)
                    if len(found) == limit:
                        return found, str(before)
            looked += len(page)
            if len(page) < _AUDIT_PAGE:
                return found, None
            if looked >= _MOST_AUDITED:
                return found, str(before)

    def _tell(self, kind: str, body: dict[str, object], by: str, why: str) -> Submitted:
        command = msgspec.convert({"kind": kind, "body": body, "by": by, "why": why}, CommandRequest)
        return self._core.submit(SubmitRequest(commands=[command])).results[0]


def _told(entry: AuditEntry) -> Told:
    return msgspec.convert(entry.body, Told) if entry.kind in IDENTITY_COMMANDS else Told()


def _row(entry: AuditEntry, told: Told, names: dict[int, NodeName]) -> AuditRow:
    identifiers = [names[node] for node in told.all_nodes() if node in names]
    body = {"pairs": len(told.pairs) or len(told.cuts)} if entry.kind in IDENTITY_COMMANDS else entry.body
    return AuditRow(
        offset=entry.offset, at=entry.at_ms, by=entry.by, kind=entry.kind, why=entry.why, identifiers=identifiers, body=dict(body)
    )
