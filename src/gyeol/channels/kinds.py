"""From a channel's definition to the adapter that carries it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gyeol.channels.channel import Channel
from gyeol.channels.model import ChannelDefinition
from gyeol.channels.webhook import WebhookChannel
from gyeol.kernel.clock import Clock


def open_channels(definitions: Sequence[ChannelDefinition], environment: Mapping[str, str], clock: Clock) -> dict[str, Channel]:
    """The adapters by channel name.

    Raises:
        ConfigError: A channel cannot work as it is written.
    """
    return {d.name: WebhookChannel(d, environment, clock) for d in definitions}
