"""What a mail server's words mean for a message. Pure.

Source: RFC 5321, sections 4.2 (replies) and 4.5.3.1.10 (552 to RCPT is "later"); RFC 3463 (enhanced status codes).
"""

from __future__ import annotations

import re

from gyeol.channels.channel import Outcome

DETAIL_LIMIT = 500
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_QUEUE_ID = re.compile(r"queued as ([A-Za-z0-9._-]{1,100})", re.IGNORECASE)

NO_SUCH_ADDRESS = frozenset(("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"))
"""Enhanced codes that speak of the address itself. A bare 550 may be a policy against the sender, so it condemns no address."""

OUR_FAULT = frozenset((530, 534, 535, 538))
"""The server wants another login than ours: nothing is wrong with the message."""


def accepted(text: str) -> Outcome:
    """250 after the message: it is the server's now."""
    found = _QUEUE_ID.search(text)
    return Outcome(kind="accepted", provider_id=found[1] if found else "", detail=short(f"250 {text}"))


def refused(code: int, text: str) -> Outcome:
    """A refusal of the sender or of the message."""
    detail = short(f"{code} {text}")
    if code in OUR_FAULT or 400 <= code < 500:
        return Outcome(kind="throttled", detail=detail)
    return Outcome(kind="rejected", detail=detail) if 500 <= code < 600 else Outcome(kind="unknown", detail=detail)


def recipient_refused(code: int, text: str) -> Outcome:
    """A refusal of the recipient: greylisting and full mailboxes come later, the rest bounces."""
    if code in OUR_FAULT or code == 552 or not 500 <= code < 600:
        return Outcome(kind="throttled", detail=short(f"{code} {text}"))
    found = _ENHANCED.search(text)
    return Outcome(kind="bounced", detail=short(f"{code} {text}"), no_such_address=found is not None and found[1] in NO_SUCH_ADDRESS)


def short(text: str) -> str:
    """At most ``DETAIL_LIMIT`` characters on one line."""
    return " ".join(text.encode("utf-8", "replace").decode().split())[:DETAIL_LIMIT]
