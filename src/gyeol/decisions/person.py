"""What a decision needs to know of one person, and the view that the engine's ledgers give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from gyeol.decisions.ledger import DecisionLedger
from gyeol.expressions.column import Column
from gyeol.expressions.durations import Duration
from gyeol.kernel.instants import Zone
from gyeol.privacy.consent import Consent, ConsentLedger

LANGUAGE = "language"
"""The trait that says which language a person reads."""


class PersonView(Protocol):
    """One person at one instant.

    Attributes:
        node: The node that the decision is made for.
        person_id: The person it belongs to now.
        nodes: All nodes of the person.
        zone: The recipient's zone: quiet hours are counted in it.
        country: ISO 3166 code where known.
        language: ``ko`` or ``en``: what content is rendered in.
    """

    @property
    def node(self) -> int:
        """The node that the decision is made for."""
        ...

    @property
    def person_id(self) -> str:
        """The person it belongs to now."""
        ...

    @property
    def subject(self) -> str:
        """What sticky assignment is cut from: the strongest identifier, for the person id depends on the data folder's key."""
        ...

    @property
    def nodes(self) -> Sequence[int]:
        """All nodes of the person."""
        ...

    @property
    def zone(self) -> Zone:
        """The recipient's zone."""
        ...

    @property
    def country(self) -> str | None:
        """The recipient's country where known."""
        ...

    @property
    def language(self) -> str:
        """The recipient's language."""
        ...

    @property
    def values(self) -> Callable[[str], object]:
        """As ``value``: what conditions and formulas read."""
        ...

    def value(self, name: str, /) -> object:
        """The value of a trait or ``moment.*``: None, int, float, str, bool or list. Raises KeyError for a name nothing defines."""
        ...

    def stale(self, name: str) -> bool:
        """Whether it is not known because its fact has aged."""
        ...

    def consent(self, channel: str, purpose: str, now_ms: int) -> Consent:
        """What the person agreed to."""
        ...

    def decided(self, now_ms: int, window: Duration, *, placement: str | None = None, offer: str | None = None) -> int:
        """How many decisions of an offer, or with an offer in a placement, the person had in a window."""
        ...

    def assignment(self, salt: str) -> bool | None:
        """Whether an earlier decision held the person out; None when none was looked at."""
        ...

    def address(self, medium: str) -> str | None:
        """Where the person is reached on a medium (email, sms, …), or None."""
        ...

    def unreachable(self, medium: str) -> Consent | None:
        """What was said of that address when its server knew nobody there; None: nothing."""
        ...


class _Values(dict[str, object]):
    """Values of one row by name, each read once."""

    def __init__(self, columns: Callable[[str], Column]) -> None:
        super().__init__()
        self._columns = columns

    def __missing__(self, name: str) -> object:
        found = self[name] = self._columns(name).item(0)
        return found


class LivePerson:
    """A view on the engine's ledgers. Values are read once each.

    Args:
        node: See ``PersonView``; so ``person_id``, ``nodes``, ``zone``, ``country``, ``subject`` (default: the person id).
        columns: Traits and ``moment.*`` as columns of one row.
        consents: All consents.
        decisions: All recent decisions.
        addresses: Medium → address or None.
        unreachable: Medium → what was said of that address when its server knew nobody there, or None.
        default_language: When the person has no trait ``language``.
    """

    def __init__(
        self,
        *,
        node: int,
        person_id: str,
        nodes: Sequence[int],
        zone: Zone,
        columns: Callable[[str], Column],
        consents: ConsentLedger,
        decisions: DecisionLedger,
        addresses: Callable[[str], str | None],
        unreachable: Callable[[str], Consent | None] = lambda medium: None,
        country: str | None = None,
        default_language: str = "ko",
        subject: str | None = None,
    ) -> None:
        self.node, self.person_id, self.nodes = node, person_id, nodes
        self.subject = person_id if subject is None else subject
        self.zone, self.country, self._default_language = zone, country, default_language
        self.address, self.unreachable = addresses, unreachable
        self._columns, self._consents, self._decisions = columns, consents, decisions
        self._values = _Values(columns)

    def value(self, name: str, /) -> object:
        """The value of a name."""
        return self._values[name]

    @property
    def values(self) -> Callable[[str], object]:
        """As ``value``, without a call in Python for what was read before: a decision asks some hundred times."""
        return self._values.__getitem__

    @property
    def language(self) -> str:
        """The trait ``language`` without its region, else the workspace's language."""
        try:
            found = self.value(LANGUAGE)
        except KeyError:
            found = None
        return found.partition("-")[0].lower() if isinstance(found, str) and found else self._default_language

    def stale(self, name: str) -> bool:
        """Whether it is not known because its fact has aged."""
        stale = self._columns(name).stale
        return stale is not None and bool(stale[0])

    def consent(self, channel: str, purpose: str, now_ms: int) -> Consent:
        """What the person agreed to, over all nodes."""
        return self._consents.of(self.nodes, channel, purpose, now_ms)

    def decided(self, now_ms: int, window: Duration, *, placement: str | None = None, offer: str | None = None) -> int:
        """Earlier decisions, over all nodes."""
        return self._decisions.count(self.nodes, now_ms, window, placement=placement, offer=offer)

    def assignment(self, salt: str) -> bool | None:
        """The earliest assignment, over all nodes."""
        return self._decisions.assignment(self.nodes, salt)
