"""The fields of an event that ingest judges, read without reading the rest; and the event's JSON with a field put right."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import xxhash

from gyeol.events.values import as_text

_NONE = msgspec.Raw(b"")

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What a decoder raises for JSON that is wrong, or not of the shape asked for."""


class Head(msgspec.Struct, gc=False):
    """The fields that ingest judges. ``changed``: fields whose text is not what the JSON says (a number as id)."""

    type: str | None = None
    event: str | None = None
    messageId: str | None = None
    userId: str | None = None
    anonymousId: str | None = None
    previousId: str | None = None
    groupId: str | None = None
    name: str | None = None
    timestamp: str | None = None
    originalTimestamp: str | None = None
    sentAt: str | None = None
    properties: msgspec.Raw = _NONE
    traits: msgspec.Raw = _NONE


class Fault(msgspec.Struct, frozen=True):
    """Why an event is refused; the codes are those of ``ingest``."""

    code: str
    detail: str
    message_id: str = ""


decode_head = msgspec.json.Decoder(Head).decode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_TEXTS = ("type", "event", "messageId", "userId", "anonymousId", "previousId", "groupId")
_TIMES = ("timestamp", "originalTimestamp", "sentAt")
_xxh3 = xxhash.xxh3_64_intdigest
_TRAITS = 0x9E3779B97F4A7C15  # so that properties and traits of the same bytes differ
_MANY = 8


def lenient_head(raw: bytes) -> tuple[Head, dict[str, str]] | Fault:
    """The head of an event that ``decode_head`` refuses, and the fields whose JSON must change; or why there is none."""
    try:
        fields = _decode_fields(raw)
    except msgspec.ValidationError:
        return Fault("not_an_object", "the event is no JSON object")
    except UNREADABLE as error:
        return _unreadable(raw, error)
    head = Head(properties=fields.get("properties", _NONE), traits=fields.get("traits", _NONE))
    changed: dict[str, str] = {}
    fault: Fault | None = None
    for key in (*_TEXTS, *_TIMES, "name"):
        if key not in fields:
            continue
        value = _value(fields[key])
        if isinstance(value, str) or value is None:
            setattr(head, key, value)
        elif key in _TIMES:
            setattr(head, key, f"(no text) {value}")  # no instant, then; the timestamps' rule decides what that means
        elif key == "name":
            head.name = as_text(value)  # a page's name may be anything
        elif isinstance(value, bool) or not isinstance(value, int | float):
            fault = fault or Fault("bad_field", f"{key}: text was expected, {bytes(fields[key])[:80].decode(errors='replace')} came")
        else:
            changed[key] = as_text(value) or ""
            setattr(head, key, changed[key])
    if fault is not None:
        return Fault(fault.code, fault.detail, head.messageId or "")
    return head, changed


def _value(raw: msgspec.Raw) -> object:
    try:
        return msgspec.json.decode(raw)
    except UNREADABLE:
        return ()  # neither text nor number


def _unreadable(raw: bytes, error: Exception) -> Fault:
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return Fault("bad_json", f"the event is no JSON: {error}")
    return Fault("bad_number", "the event holds NaN or an infinity, which JSON has no number for: leave the property out, or send null")


def payload_hash(head: Head) -> int:
    """64-bit hash of what an event says: type, event, name, ids, properties and traits, as they are written.

    Two sendings of one event have the same: SDKs write the same bytes again, but for ``sentAt``, ``context`` (the network may have
    changed) and the way a batch is wrapped, which are left out. Another value under the same messageId is then another payload.
    """
    said = f"{head.type}\x1f{head.event}\x1f{head.userId}\x1f{head.anonymousId}"
    if head.name is not None or head.groupId is not None or head.previousId is not None:
        said += f"\x1f{head.name}\x1f{head.groupId}\x1f{head.previousId}"
    h = _xxh3(said.encode())
    if head.properties is not _NONE:
        h = _xxh3(head.properties, h)
    return h if head.traits is _NONE else _xxh3(head.traits, h ^ _TRAITS)


def rewritten(raw: bytes, changed: dict[str, str]) -> bytes:
    """The event's JSON with some text fields set; all else stays as it is written."""
    fields = _decode_fields(raw)
    for key, text in changed.items():
        fields[key] = msgspec.Raw(msgspec.json.encode(text))
    return msgspec.json.encode(fields)


def traits_in_context(raw: bytes) -> msgspec.Raw | None:
    """The traits of an ``identify`` that has them under ``context`` only, as RudderStack's Python and browser SDKs send them."""
    try:
        traits = _decode_fields(_decode_fields(raw)["context"])["traits"]
    except (*UNREADABLE, KeyError):
        return None
    return traits if bytes(traits).startswith(b"{") else None


