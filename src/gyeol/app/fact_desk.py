"""The desk's operations on facts and Moments."""

from __future__ import annotations

from gyeol.app.core_api import Core, FactsAsked, PersonRequest, StatusRequest, SubmitRequest
from gyeol.app.fact_answers import FactSaidAnswer, FactsAnswer, FactsSaidAnswer, MomentAnswer
from gyeol.context.record import FactInput
from gyeol.context.subject import EVERYBODY, SUBJECT_KINDS, Subject
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.instants import parse_instant


class FactDesk:
    """Part of ``Desk``: what is observed, and what is true of a person.

    Args:
        core: The core.
    """

    _core: Core

    def moment(self, id: str, at: str | None = None) -> MomentAnswer:
        """What is true of a person, now or as of an ISO-8601 instant. Raises NotFoundError, InputError."""
        at_ms = None if at is None else parse_instant(at)
        if at is not None and at_ms is None:
            mend = "write it as 2026-07-01T09:00:00+09:00"
            raise InputError("bad_time", [Problem(path="at", code="bad_time", what=f"{at!r} is no instant", mend=mend)])
        reply = self._core.person(PersonRequest(id=id, at_ms=at_ms))
        assert reply.now is not None
        return reply.now

    def facts(self, name: str | None = None, about: str | None = None, limit: int = 100) -> FactsAnswer:
        """Facts that are held, those observed last first; ``about``: ``store:gangnam``, ``person:user_id:u1``, ``workspace``."""
        asked = FactsAsked(name=None if name is None else name.removeprefix("moment."), about=_subject(about), limit=limit)
        reply = self._core.status(StatusRequest(facts=asked))
        assert reply.facts is not None
        return reply.facts

    def add_facts(self, facts: list[FactInput], by: str) -> FactsSaidAnswer:
        """Record facts. Raises InputError with every problem; then none is recorded."""
        reply = self._core.submit(SubmitRequest(facts=facts, facts_by=by))
        return FactsSaidAnswer(facts=[FactSaidAnswer(status=each.status, offset=each.offset) for each in reply.facts])


def _subject(about: str | None) -> Subject | None:
    if about is None:
        return None
    if about == "workspace":
        return Subject("workspace", EVERYBODY)
    kind, _, id = about.partition(":")
    found = next((each for each in SUBJECT_KINDS if each == kind), None)
    if found is None or not id:
        mend = f"write KIND:ID with one of {', '.join(SUBJECT_KINDS)}"
        raise InputError("bad_subject", [Problem(path="about", code="bad_subject", what=f"{about!r} names no subject", mend=mend)])
    return Subject(found, id)
