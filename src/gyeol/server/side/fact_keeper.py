"""What asks the providers of facts in turn."""

from __future__ import annotations

from gyeol.app.observing import Observing
from gyeol.server.side.keeper import LONGEST_PAUSE_S, Keeper

PAUSE_S = 1.0
"""How often it is looked whose turn it is."""


class FactKeeper(Keeper):
    """See ``Keeper``. A provider that fails is its own affair: the others, and the core, do not wait for it.

    Args:
        observing: The providers.
        pause_s, longest_pause_s: See ``Keeper``.
    """

    def __init__(self, observing: Observing, *, pause_s: float = PAUSE_S, longest_pause_s: float = LONGEST_PAUSE_S) -> None:
        super().__init__("facts", "facts_wait", "facts cannot be asked for", pause_s=pause_s, longest_pause_s=longest_pause_s)
        self._observing = observing

    @property
    def told(self) -> str:
        """What is the matter with the providers or with asking them; empty: nothing."""
        return "; ".join([*([self.problem] if self.problem else []), *(f"{name}: {why}" for name, why in self._observing.told())])

    def turn(self) -> None:
        """Ask whose turn it is."""
        self._observing.step()

    def last(self) -> None:
        """Let the providers let go."""
        self._observing.close()
