"""Providers asked in turn, in the side process; what they give is appended through ``submit``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from gyeol.app.core_api import Core, StatusRequest, SubmitRequest
from gyeol.context.provider import FactProvider, Wanted
from gyeol.context.record import MOST_AT_ONCE, FactInput
from gyeol.kernel.errors import GyeolError

MOST_WAIT_S = 3_600.0
"""After failures in a row a provider is asked ever more rarely, but at least so often."""
_log = logging.getLogger("gyeol.side.facts")


class Observing:
    """Asks each provider when its turn has come.

    Args:
        core: Given the facts.
        providers: Each with a name of its own.
        monotonic_s: A clock.

    Attributes:
        problems: What a provider last failed with, by name; nothing for those that answer.
    """

    def __init__(self, core: Core, providers: Sequence[FactProvider], monotonic_s: Callable[[], float]) -> None:
        self._core, self._providers, self._monotonic_s = core, list(providers), monotonic_s
        self._due = {provider.name: monotonic_s() for provider in providers}
        self._failed = dict.fromkeys(self._due, 0)
        self.problems: dict[str, str] = {}

    def step(self) -> int:
        """Ask whose turn it is; returns how many facts were recorded. One provider that fails keeps nobody else back."""
        recorded = 0
        for provider in self._providers:
            now_s = self._monotonic_s()
            if now_s < self._due[provider.name]:
                continue
            try:
                recorded += self._ask(provider)
                self._failed[provider.name] = 0
                self.problems.pop(provider.name, None)
            except GyeolError as error:
                self._failed[provider.name] += 1
                self.problems[provider.name] = error.message
                _log.warning("%s gave no facts: %s", provider.name, error.message, extra={"code": error.code})
            wait_s = min(provider.every_s * 2 ** min(self._failed[provider.name], 10), max(MOST_WAIT_S, provider.every_s))
            self._due[provider.name] = now_s + wait_s
        return recorded

    def told(self) -> list[tuple[str, str]]:
        """(provider, what it last failed with), as of now; another thread may ask."""
        return sorted(self.problems.copy().items())

    def close(self) -> None:
        """Let providers let go."""
        for provider in self._providers:
            provider.close()

    def _ask(self, provider: FactProvider) -> int:
        told = self._core.status(StatusRequest(subjects=list(provider.kinds)))
        facts: Sequence[FactInput] = provider.observe(Wanted(now_ms=told.engine_now_ms, subjects=told.subjects))
        recorded = 0
        for start in range(0, len(facts), MOST_AT_ONCE):
            reply = self._core.submit(SubmitRequest(facts=list(facts[start : start + MOST_AT_ONCE]), facts_by=provider.name))
            recorded += sum(each.status == "recorded" for each in reply.facts)
        return recorded
