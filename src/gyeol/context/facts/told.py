"""Facts of which we know only what somebody tells us: in a request, or in a record of the log."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from gyeol.context.subject import SubjectKind
from gyeol.expressions.schema import NameInfo

MOST_CHARACTERS = 200


class Told:
    """A fact that the caller of decide gives under its name, or a record of the log.

    Args:
        name: Without ``moment.``.
        label: In ``ko`` and ``en``.
        ttl_ms: For how long it counts when a record does not say.
        subjects: What it may be recorded of; a person and the whole workspace besides, always.
        type: What its values are.
        values: What people call its values.
        unit: What a number counts.
        in_request: Whether the caller of decide may say it: with a client key anybody is the caller, and what is said there comes first.
    """

    def __init__(
        self,
        name: str,
        label: dict[str, str],
        ttl_ms: int,
        *,
        subjects: tuple[SubjectKind, ...] = (),
        type: Literal["text", "number", "flag"] = "text",
        values: dict[str, dict[str, str]] | None = None,
        unit: str | None = None,
        in_request: bool = True,
    ) -> None:
        self.name, self.ttl_ms, self.type, self.in_request = name, ttl_ms, type, in_request
        self.subjects: tuple[SubjectKind, ...] = ("person", *subjects, "workspace")
        self.names: Mapping[str, NameInfo] = {name: NameInfo(type=type, label=label, values=values or {}, unit=unit)}

    def refusal(self, value: object) -> str | None:
        """Why a value cannot be told: ``not_text``, ``not_number``, ``not_flag``, ``empty``, ``too_long``; None when it can."""
        if self.type == "flag":
            return None if isinstance(value, bool) else "not_flag"
        if self.type == "number":
            number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
            return None if number else "not_number"
        if not isinstance(value, str):
            return "not_text"
        if not value:
            return "empty"
        return "too_long" if len(value) > MOST_CHARACTERS else None
