"""Channels: what each kind needs, and who stands behind an e-mail."""

from __future__ import annotations

from gyeol.channels.email import MOST_CONNECTIONS
from gyeol.channels.email_message import mail_address
from gyeol.channels.model import ChannelDefinition, MailSender, SmtpServer
from gyeol.content.model import ContentDefinition
from gyeol.decisions.model import OfferDefinition
from gyeol.engine.definitions import WorkspaceSettings
from gyeol.journeys.model import JourneyDefinition
from gyeol.privacy.model import LawRule
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.formats import env_name

_OF_KIND = {"webhook": ("url", "secret"), "email": ("smtp", "sender")}
_EXAMPLES = {
    "url": "url: https://…",
    "secret": "secret: env:NAME",
    "smtp": "smtp: {host: …}",
    "sender": "sender: {address: …}",
}


def check_channel(findings: Findings, entry: Entry, channel: ChannelDefinition) -> None:
    """One channel by itself."""
    findings.positive(entry, ("timeout_s",), channel.timeout_s)
    for kind, fields in _OF_KIND.items():
        for field in fields:
            given = bool(getattr(channel, field))
            if kind == channel.kind and not given:
                findings.refuse(entry, (), "missing_key", f"a channel of kind {kind} needs {field!r}", f"add {_EXAMPLES[field]!r}")
            elif kind != channel.kind and given:
                findings.refuse(entry, (field,), "other_kind", f"{field} belongs to a channel of kind {kind}", f"remove {field!r}")
    if channel.kind == "webhook" and channel.url and channel.secret:
        _check_webhook(findings, entry, channel)
    if channel.kind == "email":
        if channel.medium != "email":
            what = f"a channel of kind email carries the medium email, not {channel.medium!r}"
            findings.refuse(entry, ("medium",), "wrong_medium", what, "write medium: email")
        if channel.smtp is not None:
            _check_server(findings, entry, channel.smtp)
        if channel.sender is not None:
            _check_addresses(findings, entry, channel.sender)


def _check_webhook(findings: Findings, entry: Entry, channel: ChannelDefinition) -> None:
    if env_name(channel.url) is None and not channel.url.startswith(("http://", "https://")):
        findings.refuse(entry, ("url",), "bad_url", f"url {channel.url!r}", "write http(s)://… or env:NAME")
    if env_name(channel.secret) is None and not channel.secret.startswith("whsec_"):
        findings.refuse(
            entry,
            ("secret",),
            "bad_secret",
            "secret is not a Standard Webhooks secret",
            "write env:NAME (better), or a secret that begins with whsec_",
        )
    elif env_name(channel.secret) is None:
        findings.warn(entry, ("secret",), "secret_in_file", "the secret stands in a file", "keep it in the environment and write env:NAME")


def _check_server(findings: Findings, entry: Entry, server: SmtpServer) -> None:
    at = ("smtp",)
    if env_name(server.host) is None and (not server.host or any(sign.isspace() or sign == "/" for sign in server.host)):
        what = f"smtp.host {server.host!r} is no server"
        findings.refuse(entry, (*at, "host"), "bad_host", what, "write its name, such as smtp.example.com, or env:NAME")
    if server.port is not None and not 0 < server.port < 65_536:
        findings.refuse(entry, (*at, "port"), "out_of_range", f"smtp.port is {server.port}", "write 1 to 65535")
    if not 1 <= server.connections <= MOST_CONNECTIONS:
        what = f"smtp.connections is {server.connections}"
        findings.refuse(entry, (*at, "connections"), "out_of_range", what, f"write 1 to {MOST_CONNECTIONS}")
    if (server.user is None) != (server.password is None):
        findings.refuse(entry, at, "half_login", "a login needs user and password", "give both, or neither")
    if server.password is not None and env_name(server.password) is None:
        mend = "keep it in the environment and write env:NAME"
        findings.warn(entry, (*at, "password"), "secret_in_file", "the password stands in a file", mend)
    if server.user is not None and server.tls == "none":
        what = "the password would travel in the clear"
        findings.warn(entry, (*at, "tls"), "password_in_clear", what, "write tls: starttls or tls: tls")


def _check_addresses(findings: Findings, entry: Entry, sender: MailSender) -> None:
    for field in ("address", "reply_to", "unsubscribe_address"):
        address = getattr(sender, field)
        if address is not None and mail_address(address) is None:
            what = f"sender.{field} {address!r} is no e-mail address"
            findings.refuse(entry, ("sender", field), "bad_address", what, "write name@example.com")


def check_sender(findings: Findings) -> None:
    """Whether advertising by e-mail can say what the law wants: who sends it; and whether offers have words for a mail."""
    channels = {c.name: (entry, c) for entry, c in findings.pairs("channels", ChannelDefinition) if c.kind == "email"}
    journeys = [(e, j) for e, j in findings.pairs("journeys", JourneyDefinition) if j.message.channel in channels]
    workspaces = [w for _, w in findings.pairs("workspace", WorkspaceSettings)]
    named = any(w.sender for w in workspaces)
    countries = {w.country for w in workspaces}
    wanted = any(
        law.free_refusal and law.message_class == "advertising" and law.country in countries and ({"email", "*"} & set(law.channels))
        for _, law in findings.pairs("laws", LawRule)
    )
    advertising = {j.message.channel for _, j in journeys if j.message.message_class == "advertising"}
    for name, (entry, channel) in channels.items():
        sender = channel.sender
        if sender is None or name not in advertising or not wanted:
            continue
        if not sender.name and not named:
            mend = "add sender.name to the channel, or sender to the workspace"
            findings.refuse(entry, ("sender",), "sender_unnamed", "advertising must say who sends it", mend)
        if not sender.postal_address:
            mend = "add sender.postal_address: {ko: …, en: …}"
            findings.refuse(entry, ("sender",), "sender_unnamed", "advertising must say where its sender can be reached by post", mend)
        if sender.phone is None and "KR" in countries:
            findings.warn(entry, ("sender",), "sender_phone", "in Korea advertising says the sender's telephone number", "add sender.phone")
    placements = {j.message.placement for _, j in journeys}
    for entry, offer in findings.pairs("offers", OfferDefinition):
        if placements.intersection(offer.placements):
            _check_mail_words(findings, entry, offer)


def _check_mail_words(findings: Findings, entry: Entry, offer: OfferDefinition) -> None:
    if isinstance(offer.content, str):
        contents = {content.name: content for _, content in findings.pairs("contents", ContentDefinition)}
        named = contents.get(offer.content)
        for variant in named.variants if named is not None else ():
            subject = any(variant.fields.get(field, "").strip() for field in ("subject", "title"))
            if "email" in (variant.channels or ("email",)) and not subject:
                what = f"{variant.key} of {offer.content!r} has neither subject nor title, so no e-mail can be made of it"
                findings.warn(entry, ("content",), "mail_without_subject", what, "add a subject")
        return
    for language, fields in offer.content.items():
        if not fields.get("subject", "").strip() and not fields.get("title", "").strip():
            what = f"content.{language} has neither subject nor title, so no e-mail can be made of it"
            findings.warn(entry, ("content", language), "mail_without_subject", what, "add a subject")
