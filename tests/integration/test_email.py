"""The e-mail channel against a real mail server (aiosmtpd): in the clear, with STARTTLS, with TLS, with a login, and when it misbehaves."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gyeol.channels.channel import Outcome
from gyeol.channels.email import EmailChannel
from gyeol.channels.model import ChannelDefinition, Licence, MailSender, Message, SmtpServer
from gyeol.kernel.clock import ManualClock

NOON = 1_772_420_400_000
LINK = "https://shop.example/u/" + "t" * 90
LICENCE = Licence(consent={}, rules=[], label="(광고)", local_hour="", caps={}, holdout={}, checked_at_ms=0, free_refusal=True)
Answer = Callable[["MailServer"], Awaitable[str]]


class MailServer:
    """What came, and how to behave: answers to RCPT and DATA are taken from lists, 250 when they are empty.

    Attributes:
        mails: (envelope sender, recipients, content) of every mail that was taken or at least came whole.
        connections: How many were opened. ``asked``: how many recipients were named.
    """

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.on_rcpt: list[str] = []
        self.on_data: list[str | Answer] = []
        self.connections = self.asked = 0
        self.port = 0
        self.servers: list[SMTP] = []

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        self.asked += 1
        answer = self.on_rcpt.pop(0) if self.on_rcpt else "250 2.1.5 ok"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes) and envelope.mail_from is not None
        self.mails.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        answer = self.on_data.pop(0) if self.on_data else "250 2.0.0 Ok: queued as Q1"
        return answer if isinstance(answer, str) else await answer(self)

    def cut(self) -> None:
        """Cut every line."""
        for server in self.servers:
            if isinstance(server.transport, asyncio.Transport):
                server.transport.abort()

    def mail(self) -> EmailMessage:
        """The one mail that came, parsed by the standard library."""
        ((_, _, content),) = self.mails
        parsed = message_from_bytes(content, policy=default)
        assert not parsed.defects
        return parsed


@asynccontextmanager
async def mail_server(tls: ssl.SSLContext | None = None, implicit: bool = False, **options: Any) -> AsyncIterator[MailServer]:
    handler = MailServer()
    loop = asyncio.get_running_loop()

    def connection() -> SMTP:
        handler.connections += 1
        made = SMTP(handler, hostname="mx.test", loop=loop, tls_context=None if implicit else tls, **options)
        handler.servers.append(made)
        return made

    server = await loop.create_server(connection, "127.0.0.1", 0, ssl=tls if implicit else None)
    handler.port = server.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        server.close()
        handler.cut()
        await asyncio.sleep(0.01)


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as made:
        yield made


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of our own for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mx.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


def tls_of(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def message(key: str = "m_1", **fields: Any) -> Message:
    given: dict[str, Any] = {
        "send_key": key,
        "channel": "news",
        "node": 1,
        "person": "p1",
        "address": "lee@example.com",
        "journey": "win_back",
        "journey_version": "v",
        "decision": "d_1",
        "content": {"language": "ko", "subject": "(광고) 봄 세일", "html": "<p>안녕하세요, 이영희님</p>", "sender": "우리 가게"},
        "message_class": "advertising",
        "purpose": "offers",
        "queued_at_ms": 0,
        "expires_at_ms": 1,
        "cause_offset": 0,
        "unsubscribe": LINK,
        "licence": LICENCE,
    }
    return Message(**{**given, **fields})


SENDER = MailSender(
    address="news@shop.example",
    name={"ko": "우리 가게", "en": "Our shop"},
    reply_to="help@shop.example",
    postal_address={"ko": "서울시 종로구 1", "en": "1 Jongno, Seoul"},
    phone="02-000-0000",
    unsubscribe_address="bye@shop.example",
)


@asynccontextmanager
async def channel_to(
    port: int, timeout_s: float = 10.0, environment: dict[str, str] | None = None, **smtp: Any
) -> AsyncIterator[EmailChannel]:
    server = SmtpServer(**{"host": "env:SMTP", "tls": "none", **smtp})
    definition = ChannelDefinition(name="news", kind="email", medium="email", smtp=server, sender=SENDER, timeout_s=timeout_s)
    channel = EmailChannel(definition, {"SMTP": f"127.0.0.1:{port}", **(environment or {})}, ManualClock(NOON))
    try:
        yield channel
    finally:
        await channel.close()


async def sent(server: MailServer, given: Message | None = None, timeout_s: float = 10.0) -> Outcome:
    async with channel_to(server.port, timeout_s) as channel:
        return await channel.send(given or message())


async def test_a_korean_mail_comes_whole(server: MailServer) -> None:
    outcome = await sent(server)
    assert outcome == Outcome(kind="accepted", provider_id="Q1", detail="250 2.0.0 Ok: queued as Q1")
    ((*envelope, content),) = server.mails
    assert envelope == ["news@shop.example", ["lee@example.com"]]
    mail = server.mail()
    assert (mail["subject"], mail["from"]) == ("(광고) 봄 세일", "우리 가게 <news@shop.example>")
    assert (mail["to"], mail["reply-to"], mail["message-id"]) == ("lee@example.com", "help@shop.example", "<m_1@shop.example>")
    assert mail["date"].datetime.timestamp() * 1000 == NOON
    assert mail["list-unsubscribe"] == f"<{LINK}>, <mailto:bye@shop.example?subject=unsubscribe>"
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None and html is not None
    for body in (text.get_content(), html.get_content()):
        for words in (
            "안녕하세요, 이영희님",
            "서울시 종로구 1",
            "02-000-0000",
            "news@shop.example",
            LINK,
            "비용은 들지 않습니다",
            "free of charge",
        ):
            assert words in body
    assert not [line for line in content.split(b"\r\n") if len(line) > 78 and not line.startswith(b"List-Unsubscribe:")]
    assert content.isascii()


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "tls"])
async def test_tls_with_a_certificate_that_is_trusted(certificate: tuple[Path, Path], implicit: bool) -> None:
    async with mail_server(tls_of(certificate), implicit, **({} if implicit else {"require_starttls": True})) as server:
        async with channel_to(server.port, tls="tls" if implicit else "starttls", ca_file=str(certificate[0])) as channel:
            assert (await channel.send(message())).kind == "accepted"
        assert len(server.mails) == 1


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "tls"])
async def test_nothing_is_sent_to_a_server_that_nobody_vouches_for(certificate: tuple[Path, Path], implicit: bool) -> None:
    async with mail_server(tls_of(certificate), implicit) as server:
        async with channel_to(server.port, tls="tls" if implicit else "starttls") as channel:
            outcome = await channel.send(message())
        assert (outcome.kind, server.mails) == ("throttled", [])
        assert "certificate" in outcome.detail.lower()


async def test_nothing_is_sent_in_the_clear_when_the_server_offers_no_tls(server: MailServer) -> None:
    async with channel_to(server.port, tls="starttls") as channel:
        outcome = await channel.send(message())
    assert (outcome.kind, server.mails) == ("throttled", [])


async def test_a_login(certificate: tuple[Path, Path]) -> None:
    def authenticator(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"shop", b"right")
        return AuthResult(success=good)

    options: dict[str, Any] = {"auth_required": True, "auth_require_tls": True, "authenticator": authenticator}
    async with mail_server(tls_of(certificate), **options) as server:
        for password, kind in (("right", "accepted"), ("wrong", "throttled")):
            secrets = {"SMTP_USER": "shop", "SMTP_PASSWORD": password}
            login: dict[str, Any] = {"user": "env:SMTP_USER", "password": "env:SMTP_PASSWORD"}
            async with channel_to(server.port, environment=secrets, tls="starttls", ca_file=str(certificate[0]), **login) as channel:
                outcome = await channel.send(message())
            assert outcome.kind == kind
            assert password not in outcome.detail
        async with channel_to(server.port, tls="starttls", ca_file=str(certificate[0])) as channel:
            assert (await channel.send(message())).kind == "throttled", "a server that wants a login has nothing against the message"
    assert len(server.mails) == 1


async def test_greylisting_then_success(server: MailServer) -> None:
    server.on_rcpt = ["450 4.2.0 greylisted, come back later"]
    async with channel_to(server.port) as channel:
        first, second = await channel.send(message()), await channel.send(message())
    assert (first.kind, second.kind) == ("throttled", "accepted")
    assert "greylisted" in first.detail
    assert (server.asked, len(server.mails)) == (2, 1)


@pytest.mark.parametrize(
    ("answer", "kind", "gone"),
    [
        ("550 5.1.1 no such user", "bounced", True),
        ("550 5.1.10 null MX", "bounced", True),
        ("550 5.7.1 blocked by policy", "bounced", False),
        ("550 mailbox unavailable", "bounced", False),
        ("552 5.2.2 mailbox full", "throttled", False),
        ("421 4.7.0 too much mail", "throttled", False),
        ("530 5.7.0 authentication required", "throttled", False),
    ],
)
async def test_recipients_that_are_refused(server: MailServer, answer: str, kind: str, gone: bool) -> None:
    server.on_rcpt = [answer]
    async with channel_to(server.port) as channel:
        outcome = await channel.send(message())
        assert (outcome.kind, outcome.no_such_address) == (kind, gone)
        assert (await channel.send(message("m_2"))).kind == "accepted"
    assert [content.count(b"m_2") > 0 for _, _, content in server.mails] == [True]


async def test_a_bounce_leaves_the_connection_for_the_next(server: MailServer) -> None:
    server.on_rcpt = ["550 5.1.1 no such user"]
    async with channel_to(server.port) as channel:
        for n in range(5):
            await channel.send(message(f"m_{n}"))
    assert (server.connections, len(server.mails)) == (1, 4)


@pytest.mark.parametrize(("answer", "kind"), [("554 5.6.0 looks like spam", "rejected"), ("451 4.3.0 try later", "throttled")])
async def test_messages_that_are_refused(server: MailServer, answer: str, kind: str) -> None:
    server.on_data = [answer]
    assert (await sent(server)).kind == kind


async def test_a_line_that_is_cut_after_the_message_leaves_it_unknown(server: MailServer) -> None:
    async def cut(server: MailServer) -> str:
        server.cut()
        return "250 nobody hears this"

    server.on_data = [cut]
    async with channel_to(server.port) as channel:
        assert (await channel.send(message())).kind == "unknown"
        assert len(server.mails) == 1, "it is not sent again"
        assert (await channel.send(message("m_2"))).kind == "accepted"


async def test_a_slow_server_leaves_it_unknown_in_time(server: MailServer) -> None:
    release = asyncio.Event()

    async def slow(server: MailServer) -> str:
        await asyncio.wait_for(release.wait(), 60)
        return "250 at last"

    server.on_data = [slow]
    outcome = await sent(server, timeout_s=0.2)
    release.set()
    assert outcome.kind == "unknown", "whoever had waited would have been told that it was taken"
    assert len(server.mails) == 1


async def test_a_server_that_says_nothing_was_not_reached() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(mute, "127.0.0.1", 0)
    async with channel_to(silent.sockets[0].getsockname()[1], timeout_s=0.05) as channel:
        assert (await channel.send(message())).kind == "throttled"
    silent.close()


async def test_a_connection_that_the_server_closed_meanwhile_is_replaced(server: MailServer) -> None:
    async with channel_to(server.port) as channel:
        assert (await channel.send(message("m_1"))).kind == "accepted"
        server.cut()
        assert (await channel.send(message("m_2"))).kind == "accepted"
    assert (server.connections, len(server.mails)) == (2, 2)


async def test_connections_are_few_and_used_again(server: MailServer) -> None:
    async with channel_to(server.port, connections=3) as channel:
        outcomes = await asyncio.gather(*(channel.send(message(f"m_{n}")) for n in range(60)))
    assert {outcome.kind for outcome in outcomes} == {"accepted"}
    assert len({content for _, _, content in server.mails}) == 60
    assert server.connections <= 3


ATTACK = "이영희\r\nBcc: victim@example.com\r\n\r\n<script>"


@pytest.mark.parametrize(
    "fields",
    [
        {"content": {"language": "ko", "subject": f"(광고) {ATTACK}님", "html": "<p>x</p>"}},
        {"content": {"language": "ko", "subject": "x", "body": ATTACK, "sender": ATTACK}},
        {"journey": ATTACK, "purpose": ATTACK},
        {"content": {"language": ATTACK, "subject": "x", "html": "<p>x</p>"}},
    ],
    ids=["subject", "body and sender", "feedback id", "language"],
)
async def test_values_cannot_add_headers_or_recipients(server: MailServer, fields: dict[str, Any]) -> None:
    assert (await sent(server, message(**fields))).kind == "accepted"
    ((_, recipients, content),) = server.mails
    assert recipients == ["lee@example.com"]
    mail = server.mail()
    assert mail["bcc"] is None
    assert len(mail.keys()) == len(set(mail.keys())) == 14
    assert b"<script>" not in content


VICTIM = "victim@example.com"
NO_ADDRESSES = f"a@b.c\r\nRCPT TO:<{VICTIM}>|a@b.c>\r\nDATA|a@b.c,{VICTIM}|a b@c.d|lee||이@example.com"


@pytest.mark.parametrize("address", NO_ADDRESSES.split("|"))
async def test_addresses_that_are_none_never_reach_the_server(server: MailServer, address: str) -> None:
    outcome = await sent(server, message(address=address))
    assert outcome.kind == "rejected"
    assert "victim" not in outcome.detail
    assert (server.connections, server.mails) == (0, [])


async def test_a_korean_domain_travels_as_ascii(server: MailServer) -> None:
    assert (await sent(server, message(address="lee@한국.example"))).kind == "accepted"
    assert server.mails[0][1] == ["lee@xn--3e0b707e.example"]


async def test_advertising_without_a_way_to_refuse_is_not_sent(server: MailServer) -> None:
    outcome = await sent(server, message(unsubscribe=""))
    assert (outcome.kind, server.mails, "refuse" in outcome.detail) == ("rejected", [], True)
