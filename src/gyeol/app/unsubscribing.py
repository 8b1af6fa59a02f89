"""Refusing by a link: its address as a message leaves, and the withdrawal that somebody states by it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from msgspec.structs import replace

from gyeol.app.settings import Settings
from gyeol.channels.model import Delivery, Message
from gyeol.engine.jobs import Ask, Job, Tell
from gyeol.engine.state import EngineState
from gyeol.events.sections import Command
from gyeol.kernel.clock import Clock
from gyeol.privacy.consent import ANY, REACHABLE
from gyeol.privacy.unsubscribe import Subscription, read_token, token_of, unsubscribe_key

PATH = "/u/"
"""On the public port."""

BY_LINK = "unsubscribe"
"""Who states a withdrawal by link, as the ledger's source."""
BY_SERVER = "mail_server"
"""Who states that an address reaches nobody."""

Scope = Literal["purpose", "all"]
"""Withdraw what the message was for, or everything."""


class Links:
    """Makes links and reads them.

    Args:
        identity_key: The folder's key, from which that of the links is cut.
        settings: Say under which address the public port is reached from outside.
    """

    def __init__(self, identity_key: bytes, settings: Settings) -> None:
        self._key = unsubscribe_key(identity_key)
        self._base = settings.public_url.rstrip("/") or f"http://{settings.public_host}:{settings.public_port}"

    def added(self, state: EngineState, message: Message) -> Message:
        """The message with the address where its recipient refuses; transactional ones need no consent and have none."""
        wanted = message.message_class == "advertising" or (message.licence is not None and message.licence.free_refusal)
        medium = _medium(state, message)
        node = None if medium is None else contact_of(state, message, medium)
        if not wanted or medium is None or node is None:
            return message
        consent = state.consent
        if not consent.of([node], medium, message.purpose, state.now_ms).granted:
            # It was given for another of the person's identifiers: there it is withdrawn, and there it can be given again.
            given = consent.of(state.graph.members(int(state.graph.person[message.node])), medium, message.purpose, state.now_ms)
            node = given.node if given.granted else node
        token = token_of(Subscription(node, medium, message.purpose, message.send_key), self._key)
        return replace(message, unsubscribe=f"{self._base}{PATH}{token}")

    def read(self, token: str) -> Subscription | None:
        """What a token withdraws; None for a forged or foreign one."""
        return read_token(token, self._key)


class Unsubscriber:
    """Withdraws consent by link.

    Args:
        links: Read tokens.
        clock: The machine's clock.
        run: Has the engine answer a job, durably.
    """

    def __init__(self, links: Links, clock: Clock, run: Callable[[Job], Awaitable[object]]) -> None:
        self._links, self._clock, self._run = links, clock, run

    def read(self, token: str) -> Subscription | None:
        """What a token withdraws; None for a forged or foreign one."""
        return self._links.read(token)

    async def withdraw(self, subscription: Subscription, scope: Scope) -> None:
        """Withdraw; returns once it is durable and the gates know it. Doing it again changes nothing.

        Raises:
            BackendError: The log cannot be written.
        """
        if await self._run(Ask(lambda state: withdrawn(state, subscription, scope))):
            return
        await self._run(Tell([withdrawal(subscription, scope, self._clock.now_ms())]))


def withdrawal(subscription: Subscription, scope: Scope, now_ms: int) -> Command:
    """The command that states it."""
    channel, purpose = (ANY, ANY) if scope == "all" else (subscription.medium, subscription.purpose)
    body: dict[str, object] = {
        "node": subscription.node,
        "channel": channel,
        "purpose": purpose,
        "granted": False,
        "proof": subscription.send_key,
    }
    return Command("consent", BY_LINK, now_ms, "", body)


def withdrawn(state: EngineState, subscription: Subscription, scope: Scope) -> bool:
    """Whether there is nothing left to withdraw. A node that this log does not know has nothing, either."""
    node = subscription.node
    if node >= state.graph.size:
        return True
    if scope == "purpose":
        return state.consent.of([node], subscription.medium, subscription.purpose, state.now_ms).status == "withdrawn"
    said = state.consent.all_of([node], state.now_ms)
    return state.consent.stated(node, ANY, ANY) is not None and not any(each.granted for each in said)


def unreachable(
    state: EngineState, deliveries: Sequence[Delivery], message_of: Callable[[str], Message | None], now_ms: int
) -> list[Command]:
    """Statements that addresses reach nobody, for deliveries that bounced because of it."""
    commands: list[Command] = []
    for delivery in deliveries:
        message = message_of(delivery.send_key) if delivery.reason == "no_such_address" else None
        medium = None if message is None else _medium(state, message)
        node = None if message is None or medium is None else contact_of(state, message, medium)
        if node is not None:
            body: dict[str, object] = {
                "node": node,
                "channel": medium,
                "purpose": REACHABLE,
                "granted": False,
                "proof": delivery.send_key,
            }
            commands.append(Command("consent", BY_SERVER, now_ms, delivery.detail, body))
    return commands


def contact_of(state: EngineState, message: Message, medium: str) -> int | None:
    """The node of a message's address, among those of its person now."""
    nodes = state.graph.members(int(state.graph.person[message.node]))
    return state.contact(nodes, medium, message.address)


def _medium(state: EngineState, message: Message) -> str | None:
    return next((channel.medium for channel in state.definitions.channels if channel.name == message.channel), None)
