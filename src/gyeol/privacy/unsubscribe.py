"""The signed token of an unsubscribe link: which consent it withdraws. It holds numbers and words of the workspace, nothing of a person.

A token never expires: who was written to may refuse at any later time (정보통신망법 제50조 제2항, 제6항). It is worth nothing in another
data folder, whose key is another.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b

import msgspec

_SEAL_BYTES = 16
_LONGEST = 1_000
_VERSION = 1


class Subscription(msgspec.Struct, array_like=True, frozen=True):
    """What a link withdraws.

    Args:
        node: The contact whose consent it is.
        medium: email, sms, ….
        purpose: Of the message that held the link.
        send_key: Of that message: kept as the proof of the withdrawal.
    """

    node: int
    medium: str
    purpose: str
    send_key: str


def unsubscribe_key(secret: bytes) -> bytes:
    """The key of tokens, cut from a secret of the data folder (at most 64 bytes)."""
    return blake2b(b"unsubscribe links", key=secret, digest_size=32).digest()


def token_of(subscription: Subscription, key: bytes) -> str:
    """The token: letters, digits, ``-`` and ``_``."""
    body = bytes([_VERSION]) + msgspec.msgpack.encode(subscription)
    return urlsafe_b64encode(body + _seal(body, key)).rstrip(b"=").decode()


def read_token(token: str, key: bytes) -> Subscription | None:
    """What a token withdraws; None for one that this key did not make."""
    if not 0 < len(token) <= _LONGEST or not token.isascii():
        return None
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        body, seal = sealed[:-_SEAL_BYTES], sealed[-_SEAL_BYTES:]
        if not body or body[0] != _VERSION or not hmac.compare_digest(seal, _seal(body, key)):
            return None
        return msgspec.msgpack.decode(body[1:], type=Subscription)
    except (binascii.Error, msgspec.MsgspecError):
        return None


def _seal(body: bytes, key: bytes) -> bytes:
    return blake2b(body, key=key, digest_size=_SEAL_BYTES).digest()
