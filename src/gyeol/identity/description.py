"""What the graph says of one person: identifiers, the evidence that joined them, and the evidence that was held back."""

from __future__ import annotations

from typing import Literal

import msgspec

Verdict = Literal["accepted", "quarantined", "shared", "refused", "cut", "confirmed"]


class SharedBy(msgspec.Struct, frozen=True, kw_only=True):
    """Why an identifier is shared.

    Args:
        type: The limited type of which it was stated with too many values.
        fan_out: Different values stated with it.
        limit: More than so many make it shared. per: If they were first stated within this time (``30d``); None: ever.
        trust: Statements of this trust and below merge nothing: ``client``, ``server`` or ``command``.
    """

    type: str
    fan_out: int
    limit: int
    trust: str
    per: str | None = None


class IdentifierView(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier as shown. ``masked``: ``value`` is not the whole value. ``first_ms``: least event time; None when never dated.

    ``id`` names the identifier where its value must not stand.
    """

    node: int
    id: str
    type: str
    value: str
    masked: bool
    label: dict[str, str] = {}
    first_ms: int | None = None
    shared: list[SharedBy] = []


class StatementView(msgspec.Struct, frozen=True, kw_only=True):
    """A record of evidence as shown.

    Args:
        a, b: Its identifiers; ``a`` is the described person's.
        other_person: Person id of ``b`` when it belongs to somebody else.
        trust, source, kind, first_ms, count: Whose word it is, since when and how often.
        verdict: ``quarantined``: a limit is in the way. ``shared``: one of the two is shared. ``refused``: the source may not state
            this. ``cut``: withdrawn by a command. ``confirmed``: left out for good by a command.
        reason: Code: ``limit``, ``client_cannot_join_known``, ``device_of_several``, ``number_of_another``,
            ``another_number``, ``shared_identifier``,
            ``untrusted_source``, ``dropped_type``, ``cut``, ``confirmed``.
        type, limit, per, values: For a limit: the type, how many are allowed (within which time), and the values that the two people
            have (masked as above).
    """

    a: IdentifierView
    b: IdentifierView
    other_person: str | None
    trust: str
    source: str
    kind: str
    first_ms: int
    count: int
    verdict: Verdict
    reason: str = ""
    type: str = ""
    limit: int | None = None
    values: list[str] = []
    per: str | None = None


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """Who a person is, and why.

    Args:
        identifiers: Strongest first.
        evidence: Accepted statements, oldest first.
        quarantined: Statements held back: quarantined, shared or refused.
        withdrawn: Statements that a command cut or left out for good.
        shared: Shared identifiers that the person has or was stated with.
        complete: False when there is more than was asked for.
    """

    person: int
    person_id: str
    identifiers: list[IdentifierView]
    evidence: list[StatementView]
    quarantined: list[StatementView]
    withdrawn: list[StatementView]
    shared: list[IdentifierView]
    complete: bool


def mask(value: str) -> str:
    """A value that somebody who knows it recognises and nobody else can read.

    Run Example::

        assert mask("hana@example.invalid") == "h***@example.invalid"
        assert mask("+821012345678") == "+8210****5678"
    """
    name, at, domain = value.rpartition("@")
    if at:
        return f"{name[:1]}***@{domain}"
    if len(value) >= 12:
        return f"{value[:5]}****{value[-4:]}" if value.startswith("+") else f"****{value[-4:]}"
    return f"{value[:1]}***"
