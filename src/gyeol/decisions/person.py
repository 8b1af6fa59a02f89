"""What a decision needs to know of one person, and the view that the engine's ledgers give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Protocol

from gyeol.content.coupons.person import NoCoupons, Shown
from gyeol.content.coupons.records import Issued
from gyeol.decisions.ledger import DecisionLedger, Picks
from gyeol.decisions.spending import Taken
from gyeol.expressions.column import Column
from gyeol.expressions.durations import Duration
from gyeol.kernel.instants import Zone
from gyeol.kernel.reason import Reason
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
    def stage(self) -> str | None:
        """The journey stage as of the last look at the person; None: on none."""
        ...

    def in_audience(self, name: str, /) -> bool:
        """Whether the person is in an audience, as of the last look."""
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

    def counted(self, now_ms: int, window: Duration, picks: Picks) -> int:
        """How many decisions that a cap counts the person had in a window."""
        ...

    def weariness(self, now_ms: int, half_life_ms: int, picks: Picks) -> tuple[float, int, int]:
        """How tired the person is of what was shown since their last answer; how many those were, and when that was (0: never)."""
        ...

    def taken(self, account: str, now_ms: int) -> Taken:
        """What was taken of an account, by decisions for anybody."""
        ...

    def stock(self, sku: str) -> float | None:
        """How many of an article are left; None: nobody has said, or not lately enough."""
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

    @property
    def coupons(self) -> CouponsOf:
        """What the person has, and may be given."""
        ...

    def with_values(self, values: Mapping[str, object], /) -> PersonView:
        """The same person, of whom some names say more: ``coupon.code`` of the offer that is being made."""
        ...


class CouponsOf(Protocol):
    """The coupons of one person; ``PersonCoupons`` is one."""

    def refusal(self, pool: str, now_ms: int) -> Reason | None:
        """Why an offer with this coupon cannot be made."""
        ...

    def taken(self, pool: str, now_ms: int, decision: str, offer: str) -> tuple[Shown, Issued | None] | Reason:
        """The code that an offer shows, and the record of its issue when it is a new one."""
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
        stock: Article → how many are left, where that is known.
        default_language: When the person has no trait ``language``.
        stage: The journey stage. ``in_audience``: membership by name.
        coupons: See ``PersonView``.
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
        stock: Callable[[str], float | None] = lambda sku: None,
        country: str | None = None,
        default_language: str = "ko",
        subject: str | None = None,
        stage: Callable[[], str | None] = lambda: None,
        in_audience: Callable[[str], bool] = lambda name: False,
        coupons: CouponsOf | None = None,
    ) -> None:
        self.node, self.person_id, self.nodes = node, person_id, nodes
        self.subject = person_id if subject is None else subject
        self.zone, self.country, self._default_language = zone, country, default_language
        self.address, self.unreachable, self.stock = addresses, unreachable, stock
        self._stage, self._in_audience = stage, in_audience
        self._columns, self._consents, self._decisions = columns, consents, decisions
        self._values = _Values(columns)
        self.coupons: CouponsOf = NoCoupons() if coupons is None else coupons

    def value(self, name: str, /) -> object:
        """The value of a name."""
        return self._values[name]

    @property
    def stage(self) -> str | None:
        """The journey stage."""
        return self._stage()

    def in_audience(self, name: str, /) -> bool:
        """Whether the person is in an audience."""
        return self._in_audience(name)

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

    def counted(self, now_ms: int, window: Duration, picks: Picks) -> int:
        """Earlier decisions that a cap counts, over all nodes."""
        return self._decisions.counted(self.nodes, now_ms, window, picks)

    def weariness(self, now_ms: int, half_life_ms: int, picks: Picks) -> tuple[float, int, int]:
        """How tired the person is, over all nodes."""
        return self._decisions.weariness(self.nodes, now_ms, half_life_ms, picks)

    def taken(self, account: str, now_ms: int) -> Taken:
        """What was taken of an account."""
        return self._decisions.spending.taken(account, now_ms)

    def with_values(self, values: Mapping[str, object], /) -> LivePerson:
        """The same person, of whom some names say more."""
        more = copy(self)
        more._values = _Values(self._columns)
        more._values.update(self._values)
        more._values.update(values)
        return more

    def assignment(self, salt: str) -> bool | None:
        """The earliest assignment, over all nodes."""
        return self._decisions.assignment(self.nodes, salt)
