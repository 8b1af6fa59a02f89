"""Frames without what some records said: offsets, counts and times stay, contents go. For erasure, and for events that cannot be folded.

A blanked event belongs to nobody and has no name, so it changes no trait; it is still counted as accepted, and its id is still known, so
that the same event sent again is a duplicate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from gyeol.engine.effects import Act
from gyeol.events.columns import known_of
from gyeol.events.sections import (
    Decisions,
    Deliveries,
    EventColumns,
    EventRows,
    Frame,
    PackedColumn,
    RejectedEvent,
    Rejections,
    Section,
    section_count,
)
from gyeol.expressions.column import Mask
from gyeol.kernel.hashing import event_hash

BLANK = b"{}"
"""What an event says that says nothing."""
Instead = Callable[[bytes], bytes]
_decode_act = msgspec.msgpack.Decoder(Act).decode
_encode = msgspec.msgpack.Encoder().encode


class Marked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be blanked.

    Args:
        offsets: Records by offset.
        ids: Events by ``event_hash`` of their messageId.
        nodes: Decisions, enrolments and messages made for these nodes.
        send_keys: Deliveries of these messages.
    """

    offsets: frozenset[int] = frozenset()
    ids: frozenset[int] = frozenset()
    nodes: frozenset[int] = frozenset()
    send_keys: frozenset[str] = frozenset()


def blank_frame(frame: Frame, marked: Marked, instead: Instead = lambda raw: BLANK) -> Frame | None:
    """The frame without what is marked; None when nothing of it is.

    Args:
        frame: As read from the log.
        marked: What is to go.
        instead: Gives the JSON that stands for an event from then on. Nodes have numbers in the order in which identifiers were first
            seen: an event whose identifiers are to keep their numbers in a replay of the whole log needs other identifiers here, as many.
    """
    offset = frame.header.first_offset
    sections: list[Section] = []
    for section in frame.sections:
        sections.append(_blanked(section, offset, marked, instead))
        offset += section_count(section)
    same = all(a is b for a, b in zip(sections, frame.sections, strict=True))
    return None if same else Frame(header=frame.header, sections=sections)


def _blanked(section: Section, offset: int, marked: Marked, instead: Instead) -> Section:
    match section:
        case EventRows():
            hit = _hits(section.id_hash, offset, len(section.raw), marked)
            return blank_rows(section, hit, instead) if hit.any() else section
        case EventColumns():
            hit = _hits(section.id_hash, offset, section.count, marked)
            return blank_columns(section, hit) if hit.any() else section
        case Rejections(items=items):
            hits = [offset + i in marked.offsets or event_hash(each.message_id) in marked.ids for i, each in enumerate(items)]
            return msgspec.structs.replace(section, items=_each(items, hits, _blank_letter)) if any(hits) else section
        case Decisions(items=items):
            acts = [_blank_act(item, marked, offset + i) for i, item in enumerate(items)]
            return Decisions(acts) if acts != items else section
        case Deliveries(items=items):
            told = [_blank_delivery(item, marked, offset + i) for i, item in enumerate(items)]
            return Deliveries(told) if told != items else section
        case _:
            return section


def _hits(id_hash: bytes, offset: int, count: int, marked: Marked) -> Mask:
    hit = np.zeros(count, np.bool_)
    hit[[o - offset for o in marked.offsets if offset <= o < offset + count]] = True
    if marked.ids:
        hit |= np.isin(np.frombuffer(id_hash, "<u8"), np.array(sorted(marked.ids), np.uint64))
    return hit


def blank_rows(section: EventRows, hit: Mask, instead: Instead = lambda raw: BLANK) -> EventRows:
    """The section with blank events where ``hit`` says so; their payload counts as unknown, so that a repetition is a duplicate."""
    payloads = np.where(hit, np.uint64(0), np.frombuffer(section.payload_hash, "<u8"))
    raw = [instead(each) if blank else each for each, blank in zip(section.raw, hit.tolist(), strict=True)]
    ip = ["" if blank else each for each, blank in zip(section.ip, hit.tolist(), strict=True)] if section.ip else []
    return msgspec.structs.replace(section, raw=raw, payload_hash=payloads.astype("<u8").tobytes(), ip=ip)


def blank_columns(section: EventColumns, hit: Mask) -> EventColumns:
    """The section with events of which no column knows anything where ``hit`` says so."""
    return msgspec.structs.replace(section, columns={path: _blank_column(each, hit) for path, each in section.columns.items()})


def _blank_column(packed: PackedColumn, hit: Mask) -> PackedColumn:
    """One column; words that no event is left with go too."""
    known = known_of(packed, len(hit)) & ~hit
    bits = np.packbits(known, bitorder="little").tobytes()
    if packed.kind == "list":
        raws = msgspec.json.decode(packed.values, type=list[msgspec.Raw])
        nothing = msgspec.Raw(b"null")
        values = msgspec.json.encode([nothing if blank else raw for raw, blank in zip(raws, hit.tolist(), strict=True)])
        return msgspec.structs.replace(packed, values=values, known=bits)
    array = np.frombuffer(packed.values, packed.dtype).copy()
    array[hit] = -1 if packed.kind == "text" else 0
    if packed.kind != "text":
        return msgspec.structs.replace(packed, values=array.tobytes(), known=bits)
    used = np.unique(array[array >= 0])
    places = np.full(len(packed.words) + 1, -1, array.dtype)
    places[used] = np.arange(len(used))
    return msgspec.structs.replace(packed, values=places[array].tobytes(), known=bits, words=[packed.words[i] for i in used.tolist()])


def _each(items: Sequence[RejectedEvent], hits: list[bool], change: Callable[[RejectedEvent], RejectedEvent]) -> list[RejectedEvent]:
    return [change(item) if hit else item for item, hit in zip(items, hits, strict=True)]


def _blank_letter(letter: RejectedEvent) -> RejectedEvent:
    return msgspec.structs.replace(letter, raw=BLANK, message_id="", ip="", detail="")


def _blank_act(item: bytes, marked: Marked, offset: int) -> bytes:
    if not marked.nodes and offset not in marked.offsets:
        return item
    act = _decode_act(item)
    nodes = {each.node for each in (act.decision, act.enrolment, act.message) if each is not None}
    if offset not in marked.offsets and not nodes & marked.nodes:
        return item
    decision, message, identifier = act.decision, act.message, act.identifier
    if decision is not None:
        decision = msgspec.structs.replace(decision, moment={})
        if identifier is not None:
            identifier = (identifier[0], f"erased-{decision.node}")
    if message is not None:
        message = msgspec.structs.replace(message, address="", content={})
    return _encode(msgspec.structs.replace(act, decision=decision, message=message, identifier=identifier))


def _blank_delivery(item: bytes, marked: Marked, offset: int) -> bytes:
    if offset not in marked.offsets and not marked.send_keys:
        return item
    told = msgspec.msgpack.decode(item)
    if offset not in marked.offsets and told.get("send_key") not in marked.send_keys:
        return item
    return _encode({**told, "detail": "", "provider_id": ""})
