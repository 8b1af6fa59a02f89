"""A message as the bytes of an e-mail: two parts in UTF-8, headers that fit their lines, nothing that a value could smuggle in.

Source: RFC 5322 (headers), RFC 2045–2047 (parts, encoded words), RFC 2369 and RFC 8058 (``List-Unsubscribe``, One-Click).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email import charset
from email.header import Header
from email.message import Message as MimeMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime
from hashlib import blake2b
from ipaddress import ip_address
from urllib.parse import urlsplit

from gyeol.channels.model import MailSender, Message
from gyeol.content.mail_page import Foot, html_body, text_body
from gyeol.content.subject import plain_line

_POLICY = compat32.clone(linesep="\r\n", max_line_length=None)
"""Headers are folded here: the library would break a line before a long URL and leave nothing on it."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?=.{1,253}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")
_MOST_LOCAL = 64
_MOSTLY_ASCII = 0.94
"""Above this share quoted-printable is the shorter encoding, and people can read it."""


class UnsendableError(Exception):
    """A message cannot be made into an e-mail. Never leaves the package."""


def mail_of(message: Message, sender: MailSender, at: datetime) -> bytes:
    """The e-mail of a message. The same message at the same time gives the same bytes, and at any time the same Message-ID.

    Args:
        message: ``content`` holds subject, html, text, … as ``journeys.saying`` made them.
        sender: Who it comes from.
        at: Of the Date line, aware.

    Raises:
        UnsendableError: No subject, nothing to say, an address that is none, or no way to refuse where the law wants one.
    """
    fields = {name: value for name, value in message.content.items() if isinstance(value, str)}
    language = fields.pop("language", "ko")
    subject = plain_line(fields.get("subject", ""))
    if not subject:
        raise UnsendableError("the content has neither subject nor title")
    foot = _foot(message, sender, fields.get("sender", ""), language)
    mail = MIMEMultipart("alternative", boundary=_boundary(message.send_key), policy=_POLICY)
    for name, value in _headers(message, sender, fields, subject, language, at):
        mail[name] = value
    mail.attach(_part(text_body(fields, language, foot), "plain"))
    mail.attach(_part(html_body({**fields, "subject": subject}, language, foot), "html"))
    return mail.as_bytes(policy=_POLICY)


def mail_address(text: str) -> str | None:
    """An address as SMTP carries it (its domain in ASCII), or None when it is none, or one that needs SMTPUTF8."""
    local, at, domain = text.strip(" ").rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        return None
    good = at and len(local) <= _MOST_LOCAL and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)
    return f"{local}@{domain}" if good else None


def message_id(send_key: str, sender: MailSender) -> str:
    """The Message-ID: the same for every attempt, so that servers that look can tell a second one."""
    return f"<{_token(send_key)}@{_checked(sender.address, 'sender').rpartition('@')[2]}>"


def _headers(
    message: Message, sender: MailSender, fields: Mapping[str, str], subject: str, language: str, at: datetime
) -> list[tuple[str, str]]:
    name = _in_language(sender.name, language) or fields.get("sender", "")
    found: list[tuple[str, str]] = [
        ("From", _mailbox(name, _checked(sender.address, "sender"))),
        ("To", _checked(message.address, "recipient")),
        ("Subject", _words(subject, "Subject")),
        ("Date", format_datetime(at)),
        ("Message-ID", message_id(message.send_key, sender)),
        ("X-Gyeol-Send-Key", _token(message.send_key)),
        ("Feedback-ID", ":".join(_token(part) for part in (message.journey, message.purpose, message.message_class, "gyeol"))),
        ("Content-Language", _token(language)),
        ("Auto-Submitted", "auto-generated"),
    ]
    if sender.reply_to is not None:
        found.append(("Reply-To", _checked(sender.reply_to, "reply_to")))
    if message.simulated:
        found.append(("X-Gyeol-Simulated", "true"))
    return found + _refusing(message, sender)


def _refusing(message: Message, sender: MailSender) -> list[tuple[str, str]]:
    """``List-Unsubscribe``: for what is advertising, or says how to refuse."""
    url = message.unsubscribe
    if not url:
        return []
    if not url.isascii() or not url.isprintable() or any(sign in url for sign in "<> "):
        raise UnsendableError("the unsubscribe address is no URL")
    ways = [f"<{url}>"]
    if sender.unsubscribe_address is not None:
        ways.append(f"<mailto:{_checked(sender.unsubscribe_address, 'unsubscribe_address')}?subject=unsubscribe>")
    found: list[tuple[str, str]] = [("List-Unsubscribe", ",\r\n ".join(ways))]
    if one_click(url):
        found.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return found


def one_click(url: str) -> bool:
    """Whether One-Click may be announced: RFC 8058 wants https; this machine itself is let pass, to try it out."""
    parts = urlsplit(url)
    try:
        local = parts.hostname == "localhost" or ip_address(parts.hostname or "").is_loopback
    except ValueError:
        local = False
    return parts.scheme == "https" or (parts.scheme == "http" and local)


def _foot(message: Message, sender: MailSender, workspace_sender: str, language: str) -> Foot:
    wanted = message.licence is not None and message.licence.free_refusal
    if wanted and not message.unsubscribe:
        raise UnsendableError("the law wants a way to refuse at no cost, and there is no address for it")
    lines = [
        _in_language(sender.name, language) or workspace_sender,
        _in_language(sender.postal_address, language),
        sender.phone or "",
        sender.address,
    ]
    return Foot(sender=[plain_line(line) for line in lines if line.strip()] if wanted else [], unsubscribe=message.unsubscribe)


def _part(text: str, subtype: str) -> MimeMessage:
    text = _CONTROL.sub("", text)
    signs = charset.Charset("utf-8")
    readable = sum(map(str.isascii, text)) >= _MOSTLY_ASCII * len(text)
    signs.body_encoding = charset.QP if readable else charset.BASE64
    part = MIMENonMultipart("text", subtype, policy=_POLICY, charset="utf-8")
    del part["MIME-Version"]
    part.set_payload("\r\n".join(text.splitlines()) + "\r\n", signs)
    return part


def _mailbox(name: str, address: str) -> str:
    name = plain_line(name)
    if not name:
        return address
    if not name.isascii():
        return f"{_words(name, 'From')}\r\n <{address}>"
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>'


def _words(text: str, header: str) -> str:
    """ASCII as it is, all else as encoded words of at most 75 characters, each of whole characters."""
    return Header(text, "us-ascii" if text.isascii() else "utf-8", maxlinelen=75, header_name=header).encode()


def _checked(address: str, what: str) -> str:
    found = mail_address(address)
    if found is None:
        raise UnsendableError(f"the {what} address is none that a mail server takes")
    return found


def _in_language(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts.get(language.split("-")[0]) or next(iter(texts.values()), "")


def _token(text: str) -> str:
    """Letters, digits, dots, dashes and underlines of a text: what may stand in an id or a structured header."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text)[:100] or "_"


def _boundary(send_key: str) -> str:
    return "=_" + blake2b(send_key.encode(), digest_size=12).hexdigest()
