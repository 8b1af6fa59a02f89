"""From the log's newest frames to what Live shows: what people do, what it changed, what was decided and sent, in the log's order."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Protocol

import msgspec
import numpy as np

from gyeol.app.core_api import Core, Stage, StatusRequest
from gyeol.app.core_recent import Moved, Recent
from gyeol.app.spoken import Spoken, masked
from gyeol.app.timeline import Shown, rows_of
from gyeol.app.watch_answers import (
    ItemAudience,
    ItemDecision,
    ItemDelivery,
    ItemEvent,
    ItemIdentity,
    ItemMessage,
    ItemPerson,
    ItemRejected,
    ItemStage,
    LiveItem,
)
from gyeol.app.words import event_label, rejection_label
from gyeol.channels.model import Delivery, Message
from gyeol.channels.outbox import Outbox
from gyeol.decisions.model import Decision
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Act
from gyeol.events.filtering import keep_rows
from gyeol.events.frames import decode_frame, decode_header
from gyeol.events.log import FrameHeader
from gyeol.events.sections import Decisions, Deliveries, EventColumns, EventRows, Frame, Rejections, Section, section_count
from gyeol.kernel.instants import Int64
from gyeol.kernel.reason import Reason
from gyeol.storage.lake.rows import FrameShaper

WINDOW = 2_000
"""Records that are looked at when somebody begins to watch, or when more came than anybody can read."""
MOST_EVENTS = 500
"""Of one section only the newest so many are shown."""
_MOST_KNOWN = 20_000
_FIRST_MOVED = 10

_decode_act = msgspec.msgpack.Decoder(Act).decode
_decode_delivery = msgspec.msgpack.Decoder(Delivery).decode
_encode = msgspec.json.Encoder().encode


class FrameLog(Protocol):
    """The part of ``events.log.Log`` that is read here."""

    def read(self, from_offset: int) -> Iterator[bytes]:
        """Encoded frames from the one that holds ``from_offset`` on."""
        ...

    def end_offset(self) -> int:
        """The offset that the next record will get."""
        ...


class Seen(msgspec.Struct, frozen=True):
    """An item as it is handed out: its JSON, and what viewers select by."""

    id: str
    kind: str
    source: str
    nodes: tuple[int, ...]
    data: bytes


class Fetched(msgspec.Struct, frozen=True):
    """What is new.

    Args:
        start: Where reading began: later than asked for when too much had come.
        end: The offset to go on from.
        missed: How many records and changes were left out before or among them.
    """

    seen: list[Seen]
    start: int
    end: int
    missed: int


class LiveItems:
    """Makes items.

    Args:
        core: Tells what is no record: moves between audiences and stages, people's names.
        log: Where the records are.
        outbox: Of state.db, for the messages that deliveries are about.
        definitions: The definitions of a hash.
        nodes: (first offset of a frame, its end) → the node of each of its events, for frames that the core no longer remembers.
    """

    def __init__(
        self,
        core: Core,
        log: FrameLog,
        outbox: Outbox,
        definitions: Callable[[str], Definitions],
        nodes: Callable[[int, int], Int64 | None] = lambda first, end: None,
    ) -> None:
        self._core, self._log, self._outbox, self._nodes = core, log, outbox, nodes
        self._under = lru_cache(maxsize=4)(lambda hash_: _Under(definitions(hash_)))
        self._people: OrderedDict[int, ItemPerson] = OrderedDict()
        self._messages = lru_cache(maxsize=1_000)(self._message)

    def end(self) -> int:
        """The log's end now."""
        return self._log.end_offset()

    def fetch(self, after: int) -> Fetched:
        """What came from an offset on; of much only the newest. The core is asked only when there is something.

        Args:
            after: ``end`` of the fetch before; a frame's first offset, or anything at the beginning.

        Raises:
            BackendError: The core or the log does not answer.
        """
        end = self._log.end_offset()
        if end <= after:
            return Fetched([], after, after, 0)
        start = self._beginning(after, end)
        recent = self._core.status(StatusRequest(after=start)).recent
        assert recent is not None, "it was asked for"
        self._know(recent)
        frames: list[Frame] = []
        at = after
        for data in self._log.read(start):
            header = decode_header(data)
            if header.first_offset + header.count > min(end, recent.end_offset):
                break
            at = header.first_offset + header.count
            frames.append(decode_frame(data))
        if at == after:
            return Fetched([], after, after, 0)  # the core has not folded it yet
        whose = {frame.header.first_offset: self._whose(frame, recent) for frame in frames}
        self._ask_for(whose.values(), at)
        seen = [item for frame in frames for item in self._of_frame(frame, recent, whose[frame.header.first_offset])]
        return Fetched(seen, start, at, start - after + recent.left_out)

    def _whose(self, frame: Frame, recent: Recent) -> Int64:
        """The node of each event of a frame; -1 where nobody knows any more."""
        header = frame.header
        count = sum(section_count(section) for section in frame.sections if isinstance(section, EventRows | EventColumns))
        told = recent.event_nodes.get(header.first_offset)
        nodes = np.frombuffer(told, "<i8") if told is not None else None
        if nodes is None and count:
            nodes = self._nodes(header.first_offset, header.first_offset + header.count)
        return nodes if nodes is not None and len(nodes) == count else np.full(count, -1, np.int64)

    def _ask_for(self, whose: Iterable[Int64], end: int) -> None:
        """Learn the names of those whom the core did not tell by itself."""
        unknown = {node: None for nodes in whose for node in nodes[-MOST_EVENTS:].tolist() if node >= 0 and node not in self._people}
        if unknown:
            told = self._core.status(StatusRequest(after=end, people=list(unknown)[-WINDOW:])).recent
            assert told is not None, "it was asked for"
            self._know(told)

    def _beginning(self, after: int, end: int) -> int:
        """Where to begin: at ``after``, or with the frame that holds the beginning of the window."""
        if end - after <= WINDOW:
            return after
        first = next(self._log.read(end - WINDOW), None)
        return after if first is None else max(after, decode_header(first).first_offset)

    def _know(self, recent: Recent) -> None:
        for node, (id_, name) in recent.people.items():
            self._people[node] = ItemPerson(id_, name)
            self._people.move_to_end(node)
        while len(self._people) > _MOST_KNOWN:
            self._people.popitem(last=False)

    def _of_frame(self, frame: Frame, recent: Recent, nodes: Int64) -> Iterator[Seen]:
        header = frame.header
        under = self._under(header.definitions)
        offset, read = header.first_offset, 0
        for section in frame.sections:
            if isinstance(section, EventRows | EventColumns):
                count = section_count(section)
                yield from self._events(section, offset, nodes[read : read + count], under, header)
                read += count
            else:
                yield from self._others(section, offset, under, header, recent)
            offset += section_count(section)
        mine = [each for each in recent.moved if header.first_offset <= each.offset < offset]
        for number, moved in enumerate(mine):
            yield self._moved(moved, number, under)

    def _events(self, section: EventRows | EventColumns, offset: int, nodes: Int64, under: _Under, header: FrameHeader) -> Iterator[Seen]:
        count = section_count(section)
        skipped = max(0, count - MOST_EVENTS)
        first = offset + skipped
        newest = _newest(section, skipped)
        cut = Frame(header=msgspec.structs.replace(header, first_offset=first, count=count - skipped), sections=[newest])
        for batch in under.shaper.rows(cut, nodes[skipped:]).batches.get("events", []):
            for row, node in zip(rows_of(batch), nodes[skipped:].tolist(), strict=True):
                told = under.shown.event(row)
                event = ItemEvent(
                    name=told.name,
                    type=told.type,
                    source=told.source,
                    source_label=under.sources.get(told.source, {}),
                    channel=told.channel,
                    summary=told.summary,
                    label=event_label(told.name),
                )
                item = LiveItem(
                    id=item_id(told.offset),
                    at=told.time,
                    kind="event",
                    simulated=told.simulated,
                    person=self._people.get(node),
                    event=event,
                )
                yield _seen(item, (node,), told.source)

    def _others(self, section: Section, offset: int, under: _Under, header: FrameHeader, recent: Recent) -> Iterator[Seen]:
        match section:
            case Decisions(items=items):
                for index, data in enumerate(items):
                    act = _decode_act(data)
                    if act.decision is not None:
                        yield self._decision(act.decision, item_id(offset + index), under, recent)
                    if act.message is not None:
                        yield self._queued(act.message, item_id(offset + index, 1), under)
            case Deliveries(items=items):
                for index, data in enumerate(items):
                    yield self._delivery(_decode_delivery(data), item_id(offset + index), under)
            case Rejections(items=items):
                for index, letter in enumerate(items[-MOST_EVENTS:], start=max(0, len(items) - MOST_EVENTS)):
                    rejected = ItemRejected(id=letter.id, code=letter.code, text=rejection_label(letter.code), source=letter.source_name)
                    item = LiveItem(
                        id=item_id(offset + index),
                        at=header.engine_now_ms,
                        kind="rejected",
                        simulated=False,
                        person=None,
                        rejected=rejected,
                    )
                    yield _seen(item, (), letter.source_name)

    def _decision(self, d: Decision, id_: str, under: _Under, recent: Recent) -> Seen:
        told = ItemDecision(
            id=d.id,
            placement=d.placement,
            placement_label=under.spoken.label("placement", d.placement),
            chosen=d.chosen,
            chosen_label=under.spoken.label("offer", d.chosen or ""),
            fallback=d.fallback,
            holdout=d.holdout,
            reason=under.spoken.reason(d.reasons[0]) if d.reasons else None,
            refused=len(d.refusals),
            ms=recent.took_ms.get(d.id),
        )
        person = self._people.get(d.node) or ItemPerson(d.person, d.person[:8])
        return _seen(LiveItem(id=id_, at=d.at_ms, kind="decision", simulated=False, person=person, decision=told), (d.node,))

    def _queued(self, m: Message, id_: str, under: _Under) -> Seen:
        told = ItemMessage(send_key=m.send_key, journey=m.journey, channel=m.channel, state="queued", reason=None)
        item = LiveItem(id=id_, at=m.queued_at_ms, kind="message", simulated=m.simulated, person=self._addressee(m), message=told)
        return _seen(item, (m.node,))

    def _delivery(self, d: Delivery, id_: str, under: _Under) -> Seen:
        message = self._messages(d.send_key)
        reason = under.spoken.reason(Reason(code=d.reason)) if d.reason else None
        told = ItemDelivery(send_key=d.send_key, channel="" if message is None else message.channel, state=d.state, reason=reason)
        person = None if message is None else self._addressee(message)
        simulated = message is not None and message.simulated
        item = LiveItem(id=id_, at=d.at_ms, kind="delivery", simulated=simulated, person=person, delivery=told)
        return _seen(item, () if message is None else (message.node,))

    def _addressee(self, m: Message) -> ItemPerson:
        return self._people.get(m.node) or ItemPerson(m.person, masked(m.address))

    def _message(self, send_key: str) -> Message | None:
        entry = self._outbox.get(send_key)
        return None if entry is None else entry.message

    def _moved(self, moved: Moved, number: int, under: _Under) -> Seen:
        nodes = tuple(moved.nodes) if moved.kind == "identity" else (moved.node,)
        item = LiveItem(
            id=item_id(moved.offset, _FIRST_MOVED + number),
            at=moved.at_ms,
            kind=moved.kind,
            simulated=False,
            person=self._people.get(nodes[0]),
            audience=ItemAudience(name=moved.audience, label=under.audiences.get(moved.audience, {}), entered=moved.entered)
            if moved.kind == "audience"
            else None,
            stage=ItemStage(before=under.stage(moved.before), after=under.stage(moved.after)) if moved.kind == "stage" else None,
            identity=ItemIdentity(what=moved.what or "joined", people=moved.people) if moved.kind == "identity" else None,
        )
        return _seen(item, nodes)


