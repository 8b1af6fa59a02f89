"""Doctor's checks: is everything there, is anything behind, does a replay give the same state."""

from __future__ import annotations

import hashlib
import time

import msgspec
import numpy as np

from gyeol.app.core_api import Check
from gyeol.app.examining import (
    Pulse,
    backlog_check,
    clock_check,
    dedupe_check,
    disk_check,
    engine_check,
    fsync_check,
    letters_check,
    memory_now,
    messages_check,
    state_check,
    today_utc,
)
from gyeol.app.opening import OpenCore
from gyeol.context.moment import PREFIX
from gyeol.engine.definitions import Definitions
from gyeol.engine.snapshot import latest_offset, safe_offset, set_aside, written_s
from gyeol.engine.state import EngineState
from gyeol.expressions.condition import Condition
from gyeol.kernel import canonical
from gyeol.kernel.canonical import canonical_json
from gyeol.kernel.errors import GyeolError, StateError
from gyeol.storage.log.files import log_files
from gyeol.storage.log.mending import cut_aside
from gyeol.workspace.load import load


def checks(parts: OpenCore, pulse: Pulse) -> list[Check]:
    """Everything that can be looked at quickly, and without the engine: it may be what is stuck."""
    folder, log = parts.folder, parts.log
    files = [(path.stem, path.stat().st_size) for path in log_files(folder.log)]
    return [
        engine_check(pulse),
        log_check(parts),
        snapshots_check(parts),
        state_check(log.end_offset() - parts.store.acted_offset(), pulse),
        backlog_check(pulse),
        fsync_check(folder.path),
        disk_check(folder.path, files, today_utc()),
        memory_now(),
        clock_check(parts.engine.definitions.workspace.clock, log.last_engine_now_ms(), parts.clock.now_ms()),
        dedupe_check(parts.dedupe.size(), parts.settings.dedupe_capacity),
        letters_check(parts.store.dead_letters.counts()),
        messages_check(parts.store.outbox),
        _definitions_check(parts),
    ]


def past_check(doubtful: int, unready: list[str]) -> Check:
    """Whether the lake still owes the engine anything: histories that late events ask for, the past of new traits."""
    told = [f"{doubtful:,} sequences wait to be folded anew after late events"] if doubtful else []
    told += [f"the past of {', '.join(unready)} is being brought in"] if unready else []
    mend = "the side process does it as the lake moves on; conditions on personal data cannot be folded from the lake"
    return Check(name="past", good=not told, detail="; ".join(told) or "every trait holds its whole past", mend=mend if told else "")


def silent_check(patience_s: float) -> Check:
    """An engine that does not answer a question."""
    return Check(
        name="past",
        good=False,
        detail=f"the engine did not answer a question for {patience_s:g} s",
        why="it folds nothing meanwhile: events wait, decisions are late, the console cannot be read",
        mend="an import, `gyeol apply` or a sweep over everybody ends by itself; when it does not, restart: nothing answered is lost",
    )


def log_check(parts: OpenCore) -> Check:
    """How much the log holds, and what was cut from its end."""
    aside = cut_aside(parts.folder.log)
    detail = f"{parts.log.end_offset():,} records, {parts.log.size_bytes():,} bytes"
    if not aside:
        return Check(name="log", good=True, detail=detail)
    return Check(
        name="log",
        good=False,
        detail=f"{detail}; damaged frames were cut and put aside: {', '.join(map(str, aside))}",
        mend="look at the disk; restore a backup if what was cut matters; then delete these files",
    )


def snapshots_check(parts: OpenCore) -> Check:
    """How far the newest snapshot is, and what is wrong with snapshots."""
    aside, problem = set_aside(parts.folder.snapshots), parts.snapshotter.problem
    offset, _ = latest_offset(parts.folder.snapshots)
    detail = f"the newest holds everything before offset {offset:,}" if offset >= 0 else "none yet: a start folds the whole log"
    written = written_s(parts.folder.snapshots)
    if written is not None:
        detail += f", {parts.log.end_offset() - offset:,} records and {max(0.0, time.time() - written) / 60:,.0f} min ago"
    detail += f"; the last start took {parts.start_s:,.1f} s"
    if aside:
        detail += f"; damaged and put aside: {', '.join(map(str, aside))}"
    if problem is not None:
        detail += f"; the last one failed: {problem.message}"
    return Check(
        name="snapshots",
        good=not aside and problem is None,
        detail=detail,
        mend="look at the disk; the next one replaces it",
        why="nothing is lost, but a start folds the log from the newest usable one",
    )


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


