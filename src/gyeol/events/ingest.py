"""What came → events that may enter the log, and refusals with reasons. Pure: time and the device table are arguments.

| code | the event was refused because |
| --- | --- |
| not_an_object | it is no JSON object |
| bad_json | it cannot be read |
| bad_number | it holds NaN, an infinity, or a number beyond float64 |
| bad_field | an id, ``type`` or ``event`` is neither text nor number |
| too_large, too_deep | it has more bytes than ``Limits.event_bytes``, or nests deeper than ``Limits.depth`` |
| no_type, unknown_type | ``type`` is missing, or none of ``EVENT_TYPES`` |
| no_identity | neither userId nor anonymousId (alias: no userId) |
| track_without_event, alias_without_previous, group_without_id | what that call needs is missing |
| bad_timestamp | the timestamp is no ISO-8601 instant |
| plan_violation | it breaks a rule of the tracking plan whose ``on_violation`` is ``reject`` |
| id_reused | another event with the same messageId came before (said by ``accept``) |

A null or empty id is an absent one; a number as id becomes text. A messageId of 100 characters or more is replaced by its 128-bit
hash, the same on every retry, and kept as ``originalMessageId``: refusing an event for a long name would help nobody.
"""

from __future__ import annotations

from enum import IntFlag
from functools import lru_cache
from typing import NamedTuple

import msgspec

from gyeol.events.device_offsets import DeviceOffsets
from gyeol.events.heads import (
    UNREADABLE,
    Fault,
    Head,
    Scanned,
    decode_head,
    lenient_head,
    merged,
    nests_deeper,
    payload_hash,
    rewritten,
    scan,
    traits_in_context,
    with_traits,
)
from gyeol.events.model import EVENT_TYPES, SourceDefinition
from gyeol.events.plan import PlanChecks
from gyeol.events.sections import NO_TIME
from gyeol.events.stamps import BAD, FUTURE_MS, MISSING, RETRY_MS, instant, instants
from gyeol.events.values import nfc
from gyeol.kernel.hashing import event_hash, keyed_hash

_CODES = {name: code for code, name in enumerate(EVENT_TYPES)}
_TRACK, _IDENTIFY, _GROUP, _ALIAS = (_CODES[name] for name in ("track", "identify", "group", "alias"))
_NO_TRAITS = (b"", b"null")
_KEY = b"gyeol messageId"
_UNCHANGED: dict[str, str] = {}
_NAMES = tuple(f"${name}" for name in EVENT_TYPES)
_REPLACED = ("\ufffd".encode(), b"\\ufffd")


class Flag(IntFlag):
    """Bits of an accepted event's ``flags``; their lower-case names are the verdict's notes. Stored: never renumber."""

    FUTURE_CLAMPED = 1
    RETRY_OFFSET_USED = 2
    SENT_AT_USED = 4
    NO_TIMESTAMP = 8
    MESSAGE_ID_MADE = 16
    MESSAGE_ID_HASHED = 32
    SENT_AT_IGNORED = 64
    PLAN_VIOLATED = 128
    REPAIRED = 256
    IMPORTED = 512
    REPLAYED = 1024
    DATA_CLOCK_USED = 2048


# Plain numbers: to read a member's value costs 0.1 µs, and these are read for every event.
_SENT_AT_USED, _RETRY_OFFSET_USED, _NO_TIMESTAMP = Flag.SENT_AT_USED.value, Flag.RETRY_OFFSET_USED.value, Flag.NO_TIMESTAMP.value
_DATA_CLOCK_USED = Flag.DATA_CLOCK_USED.value
_QUIET = Flag.SENT_AT_USED | Flag.IMPORTED | Flag.PLAN_VIOLATED | Flag.DATA_CLOCK_USED


@lru_cache(maxsize=4096)
def notes_of(flags: int) -> tuple[str, ...]:
    """An accepted event's flags as the verdict's notes; what is no news (the wire rule, plan notes of their own) is left out."""
    return tuple((flag.name or "").lower() for flag in Flag if flags & flag & ~_QUIET)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one event may be. Source: the Segment HTTP API's limits; RETRY_MS and FUTURE_MS in ``stamps``."""

    event_bytes: int = 32_768
    depth: int = 100
    message_id_chars: int = 100
    future_ms: int = FUTURE_MS
    retry_ms: int = RETRY_MS


