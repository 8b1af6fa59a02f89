"""Tokens: the admin's, whose holder may do everything until sign-in exists, and the one with which a page proves who is signed in.

Both come from the folder's keys; ``gyeol up`` prints the first, ``gyeol user-token`` the second.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

COOKIE = "gyeol_admin"
"""Set by ``/?token=…`` so that the link that ``gyeol up`` prints is all a browser needs."""

TOKEN_BYTES = 24
"""192 random bits. Source: OWASP ASVS 4.0.3, V3.2.2 asks for at least 64."""


def new_token() -> str:
    """A token that fits into a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class AdminToken:
    """Compares what somebody shows with the token, in a time that does not depend on how much of it is right.

    Args:
        value: The token; an empty one admits nobody.
    """

    def __init__(self, value: str) -> None:
        self._value = value.encode()

    def __repr__(self) -> str:
        return "AdminToken(…)"

    def admits(self, given: str | None) -> bool:
        """Whether this is the token."""
        return given is not None and bool(self._value) and hmac.compare_digest(self._value, given.encode())


def bearer(header: str | None) -> str | None:
    """The token of an ``Authorization: Bearer …`` header."""
    scheme, _, value = (header or "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" and value.strip() else None


def user_token(decide_key: str, user_id: str) -> str:
    """What a shop's server gives its page to prove who is signed in: HMAC-SHA256 of the userId, hex.

    Args:
        decide_key: Of the folder, hex.
        user_id: As the page sends it.
    """
    return hmac.new(bytes.fromhex(decide_key), user_id.encode(), hashlib.sha256).hexdigest()
