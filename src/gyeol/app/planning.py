"""What a change of definitions would do, before it is applied."""

from __future__ import annotations

import msgspec

from gyeol.app.core_api import AudienceEffect, PlanReply
from gyeol.app.opening import OpenCore
from gyeol.engine.definitions import Definitions
from gyeol.engine.state import EngineState
from gyeol.workspace.difference import diff

FOLD_LIMIT = 5_000_000
"""Up to so many records the log is folded under the new definitions to count; a longer one would keep the asker waiting for minutes."""


def plan_reply(parts: OpenCore, new: Definitions, sizes: dict[str, int]) -> PlanReply:
    """The change, and how many people it would put into audiences or take out.

    Args:
        parts: The open data folder.
        new: What would be applied.
        sizes: Of the audiences now.

    Raises:
        InputError: The definitions do not fit together.
    """
    old = parts.engine.definitions
    changes = diff(old, new)
    after: dict[str, int | None] = dict.fromkeys((a.name for a in new.audiences), None)
    if parts.log.end_offset() <= FOLD_LIMIT:
        after |= sizes_of(parts.under(new))
    names = dict.fromkeys([*sizes, *after])
    traits = {trait.name: trait for trait in old.traits}
    return PlanReply(
        before=old.hash,
        after=new.hash,
        changes=[msgspec.to_builtins(change) for change in changes.changes],
        audiences=[AudienceEffect(audience=name, before=sizes.get(name), after=after.get(name)) for name in names],
        refold=[trait.name for trait in new.traits if traits.get(trait.name) != trait],
    )


def sizes_of(state: EngineState) -> dict[str, int]:
    """The sizes of all audiences."""
    rows = state.people.all_rows()
    return {name: state.memberships.size(name, rows) for name in state.memberships.names}