class Incoming(msgspec.Struct, kw_only=True):
    """One request, or one part of an import or of a replay.

    Args:
        source: Whose key it bears.
        source_index: Its place among the definitions' sources, sorted by name.
        events: The JSON of each item.
        received_ms: The server's clock at arrival.
        sent_at, context, integrations: Of the body's root.
        ip: Address of the connection. Kept for client sources only: a server's address says nothing of the customer.
        path_type: The endpoint's type, for an event without one.
        repaired: See ``wire.Body``.
        replayed: The events are corrected dead letters.
        shift_ms: Added to each event's timestamp once it is fixed: how far the data's present is from the machine's (``clock: data``).
    """

    source: SourceDefinition
    source_index: int
    events: list[bytes]
    received_ms: int
    sent_at: str | None = None
    context: bytes | None = None
    integrations: bytes | None = None
    ip: str | None = None
    path_type: str | None = None
    repaired: bool = False
    replayed: bool = False
    shift_ms: int = 0


class Rejected(msgspec.Struct, frozen=True):
    """One refusal. ``position`` is the event's place in ``Incoming.events``."""

    position: int
    code: str
    detail: str
    raw: bytes
    message_id: str = ""


class Ready(msgspec.Struct, frozen=True, gc=False):
    """An event that may enter the log. ``position``: its place in ``Incoming.events``; the rest as in ``EventRows``."""

    position: int
    raw: bytes
    message_id: str
    id_hash: int
    payload_hash: int
    type_code: int
    time_ms: int
    original_ms: int
    sent_ms: int
    flags: int


class Prepared(msgspec.Struct, kw_only=True):
    """The verdicts of one ``Incoming`` before dedupe.

    Args:
        incoming: What it was made of.
        ready: Events that may enter the log, in order of position.
        rejected: In order of position.
        notes: Position → ``plan:…`` notes.
    """

    incoming: Incoming
    ready: list[Ready]
    rejected: list[Rejected]
    notes: dict[int, tuple[str, ...]]


class _Judged(msgspec.Struct, frozen=True, gc=False):
    """An event that is well but for its timestamps.

    ``stands``: it has a ``timestamp`` beside another ``originalTimestamp``. The first was then said on purpose (RudderStack's Node SDK
    stamps ``originalTimestamp`` by itself) or set right by a collector before: no clock is corrected a second time.
    """

    position: int
    raw: bytes
    message_id: str
    payload_hash: int
    type_code: int
    flags: int
    stamp: str | None
    sent: str | None
    device: str
    stands: bool


def prepare(incoming: Incoming, checks: PlanChecks, limits: Limits, offsets: DeviceOffsets) -> Prepared:
    """Judge the events of one request; arguments as in ``prepare_many``."""
    return prepare_many([incoming], checks, limits, offsets)[0]


def prepare_many(incomings: list[Incoming], checks: PlanChecks, limits: Limits, offsets: DeviceOffsets) -> list[Prepared]:
    """Judge the events of several requests. What NumPy does for a list is done once for all of them: most hold a single event.

    Args:
        incomings: The requests of a frame, in order.
        checks: The tracking plan.
        limits: Sizes and spans.
        offsets: The devices' usual clock offsets; events with a ``sentAt`` update it.
    """
    events = [_whole(incoming) for incoming in incomings]
    scanned = scan([raw for each in events for raw in each], limits.depth)
    drafts: list[_Draft] = []
    first = 0
    for incoming, each in zip(incomings, events, strict=True):
        drafts.append(_judge(incoming, each, first, scanned, checks, limits))
        first += len(each)
    originals = instants([event.stamp for draft in drafts for event in draft.judged])
    prepared = []
    first = 0
    for draft in drafts:
        end = first + len(draft.judged)
        ready = _stamped(draft.judged, originals[first:end], draft.incoming, limits, offsets, draft.rejected)
        prepared.append(Prepared(incoming=draft.incoming, ready=ready, rejected=draft.rejected, notes=draft.notes))
        first = end
    return prepared


