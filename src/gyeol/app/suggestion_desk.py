"""The desk's operations on suggestions: who may be one, why, accepted or rejected by whom; and what a command on people would do."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from gyeol.app.core_api import CommandRequest, Core, SubmitRequest, Submitted
from gyeol.app.core_people import NodeName
from gyeol.app.suggesting import Suggester
from gyeol.app.suggestion_answers import Suggested, SuggestedSide, SuggestionModel, SuggestionsAnswer, SuggestionsRun, WaterfallStep
from gyeol.engine.commands import IDENTITY_COMMANDS
from gyeol.identity.description import mask
from gyeol.identity.suggesting.attributes import ROLES, Attributes, form, shown
from gyeol.identity.suggesting.model import UNKNOWN, names
from gyeol.kernel.errors import InputError, NotFoundError, Problem, StateError
from gyeol.storage.suggesting.store import Likely

_CHUNK = 200
RUN_S = 60.0
"""One request compares for so long at most."""


class SuggestionDesk:
    """Part of ``Desk``.

    Args:
        core: The core.
        suggester: Keeps the suggestions; None where nobody does.
    """

    _core: Core
    _suggester: Suggester | None

    def suggestions(self, limit: int = 50, cursor: str | None = None) -> SuggestionsAnswer:
        """Suggestions that nobody has judged, strongest first, each with its waterfall. Raises InputError."""
        suggester = self._suggesting()
        store, settings = suggester.store, suggester.thresholds
        found, following = self._page(suggester, limit, cursor)
        model = store.model
        return SuggestionsAnswer(
            suggestions=found,
            next=following,
            total=store.unjudged(),
            mode=settings.mode,
            at_least=settings.at_least,
            accept_at_least=settings.accept_at_least,
            behind=store.waiting(),
            records=store.count(),
            model=None if model is None else SuggestionModel(version=model.version, trained=model.trained, records=model.records),
        )

    def _page(self, suggester: Suggester, limit: int, cursor: str | None) -> tuple[list[Suggested], str | None]:
        """From the strongest on, so that of several records of the same two people the strongest pair stands for all of them."""
        after = None if cursor is None else _place(cursor)
        judged = suggester.judged_people()
        seen: set[frozenset[str]] = set()
        found: list[Suggested] = []
        place = 0
        while chunk := suggester.store.suggested(_CHUNK, place):
            place += len(chunk)
            people = suggester.people(node for each in chunk for node in (each.a, each.b))
            records = suggester.store.records(node for each in chunk for node in (each.a, each.b))
            for each in chunk:
                passed = after is None or (-each.weight, each.a, each.b) > after
                if each.a in people and each.b in people:
                    two = frozenset((people[each.a].person, people[each.b].person))
                    if len(two) == 2 and two not in seen and two not in judged:
                        if passed and len(found) == limit:
                            return found, f"{found[-1].weight!r}:{found[-1].id}"
                        seen.add(two)
                        if passed:
                            found.append(_shown(each, people, records))
        return found, None

    def accept_suggestion(self, id: str, by: str, why: str) -> Submitted:
        """Take a suggestion as evidence, within the limits: it may be held back (``facts.held``). Raises NotFoundError."""
        return self._judge("accept", id, by, why)

    def reject_suggestion(self, id: str, by: str, why: str) -> Submitted:
        """Say that the two are two people: the pair is not suggested again. Raises NotFoundError."""
        return self._judge("reject", id, by, why)

    def _judge(self, kind: str, id: str, by: str, why: str) -> Submitted:
        suggester = self._suggesting()
        likely, people = self._suggestion(suggester, id)
        if people[likely.a].person == people[likely.b].person and kind == "accept":
            return Submitted(status="refused", reason="already_one", detail="the two are one person already")
        if (likely.a, likely.b) in {*suggester.store.judged("accepted"), *suggester.store.judged("rejected")}:
            return Submitted(status="refused", reason="already_judged", detail="somebody has judged this suggestion already")
        body = _body(likely, people)
        command = msgspec.convert({"kind": kind, "body": body, "by": by, "why": why}, CommandRequest)
        told = self._core.submit(SubmitRequest(commands=[command])).results[0]
        if told.status == "applied":
            with suggester.store.transaction():
                suggester.store.judge(likely.a, likely.b, f"{kind}ed", likely.at_ms)
        return told

    def _suggestion(self, suggester: Suggester, id: str) -> tuple[Likely, dict[int, NodeName]]:
        pair = _pair(id, "id")
        likely = suggester.store.suggestion(*pair)
        people = {} if likely is None else suggester.people(pair)
        if likely is None or len(people) < 2:
            raise NotFoundError("unknown_suggestion", f"there is no suggestion {id!r}; `gyeol identity suggestions list` lists them", id=id)
        return likely, people

    def run_suggestions(self) -> SuggestionsRun:
        """Compare what waits to be compared, for a minute at most."""
        suggester = self._suggesting()
        done = suggester.all(RUN_S)
        return SuggestionsRun(
            statements=done.statements,
            compared=done.compared,
            suggested=done.suggested,
            accepted=done.accepted,
            behind=suggester.store.waiting(),
        )

    def preview(self, kind: str, body: dict[str, object]) -> Submitted:
        """What a command on people would do; nothing is changed. ``body`` as of the command; accept: ``{"suggestion": id}`` too.

        Raises:
            InputError: There is no such command.
        """
        if kind not in IDENTITY_COMMANDS:
            mend = f"one of {', '.join(IDENTITY_COMMANDS)}"
            raise InputError("bad_kind", [Problem(path="kind", code="bad_kind", what=f"{kind!r} is no command on people", mend=mend)])
        if "suggestion" in body:
            body = _body(*self._suggestion(self._suggesting(), str(body["suggestion"])))
        command = msgspec.convert({"kind": kind, "body": body, "by": "", "why": ""}, CommandRequest)
        return self._core.submit(SubmitRequest(commands=[command], preview=True)).results[0]

    def _suggesting(self) -> Suggester:
        if self._suggester is None:
            raise StateError("no_suggestions", "nobody keeps suggestions here: they are kept where the whole workspace is open")
        return self._suggester


def _place(cursor: str) -> tuple[float, int, int]:
    """Where a page ended, in the order of the list; whoever stood there may have been judged since."""
    weight, _, id = cursor.rpartition(":")
    pair = _pair(id, "cursor")
    try:
        return -float(weight), *pair
    except ValueError:
        raise _bad(cursor, "cursor") from None


def _pair(text: str, path: str) -> tuple[int, int]:
    a, _, b = text.partition("-")
    if not (a.isdecimal() and b.isdecimal()):
        raise _bad(text, path)
    return int(a), int(b)


def _bad(text: str, path: str) -> InputError:
    mend = "take it from the list of suggestions"
    return InputError(f"bad_{path}", [Problem(path=path, code=f"bad_{path}", what=f"{text!r} names no suggestion", mend=mend)])


def _body(likely: Likely, people: Mapping[int, NodeName]) -> dict[str, object]:
    ids = {"a": people[likely.a].identifier.id, "b": people[likely.b].identifier.id}
    return {**ids, "weight": likely.weight, "model": likely.model}


def _shown(likely: Likely, people: Mapping[int, NodeName], records: Mapping[int, Attributes]) -> Suggested:
    a, b = (records.get(node, Attributes()) for node in (likely.a, likely.b))
    steps = []
    for role in ROLES:
        left, right = _value(a, role), _value(b, role)
        if left or right:
            level = likely.likeness.get(role, UNKNOWN)
            ko, en = names(role, level)
            label = {"ko": form(role).ko, "en": form(role).en}
            bits = likely.bits.get(role, 0.0)
            steps.append(WaterfallStep(field=role, label=label, level={"ko": ko, "en": en}, left=left, right=right, bits=bits))
    return Suggested(
        id=f"{likely.a}-{likely.b}",
        weight=likely.weight,
        probability=round(1 / (1 + 2.0 ** -max(min(likely.weight, 60.0), -60.0)), 6),
        prior=likely.prior,
        steps=steps,
        a=_side(people[likely.a], a),
        b=_side(people[likely.b], b),
        at=likely.at_ms,
        model=likely.model,
        by_servers=a.trusted and b.trusted,
    )


def _value(record: Attributes, role: str) -> str:
    said = record.stated.get(role)
    return "" if said is None else shown(role, said.value, mask)


def _side(name: NodeName, record: Attributes) -> SuggestedSide:
    return SuggestedSide(person=name.person, name=_value(record, "name") or name.identifier.value, identifier=name.identifier)