def replay_check(parts: OpenCore, now: tuple[int, str, int], learned: str | None = None) -> Check:
    """Fold the whole log anew and compare with the state in memory.

    Args:
        parts: The open data folder.
        now: Offset, digest and people of the state in memory, all at one moment.
        learned: ``learned_digest`` of it at the same moment; None: what policies learned is not compared.
    """
    whence = "the log's start"
    try:
        again = parts.recovered(parts.engine.definitions, snapshots=False, until=now[0]).state
    except StateError as error:
        if error.code != "log_shortened":
            raise
        # Retention has dropped the beginning: from the older snapshot on there is something to compare, too.
        again = parts.recovered(parts.engine.definitions, until=now[0], not_after=safe_offset(parts.folder.snapshots)).state
        whence = "the older snapshot"
    if again.offset != now[0]:
        return Check(name="replay", good=False, detail="records came while the log was folded", mend="try again when it is quieter")
    good = state_digest(again) == now[1]
    told = f"{again.offset:,} records, folded anew from {whence}, give {'the same' if good else 'ANOTHER'} state of {now[2]:,} people"
    if learned is not None and again.definitions.policies:
        same = learned_digest(again) == learned if _learned_alike(parts) else None
        good = good and same is not False
        told += {True: ", and of what policies learned", False: ", and ANOTHER one of what policies learned", None: _UNLIKE}[same]
    return Check(
        name="replay",
        good=good,
        detail=told,
        mend="" if good else "a bug of ours: please report it; restarting uses the log as the truth",
    )


_UNLIKE = "; what policies learned is not compared: policies, goals or open channels were others once"


def _learned_alike(parts: OpenCore) -> bool:
    """Whether all definitions that were ever applied say the same of what is learned. The log is folded under those in force, and
    credits the goals that they have; the state in memory credited those of its day.
    """
    return len({canonical.digest(_taught(each)) for each in parts.applied.all()}) == 1


def _taught(definitions: Definitions) -> object:
    policies = [msgspec.structs.replace(each, label={}) for each in definitions.policies]
    goals = {offer.name: offer.goal for offer in definitions.offers if offer.goal is not None}
    return policies, goals, {place.name: (place.ranking, place.channels, place.hours) for place in definitions.placements}


def learned_digest(state: EngineState) -> str:
    """32 hex digits over what policies learned and what they wait for, to the last bit."""
    return hashlib.blake2b(state.learning.dump(state.now_ms), digest_size=16).hexdigest()


def moves_by_itself(state: EngineState, condition: Condition) -> bool:
    """Whether time alone may change the truth of a condition between two looks at a person."""
    fading = {trait.name for trait in state.traits.traits if trait.fades and trait.window is None}
    return any(name in fading or name.startswith(PREFIX) for name in condition.names)


def state_digest(state: EngineState) -> str:
    """32 hex digits over people, traits and audiences as they are presented, and what decisions hold: equal for equal states, whatever
    their history.

    An audience that time alone moves between two looks (a decayed value, the hour of day) counts as it would be found now: when it
    was looked at last is history.
    """
    rows = state.people.all_rows()
    people = sorted((state.graph.person_id(int(state.people.person_of_row[row])), row) for row in rows.tolist())
    digest = hashlib.blake2b(digest_size=16)
    digest.update("".join(person_id for person_id, _ in people).encode())
    ordered = np.array([row for _, row in people], np.int64)
    columns, memberships = state.columns(ordered), state.memberships
    for name in memberships.names:
        condition = memberships.condition(name)
        drifts = moves_by_itself(state, condition)
        digest.update((condition.evaluate(columns, len(ordered))[0] if drifts else memberships.members(name, ordered)).tobytes())
    ladder = [memberships.stage_condition(name) for name in memberships.stages]
    if any(moves_by_itself(state, condition) for condition in ladder):
        digest.update(b"".join(condition.evaluate(columns, len(ordered))[0].tobytes() for condition in ladder))
    else:
        digest.update(memberships.stage_codes(ordered).tobytes())
    for definition in state.definitions.traits:
        column = state.traits.column(definition.name, ordered, state.now_ms)
        values = [_rounded(column.item(i)) for i in range(len(people))]
        digest.update(canonical_json(values))
    digest.update(state.decided.taken())
    approvals = state.contents.approvals.standing
    digest.update(canonical_json({version: [standing.state, standing.by] for version, standing in approvals.items()}))
    return digest.hexdigest()


def _rounded(value: object) -> object:
    """Decayed sums are equal to 1e-9 only; all else is exact."""
    return float(f"{value:.9e}") if isinstance(value, float) else value