class _Draft(NamedTuple):
    """One request's events, judged but for their timestamps."""

    incoming: Incoming
    judged: list[_Judged]
    rejected: list[Rejected]
    notes: dict[int, tuple[str, ...]]


def _whole(incoming: Incoming) -> list[bytes]:
    """The events of a request, each with what the root says."""
    if incoming.context is None and incoming.integrations is None:
        return incoming.events
    return [merged(raw, incoming.context, incoming.integrations) for raw in incoming.events]


def _judge(incoming: Incoming, events: list[bytes], first: int, scanned: Scanned, checks: PlanChecks, limits: Limits) -> _Draft:
    """All but the timestamps; ``first``: the place of event 0 in ``scanned``."""
    beyond, crowded = scanned
    judged: list[_Judged] = []
    rejected: list[Rejected] = []
    notes: dict[int, tuple[str, ...]] = {}
    common = Flag.REPLAYED.value if incoming.replayed else 0
    longest, largest, deepest = limits.message_id_chars, limits.event_bytes, limits.depth
    for position, raw in enumerate(events):
        fault = beyond.get(first + position) if beyond else None
        many = raw.count(b"{") + raw.count(b"[") > deepest if crowded is None else bool(crowded) and first + position in crowded
        if fault is None and (many or len(raw) > largest):
            fault = _unfit(raw, limits)
        if fault is not None:
            rejected.append(_refusal(position, raw, fault))
            continue
        changed: dict[str, str] = _UNCHANGED
        try:
            head = decode_head(raw)
        except UNREADABLE:
            read = lenient_head(raw)
            if isinstance(read, Fault):
                rejected.append(_refusal(position, raw, read))
                continue
            head, changed = read
        code = _CODES.get(head.type or incoming.path_type or "", -1)
        if code != _TRACK or not head.event or not (head.userId or head.anonymousId):  # a track call of somebody needs no closer look
            wrong = _fault(head, code)
            if wrong is not None:
                rejected.append(_refusal(position, raw, wrong))
                continue
            if code == _IDENTIFY and bytes(head.traits) in _NO_TRAITS:
                told = traits_in_context(raw)
                if told is not None:
                    head.traits, raw = told, with_traits(raw, told)
        payload = payload_hash(head)
        message_id, flags = head.messageId, common
        if not message_id or len(message_id) >= longest or changed:
            raw, message_id, more = _amended(raw, message_id, changed, position, incoming, longest)
            flags |= more
        if incoming.repaired and any(mark in raw for mark in _REPLACED):
            flags |= Flag.REPAIRED.value
        if checks.active:
            violations = checks.violations(nfc(head.event or "") if code == _TRACK else _NAMES[code], raw)
            if violations:
                if any(v.rejects for v in violations):
                    fault = Fault("plan_violation", "; ".join(v.detail for v in violations), message_id)
                    rejected.append(_refusal(position, raw, fault))
                    continue
                notes[position] = tuple(v.note for v in violations)
                flags |= Flag.PLAN_VIOLATED.value
        said, made = head.timestamp or None, head.originalTimestamp or None
        device = head.anonymousId or head.userId or ""
        stands = said is not None and made is not None and said != made
        judged.append(_Judged(position, raw, message_id, payload, code, flags, said or made, head.sentAt or None, device, stands))
    return _Draft(incoming, judged, rejected, notes)


def _unfit(raw: bytes, limits: Limits) -> Fault | None:
    """Why an event that is long, or has many brackets, is not even looked at."""
    if len(raw) > limits.event_bytes:
        return Fault("too_large", f"it has {len(raw)} bytes, {limits.event_bytes} are allowed")
    if nests_deeper(raw, limits.depth):
        return Fault("too_deep", f"it nests deeper than {limits.depth} levels")
    return None


def _refusal(position: int, raw: bytes, fault: Fault) -> Rejected:
    return Rejected(position, fault.code, fault.detail, raw, fault.message_id)


