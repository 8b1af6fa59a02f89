"""One group of an import as several frames: whoever asks for a decision meanwhile waits for one part, not for the group."""

from __future__ import annotations

import msgspec

from gyeol.engine.jobs import Import, Imported
from gyeol.engine.state import EngineState
from gyeol.events.filtering import cut_rows

IMPORT_ROWS = 2_048
"""Rows of a part: some 10 ms of folding."""


def import_parts(job: Import, state: EngineState) -> list[Import]:
    """The jobs that together do what a job asks; the job itself when it is small, or was done before.

    Only the last part bears the origin that says that the group was imported. A crash between two parts leaves a group that is
    imported again: its first rows are then known by their ids.
    """
    section = job.section
    origin = section.origin
    if section.count <= IMPORT_ROWS or (origin is not None and (origin.file_hash, origin.group) in state.imported):
        return [job]
    cut = [msgspec.structs.replace(each, origin=None) for each in cut_rows(section, IMPORT_ROWS)]
    parts = [Import(each, (), job.act) for each in cut[:-1]]
    return [*parts, Import(msgspec.structs.replace(cut[-1], origin=origin), job.rejected, job.act)]


def whole_of(job: Import, parts: list[Import]) -> None:
    """Give a job the answer of its parts."""
    done = [part.answer for part in parts if isinstance(part.answer, Imported)]
    job.error = next((part.error for part in parts if part.error is not None), None)
    job.answer = Imported(
        accepted=sum(each.accepted for each in done),
        duplicates=sum(each.duplicates for each in done),
        rejected=sum(each.rejected for each in done),
    )
