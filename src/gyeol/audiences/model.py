"""Definitions of audiences."""

from __future__ import annotations

import msgspec


class AudienceDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named condition and the people for whom it is true.

    Args:
        of: A kind of group (``household``): the audience is of groups, and its condition reads their traits. None: of people.
    """

    name: str
    condition: str
    of: str | None = None
    label: dict[str, str] = {}
    description: dict[str, str] = {}


class StageDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of the journey-stage ladder; the first whose condition is true is the person's stage (in file order)."""

    name: str
    condition: str
    label: dict[str, str] = {}
