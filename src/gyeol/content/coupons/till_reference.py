"""A till without a network: checks signed codes and keeps what it accepted. Copy this one file to the till; it needs Python and no more.

    till = OfflineTill(bytes.fromhex("<gyeol coupons key>"), till="gangnam-1", journal="accepted.jsonl")
    told = till.accept("GYC1:…", now_s=int(time.time()), order="A-1001", basket=12000)
    # later, with a network again: gyeol coupons reconcile accepted.jsonl --till gangnam-1, or POST /v1/coupons/reconcile

``accept`` writes an acceptance to the disk before it says yes, and says no to a code that this till has accepted before. What another
till accepted meanwhile it cannot know: that is what reconciling lists. Ed25519 as RFC 8032 has it, on plain integers (a check takes some
10 ms); nothing secret is computed, so it need not run in constant time.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]
"""Extended coordinates (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z (RFC 8032, 5.1.4)."""
_ZERO: _Point = (0, 1, 1, 0)


def _plus(a: _Point, b: _Point) -> _Point:
    low = (a[1] - a[0]) * (b[1] - b[0]) % _P
    high = (a[1] + a[0]) * (b[1] + b[0]) % _P
    cross, double = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = high - low, double - cross, double + cross, high + low
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(n: int, point: _Point) -> _Point:
    total = _ZERO
    while n:
        if n & 1:
            total = _plus(total, point)
        point, n = _plus(point, point), n >> 1
    return total


def _point(data: bytes) -> _Point | None:
    """The point that 32 bytes stand for; None when they stand for none (RFC 8032, 5.1.3)."""
    y = int.from_bytes(data, "little")
    odd, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (not x and odd):
        return None
    x = _P - x if x & 1 != odd else x
    return x, y, 1, x * y % _P


_BASE_POINT = _point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))


def good_signature(public_key: bytes, said: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature (64 bytes) is that of a public key (32 bytes) under some bytes."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, r = _point(public_key), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= _L or _BASE_POINT is None:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public_key + said).digest(), "little") % _L
    left, right = _times(s, _BASE_POINT), _plus(r, _times(h, key))
    same_x = (left[0] * right[2] - right[0] * left[2]) % _P == 0
    return same_x and (left[1] * right[2] - right[1] * left[2]) % _P == 0


def read_signed(text: str, public_key: bytes) -> tuple[str, str, int] | None:
    """(pool, code, expires) of a signed code; expires in Unix seconds, 0: never. None when it is not ours or was changed."""
    body = text.strip().upper()
    if not body.startswith("GYC1:") or len(body) > 1000:
        return None
    body = body[5:]
    try:
        raw = base64.b32decode(body + "=" * (-len(body) % 8))
    except ValueError:  # also for letters that are no ASCII
        return None
    said, signature = raw[:-64], raw[-64:]
    if len(said) < 8 or said[0] != 1 or not good_signature(public_key, said, signature):
        return None
    pool_end = 7 + said[6]
    code_end = pool_end + 1 + said[pool_end]
    return said[7:pool_end].decode(), said[pool_end + 1 : code_end].decode(), int.from_bytes(said[1:6], "big")


class OfflineTill:
    """Accepts signed codes and keeps a journal of them.

    Args:
        public_key: 32 bytes: ``gyeol coupons key``.
        till: Name of this till, one for ever.
        journal: File with one JSON object a line; it is read at the start, so that a restart forgets nothing.
        store: Name of the store.
    """

    def __init__(self, public_key: bytes, till: str, journal: str, store: str = "") -> None:
        self.public_key, self.till, self.journal, self.store = public_key, till, journal, store
        self.accepted: set[str] = set()
        self.sequence = 0
        if os.path.exists(journal):
            with open(journal, "rb+") as lines:
                whole = lines.read()
                whole = whole[: whole.rfind(b"\n") + 1]
                lines.truncate(len(whole))  # a line torn by a power cut: nobody was told yes
            for line in whole.splitlines():
                entry = json.loads(line)
                self.accepted.add(entry["code"])
                self.sequence = max(self.sequence, entry["sequence"])

    def accept(self, text: str, now_s: int, order: str = "", basket: int | None = None) -> str:
        """``accepted``, ``bad_signature``, ``expired`` or ``accepted_before``.

        Args:
            text: What the QR held.
            now_s: This till's clock, Unix seconds.
            order: This till's order.
            basket: What it is worth, in minor units.
        """
        found = read_signed(text, self.public_key)
        if found is None:
            return "bad_signature"
        _, code, expires_s = found
        if expires_s and now_s >= expires_s:
            return "expired"
        if code in self.accepted:
            return "accepted_before"
        entry = {"sequence": self.sequence + 1, "qr": text, "code": code, "at": now_s * 1000, "order": order, "store": self.store}
        if basket is not None:
            entry["basket"] = basket
        with open(self.journal, "a", encoding="utf-8") as lines:
            lines.write(json.dumps(entry) + "\n")
            lines.flush()
            os.fsync(lines.fileno())
        self.accepted.add(code)
        self.sequence += 1
        return "accepted"
