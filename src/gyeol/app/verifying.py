"""Doctor's checks: is everything there, is anything behind, does a replay give the same state."""

from __future__ import annotations

import hashlib
import shutil

import numpy as np

from gyeol.app.core_api import Check
from gyeol.app.opening import OpenCore
from gyeol.engine.state import EngineState
from gyeol.kernel.canonical import canonical_json
from gyeol.kernel.errors import GyeolError
from gyeol.workspace.load import load

LEAST_FREE_BYTES = 1_000_000_000


def checks(parts: OpenCore, backlog: int) -> list[Check]:
    """Everything that can be looked at quickly."""
    behind = parts.log.end_offset() - parts.store.acted_offset()
    free = shutil.disk_usage(parts.folder.path).free
    return [
        Check(name="log", good=True, detail=f"{parts.log.end_offset():,} records, {parts.log.size_bytes():,} bytes"),
        Check(name="state_db", good=behind < 100_000, detail=f"{behind:,} records behind the log", mend="look at the disk of state.db"),
        Check(
            name="backlog",
            good=backlog < 100_000,
            detail=f"{backlog:,} events wait for the engine",
            mend="send more slowly, or use more machines",
        ),
        Check(
            name="disk",
            good=free > LEAST_FREE_BYTES,
            detail=f"{free // 1_000_000:,} MB free",
            mend="free some space: when the disk is full nothing more is taken",
        ),
        _definitions_check(parts),
    ]


def past_check(doubtful: int, unready: list[str]) -> Check:
    """Whether the lake still owes the engine anything: histories that late events ask for, the past of new traits."""
    told = [f"{doubtful:,} sequences wait to be folded anew after late events"] if doubtful else []
    told += [f"the past of {', '.join(unready)} is being brought in"] if unready else []
    mend = "the side process does it as the lake moves on; conditions on personal data cannot be folded from the lake"
    return Check(name="past", good=not told, detail="; ".join(told) or "every trait holds its whole past", mend=mend if told else "")


def _definitions_check(parts: OpenCore) -> Check:
    try:
        same = load(parts.workspace).definitions.hash == parts.engine.definitions.hash
    except GyeolError as error:
        return Check(
            name="workspace",
            good=False,
            detail=f"the files cannot be read: {error.message}",
            mend="mend the files; `gyeol plan` lists every problem",
        )
    detail = "the files are what is in force" if same else "the files differ from what is in force"
    return Check(name="workspace", good=same, detail=detail, mend="" if same else "look at `gyeol plan`, then `gyeol apply`")


def replay_check(parts: OpenCore, now: tuple[int, str, int]) -> Check:
    """Fold the whole log anew and compare with the state in memory.

    Args:
        parts: The open data folder.
        now: Offset, digest and people of the state in memory, all at one moment.
    """
    again = parts.recovered(parts.engine.definitions, snapshots=False, until=now[0]).state
    if again.offset != now[0]:
        return Check(name="replay", good=False, detail="records came while the log was folded", mend="try again when it is quieter")
    good = state_digest(again) == now[1]
    return Check(
        name="replay",
        good=good,
        detail=f"{again.offset:,} records folded anew give {'the same' if good else 'ANOTHER'} state of {now[2]:,} people",
        mend="" if good else "a bug of ours: please report it; restarting uses the log as the truth",
    )


def state_digest(state: EngineState) -> str:
    """32 hex digits over people, traits and audiences as they are presented: equal for equal states, whatever their history."""
    rows = state.people.all_rows()
    people = sorted((state.graph.person_id(int(state.people.person_of_row[row])), row) for row in rows.tolist())
    digest = hashlib.blake2b(digest_size=16)
    digest.update("".join(person_id for person_id, _ in people).encode())
    ordered = np.array([row for _, row in people], np.int64)
    for name in state.memberships.names:
        digest.update(state.memberships.members(name, ordered).tobytes())
    digest.update(state.memberships.stage_codes(ordered).tobytes())
    for definition in state.definitions.traits:
        column = state.traits.column(definition.name, ordered, state.now_ms)
        values = [_rounded(column.item(i)) for i in range(len(people))]
        digest.update(canonical_json(values))
    return digest.hexdigest()


def _rounded(value: object) -> object:
    """Decayed sums are equal to 1e-9 only; all else is exact."""
    return float(f"{value:.9e}") if isinstance(value, float) else value
