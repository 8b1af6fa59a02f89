"""From a channel's definition to the adapter that carries it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gyeol.channels.channel import Channel
from gyeol.channels.email import EmailChannel
from gyeol.channels.model import ChannelDefinition
from gyeol.channels.webhook import WebhookChannel
from gyeol.kernel.clock import Clock


def open_channels(definitions: Sequence[ChannelDefinition], environment: Mapping[str, str], clock: Clock) -> dict[str, Channel]:
    """The adapters by channel name.

    Raises:
        ConfigError: A channel cannot work as it is written.
    """
    return {d.name: _open(d, environment, clock) for d in definitions}


def _open(definition: ChannelDefinition, environment: Mapping[str, str], clock: Clock) -> Channel:
    match definition.kind:
        case "webhook":
            return WebhookChannel(definition, environment, clock)
        case "email":
            return EmailChannel(definition, environment, clock)
