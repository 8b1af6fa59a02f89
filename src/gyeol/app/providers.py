"""The providers of facts that this side process asks: each is opened when the environment has what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gyeol.context.provider import FactProvider

Open = Callable[[Mapping[str, str]], FactProvider | None]
OPENERS: tuple[Open, ...] = ()
"""One function a provider: given the environment (keys, addresses) it opens the provider, or says None when it is not set up."""


def open_providers(environment: Mapping[str, str], openers: tuple[Open, ...] | None = None) -> list[FactProvider]:
    """The providers that are set up. ``openers``: instead of ``OPENERS``."""
    opened = [open_(environment) for open_ in (OPENERS if openers is None else openers)]
    return [provider for provider in opened if provider is not None]
