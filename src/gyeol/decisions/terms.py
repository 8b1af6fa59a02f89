"""What the definitions limit, compiled once: which caps and accounts concern which offer where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from gyeol.decisions.ledger import Picks
from gyeol.decisions.limits import Budget, CapDefinition, CategoryDefinition, ContactBudget, Fatigue, PartnerDefinition
from gyeol.decisions.model import OfferDefinition, PlacementDefinition
from gyeol.decisions.spending import money_of, pieces_of
from gyeol.expressions.durations import Duration, parse_duration
from gyeol.kernel.errors import InputError, Problem


class Cap(msgspec.Struct, frozen=True, kw_only=True):
    """A cap of the workspace, compiled."""

    definition: CapDefinition
    window: Duration
    picks: Picks


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """An account that an offer draws on.

    Args:
        name: As ``spending`` knows it.
        of: ``offer``, ``category`` or ``partner``. whose: Its name.
        amount: What one decision takes.
        day, total: Its limits; None: none.
        pieces: Whether it counts pieces, and not money.
    """

    name: str
    of: str
    whose: str
    amount: int
    day: int | None = None
    total: int | None = None
    pieces: bool = False

    @property
    def limited(self) -> bool:
        """Whether it can ever refuse."""
        return self.day is not None or self.total is not None


class Weary(msgspec.Struct, frozen=True, kw_only=True):
    """``Fatigue``, compiled."""

    most: float
    half_life: str
    half_life_ms: int
    picks: Picks


class Contacts(msgspec.Struct, frozen=True, kw_only=True):
    """``ContactBudget``, compiled."""

    most: int
    per: str
    window: Duration
    wait_ms: int


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a workspace says of limits. ``media``: the medium of each channel."""

    caps: Sequence[CapDefinition] = ()
    categories: Sequence[CategoryDefinition] = ()
    partners: Sequence[PartnerDefinition] = ()
    contact_budget: ContactBudget | None = None
    fatigue: Fatigue | None = None
    media: Mapping[str, str] = {}

    @property
    def largest(self) -> int:
        """So many decisions of one offer in one placement must be remembered of a node."""
        return max([0, *(cap.most for cap in self.caps)])


class Terms:
    """The limits of a workspace, ready to be asked.

    Args:
        limits: As defined.
        placements, offers: What they are about.
        problems: Gets every duration that cannot be read.

    Attributes:
        weary: When people are tired of promotion; None: nobody asks.
        contacts: The budget of contacts; None: there is none.
    """

    def __init__(
        self, limits: Limits, placements: Sequence[PlacementDefinition], offers: Sequence[OfferDefinition], problems: list[Problem]
    ) -> None:
        self._categories = {each.name: each for each in limits.categories}
        self._partners = {each.name: each for each in limits.partners}
        promotion = [offer for offer in offers if offer.promotional]
        places = [place for place in placements if place.promotional]
        self._caps: list[Cap] = []
        for cap in limits.caps:
            window = _duration(cap.window, f"caps.{cap.name}.window", problems)
            if window is not None:
                self._caps.append(Cap(definition=cap, window=window, picks=_picks(cap, places, promotion, limits.media)))
        self.weary: Weary | None = None
        if limits.fatigue is not None:
            half_life = _duration(limits.fatigue.half_life, "workspace.fatigue.half_life", problems)
            if half_life is not None:
                picks = Picks(offers=frozenset(o.name for o in promotion), placements=frozenset(p.name for p in places))
                self.weary = Weary(most=limits.fatigue.most, half_life=limits.fatigue.half_life, half_life_ms=half_life.ms, picks=picks)
        self.contacts: Contacts | None = None
        if limits.contact_budget is not None:
            told = limits.contact_budget
            window = _duration(told.per, "workspace.contact_budget.per", problems)
            wait = _duration(told.wait, "workspace.contact_budget.wait", problems)
            if window is not None and wait is not None:
                self.contacts = Contacts(most=told.most, per=told.per, window=window, wait_ms=wait.ms)

    def caps(self, offer: OfferDefinition, placement: PlacementDefinition) -> tuple[Cap, ...]:
        """The caps that concern an offer in a placement."""
        if not (offer.promotional and placement.promotional):
            return ()
        return tuple(
            cap
            for cap in self._caps
            if offer.name in cap.picks.offers and (placement.name in cap.picks.placements or not _apart(cap, placement.channels))
        )

    def accounts(self, offer: OfferDefinition) -> tuple[Account, ...]:
        """The accounts that an offer draws on: its money, its pieces."""
        found: list[Account] = []
        category = self._categories.get(offer.category or "")
        partner = self._partners.get(offer.partner or "")
        if offer.budget is not None:
            cost = offer.budget.cost_minor
            found.append(_money("offer", offer.name, cost, Budget(day_minor=offer.budget.day_minor, total_minor=offer.budget.total_minor)))
            found += [_money("category", category.name, cost, category.budget)] if category is not None else []
            found += [_money("partner", partner.name, cost, partner.budget)] if partner is not None else []
        if offer.inventory is not None and (offer.inventory.day is not None or offer.inventory.total is not None):
            found.append(_pieces("offer", offer.name, offer.inventory.day, offer.inventory.total))
        if partner is not None:
            found.append(_pieces("partner", partner.name, partner.day, partner.total))
        return tuple(found)


def _money(of: str, whose: str, cost: int, budget: Budget | None) -> Account:
    own = budget or Budget()
    return Account(name=money_of(of, whose), of=of, whose=whose, amount=cost, day=own.day_minor, total=own.total_minor)


def _pieces(of: str, whose: str, day: int | None, total: int | None) -> Account:
    return Account(name=pieces_of(of, whose), of=of, whose=whose, amount=1, day=day, total=total, pieces=True)


def _apart(cap: Cap, channels: Sequence[str]) -> bool:
    return cap.picks.channels is None or cap.picks.channels.isdisjoint(channels)


def _picks(
    cap: CapDefinition, placements: Sequence[PlacementDefinition], offers: Sequence[OfferDefinition], media: Mapping[str, str]
) -> Picks:
    chosen = (o.name for o in offers if cap.category in (None, o.category) and cap.partner in (None, o.partner))
    # What is no promotion where it was shown does not count either.
    places = (p.name for p in placements if cap.channel in (None, p.channel))
    channels = None if cap.channel is None else frozenset(name for name, medium in media.items() if cap.channel in (name, medium))
    return Picks(offers=frozenset(chosen), placements=frozenset(places), channels=channels)


def _duration(text: str, path: str, problems: list[Problem]) -> Duration | None:
    try:
        return parse_duration(text, path=path)
    except InputError as error:
        problems.extend(error.problems)
        return None
