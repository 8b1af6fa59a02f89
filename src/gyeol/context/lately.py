"""What somebody's earlier actions tell as of an event: the cart, the session, the intent and the like, for conditions over events.

The actions are those that the log held before the event, done under the same identifier: who is joined with whom may change later, and
what an event was joined with may not. Of them the last 32 are kept, as of people (``behaviour/recorded.py``), so the stream's traits and
the lake say the same. The event itself is not among them: an order is joined with the cart that it empties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

from gyeol.context.behaviour.recorded import Read, Recorder, Step
from gyeol.context.fact import Fact, FactValue
from gyeol.context.facts.cart import Cart
from gyeol.context.facts.engagement import Engagement
from gyeol.context.facts.intent import Intents
from gyeol.context.facts.interest import Interest
from gyeol.context.facts.kind import FactKind
from gyeol.context.facts.last_visit import LastVisit
from gyeol.context.facts.search import Searches
from gyeol.context.facts.session import InSession
from gyeol.expressions.column import Column
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Int64, Zone
from gyeol.profiles.model import TraitDefinition


class LatelyKind(FactKind, Protocol):
    """Facts that follow from the last actions of one person and from nothing else."""

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """See ``DerivedKind``."""
        ...

    def one(self, read: Read, now_ms: int, zone: Zone) -> list[Fact]:
        """See ``SingleKind``."""
        ...


KINDS: tuple[LatelyKind, ...] = (InSession(), Searches(), Cart(), LastVisit(), Interest(), Engagement(), Intents())
"""The intent is told by actions alone here: where somebody was then is not looked at."""
NAMES: tuple[str, ...] = tuple(name for kind in KINDS for name in kind.names)
"""Without ``moment.``."""


class _Earlier(Read):
    """Reads nothing but the actions that are given, newest first."""

    def __init__(self, history: Sequence[Step]) -> None:
        super().__init__(_nothing, 1)
        self._history = history

    @cached_property
    def latest_ms(self) -> int | None:
        """See ``Read``."""
        return self._history[0].at_ms if self._history else None

    def past(self, now_ms: int) -> list[Step]:
        """See ``Read``."""
        return [step for step in self._history if step.at_ms <= now_ms]


def _nothing(trait: str, at: Int64 | None) -> Column:
    raise KeyError(trait)


ANY = "$any"


class Lately:
    """The facts that some conditions over events ask for.

    Args:
        names: Without ``moment.``.
        paths: ``moment`` of the workspace; what it says nothing of is unknown.
        zone: The workspace's.
    """

    def __init__(self, names: Iterable[str], paths: Mapping[str, str], zone: Zone) -> None:
        wanted = frozenset(names)
        self.names = tuple(name for name in NAMES if name in wanted)
        self._kinds = [kind for kind in KINDS if not wanted.isdisjoint(kind.names) and kind.traits(paths)]
        self._zone = zone

    def told(self, history: Sequence[Step], at_ms: int) -> dict[str, FactValue]:
        """What counts at an instant, by name.

        Args:
            history: The last actions before it in the log, newest first; what was done later than the instant is passed over.
            at_ms: The time of the event.
        """
        read = _Earlier(history)
        facts = (fact for kind in self._kinds for fact in kind.one(read, at_ms, self._zone))
        return {fact.name: fact.value for fact in facts if fact.name in self.names and fact.fresh(at_ms)}

    def __bool__(self) -> bool:
        return bool(self._kinds)


class Asking(NamedTuple):
    """Which events ask for what.

    Args:
        lately: The facts.
        events: Names of the events whose conditions read them; ``$any``: all.
        recorder: Reads actions.
        kinds: Name with ``moment.`` → its type.
    """

    lately: Lately
    events: frozenset[str]
    recorder: Recorder
    kinds: dict[str, NameInfo]
