"""Providers asked in turn, in the side process; what they give is appended through ``submit``."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence

from gyeol.app.core_api import Core, StatusRequest, SubmitRequest
from gyeol.context.provider import FactProvider, Wanted
from gyeol.context.record import MOST_AT_ONCE, FactInput
from gyeol.kernel.errors import GyeolError, InputError

MOST_WAIT_S = 3_600.0
"""After failures in a row a provider is asked ever more rarely, but at least so often."""
_NUMBER = re.compile(r"facts\[(\d+)\]")
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
        self._unsent: dict[str, list[FactInput]] = {}
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
        if provider.name not in self._unsent:
            told = self._core.status(StatusRequest(subjects=list(provider.kinds)))
            self._unsent[provider.name] = list(provider.observe(Wanted(now_ms=told.engine_now_ms, subjects=told.subjects)))
        # What a provider gave is kept until it is recorded: it need not give it twice.
        facts, recorded = self._unsent[provider.name], 0
        while facts:
            recorded += self._submit(provider.name, facts[:MOST_AT_ONCE])
            del facts[:MOST_AT_ONCE]
        del self._unsent[provider.name]
        return recorded

    def _submit(self, name: str, facts: list[FactInput]) -> int:
        """Record facts; those that are refused are left out and told of."""
        try:
            reply = self._core.submit(SubmitRequest(facts=facts, facts_by=name))
        except InputError as error:
            bad = {int(found[1]) for problem in error.problems if (found := _NUMBER.match(problem.path))}
            good = [fact for i, fact in enumerate(facts) if i not in bad]
            if len(good) == len(facts):
                raise
            _log.warning("%s: %d facts were refused: %s", name, len(bad), error.message, extra={"code": error.code})
            return self._submit(name, good) if good else 0
        return sum(each.status == "recorded" for each in reply.facts)
