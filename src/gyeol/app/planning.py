"""What a change of definitions would do, before it is applied."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import msgspec

from gyeol.app.core_api import AudienceEffect, PlanReply
from gyeol.app.data_files import offer_files
from gyeol.app.opening import OpenCore
from gyeol.engine.backfill import told_anew
from gyeol.engine.definitions import Definitions
from gyeol.engine.state import EngineState
from gyeol.identity.graph import IdentityGraph
from gyeol.identity.rehearsal import Standing, copied, effect, rehearse, standing
from gyeol.kernel.errors import StateError
from gyeol.workspace.difference import diff

FOLD_LIMIT = 5_000_000
"""Up to so many records the log is folded under the new definitions to count; a longer one would keep the asker waiting for minutes."""


def plan_reply(parts: OpenCore, new: Definitions, ask: Callable[[Callable[[EngineState], object]], object]) -> PlanReply:
    """The change, how many people it would put into audiences or take out, and who would be whom under other identity rules.

    Args:
        parts: The open data folder.
        new: What would be applied.
        ask: Has the engine answer a question to its state. Between questions it goes on: nothing long is asked.

    Raises:
        InputError: The definitions do not fit together.
    """
    old = parts.engine.definitions
    offer_files(new, parts.applied.files, parts.workspace)
    changes = diff(old, new)
    sizes = cast(dict[str, int], ask(sizes_of))
    after: dict[str, int | None] = dict.fromkeys((a.name for a in new.audiences), None)
    before = cast(Standing, ask(lambda state: standing(state.graph))) if new.identity != old.identity else None
    then = _folded(parts, new)
    identity = None
    if then is not None:
        after |= sizes_of(then)
        identity = None if before is None else effect(before, then.graph)
    elif before is not None:
        graph = cast(IdentityGraph, ask(lambda state: state.graph))
        copy = copied(lambda take: ask(lambda _: take()), graph, parts.identity_key)
        identity = rehearse(copy, new.identity)
    names = dict.fromkeys([*sizes, *after])
    traits, anew = {trait.name: trait for trait in old.traits}, told_anew(old, new)
    return PlanReply(
        before=old.hash,
        after=new.hash,
        changes=[msgspec.to_builtins(change) for change in changes.changes],
        audiences=[AudienceEffect(audience=name, before=sizes.get(name), after=after.get(name)) for name in names],
        identity=identity,
        refold=[trait.name for trait in new.traits if traits.get(trait.name) != trait or trait.name in anew],
    )


def _folded(parts: OpenCore, new: Definitions) -> EngineState | None:
    """The state that the log gives under other definitions; None when it is too long, or no longer reaches back to its start."""
    if parts.log.end_offset() > FOLD_LIMIT:
        return None
    try:
        return parts.under(new)
    except StateError as error:
        if error.code == "log_shortened":
            return None
        raise


def sizes_of(state: EngineState) -> dict[str, int]:
    """The sizes of all audiences."""
    rows = state.people.all_rows()
    sizes = {name: state.memberships.size(name, rows) for name in state.memberships.names}
    return sizes | state.groups.audience_sizes()