def with_traits(raw: bytes, traits: msgspec.Raw) -> bytes:
    """The event's JSON with ``traits`` of its own; all else stays as it is written."""
    return msgspec.json.encode(_decode_fields(raw) | {"traits": traits})


def merged(raw: bytes, context: bytes | None, integrations: bytes | None) -> bytes:
    """The event with the root's ``context`` and ``integrations`` under its own: its own keys win. Unreadable ones stay as they are."""
    try:
        fields = _decode_fields(raw)
        for key, root in (("context", context), ("integrations", integrations)):
            if root is not None:
                own = fields.get(key)
                given = {} if own is None or bytes(own) == b"null" else _decode_fields(own)
                fields[key] = msgspec.Raw(msgspec.json.encode(_decode_fields(root) | given))
        return msgspec.json.encode(fields)
    except UNREADABLE:
        return raw


_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def nests_deeper(raw: bytes, limit: int) -> bool:
    """Whether JSON nests deeper than ``limit``. Readers recurse: what one call stack can just read, a deeper one later cannot."""
    depth = 0
    for byte in _STRING.sub(b"", raw):
        if byte in b"{[":
            depth += 1
            if depth > limit:
                return True
        elif byte in b"}]":
            depth -= 1
    return False


_BLOCK = 1 << 16
"""Bytes that are looked at in one go: what comes of them stays in the processor's cache."""
_EXPONENT, _BRACKETS = ord("e"), ord("{")
"""Letters as they are with bit 5 set, which makes ``E`` an ``e``, and ``[`` a ``{``."""


class Scanned(NamedTuple):
    """What a look at the bytes of many events finds.

    Args:
        beyond: Events with a number out of the range of float64, by position.
        crowded: Events with more brackets than they may nest; None: nobody has counted.
    """

    beyond: dict[int, Fault]
    crowded: frozenset[int] | None


def scan(events: list[bytes], depth: int) -> Scanned:
    """Look for what decoding does not find, because it skips what it need not read: numbers beyond float64, and deep nesting.

    Many events are looked at together at the speed of NumPy, 0.6 µs one of 600 bytes; counting and searching in each takes 5.

    Args:
        events: Their JSON.
        depth: An event with so many brackets or fewer cannot nest deeper.
    """
    if len(events) < _MANY:
        return Scanned(out_of_range(events), None)
    text = b"\n".join(events)
    places = np.frombuffer(text, np.uint8)
    brackets: list[npt.NDArray[np.int64]] = []
    exponents = False
    for start in range(0, len(text), _BLOCK):
        part = places[start : start + _BLOCK + 4]  # the four bytes after a block belong to a number that begins in it
        lower = part | np.uint8(32)
        brackets.append(np.flatnonzero(lower[:_BLOCK] == _BRACKETS) + start)
        exponents = exponents or _big_exponent(text, start, part, lower)
    ends = np.cumsum([len(raw) + 1 for raw in events])
    counts = np.diff(np.searchsorted(np.concatenate(brackets), ends), prepend=0)
    crowded = frozenset(np.flatnonzero(counts > depth).tolist())
    return Scanned(out_of_range(events) if exponents else {}, crowded)


def _big_exponent(text: bytes, start: int, part: npt.NDArray[np.uint8], lower: npt.NDArray[np.uint8]) -> bool:
    """Whether a part of a text holds ``_BIG_EXPONENT``: a digit, an ``e``, any character, two digits more."""
    digit = (part - ord("0")) < 10  # uint8: what is below "0" wraps to above 9
    mark = lower[1:-3] == _EXPONENT
    mark &= digit[:-4]
    mark &= digit[3:-1]
    mark &= digit[4:]
    return any(_BIG_EXPONENT.match(text, start + at) for at in np.flatnonzero(mark).tolist())


_BIG_EXPONENT = re.compile(rb"[0-9][eE]\+?0*[1-9][0-9]{2,}\s*[,}\]]")


def out_of_range(events: list[bytes]) -> dict[int, Fault]:
    """The events that hold a number beyond float64 (``1e999``), by position.

    Skipped values are not parsed as numbers, so this looks for what such a number needs, an exponent of three digits, and parses
    only the events where it stands.
    """
    found: dict[int, Fault] = {}
    for position, raw in enumerate(events):
        if _BIG_EXPONENT.search(raw):
            try:
                msgspec.json.decode(raw)
            except msgspec.ValidationError:
                found[position] = Fault("bad_number", "a number is out of the range of a 64-bit float")
            except UNREADABLE:
                continue
    return found
