"""An import as a whole: open, hand over group by group, go on where it was broken off."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from gyeol.app.core_api import StatusRequest, SubmitRequest
from gyeol.app.embedded import EmbeddedSession
from gyeol.app.session import Session
from gyeol.engine.definitions import Definitions
from gyeol.engine.jobs import Import, Imported
from gyeol.events.sections import Rejections, Section, int64s
from gyeol.kernel.errors import DuplicateError, InternalError
from gyeol.kernel.garbage import collecting_seldom
from gyeol.workspace.imports.apart import APART_FROM_BYTES, open_apart
from gyeol.workspace.imports.opening import input_bytes, open_import
from gyeol.workspace.imports.plan import ACTING_GROUP_ROWS, GROUP_ROWS, ImportGroup, ImportPlan, ImportSettings

Progress = Callable[[int, int], None]
"""Told (rows done, rows in all)."""


class ImportSummary(msgspec.Struct, kw_only=True):
    """What became of an import's rows.

    Args:
        again: Rows of groups that had been imported before.
        groups, groups_done: Of the import, and how many of them are in the log now, counted from the first.
    """

    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    again: int = 0
    groups: int = 0
    groups_done: int = 0
    warnings: list[str] = []


def run_import(
    session: Session,
    definitions: Definitions,
    path: str | None,
    mapping: Path | None,
    *,
    act: bool,
    source: str | None = None,
    received_ms: int | None = None,
    base: Path,
    after_group: Callable[[], None] = lambda: None,
    progress: Progress = lambda done, total: None,
    until_ms: int | None = None,
) -> ImportSummary:
    """Import a file or folder.

    Args:
        session: Where to.
        definitions: In force.
        path: File, folder or ``package:…``; None: the place that the mapping names.
        mapping: A file of ``maps/``, or None.
        act: Whether journeys may act on the events.
        source: For files without a mapping: the source of all events.
        received_ms: When the events are received; None: when they happened (``clock: data``).
        base: Folder from which relative places count.
        after_group: Called after each group, for instance to send what it queued.
        progress: Told how far it is.
        until_ms: Stop before the first group that holds an event of this instant or later; None: import all. Only where rows are in
            the order of time, as mappings make them.

    Raises:
        InputError: With every problem of mapping and files.
    """
    settings = ImportSettings(
        sources=[each.name for each in definitions.sources],
        source=source,
        received_ms=received_ms,
        group_rows=ACTING_GROUP_ROWS if act else GROUP_ROWS,
        base=str(base),
    )
    with collecting_seldom(), _open(path, mapping, settings) as plan:
        _refuse_other_groups(session, plan)
        summary = ImportSummary(warnings=list(plan.warnings))
        first = summary.groups_done = _done(session, plan)
        summary.groups = plan.groups
        summary.again = summary.rows = min(first * plan.group_rows, plan.total)
        progress(summary.rows, plan.total)
        for group in plan.sections(first):
            if until_ms is not None and group.events.count and int(int64s(group.events.time).max()) >= until_ms:
                break
            _count(summary, group, _bring(session, group, act, settings.sources))
            summary.groups_done += 1
            after_group()
            progress(summary.rows, plan.total)
    return summary


def _open(path: str | None, mapping: Path | None, settings: ImportSettings) -> ImportPlan:
    """Open an import; a large one is read by another process, so that reading and folding have a core each."""
    if input_bytes(path, mapping, settings) >= APART_FROM_BYTES and (os.cpu_count() or 1) > 1:
        return open_apart(path, mapping, settings)
    return open_import(path, mapping, settings)


def _refuse_other_groups(session: Session, plan: ImportPlan) -> None:
    """The same content cut into groups of another size (with ``--act`` after without, or the other way) would count twice."""
    if not isinstance(session, EmbeddedSession):
        return
    imported = session.parts.engine.state.imported
    if any(hash_ != plan.file_hash and hash_.startswith(f"{plan.content_hash}-") for hash_, _ in imported):
        raise DuplicateError(
            "imported_otherwise",
            "these files were imported before, then with --act if now without, or the other way: the same events would count twice. "
            "Import them as before to go on.",
            content_hash=plan.content_hash,
        )


def _done(session: Session, plan: ImportPlan) -> int:
    """How many of the first groups were imported before; a running core is asked group by group instead."""
    if not isinstance(session, EmbeddedSession):
        return 0
    imported = session.parts.engine.state.imported
    return next((group for group in range(plan.groups) if (plan.file_hash, group) not in imported), plan.groups)


def _bring(session: Session, group: ImportGroup, act: bool, sources: list[str]) -> Imported:
    # By name: other definitions may be applied while the import runs.
    events = msgspec.structs.replace(group.events, sources=sources)
    if isinstance(session, EmbeddedSession):
        done = session.run(Import(events, group.rejected, act))
        assert isinstance(done, Imported)
        return done
    sections: list[Section] = [events]
    if group.rejected:
        sections.append(Rejections(group.rejected))
    result = session.core.submit(SubmitRequest(sections=[msgspec.msgpack.encode(sections)], act=act)).results[0]
    if result.status == "refused":
        raise InternalError("import_refused", f"the core refused a part of the import: {result.reason} {result.detail}")
    return msgspec.convert(result.facts, Imported)


def _count(summary: ImportSummary, group: ImportGroup, done: Imported) -> None:
    summary.rows += group.rows
    summary.accepted += done.accepted
    summary.duplicates += done.duplicates
    summary.rejected += done.rejected
    if done.again:
        summary.again += group.rows


def definitions_of(session: Session, applied: Callable[[str], Definitions]) -> Definitions:
    """The definitions in force."""
    return applied(session.core.status(StatusRequest()).definitions)
