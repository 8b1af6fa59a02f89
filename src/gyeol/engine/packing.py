"""Trees of arrays, bytes, numbers and texts as one byte string and back: what snapshots are made of."""

from __future__ import annotations

import msgspec
import numpy as np

_ARRAY = 1
_encoder = msgspec.msgpack.Encoder()


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray):
        flat = np.ascontiguousarray(value)
        return msgspec.msgpack.Ext(_ARRAY, _encoder.encode((flat.dtype.str, flat.shape, flat.tobytes())))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _ext(code: int, data: memoryview) -> object:
    dtype, shape, raw = msgspec.msgpack.decode(data, type=tuple[str, tuple[int, ...], bytes])
    return np.frombuffer(raw, np.dtype(dtype)).reshape(shape).copy()


def pack(value: object) -> bytes:
    """The bytes of a tree whose leaves are arrays (no object arrays), bytes, numbers, texts, booleans and None."""
    return _encoder.encode(_plain(value))


def unpack(data: bytes) -> object:
    """The tree that ``pack`` wrote; arrays are writable copies."""
    return msgspec.msgpack.Decoder(ext_hook=_ext).decode(data)
