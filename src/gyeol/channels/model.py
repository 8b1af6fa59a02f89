"""Definitions of channels and message templates; the message, its licence and its deliveries."""

from __future__ import annotations

from typing import Literal

import msgspec

from gyeol.content.model import Wording

MessageState = Literal[
    "queued", "sending", "accepted", "delivered", "opened", "clicked", "bounced", "complained", "failed", "unknown", "refused", "too_late"
]


class SmtpServer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The server that takes a channel's e-mails: a provider's or the company's own.

    Args:
        host: Its name; ``env:NAME`` reads the environment. ``name:port`` says the port as well.
        port: Default: 587 with ``starttls``, 465 with ``tls``, 25 with ``none``.
        tls: ``starttls`` (nothing is sent if the server offers none), ``tls`` from the first byte, or ``none``.
        user, password: For logging in, or ``env:NAME``. Without a user nobody logs in.
        ca_file: PEM file of the authority that signed the server's certificate, where the system does not know it.
        connections: So many are kept open at most, from 1 to 32.
    """

    host: str
    port: int | None = None
    tls: Literal["none", "starttls", "tls"] = "starttls"
    user: str | None = None
    password: str | None = None
    ca_file: str | None = None
    connections: int = 4


class MailSender(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who an e-mail comes from. Name, address, phone and postal address stand in every advertising message that the law asks it of.

    Args:
        address: Of the From line; bounces go there, too.
        name: By language; without one the workspace's ``sender``.
        reply_to: Where answers go; None: to ``address``.
        postal_address: By language.
        phone: For people to call.
        unsubscribe_address: A mailbox that somebody reads, for those who refuse by mail; stands in ``List-Unsubscribe``.
    """

    address: str
    name: dict[str, str] = {}
    reply_to: str | None = None
    postal_address: dict[str, str] = {}
    phone: str | None = None
    unsubscribe_address: str | None = None


class ChannelDefinition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way out.

    Args:
        name: Unique.
        kind: Which adapter: ``webhook`` or ``email``.
        medium: email, sms, push, kakao, webhook: the row of the law table and of consent.
        url: For webhook. ``env:NAME`` reads the environment.
        secret: For webhook: ``whsec_…`` signing secret (Standard Webhooks), or ``env:NAME``.
        smtp: For email: the server that takes the mails.
        sender: For email: who they come from.
        timeout_s: How long the provider may take for each step.
        cost: Of one message, in minor units: policies that may choose the channel count it.
    """

    name: str
    kind: Literal["webhook", "email"]
    medium: str
    url: str = ""
    secret: str = ""
    smtp: SmtpServer | None = None
    sender: MailSender | None = None
    timeout_s: float = 10.0
    label: dict[str, str] = {}
    cost: float = 0.0


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """Why this message was lawful: kept with the message for ever.

    Args:
        free_refusal: Whether a rule wants the message to say who sends it and how to refuse at no cost.
    """

    consent: dict[str, object]
    rules: list[str]
    label: str
    local_hour: str
    caps: dict[str, object]
    holdout: dict[str, object]
    checked_at_ms: int
    free_refusal: bool = False


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
        unsubscribe: Where its recipient withdraws consent; made as it leaves, empty in the outbox.
        wording: Which words of a content these are; None: the offer's own.
        value: What the contact is worth: of several messages for one person the most valuable leaves.
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
    unsubscribe: str = ""
    wording: Wording | None = None
    value: float = 0.0


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message at one moment; a record of the log.

    Args:
        state: ``queued`` puts it back: the provider asked to wait, or could not be reached. ``sending``: it was let go, where contacts are
            counted (``journeys.contacts``).
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
