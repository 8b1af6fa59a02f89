"""Settings of channels that stand in the environment, such as passwords."""

from __future__ import annotations

from collections.abc import Mapping

from gyeol.channels.model import ChannelDefinition
from gyeol.kernel.errors import ConfigError


def setting(definition: ChannelDefinition, field: str, text: str, environment: Mapping[str, str]) -> str:
    """The text itself, or what ``env:NAME`` stands for.

    Raises:
        ConfigError: ``channel_setting_missing``.
    """
    if not text.startswith("env:"):
        return text
    found = environment.get(text[4:])
    if not found:
        raise ConfigError(
            "channel_setting_missing",
            f"channel {definition.name!r}: {field} is read from the environment variable {text[4:]}, which is not set",
            channel=definition.name,
            variable=text[4:],
        )
    return found
