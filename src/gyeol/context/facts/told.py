"""Facts of which we know only what somebody tells us: in a request, or in a record of the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gyeol.context.fact import Fact
from gyeol.context.facts.kind import Situation
from gyeol.expressions.schema import NameInfo

MOST_CHARACTERS = 200


class ToldText:
    """A text that the caller of decide gives under its name.

    Args:
        name: Without ``moment.``.
        label: In ``ko`` and ``en``.
        ttl_ms: For how long it counts.
        values: What people call its values.
    """

    def __init__(self, name: str, label: dict[str, str], ttl_ms: int, values: dict[str, dict[str, str]] | None = None) -> None:
        self.name = name
        self.ttl_ms = ttl_ms
        self.names: Mapping[str, NameInfo] = {name: NameInfo(type="text", label=label, values=values or {})}

    def observe(self, situation: Situation) -> Iterable[Fact]:
        """The fact, when the request gives a text of a reasonable length."""
        value = situation.request.get(self.name)
        if refusal(value) is None and isinstance(value, str):
            yield Fact(name=self.name, value=value, source="request", observed_at_ms=situation.now_ms, ttl_ms=self.ttl_ms)


def refusal(value: object) -> str | None:
    """Why a value cannot be a told text: ``not_text``, ``empty``, ``too_long``; None when it can (or was not given)."""
    if value is None:
        return None
    if not isinstance(value, str):
        return "not_text"
    if not value:
        return "empty"
    return "too_long" if len(value) > MOST_CHARACTERS else None