class _Under:
    """How things are shown under one set of definitions."""

    def __init__(self, definitions: Definitions) -> None:
        self.shaper, self.shown, self.spoken = FrameShaper(definitions), Shown(definitions), Spoken(definitions)
        self.sources = {source.name: source.label for source in definitions.sources}
        self.audiences = {audience.name: audience.label for audience in definitions.audiences}
        self._stages = {stage.name: stage.label for stage in definitions.stages}

    def stage(self, name: str | None) -> Stage | None:
        """A stage by name."""
        return None if name is None else Stage(name=name, label=self._stages.get(name, {}))


def item_id(offset: int, place: int = 0) -> str:
    """The id of an item: its record's offset and its place beside it; sorts as text in the log's order."""
    return f"{offset:015d}.{place:04d}"


def _seen(item: LiveItem, nodes: tuple[int, ...], source: str = "") -> Seen:
    return Seen(item.id, item.kind, source, nodes, _encode(item))


def _newest(section: EventRows | EventColumns, skipped: int) -> EventRows | EventColumns:
    """The section without its first events."""
    if not skipped:
        return section
    if isinstance(section, EventColumns):
        return keep_rows(section, np.arange(section.count) >= skipped)
    wide = {name: getattr(section, name)[8 * skipped :] for name in ("time", "received", "original", "sent", "id_hash", "payload_hash")}
    narrow = {name: getattr(section, name)[2 * skipped :] for name in ("source", "flags")}
    return msgspec.structs.replace(
        section, raw=section.raw[skipped:], type_code=section.type_code[skipped:], ip=section.ip[skipped:], **wide, **narrow
    )
