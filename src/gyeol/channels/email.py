"""E-mail over SMTP: to a provider's relay or the company's own server.

Up to DATA nothing was taken, so whatever fails comes later or is refused; from DATA on silence means that nobody knows, and the message
is not sent again. The server's last word decides.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic

import aiosmtplib
import msgspec

from gyeol.channels.channel import Outcome
from gyeol.channels.email_message import UnsendableError, mail_address, mail_of
from gyeol.channels.environment import setting
from gyeol.channels.model import ChannelDefinition, MailSender, Message, SmtpServer
from gyeol.channels.smtp_answers import accepted, recipient_refused, refused, short
from gyeol.kernel.clock import Clock
from gyeol.kernel.errors import ConfigError

MOST_CONNECTIONS = 32
LAST_WORD_FACTOR = 6
"""The answer to a whole message may take so many times ``timeout_s``. Source: RFC 5321, section 4.5.3.2.6, asks for much patience there."""

_PORTS = {"none": 25, "starttls": 587, "tls": 465}
_IDLE_S = 30.0
"""An unused connection is not trusted longer; one that its server has closed before is noticed at MAIL, and another is opened."""
_MOST_MAILS = 100
"""Through one connection: many servers end it after so many."""


class _Line(msgspec.Struct):
    """An open connection: how many mails went through it, and when it was last used."""

    client: aiosmtplib.SMTP
    mails: int = 0
    used_s: float = 0.0


class EmailChannel:
    """Hands messages to one SMTP server.

    250 after the message is accepted; 4xx comes later; 5xx for the recipient bounces, other 5xx are refusals; silence or a line cut from
    DATA on is unknown.

    Args:
        definition: The channel; ``env:NAME`` in host, user and password is read from ``environment``.
        environment: Environment variables.
        clock: The wall clock, for the Date line.

    Raises:
        ConfigError: Something is missing or malformed.
    """

    def __init__(self, definition: ChannelDefinition, environment: Mapping[str, str], clock: Clock) -> None:
        self.name = definition.name
        self._server, self._sender = _parts(definition)
        self._host, self._port = _place(definition, self._server, environment)
        self._login = _login(definition, self._server, environment)
        self._tls = _tls_context(definition, self._server)
        self._clock = clock
        self._timeout_s = definition.timeout_s
        self._slots = asyncio.Semaphore(self._server.connections)
        self._idle: list[_Line] = []

    async def send(self, message: Message) -> Outcome:
        """Hand the message over; see the class for how answers are read."""
        try:
            mail = mail_of(message, self._sender, datetime.fromtimestamp(self._clock.now_ms() // 1000, UTC))
        except UnsendableError as error:
            return Outcome(kind="rejected", detail=short(str(error)))
        recipient = mail_address(message.address) or ""
        async with self._slots:
            line = await self._waiting()
            if line is not None:
                outcome = await self._over(line, recipient, mail)
                if outcome is not None:
                    return outcome
            try:
                line = _Line(await self._connected())
            except (aiosmtplib.SMTPException, OSError, ValueError) as error:
                return Outcome(kind="throttled", detail=short(f"not reached: {_told(error)}"))
            outcome = await self._over(line, recipient, mail)
            return outcome or Outcome(kind="throttled", detail="the connection was cut before the message")

    async def can_tell(self, send_key: str) -> Outcome | None:
        """None: SMTP has no way to ask a server what it took."""
        return None

    async def close(self) -> None:
        """Say good-bye to the server on every connection."""
        for line in self._idle:
            await self._hang_up(line)
        self._idle.clear()

    async def _over(self, line: _Line, recipient: str, mail: bytes) -> Outcome | None:
        """One mail over one connection, which goes back to the others if it is still good; None: it was cut before anything was said."""
        outcome = await self._spoken(line.client, recipient, mail)
        line.mails, line.used_s = line.mails + 1, monotonic()
        good = outcome is not None and outcome.kind in ("accepted", "bounced") and line.client.is_connected
        if good and line.mails < _MOST_MAILS:
            self._idle.append(line)
        else:
            await self._hang_up(line)
        return outcome

    async def _spoken(self, client: aiosmtplib.SMTP, recipient: str, mail: bytes) -> Outcome | None:
        at = "MAIL"
        try:
            await client.mail(mail_address(self._sender.address) or "", options=self._size(client, mail))
            at = "RCPT"
            await client.rcpt(recipient)
            at = "DATA"
            answer = await client.data(mail, timeout=LAST_WORD_FACTOR * self._timeout_s)
        except aiosmtplib.SMTPRecipientRefused as error:
            await self._clear(client)
            return recipient_refused(error.code, error.message)
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
            return refused(error.code, error.message)
        except (aiosmtplib.SMTPException, OSError) as error:
            if at == "DATA":
                return Outcome(kind="unknown", detail=short(f"no answer to the message: {_told(error)}"))
            if at == "MAIL" and isinstance(error, aiosmtplib.SMTPServerDisconnected):
                return None
            return Outcome(kind="throttled", detail=short(f"no answer to {at}: {_told(error)}"))
        return accepted(answer.message)

    async def _clear(self, client: aiosmtplib.SMTP) -> None:
        """After a refused recipient the connection can carry the next mail."""
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            client.close()

    def _size(self, client: aiosmtplib.SMTP, mail: bytes) -> list[str]:
        """The mail's size, so that a server which finds it too large says so before it is sent (RFC 1870)."""
        return [f"SIZE={len(mail)}"] if client.supports_extension("size") else []

    async def _waiting(self) -> _Line | None:
        """An idle connection that can be trusted."""
        while self._idle:
            line = self._idle.pop()
            if line.client.is_connected and monotonic() - line.used_s < _IDLE_S:
                return line
            await self._hang_up(line)
        return None

    async def _connected(self) -> aiosmtplib.SMTP:
        user, password = self._login
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=user,
            password=password,
            local_hostname=_own_name(),
            timeout=self._timeout_s,
            use_tls=self._server.tls == "tls",
            start_tls=self._server.tls == "starttls",
            tls_context=self._tls,
        )
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        return client

    async def _hang_up(self, line: _Line) -> None:
        try:
            if line.client.is_connected:
                await line.client.quit(timeout=1.0)
        except (aiosmtplib.SMTPException, OSError):
            pass
        finally:
            line.client.close()


