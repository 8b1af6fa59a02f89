"""Definitions of the consent events and of law rules."""

from __future__ import annotations

from typing import Literal

import msgspec


class ConsentEventDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which event changes consent, and where in it the words stand. Only sources of trust ``server`` are believed.

    Args:
        event: Track event name, e.g. ``Consent Changed``.
        channel, purpose, status: Dotted paths; status is ``granted`` or ``withdrawn``.
        address: Dotted path of the contact address; None: the consent belongs to the event's own node.
    """

    event: str
    channel: str = "properties.channel"
    purpose: str = "properties.purpose"
    status: str = "properties.status"
    address: str | None = None
    proof: str | None = "properties.proof"
    simulated: bool = False


class LawRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the law table: country × channel × message class."""

    name: str
    country: str
    channels: list[str]
    message_class: Literal["advertising", "transactional"]
    quiet_from: str | None = None
    quiet_until: str | None = None
    needs_consent: bool = True
    label_prefix: str | None = None
    free_refusal: bool = False
    reconfirm_years: int | None = None
    source: str = ""
