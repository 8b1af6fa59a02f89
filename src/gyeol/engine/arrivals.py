"""What comes from outside → sections and verdicts: judged, deduplicated, packed. The only place that asks the dedupe index."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from gyeol.engine.jobs import Collect, Import, Imported, Job
from gyeol.engine.state import EngineState
from gyeol.events.data_clock import DataClock
from gyeol.events.dedupe import DUPLICATE, ID_REUSED, NEW, DedupeIndex, keys_of
from gyeol.events.device_offsets import DeviceOffsets
from gyeol.events.filtering import keep_rows
from gyeol.events.ingest import Incoming, Limits, Prepared, Ready, notes_of, prepare_many
from gyeol.events.model import Verdict
from gyeol.events.own import OwnEvent, own_rows
from gyeol.events.sections import EventColumns, EventRows, RejectedEvent, Rejections, Section, dead_letter_id, int64s

_REUSED = "another event with this messageId came before, with other content"


class Arrived(msgspec.Struct, kw_only=True):
    """What the jobs of one frame bring: sections of accepted events, rejected events, and the greatest accepted event time (0: none)."""

    sections: list[Section]
    rejected: list[RejectedEvent]
    latest_ms: int


class _Slot(msgspec.Struct):
    """Where the verdict of one rejected event goes, once its offset is known."""

    verdicts: list[Verdict]
    position: int


class Arrivals:
    """Judges what jobs bring.

    Args:
        dedupe: The index of ids; only this class writes it.
        limits: Of one event.

    Attributes:
        duplicates: Events seen again since the process began. ``duplicates_by_source``: those over HTTP, by name of the source.
    """

    def __init__(self, dedupe: DedupeIndex, limits: Limits) -> None:
        self.dedupe, self.limits = dedupe, limits
        self._offsets, self._data_clock = DeviceOffsets(), DataClock()
        self._slots: list[_Slot | None] = []
        self.duplicates = 0
        self.duplicates_by_source: dict[str, int] = {}

    def judge(self, jobs: Sequence[Job], state: EngineState, first_offset: int) -> Arrived:
        """Judge the events of all jobs; the verdicts become the jobs' answers.

        Args:
            jobs: Of one frame.
            state: For the tracking plan and what was imported before; not changed.
            first_offset: Of the frame.
        """
        arrived = Arrived(sections=[], rejected=[], latest_ms=0)
        self._slots = []
        collected = [job for job in jobs if isinstance(job, Collect)]
        if collected:
            self._collect(collected, state, first_offset, arrived)
        for job in jobs:
            if isinstance(job, Import):
                self._import(job, state, first_offset, arrived)
        return arrived

    def own(self, events: Sequence[OwnEvent], state: EngineState, first_offset: int, received_ms: int) -> list[EventRows]:
        """The section of events that Gyeol itself states; their ids are noted like those of all others.

        Args:
            events: Each for the first time.
            state: For the sources.
            first_offset: Of the frame.
            received_ms: The machine's clock.
        """
        if not events:
            return []
        rows = own_rows(events, received_ms, state.sources)
        ids, payloads = np.frombuffer(rows.id_hash, "<u8"), np.frombuffer(rows.payload_hash, "<u8")
        for i, event in enumerate(events):
            self.dedupe.check(keys_of(event.source, ids[i : i + 1]), payloads[i : i + 1], received_ms, first_offset)
        return [rows]

    def number(self, rejected: list[RejectedEvent], first_offset: int, sources: list[str]) -> Rejections:
        """The section of rejected events, with their ids; the verdicts learn them, too."""
        items = []
        for i, (event, slot) in enumerate(zip(rejected, self._slots, strict=True)):
            name = dead_letter_id(first_offset + i)
            items.append(msgspec.structs.replace(event, id=name))
            if slot is not None:
                slot.verdicts[slot.position] = msgspec.structs.replace(slot.verdicts[slot.position], dead_letter=name)
        return Rejections(items, sources)

    # -- HTTP
    def _collect(self, jobs: list[Collect], state: EngineState, first_offset: int, arrived: Arrived) -> None:
        for job in jobs:
            # The key was looked up before: definitions that were applied meanwhile may have given the place to another source.
            job.incoming.source_index = _place(job.incoming.source.name, state.sources)
            if state.definitions.workspace.clock == "data" and job.incoming.source.trust == "client":
                # Who is in a shop's page or app lives now, and in this workspace now is the data's present.
                job.incoming.shift_ms = self._data_clock.shift_ms(job.incoming.received_ms, state.now_ms)
        prepared = prepare_many([job.incoming for job in jobs], state.plan_checks, self.limits, self._offsets)
        statuses = self._seen(prepared, first_offset)
        accepted: list[list[Ready]] = []
        start = 0
        for job, each in zip(jobs, prepared, strict=True):
            job.verdicts = [_WAITING] * len(job.incoming.events)
            job.answer = job.verdicts
            for refused in each.rejected:
                verdict = Verdict(status="rejected", message_id=refused.message_id, code=refused.code, detail=refused.detail)
                self._reject(job, refused.position, verdict, refused.raw, arrived)
            end = start + len(each.ready)
            accepted.append(self._accept(job, each, statuses[start:end], arrived))
            start = end
        if any(accepted):
            arrived.sections.append(_rows([job.incoming for job in jobs], accepted, state.sources))
            arrived.latest_ms = max(arrived.latest_ms, max(event.time_ms for events in accepted for event in events))

    def _seen(self, prepared: list[Prepared], first_offset: int) -> list[int]:
        """What the index of ids says of all events of a frame, asked once: a question costs as much for one event as for hundreds."""
        ids = np.array([event.id_hash for each in prepared for event in each.ready], np.uint64)
        if not len(ids):
            return []
        payloads = np.array([event.payload_hash for each in prepared for event in each.ready], np.uint64)
        names = [each.incoming.source.name for each in prepared]
        if len(set(names)) == 1:
            keys = keys_of(names[0], ids)
        else:
            ends = np.cumsum([len(each.ready) for each in prepared])[:-1]
            keys = np.concatenate([keys_of(name, part) for name, part in zip(names, np.split(ids, ends), strict=True)])
        received_ms = max(each.incoming.received_ms for each in prepared)
        statuses: list[int] = self.dedupe.check(keys, payloads, received_ms, first_offset).tolist()
        return statuses

    def _accept(self, job: Collect, prepared: Prepared, statuses: list[int], arrived: Arrived) -> list[Ready]:
        verdicts, noted = job.verdicts, prepared.notes
        accepted: list[Ready] = []
        for event, status in zip(prepared.ready, statuses, strict=True):
            if status == NEW:
                notes = notes_of(event.flags) if event.flags else ()
                if noted:
                    notes = noted.get(event.position, ()) + notes
                verdicts[event.position] = Verdict(status="accepted", message_id=event.message_id, notes=notes)
                accepted.append(event)
            elif status == DUPLICATE:
                verdicts[event.position] = Verdict(status="duplicate", message_id=event.message_id)
                self.duplicates += 1
                name = job.incoming.source.name
                self.duplicates_by_source[name] = self.duplicates_by_source.get(name, 0) + 1
            else:
                verdict = Verdict(status="rejected", message_id=event.message_id, code="id_reused", detail=_REUSED)
                self._reject(job, event.position, verdict, event.raw, arrived)
        return accepted

    def _reject(self, job: Collect, position: int, verdict: Verdict, raw: bytes, arrived: Arrived) -> None:
        incoming = job.incoming
        job.verdicts[position] = verdict
        if incoming.replayed:
            return  # it lies in the dead letter already
        self._slots.append(_Slot(job.verdicts, position))
        arrived.rejected.append(
            RejectedEvent(
                id="",
                source=incoming.source_index,
                code=verdict.code,
                detail=verdict.detail,
                raw=raw,
                received_ms=incoming.received_ms,
                message_id=verdict.message_id,
                ip=incoming.ip or "",
                source_name=incoming.source.name,
            )
        )

    # -- imports
    def _import(self, job: Import, state: EngineState, first_offset: int, arrived: Arrived) -> None:
        section = _placed(job.section, state.sources)
        origin = section.origin
        if origin is not None and (origin.file_hash, origin.group) in state.imported:
            job.answer = Imported(again=True)
            return
        statuses = self._statuses(section, state.sources, first_offset) if section.count else np.empty(0, np.uint8)
        kept = keep_rows(section, statuses == NEW)
        kept = msgspec.structs.replace(kept, act=job.act)
        arrived.sections.append(kept)
        if kept.count:
            arrived.latest_ms = max(arrived.latest_ms, int(int64s(kept.time).max()))
        names = job.section.sources or state.sources
        arrived.rejected += [
            msgspec.structs.replace(event, source=_place(names[event.source], state.sources), source_name=names[event.source])
            for event in job.rejected
        ]
        self._slots += [None] * len(job.rejected)
        duplicates = int((statuses == DUPLICATE).sum()) + int((statuses == ID_REUSED).sum())
        self.duplicates += duplicates
        job.answer = Imported(accepted=kept.count, duplicates=duplicates, rejected=len(job.rejected))

    def _statuses(self, section: EventColumns, sources: list[str], first_offset: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        ids = np.frombuffer(section.id_hash, "<u8")
        codes = np.frombuffer(section.source, "<i2")
        received_ms = int(int64s(section.received).max())
        statuses = np.empty(section.count, np.uint8)
        for code in np.flatnonzero(np.bincount(codes)).tolist():
            rows = np.flatnonzero(codes == code)
            keys = keys_of(sources[code], ids[rows])
            # A file is a statement of its own: equal ids in it are one event, whatever else the rows say.
            statuses[rows] = self.dedupe.check(keys, np.zeros(len(rows), np.uint64), received_ms, first_offset)
        return statuses


_WAITING = Verdict(status="rejected", code="not_judged")


def _place(source: str, sources: list[str]) -> int:
    """The place of a source among those in force; the last one, which is believed least, for a source that is gone."""
    return sources.index(source) if source in sources else len(sources) - 1


def _placed(section: EventColumns, sources: list[str]) -> EventColumns:
    """The section with places in ``sources`` instead of those in its own."""
    if section.sources == sources:
        return section
    places = np.array([_place(name, sources) for name in section.sources or sources], "<i2")
    return msgspec.structs.replace(section, source=places[np.frombuffer(section.source, "<i2")].tobytes(), sources=sources)


def _rows(incoming: list[Incoming], accepted: list[list[Ready]], sources: list[str]) -> EventRows:
    """The section of accepted events, one ``Incoming`` after another."""
    events = [event for each in accepted for event in each]
    counts = [len(each) for each in accepted]
    ips = [each.ip or "" for each in incoming]
    return EventRows(
        source=np.repeat(np.array([each.source_index for each in incoming], "<i2"), counts).tobytes(),
        time=np.array([e.time_ms for e in events], "<i8").tobytes(),
        received=np.repeat(np.array([each.received_ms for each in incoming], "<i8"), counts).tobytes(),
        original=np.array([e.original_ms for e in events], "<i8").tobytes(),
        sent=np.array([e.sent_ms for e in events], "<i8").tobytes(),
        flags=np.array([e.flags for e in events], "<u2").tobytes(),
        raw=[e.raw for e in events],
        type_code=bytes([e.type_code for e in events]),
        id_hash=np.array([e.id_hash for e in events], "<u8").tobytes(),
        payload_hash=np.array([e.payload_hash for e in events], "<u8").tobytes(),
        ip=[ip for ip, count in zip(ips, counts, strict=True) for _ in range(count)] if any(ips) else [],
        sources=sources,
    )