def _parts(definition: ChannelDefinition) -> tuple[SmtpServer, MailSender]:
    server, sender = definition.smtp, definition.sender
    if server is None or sender is None:
        raise _error(
            definition, "channel_incomplete", "an e-mail channel needs 'smtp:' (where mails go) and 'sender:' (who they come from)"
        )
    for field in ("address", "reply_to", "unsubscribe_address"):
        address = getattr(sender, field)
        if address is not None and mail_address(address) is None:
            raise _error(definition, "channel_address", f"sender.{field} {address!r} is no e-mail address")
    if not 1 <= server.connections <= MOST_CONNECTIONS:
        raise _error(definition, "channel_connections", f"smtp.connections is {server.connections}; write 1 to {MOST_CONNECTIONS}")
    return server, sender


def _place(definition: ChannelDefinition, server: SmtpServer, environment: Mapping[str, str]) -> tuple[str, int]:
    text = setting(definition, "smtp.host", server.host, environment)
    host, colon, digits = text.rpartition(":") if text.count(":") == 1 else (text, "", "")
    good = host and not any(sign.isspace() or sign == "/" for sign in host) and (not colon or (digits.isdigit() and int(digits) < 65_536))
    if not good:
        raise _error(definition, "channel_host", f"smtp.host {text!r} is no server; write its name, or name:port")
    return host, int(digits) if colon else server.port or _PORTS[server.tls]


def _login(definition: ChannelDefinition, server: SmtpServer, environment: Mapping[str, str]) -> tuple[str | None, str | None]:
    if server.user is None:
        return None, None
    password = "" if server.password is None else setting(definition, "smtp.password", server.password, environment)
    return setting(definition, "smtp.user", server.user, environment), password


def _tls_context(definition: ChannelDefinition, server: SmtpServer) -> ssl.SSLContext | None:
    """Certificates are always checked: who reads along would read who bought what."""
    if server.tls == "none":
        return None
    context = ssl.create_default_context()
    if server.ca_file is not None:
        try:
            context.load_verify_locations(cafile=server.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise _error(definition, "channel_ca_file", f"smtp.ca_file {server.ca_file!r} cannot be read: {error}") from error
    return context


def _told(error: Exception) -> str:
    return str(error) or type(error).__name__


def _own_name() -> str:
    """What we call ourselves; a look-up of the full name may take seconds where no name server answers."""
    name = socket.gethostname()
    return name if name.isascii() and all(sign.isalnum() or sign in ".-" for sign in name) and name else "localhost"


def _error(definition: ChannelDefinition, code: str, what: str) -> ConfigError:
    return ConfigError(code, f"channel {definition.name!r}: {what}", channel=definition.name)
