"""Definitions of identifier types, and the values that the graph takes and gives."""

from __future__ import annotations

from typing import Literal

import msgspec

GoldenRule = Literal["most_recent", "most_frequent", "source_order"]
"""How the value that wins is found: first seen last · stated most often · by the most believed source."""


class IdentifierType(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of identifier.

    Args:
        name: user_id, email, phone, anonymous_id, card, …
        paths: Where it stands in an event (``userId``, ``traits.email``, ``context.traits.email``, ``properties.card``).
        priority: 1 is the strongest: it names the event's node and the person.
        limit: At most so many different values a person, or None for no limit.
        blocked: Regular expressions (full match, on the normalised value) of values that identify nobody.
            ``$placeholders`` stands for what people write who have none (없음, 비회원, noname@…, 1234567890, 010-1111-1111).
        normalise: ``exact`` | ``lower`` | ``email`` | ``phone`` | ``name`` | ``address``: how different spellings become one value.
        plus: For ``email``: ``drop`` takes ``+tag`` before the @ away (kim+shop@ is kim@), whatever the provider.
        dots: For ``email``: ``drop`` takes the dots before the @ away at providers that ignore them (gmail.com, googlemail.com).
        region: For ``phone``: ISO 3166 code of the country of numbers without a prefix; none: the workspace's ``phone_region``.
        from_client: Whether a source of trust ``client`` may give it as evidence (never for e-mail, phone, card).
        golden: ``most_recent`` | ``most_frequent`` | ``source_order``: which of several values of a person wins. Default: ``most_recent``
            for e-mail, phone, name and address; other types have no golden value.
        pii: Hidden from the lake and masked where shown without the right to see it.
    """

    name: str
    paths: list[str]
    priority: int
    limit: int | None = None
    blocked: list[str] = []
    normalise: Literal["exact", "lower", "email", "phone", "name", "address"] = "exact"
    plus: Literal["keep", "drop"] = "keep"
    dots: Literal["keep", "drop"] = "keep"
    region: str | None = None
    from_client: bool = False
    golden: GoldenRule | None = None
    pii: bool = False
    label: dict[str, str] = {}


class IdentityRules(msgspec.Struct, frozen=True, kw_only=True):
    """All identifier types, strongest first."""

    types: list[IdentifierType]
    phone_region: str = "KR"


TRUST_RANKS = {"command": 3, "server": 2, "client": 1}
"""How far each kind of source is believed when evidence competes; higher wins."""
