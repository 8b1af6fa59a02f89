"""What somebody's earlier actions and answers tell as of an event, for conditions over events: the cart, the session, the intent, the
last score, the birthday and the like.

They are those that the log held before the event, under the same identifier: who is joined with whom may change later, and what an event
was joined with may not. Of actions the last 32 are kept, as of people (``behaviour/recorded.py``), and of what else is said what the traits
of the kinds keep, so the stream's traits and the lake say the same. The event itself is not among them: an order is joined with the cart
that it empties.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from gyeol.context.behaviour.recorded import Read, Recorder, Step
from gyeol.context.beside import Beside
from gyeol.context.clock import zone_named
from gyeol.context.fact import FactValue
from gyeol.context.facts.birthday import Birthday
from gyeol.context.facts.cart import Cart
from gyeol.context.facts.cart_supply import CartSupply
from gyeol.context.facts.channel_preference import ChannelPreference
from gyeol.context.facts.engagement import Engagement
from gyeol.context.facts.intent import Intents
from gyeol.context.facts.interest import Interest
from gyeol.context.facts.kind import DerivedKind, facts_of_one, with_single
from gyeol.context.facts.last_visit import LastVisit
from gyeol.context.facts.nps import Nps
from gyeol.context.facts.search import Searches
from gyeol.context.facts.service_contact import ServiceContact
from gyeol.context.facts.session import InSession
from gyeol.expressions.column import Column
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Int64, Zone
from gyeol.profiles.conditions import event_condition
from gyeol.profiles.model import TraitDefinition

_SUPPLY = CartSupply()
BY_ACTIONS: tuple[DerivedKind, ...] = (
    InSession(), Searches(), Cart(), _SUPPLY, LastVisit(), Interest(), Engagement(), Intents(),
)  # fmt: skip
"""Facts that follow from the last actions alone, and of the cart from what was told of its articles. The intent is told by actions alone
here: where somebody was then is not looked at."""
BY_TRAITS: tuple[DerivedKind, ...] = (Nps(), ServiceContact(), Birthday(), ChannelPreference())
"""Facts that follow from the last, the greatest or the most frequent value that events said; see ``kept``."""
KINDS: tuple[DerivedKind, ...] = (*BY_ACTIONS, *BY_TRAITS)
NAMES: tuple[str, ...] = tuple(name for kind in KINDS for name in kind.names)
"""Without ``moment.``."""
Reader = Callable[[str, Int64 | None], Column]
"""The column of a trait of the one who is read: of one row."""


class _Earlier(Read):
    """Reads the actions that are given, newest first, and what else was kept."""

    def __init__(self, history: Sequence[Step], column: Reader, beside: Beside | None) -> None:
        super().__init__(column, 1, beside)
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

    Attributes:
        acts: Whether actions are looked at.
        supply: Whether what is told of articles is looked at.
        kept: The traits that are looked at beside actions; each is the last, the greatest or the most frequent value.
    """

    def __init__(self, names: Iterable[str], paths: Mapping[str, str], zone: Zone) -> None:
        wanted = frozenset(names)
        self.names = tuple(name for name in NAMES if name in wanted)
        kinds = [kind for kind in KINDS if not wanted.isdisjoint(kind.names) and kind.traits(paths)]
        self.acts, self.supply = any(kind in BY_ACTIONS for kind in kinds), _SUPPLY in kinds
        self.kept: list[TraitDefinition] = [trait for kind in kinds if kind in BY_TRAITS for trait in kind.traits(paths)]
        self._kinds, self._zone, self._paths = with_single(kinds), zone, paths

    def paths(self, name: str) -> set[str]:
        """The paths of earlier events by which a fact is told, beside those that tell actions.

        Args:
            name: Without ``moment.``.
        """
        traits = [trait for kind in BY_TRAITS if name in kind.names for trait in kind.traits(self._paths)]
        found = {path for trait in traits if trait.where is not None for path in event_condition(trait.where).paths}
        return found | {trait.property for trait in traits if trait.property is not None}

    def told(
        self,
        history: Sequence[Step],
        at_ms: int,
        column: Reader = _nothing,
        zone: str | None = None,
        beside: Beside | None = None,
    ) -> dict[str, FactValue]:
        """What counts at an instant, by name.

        Args:
            history: The last actions before it in the log, newest first; what was done later than the instant is passed over.
            at_ms: The time of the event.
            column: What ``kept`` held before it.
            zone: Whose wall clock tells the date, as the event says it; None, or no zone: the workspace's.
            beside: What was told of articles.
        """
        read = _Earlier(history, column, beside)
        today = ((zone_named(zone) if zone else None) or self._zone).day(at_ms) if self.kept else 0
        facts = facts_of_one(self._kinds, read, at_ms, today, self._zone)
        return {fact.name: fact.value for fact in facts if fact.name in self.names and fact.fresh(at_ms)}

    def __bool__(self) -> bool:
        return bool(self._kinds)


class Asking(NamedTuple):
    """Which events ask for what.

    Args:
        lately: The facts.
        events: Names of the events whose conditions read them; ``$any``: all.
        recorder: Reads actions; None: none are looked at.
        kinds: Name with ``moment.`` → its type.
        zone_path: Where events say their zone, or None.
        memory_ms: For how long facts that have ended are kept.
    """

    lately: Lately
    events: frozenset[str]
    recorder: Recorder | None
    kinds: dict[str, NameInfo]
    zone_path: str | None = None
    memory_ms: int = 0
