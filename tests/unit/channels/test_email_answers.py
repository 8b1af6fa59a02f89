"""What mail servers' words mean, what an e-mail channel refuses to be opened with, and the parts of a mail that need no server."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gyeol.channels.email_message import UnsendableError, mail_address, mail_of, one_click
from gyeol.channels.kinds import open_channels
from gyeol.channels.model import ChannelDefinition, MailSender, Message, SmtpServer
from gyeol.channels.outbox import may_become
from gyeol.channels.smtp_answers import accepted, recipient_refused, refused
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.errors import ConfigError

AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SENDER = MailSender(address="news@shop.example")


def message(**content: str) -> Message:
    return Message(
        send_key="m_1",
        channel="news",
        node=1,
        person="p",
        address="lee@example.com",
        journey="j",
        journey_version="v",
        decision=None,
        content={"language": "en", **content},
        message_class="transactional",
        purpose="order",
        queued_at_ms=0,
        expires_at_ms=1,
        cause_offset=0,
    )


def test_accepted_tells_the_servers_own_id() -> None:
    assert accepted("2.0.0 Ok: queued as 4Z1x").provider_id == "4Z1x"
    assert accepted("fine").provider_id == ""


@pytest.mark.parametrize(("code", "kind"), [(421, "throttled"), (451, "throttled"), (530, "throttled"), (554, "rejected"), (-1, "unknown")])
def test_refusals_of_a_message(code: int, kind: str) -> None:
    assert refused(code, "words\nof the server").kind == kind
    assert "\n" not in refused(code, "words\nof the server").detail


@pytest.mark.parametrize(
    ("code", "text", "kind", "gone"),
    [
        (550, "5.1.1 unknown", "bounced", True),
        (550, "5.2.1 disabled", "bounced", True),
        (550, "unknown", "bounced", False),
        (550, "5.7.1 policy", "bounced", False),
        (552, "5.2.2 full", "throttled", False),
        (450, "4.2.0 later", "throttled", False),
        (-1, "nonsense", "throttled", False),
    ],
)
def test_refusals_of_a_recipient(code: int, text: str, kind: str, gone: bool) -> None:
    outcome = recipient_refused(code, text)
    assert (outcome.kind, outcome.no_such_address) == (kind, gone)


def test_a_bounce_settles_a_message() -> None:
    assert may_become("sending", "bounced")
    assert not may_become("bounced", "queued")


@pytest.mark.parametrize(
    ("given", "carried"),
    [
        ("lee@example.com", "lee@example.com"),
        ("a.b+c@한국.example", "a.b+c@xn--3e0b707e.example"),
        ("lee@example.com\n", None),
        ("lee..x@example.com", None),
        ("@example.com", None),
        ("lee@", None),
        ("lee@-a.com", None),
        ("l" * 65 + "@example.com", None),
        ("이@example.com", None),
        ("a@b@c.com", None),
    ],
)
def test_addresses(given: str, carried: str | None) -> None:
    assert mail_address(given) == carried


def test_a_second_attempt_has_the_same_id_and_the_same_words() -> None:
    first = mail_of(message(subject="x", body="y"), SENDER, AT)
    assert mail_of(message(subject="x", body="y"), SENDER, AT) == first
    assert b"Message-ID: <m_1@shop.example>\r\n" in first


def test_a_long_korean_subject_is_cut_between_characters() -> None:
    subject = "오랜만이에요 " * 40
    lines = mail_of(message(subject=subject, body="y"), SENDER, AT).split(b"\r\n")
    words = [line.strip() for line in lines if line.strip().endswith(b"?=")]
    assert len(words) > 5
    assert all(len(word.removeprefix(b"Subject: ")) <= 75 for word in words)


def test_transactional_mail_has_neither_label_nor_foot() -> None:
    mail = mail_of(message(subject="Your order", body="It is on its way."), SENDER, AT)
    assert b"List-Unsubscribe" not in mail
    assert b"unsubscribe" not in mail.lower()


@pytest.mark.parametrize("content", [{}, {"subject": "\r\n"}, {"body": "x"}])
def test_a_mail_needs_a_subject(content: dict[str, str]) -> None:
    with pytest.raises(UnsendableError, match="subject"):
        mail_of(message(**content), SENDER, AT)


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://shop.example/u/x", True),
        ("http://shop.example/u/x", False),
        ("http://127.0.0.1:8400/u/x", True),
        ("http://localhost:8400/u/x", True),
        ("ftp://127.0.0.1/u/x", False),
    ],
)
def test_one_click_wants_https(url: str, good: bool) -> None:
    assert one_click(url) == good


@pytest.mark.parametrize(
    ("smtp", "sender", "code"),
    [
        (None, SENDER, "channel_incomplete"),
        (SmtpServer(host="mx.test"), None, "channel_incomplete"),
        (SmtpServer(host="env:NOWHERE"), SENDER, "channel_setting_missing"),
        (SmtpServer(host="mx.test", user="a", password="env:NOWHERE"), SENDER, "channel_setting_missing"),
        (SmtpServer(host="https://mx.test"), SENDER, "channel_host"),
        (SmtpServer(host="mx.test:many"), SENDER, "channel_host"),
        (SmtpServer(host="mx.test", connections=0), SENDER, "channel_connections"),
        (SmtpServer(host="mx.test", ca_file="/nowhere/ca.pem"), SENDER, "channel_ca_file"),
        (SmtpServer(host="mx.test"), MailSender(address="news"), "channel_address"),
        (SmtpServer(host="mx.test"), MailSender(address="a@b.c", reply_to="x\r\ny@b.c"), "channel_address"),
    ],
)
def test_a_channel_that_cannot_work_is_refused_at_start(smtp: SmtpServer | None, sender: MailSender | None, code: str) -> None:
    definition = ChannelDefinition(name="news", kind="email", medium="email", smtp=smtp, sender=sender)
    with pytest.raises(ConfigError) as raised:
        open_channels([definition], {}, ManualClock(0))
    assert raised.value.code == code
    assert "news" in raised.value.message