def _fault(head: Head, code: int) -> Fault | None:
    """What an event of a type lacks, in the order in which an engineer would look."""
    message_id = head.messageId or ""
    if code < 0:
        if head.type is None:
            return Fault("no_type", f"type is missing; it must be one of {', '.join(EVENT_TYPES)}", message_id)
        return Fault("unknown_type", f"type {head.type[:80]!r} is none of {', '.join(EVENT_TYPES)}", message_id)
    if code == _ALIAS and not head.previousId:
        return Fault("alias_without_previous", "an alias call needs previousId", message_id)
    if not head.userId and (code == _ALIAS or not head.anonymousId):
        return Fault(
            "no_identity", "an alias call needs userId" if code == _ALIAS else "userId and anonymousId are both missing", message_id
        )
    if code == _TRACK and not head.event:
        return Fault("track_without_event", "a track call needs an event name", message_id)
    if code == _GROUP and not head.groupId:
        return Fault("group_without_id", "a group call needs groupId", message_id)
    return None


def _amended(
    raw: bytes, message_id: str | None, changed: dict[str, str], position: int, incoming: Incoming, longest: int
) -> tuple[bytes, str, int]:
    """The event's JSON with text ids and a usable messageId, that messageId, and the flags that say so."""
    flags = 0
    if not message_id:
        told = (incoming.source.name, str(incoming.received_ms), str(position), raw.decode(errors="replace"))
        message_id, flags = f"gyeol-{keyed_hash(_KEY, *told)}", int(Flag.MESSAGE_ID_MADE)
        changed = changed | {"messageId": message_id}
    elif len(message_id) >= longest:
        changed = changed | {"originalMessageId": message_id}
        message_id, flags = f"long-{keyed_hash(_KEY, message_id)}", int(Flag.MESSAGE_ID_HASHED)
        changed["messageId"] = message_id
    return rewritten(raw, changed), message_id, flags


def _stamped(
    judged: list[_Judged], originals: list[int], incoming: Incoming, limits: Limits, offsets: DeviceOffsets, rejected: list[Rejected]
) -> list[Ready]:
    """The events with their instants fixed; those whose own cannot be read are refused."""
    ready: list[Ready] = []
    root = instant(incoming.sent_at) if incoming.sent_at else MISSING
    received = incoming.received_ms
    latest = received + limits.future_ms
    refused = len(rejected)
    for event, original in zip(judged, originals, strict=True):
        flags, time, sent = event.flags, original, root if event.sent is None else instant(event.sent)
        if original == BAD:
            told = f"the timestamp {(event.stamp or '')[:80]!r} is no ISO-8601 instant such as 2026-01-31T09:00:00.000Z"
            rejected.append(Rejected(event.position, "bad_timestamp", told, event.raw, event.message_id))
            continue
        if sent == BAD:
            flags |= Flag.SENT_AT_IGNORED.value
            sent = MISSING
        if original == MISSING:
            flags |= _NO_TIMESTAMP
            time, original = received, NO_TIME
        elif sent != MISSING and not event.stands:
            delay = received - sent
            usual = offsets.see(_device(incoming, event), delay)
            if usual is not None and delay - usual > limits.retry_ms:
                delay = usual
                flags |= _RETRY_OFFSET_USED
            flags |= _SENT_AT_USED
            time = original + delay
        if time > latest:
            flags |= Flag.FUTURE_CLAMPED.value
            time = received
        if incoming.shift_ms and 2 * abs(time - received) < abs(incoming.shift_ms):
            # What already says the data's time (the demo's live days) is where it belongs.
            flags |= _DATA_CLOCK_USED
            time += incoming.shift_ms
        sent = NO_TIME if sent == MISSING else sent
        id_hash = event_hash(event.message_id)
        ready.append(
            Ready(event.position, event.raw, event.message_id, id_hash, event.payload_hash, event.type_code, time, original, sent, flags)
        )
    if len(rejected) > refused:
        rejected.sort(key=lambda r: r.position)
    return ready


def _device(incoming: Incoming, event: _Judged) -> int:
    return event_hash(f"{incoming.source.name}\x1f{event.device}") or 1
