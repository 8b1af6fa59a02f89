"""Signed webhooks: the message as JSON to a URL, signed so that the receiver can tell who sent it and that it is fresh.

Source: Standard Webhooks 1.0 (headers ``webhook-id``, ``webhook-timestamp``, ``webhook-signature``). The send key is the
``webhook-id``, which receivers use as the idempotency key.
"""

from __future__ import annotations

import asyncio
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
import msgspec
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from gyeol import __version__
from gyeol.channels.channel import Outcome
from gyeol.channels.environment import setting
from gyeol.channels.model import ChannelDefinition, Message
from gyeol.kernel.clock import Clock
from gyeol.kernel.errors import ConfigError

_DETAIL_LIMIT = 500
_BODY_LIMIT = 65_536
_BODY_WAIT_S = 2.0
_LONGEST_WAIT_S = 86_400.0


class WebhookChannel:
    """Posts messages to one URL.

    A 2xx is accepted, 429 and 5xx that speak for the receiver itself come back later, other answers are refusals. No answer, half an
    answer, or a gateway that had none (502, 504) is unknown: the receiver may have acted.

    Args:
        definition: The channel; ``env:NAME`` in ``url`` and ``secret`` is read from ``environment``.
        environment: Environment variables.
        clock: The wall clock: receivers refuse signatures that are more than five minutes old.
        concurrency: Connections kept open.

    Raises:
        ConfigError: The URL or the secret is missing or malformed.
    """

    def __init__(self, definition: ChannelDefinition, environment: Mapping[str, str], clock: Clock, concurrency: int = 8) -> None:
        self.name = definition.name
        self._url = _web_address(definition, environment)
        self._signer = _signer(definition, environment)
        self._clock = clock
        self._timeout_s = definition.timeout_s
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(definition.timeout_s, connect=definition.timeout_s / 2),
            limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
            follow_redirects=False,
            headers={"user-agent": f"gyeol/{__version__}", "content-type": "application/json"},
        )

    async def send(self, message: Message) -> Outcome:
        """Post the message; see the class for how answers are read."""
        body = webhook_body(message)
        at = datetime.fromtimestamp(self._clock.now_ms() // 1000, UTC)
        headers = {
            "webhook-id": message.send_key,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._signer.sign(message.send_key, at, body.decode()),
        }
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._client.send(
                    self._client.build_request("POST", self._url, content=body, headers=headers), stream=True
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Outcome(kind="throttled", detail=_short(f"not reached: {str(error) or type(error).__name__}"))
        except (TimeoutError, httpx.TransportError) as error:
            return Outcome(kind="unknown", detail=_short(f"no complete answer: {str(error) or type(error).__name__}"))
        return read_answer(response.status_code, response.headers, await _start_of_body(response), self._clock.now_ms())

    async def can_tell(self, send_key: str) -> Outcome | None:
        """None: the standard has no way to ask a receiver what it received."""
        return None

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def webhook_body(message: Message) -> bytes:
    """The JSON that is posted and signed."""
    licence = message.licence
    return msgspec.json.encode(
        {
            "type": "message",
            "send_key": message.send_key,
            "channel": message.channel,
            "person": message.person,
            "address": message.address,
            "journey": message.journey,
            "decision": message.decision,
            "offer": message.offer,
            "message_class": message.message_class,
            "purpose": message.purpose,
            "label": licence.label if licence else "",
            "content": message.content,
            "licence": None
            if licence is None
            else {
                "consent": licence.consent,
                "rules": licence.rules,
                "local_hour": licence.local_hour,
                "checked_at_ms": licence.checked_at_ms,
            },
            "expires_at_ms": message.expires_at_ms,
            "simulated": message.simulated,
            "unsubscribe": message.unsubscribe,
        }
    )


def read_answer(status: int, headers: Mapping[str, str], body: bytes, now_ms: int) -> Outcome:
    """What an answer means; pure.

    Args:
        status: HTTP status.
        headers: Of the answer; names in lower case or a case-insensitive mapping.
        body: Its first bytes.
        now_ms: Wall clock, for a ``Retry-After`` that is a date.
    """
    detail = _short(f"HTTP {status} {body.decode('utf-8', 'replace')}".strip())
    if 200 <= status < 300:
        return Outcome(kind="accepted", provider_id=_provider_id(body), detail=f"HTTP {status}")
    if status in (502, 504):
        return Outcome(kind="unknown", detail=detail)
    if status in (408, 425, 429) or status >= 500:
        return Outcome(kind="throttled", retry_after_s=_retry_after_s(headers.get("retry-after"), now_ms), detail=detail)
    if 300 <= status < 400:
        return Outcome(kind="rejected", detail=_short(f"HTTP {status}: redirects are not followed; write the final URL into the channel"))
    return Outcome(kind="rejected", detail=detail)


async def _start_of_body(response: httpx.Response) -> bytes:
    """The first bytes of the body; a body that breaks off or drips takes nothing back from the status that came before it."""
    body = b""
    try:
        async with asyncio.timeout(_BODY_WAIT_S):
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) >= _BODY_LIMIT:
                    break
    except (TimeoutError, httpx.TransportError, httpx.DecodingError):
        pass
    finally:
        await response.aclose()
    return body[:_BODY_LIMIT]


def _retry_after_s(text: str | None, now_ms: int) -> float | None:
    if text is None:
        return None
    try:
        wait_s = float(text)
    except ValueError:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        wait_s = at.timestamp() - now_ms / 1000
    # A NaN compares false and falls out here.
    return min(max(wait_s, 0.0), _LONGEST_WAIT_S) if wait_s == wait_s else None


def _provider_id(body: bytes) -> str:
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    found = answer.get("id") if isinstance(answer, dict) else None
    return found[:200] if isinstance(found, str) else ""


def _web_address(definition: ChannelDefinition, environment: Mapping[str, str]) -> httpx.URL:
    text = setting(definition, "url", definition.url, environment)
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host:
        raise ConfigError(
            "channel_url", f"channel {definition.name!r}: {text!r} is no web address; write https://host/path", channel=definition.name
        )
    return url


def _signer(definition: ChannelDefinition, environment: Mapping[str, str]) -> Webhook:
    secret = setting(definition, "secret", definition.secret, environment)
    try:
        return Webhook(secret)
    except (EmptyWebhookSecretError, binascii.Error, RuntimeError, ValueError) as error:
        raise ConfigError(
            "channel_secret",
            f"channel {definition.name!r}: the secret is not 'whsec_' and base64 ({error}); make one with: "
            "python -c \"import base64,os;print('whsec_'+base64.b64encode(os.urandom(24)).decode())\"",
            channel=definition.name,
        ) from error


def _short(text: str) -> str:
    return text[:_DETAIL_LIMIT]
