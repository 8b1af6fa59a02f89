"""The desk's operations on decisions that were taken."""

from __future__ import annotations

from collections.abc import Callable

from gyeol.app.answers import DecisionAnswer, DecisionsAnswer
from gyeol.app.core_api import Core, PersonRequest, StatusRequest
from gyeol.app.decision_answers import DecisionsExport
from gyeol.app.decision_export import MOST_DECISIONS, export, since_ms
from gyeol.app.spoken import Spoken
from gyeol.engine.definitions import Definitions
from gyeol.engine.state_store import StateStore
from gyeol.expressions.schema import Lang
from gyeol.kernel.errors import GyeolError, NotFoundError
from gyeol.kernel.instants import Zone


class DecisionDesk:
    """Part of ``Desk``: one decision, those of a person, and the answer to a request about automated decisions.

    Args:
        core: The core.
        state: Where decisions are kept.
        definitions: Those of a hash.
    """

    _core: Core
    _state: StateStore
    _definitions: Callable[[str], Definitions]
    _spoken: Callable[[str], Spoken]

    def decision(self, id: str) -> DecisionAnswer:
        """One decision, with what it used, what it led to and every refusal. Raises NotFoundError."""
        found = self._state.decisions.get(id)
        if found is None:
            raise NotFoundError("unknown_decision", f"There is no decision {id!r}.", decision=id)
        return self._spoken(self._core.status(StatusRequest()).definitions).decision(found)

    def decisions(self, id: str, limit: int = 100) -> DecisionsAnswer:
        """A person's decisions, newest first, with every refusal and its sentence. Raises NotFoundError."""
        found = self._state.decisions.of_nodes(self._core.person(PersonRequest(id=id)).nodes, limit)
        spoken = self._spoken(self._core.status(StatusRequest()).definitions)
        return DecisionsAnswer(decisions=[spoken.decision(decision) for decision in found])

    def decisions_export(self, id: str, lang: Lang = "ko", since: str | None = None) -> DecisionsExport:
        """All decisions about a person in that person's words, for who asks by law. Raises NotFoundError, InputError."""
        status = self._core.status(StatusRequest())
        now = self._definitions(status.definitions)
        from_ms = since_ms(since, Zone(now.workspace.zone))
        person = self._core.person(PersonRequest(id=id))
        found = self._state.decisions.of_nodes(person.nodes, MOST_DECISIONS + 1)

        def then(hash_: str) -> tuple[Definitions, Spoken]:
            try:
                return self._definitions(hash_), self._spoken(hash_)
            except GyeolError:
                return now, self._spoken(status.definitions)  # a restored folder may lack old versions: today's labels are better than none

        return export(
            person,
            [decision for decision in found[:MOST_DECISIONS] if from_ms is None or decision.at_ms >= from_ms],
            now,
            then,
            lang=lang,
            since=since,
            as_of_ms=status.engine_now_ms,
            complete=len(found) <= MOST_DECISIONS or (from_ms is not None and found[MOST_DECISIONS - 1].at_ms < from_ms),
        )
