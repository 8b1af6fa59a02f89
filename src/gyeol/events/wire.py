"""The Segment wire format's bodies → the JSON of single events. Pure: bytes in, values out.

A body that is not JSON is an error of the whole request; everything that is wrong with one event is left to ``ingest``, so that
one bad event never fails its batch. Three faults that real clients make are therefore mended here, and flagged: half of a surrogate
pair (a text cut inside an emoji), bytes that are not UTF-8, and ``NaN`` (Python's json writes it), which costs only its own event.

Source: the Segment HTTP API and the bodies that the real SDKs send (docs: "Segment wire protocol").
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Sequence

import msgspec

from gyeol.kernel.errors import InputError, Problem

TYPES = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias"}
"""The single-letter endpoints of analytics-next."""

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_GZIP = b"\x1f\x8b"
_MOST_MEMBERS = 100
"""Each stream copies what follows it: a megabyte of empty ones would take a second."""
_SURROGATES = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL)


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What a request holds.

    Args:
        events: The JSON of each item, without what the root says.
        sent_at, context, integrations: Of the root; JSON for the last two.
        write_key: Of the root, or of the single event.
        path_type: The type that the endpoint's name gives, for an event without one.
        repaired: Bytes had to be mended; ``ingest`` flags the events with a replacement character.
    """

    events: list[bytes]
    sent_at: str | None = None
    context: bytes | None = None
    integrations: bytes | None = None
    write_key: str | None = None
    path_type: str | None = None
    repaired: bool = False

    def also_repaired(self) -> Body:
        """The same, marked as mended."""
        return msgspec.structs.replace(self, repaired=True)


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]
    sentAt: msgspec.Raw = msgspec.Raw(b"")
    writeKey: msgspec.Raw = msgspec.Raw(b"")
    context: msgspec.Raw = msgspec.Raw(b"")
    integrations: msgspec.Raw = msgspec.Raw(b"")


class _Single(msgspec.Struct):
    writeKey: msgspec.Raw = msgspec.Raw(b"")


_decode_batch = msgspec.json.Decoder(_Batch).decode
_decode_single = msgspec.json.Decoder(_Single).decode


def refused(code: str, what: str, mend: str) -> InputError:
    """The error of a whole body."""
    return InputError(code, [Problem(path="body", code=code, what=what, mend=mend)])


def inflate(body: bytes, limit: int) -> bytes:
    """The body as JSON text: decompressed if it begins as gzip does, whatever the headers say.

    Args:
        body: As received.
        limit: Most bytes after decompression; guards against bombs.

    Raises:
        InputError: ``body_too_large`` or ``bad_gzip``.
    """
    if body[:2] == _GZIP:
        body = _gunzip(body, limit)
    if len(body) > limit:
        raise refused("body_too_large", f"the body has more than {limit} bytes", "send smaller batches")
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    try:
        while body:
            member = zlib.decompressobj(wbits=31)
            part = member.decompress(body, limit + 1 - size)
            size += len(part)
            parts.append(part)
            if size > limit:
                break
            if not member.eof:
                raise refused("bad_gzip", "the gzip stream ends too early", "send the whole body")
            body = member.unused_data
            if body and len(parts) == _MOST_MEMBERS:
                raise refused("bad_gzip", f"the body has more than {_MOST_MEMBERS} gzip streams", "compress it as one")
    except zlib.error as error:
        raise refused("bad_gzip", f"the body begins like gzip but is not ({error})", "compress it again, or send it plain") from error
    return b"".join(parts)


def decode_batch(body: bytes) -> Body:
    """The events of a ``/v1/batch``, ``/v1/import`` or ``/v1/b`` body.

    Raises:
        InputError: ``bad_json`` (the whole body) or ``bad_batch`` (no array under ``batch``).
    """
    text, repaired = _mended(body)
    try:
        root = _decode_batch(text)
    except msgspec.ValidationError as error:
        raise refused("bad_batch", f"the body is no batch: {error}", 'send {"batch": [event, …]}') from error
    except _UNREADABLE as error:
        whole = _whole_pairs(text)
        return _salvage(text, error) if whole is text else decode_batch(whole).also_repaired()
    return Body(
        events=[bytes(item) for item in root.batch],
        sent_at=text_of(root.sentAt),
        write_key=text_of(root.writeKey),
        context=_object_of(root.context),
        integrations=_object_of(root.integrations),
        repaired=repaired,
    )


