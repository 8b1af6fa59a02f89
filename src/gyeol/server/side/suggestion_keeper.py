"""What compares new people with the known ones, a little at a time, whenever there is something new."""

from __future__ import annotations

from gyeol.app.suggesting import Suggester
from gyeol.server.side.keeper import Keeper

PAUSE_S, BREATH_S = 1.0, 0.05
"""How often the log is looked at, and the pause between two steps while there is more to do: the lake and the API come first."""
_LONGEST_PAUSE_S = 60.0


class SuggestionKeeper(Keeper):
    """See ``Keeper``.

    Args:
        suggester: Does it.
        pause_s: See above.
    """

    def __init__(self, suggester: Suggester, *, pause_s: float = PAUSE_S) -> None:
        told = "new people cannot be compared yet"
        super().__init__("suggestions", "suggestions_wait", told, pause_s=pause_s, longest_pause_s=_LONGEST_PAUSE_S)
        self._suggester = suggester

    def start(self) -> None:
        """Begin, unless suggestions are switched off."""
        if self._suggester.thresholds.mode != "off":
            super().start()

    def turn(self) -> float | None:
        """One step."""
        return BREATH_S if self._suggester.step().behind else None
