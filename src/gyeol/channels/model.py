"""Definitions of channels and message templates; the message, its licence and its deliveries."""

from __future__ import annotations

from typing import Literal

import msgspec

MessageState = Literal[
    "queued", "sending", "accepted", "delivered", "opened", "clicked", "bounced", "complained", "failed", "unknown", "refused", "too_late"
]


class ChannelDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way out.

    Args:
        name: Unique.
        kind: Which adapter (``webhook`` for now).
        medium: email, sms, push, kakao, webhook: the row of the law table and of consent.
        url: For webhook. ``env:NAME`` reads the environment.
        secret: ``whsec_…`` signing secret (Standard Webhooks), or ``env:NAME``.
        timeout_s: How long the provider may take.
    """

    name: str
    kind: Literal["webhook"]
    medium: str
    url: str
    secret: str
    timeout_s: float = 10.0
    label: dict[str, str] = {}


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """Why this message was lawful: kept with the message for ever."""

    consent: dict[str, object]
    rules: list[str]
    label: str
    local_hour: str
    caps: dict[str, object]
    holdout: dict[str, object]
    checked_at_ms: int


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One intended contact, as the outbox keeps it.

    Args:
        send_key: Hash of (journey version, node, cause offset, step): the same intent always has the same key.
        channel: Name of the channel definition.
        node: The node that was enrolled; the message follows it through merges and cuts.
        address: Where it goes on the channel's medium.
        decision: The decision that chose its offer.
        content: What it says, rendered: language, title, body, link, ….
        not_before_ms: It waits until then (quiet hours).
        expires_at_ms: From then on it is too late.
        cause_offset: Log offset of the event that enrolled.
        offer, placement: What was chosen, and where; the gates are asked again about them before it leaves.
    """

    send_key: str
    channel: str
    node: int
    person: str
    address: str
    journey: str
    journey_version: str
    decision: str | None
    content: dict[str, object]
    message_class: Literal["advertising", "transactional"]
    purpose: str
    queued_at_ms: int
    expires_at_ms: int
    cause_offset: int
    simulated: bool = False
    licence: Licence | None = None
    not_before_ms: int = 0
    offer: str = ""
    placement: str = ""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message at one moment; a record of the log.

    Args:
        state: ``queued`` puts it back: the provider asked to wait, or could not be reached.
        at_ms: When; the core replaces the sender's clock by its own as it appends the record.
        reason: Code of the reason catalogue, where there is one.
        retry_after_ms: For ``queued``: how long after ``at_ms`` it is not tried again.
    """

    send_key: str
    state: MessageState
    at_ms: int
    reason: str = ""
    provider_id: str = ""
    detail: str = ""
    retry_after_ms: int = 0