def decode_single(body: bytes, path_type: str) -> Body:
    """The one event of a ``/v1/track``, ``/v1/t``, … body.

    Args:
        body: JSON text.
        path_type: The last part of the path: ``track`` or ``t``, ….

    Raises:
        InputError: ``bad_json``.
    """
    text, repaired = _mended(body)
    write_key: str | None = None
    try:
        write_key = text_of(_decode_single(text).writeKey)
    except msgspec.ValidationError:
        pass  # no object: ingest says so in the event's verdict
    except _UNREADABLE as error:
        whole = _whole_pairs(text)
        if whole is not text:
            return decode_single(whole, path_type).also_repaired()
        root = _lenient_json(text, error)
        key = root.get("writeKey") if isinstance(root, dict) else None
        write_key = key if isinstance(key, str) else None
    return Body(events=[text.strip()], write_key=write_key, path_type=TYPES.get(path_type, path_type), repaired=repaired)


def decode_pixel(query: Sequence[tuple[str, str]], path_type: str) -> Body:
    """The event of a pixel's query: ``data`` with base64 of JSON, or dotted parameters (``properties.campaign=x``).

    Args:
        query: Decoded parameters in order.
        path_type: ``track``, ``page``, ….

    Raises:
        InputError: ``bad_json`` when ``data`` is no base64 of JSON.
    """
    parameters = dict(query)
    data = parameters.get("data")
    if data is not None:
        try:
            text = base64.b64decode(data.replace("-", "+").replace("_", "/") + "=" * (-len(data) % 4), validate=True)
        except ValueError as error:
            raise refused("bad_json", f"data is no base64 ({error})", "send base64 of the event's JSON") from error
        return decode_single(text, path_type)
    event: dict[str, object] = {}
    for name, value in parameters.items():
        _put(event, name.split("."), value)
    key = event.pop("writeKey", None)
    write_key = key if isinstance(key, str) else None
    return Body(events=[msgspec.json.encode(event)], write_key=write_key, path_type=TYPES.get(path_type, path_type))


def _put(event: dict[str, object], keys: list[str], value: str) -> None:
    at = event
    for key in keys[:-1]:
        below = at.get(key)
        if not isinstance(below, dict):
            below = at[key] = {}
        at = below
    at[keys[-1]] = value


def text_of(raw: msgspec.Raw) -> str | None:
    """The text of a JSON value; None if it is absent, null or no text."""
    try:
        return msgspec.json.decode(raw, type=str | None) if bytes(raw) else None
    except msgspec.MsgspecError:
        return None


def _object_of(raw: msgspec.Raw) -> bytes | None:
    """The JSON of an object that says something; None for absent, null, ``{}`` and what is no object."""
    text = bytes(raw)
    return text if text[:1] == b"{" and text[1:].strip() != b"}" else None


def _mended(body: bytes) -> tuple[bytes, bool]:
    """The body as UTF-8, and whether any byte had to be replaced by U+FFFD."""
    text = body[3:] if body.startswith(b"\xef\xbb\xbf") else body
    if text.isascii():
        return text, False
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode(errors="replace").encode(), True
    return text, False


def _whole_pairs(text: bytes) -> bytes:
    """The JSON text with U+FFFD for halves of surrogate pairs; the very same object if there are none."""
    whole = _SURROGATES.sub(lambda m: b"\\ufffd" if m.group(1) else m.group(), text)
    return text if whole == text else whole


def _lenient_json(text: bytes, error: Exception) -> object:
    """The value of JSON with ``NaN`` or ``Infinity`` in it, which Python's own reader takes."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as worse:
        raise refused("bad_json", f"the body is no JSON: {error}", "send UTF-8 JSON") from worse


def _salvage(text: bytes, error: Exception) -> Body:
    """The items of a batch that is JSON but for ``NaN`` and the like: the bad items stay bad, the others are saved."""
    root = _lenient_json(text, error)
    items = root.get("batch") if isinstance(root, dict) else None
    if not isinstance(root, dict) or not isinstance(items, list):
        raise refused("bad_batch", "the body is no batch", 'send {"batch": [event, …]}')
    sent_at, write_key = root.get("sentAt"), root.get("writeKey")

    def object_json(value: object) -> bytes | None:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() if isinstance(value, dict) and value else None

    return Body(
        events=[json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode() for item in items],
        sent_at=sent_at if isinstance(sent_at, str) else None,
        write_key=write_key if isinstance(write_key, str) else None,
        context=object_json(root.get("context")),
        integrations=object_json(root.get("integrations")),
    )
