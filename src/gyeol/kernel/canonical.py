"""One byte string for one value: keys sorted, no spaces, UTF-8. Hashes of definitions and payloads are taken over it."""

from __future__ import annotations

import hashlib

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")


def canonical_json(value: object) -> bytes:
    """The canonical JSON of a value made of dicts, lists, text, numbers, booleans, None and msgspec structs."""
    return _encoder.encode(value)


def digest(value: object) -> str:
    """32 hex digits over the canonical JSON of what was said: fields that hold their default do not count.

    So a release that gives a struct another field leaves the digests of what was written before as they are.
    """
    return hashlib.blake2b(canonical_json(_said(value)), digest_size=16).hexdigest()


def _said(value: object) -> object:
    if isinstance(value, msgspec.Struct):
        tag = value.__struct_config__
        said: dict[str, object] = {} if tag.tag_field is None else {tag.tag_field: tag.tag}
        for field in msgspec.structs.fields(value):
            held = getattr(value, field.name)
            default = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default
            if held != default or type(held) is not type(default):
                said[field.encode_name] = _said(held)
        return said
    if isinstance(value, dict):
        return {key: _said(item) for key, item in value.items()}
    return [_said(item) for item in value] if isinstance(value, list | tuple) else value
