"""Definitions of identifier types, and the values that the graph takes and gives."""

from __future__ import annotations

from typing import Literal

import msgspec

BelongsTo = Literal["person", "household", "device"]
"""Whose an identifier is: one person's · perhaps a family's, as a telephone number · a thing's that people use, as a browser."""

GoldenRule = Literal["most_recent", "most_frequent", "source_order"]
"""How the value that wins is found: first seen last · stated most often · by the most believed source."""


class IdentifierType(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of identifier.

    Args:
        name: user_id, email, phone, anonymous_id, card, …
        paths: Where it stands in an event (``userId``, ``traits.email``, ``context.traits.email``, ``properties.card``).
        priority: 1 is the strongest: it names the event's node and the person.
        limit: At most so many different values a person, or None for no limit.
        per: With ``limit``: a length of time such as ``30d`` (24 hours a day): at most so many values that were first stated within it.
        belongs_to: ``person`` | ``household`` | ``device``: what a value says of two people who both gave it. ``person``: they are one.
            ``household``: they are one, unless one of them has an account. ``device``: nothing; it is theirs whose only it is.
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
    per: str | None = None
    belongs_to: BelongsTo = "person"
    blocked: list[str] = []
    normalise: Literal["exact", "lower", "email", "phone", "name", "address"] = "exact"
    plus: Literal["keep", "drop"] = "keep"
    dots: Literal["keep", "drop"] = "keep"
    region: str | None = None
    from_client: bool = False
    golden: GoldenRule | None = None
    pii: bool = False
    label: dict[str, str] = {}


class AttributeDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that identify calls say of a person and that identifies nobody: a name, a birth date, a postal address.

    Args:
        name: full_name, birth_date, address, …
        paths: Where it stands in an identify call; the first that holds a text counts. None: the attribute is not kept.
        rule: ``most_recent`` | ``most_frequent`` | ``source_order``: which of several values of a person wins.
        sources: For ``source_order``: names of sources, the most believed first; others follow, servers before clients.
        pii: Hidden from the lake and masked where shown without the right to see it.
    """

    name: str
    paths: list[str]
    rule: GoldenRule = "most_recent"
    sources: list[str] = []
    pii: bool = True
    label: dict[str, str] = {}


class IdentityRules(msgspec.Struct, frozen=True, kw_only=True):
    """All identifier types, strongest first."""

    types: list[IdentifierType]
    phone_region: str = "KR"


class GroupType(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of group, such as the household or the company of people. A person is in one group of each kind: the one stated last.

    Args:
        name: household, account, … Conditions read ``household.orders_30d``.
        paths: Where an event says which group its person is in (``groupId``, ``traits.address``, ``properties.company``).
        normalise: ``exact`` | ``lower`` | ``email`` | ``phone`` | ``name`` | ``address``: how different spellings become one group.
        blocked: Regular expressions (full match, on the normalised value) of values that name no group, as for identifiers.
        where: A condition over the paths of the event: only such events say it.
        ends_where: A condition over the paths of the event: such events say that their person is in no group of this kind any more.
        at_most: More people than this are no group (a dormitory, a shop's telephone): it has no traits and is in no audience.
        region: For ``phone``: ISO 3166 code of the country of numbers without a prefix; none: the workspace's ``phone_region``.
        from_client: Whether a source of trust ``client`` is believed.
        pii: Its name is masked where shown, as with an address.
    """

    name: str
    paths: list[str]
    normalise: Literal["exact", "lower", "email", "phone", "name", "address"] = "exact"
    blocked: list[str] = []
    where: str | None = None
    ends_where: str | None = None
    at_most: int | None = None
    region: str | None = None
    from_client: bool = False
    pii: bool = False
    label: dict[str, str] = {}
    description: dict[str, str] = {}


TRUST_RANKS = {"command": 3, "server": 2, "client": 1}
"""How far each kind of source is believed when evidence competes; higher wins."""
