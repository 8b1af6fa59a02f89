"""The customers: where they live and work, what they like, how they are known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gyeol.workspace.cafe.menu import STORES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

SHARED_COOKIES = 0.03
"""Share of customers who use the browser of somebody else in the family."""
_FAMILY = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구"
_FIRST = "서지민하도예윤시주은수현건유아채다가온이로나소태재승정영우"
_SECOND = "준윤우진서연아은원민호빈율현수영지혜희경린솔겸후안결람"


class People(NamedTuple):
    """Customers, one in each row; the number of the row is who they truly are."""

    home: Ints
    work: Ints
    lat: Floats
    lon: Floats
    commuter: Flags
    visits_a_day: Floats
    price_sensitive: Floats
    sweet_tooth: Floats
    iced_lover: Floats
    has_app: Flags
    has_email: Flags
    wants_mail: Flags
    gives_place: Flags
    cookie: Ints
    upset_ms: Ints
    """When something went wrong for them; -1: never."""

    @property
    def regular(self) -> Floats:
        """How much of a regular: 0 for one visit a month, 1 from five a week on."""
        return np.clip((self.visits_a_day - 1 / 30) / (5 / 7), 0, 1)

    def user_ids(self) -> list[str]:
        """Membership numbers."""
        return [f"M{i:06d}" for i in range(len(self.home))]

    def phones(self) -> list[str]:
        """Mobile numbers, each one's own; of a range that is given to nobody."""
        return [f"010-0{i // 10_000:03d}-{i % 10_000:04d}" for i in range(len(self.home))]

    def emails(self) -> list[str | None]:
        """Addresses at a domain that cannot exist; None: has none."""
        return [f"m{i:06d}@mail.example.invalid" if has else None for i, has in enumerate(self.has_email.tolist())]

    def names(self, rng: np.random.Generator) -> list[str]:
        """Korean names; many people share one."""
        n = len(self.home)
        drawn = (rng.integers(0, len(words), n).tolist() for words in (_FAMILY, _FIRST, _SECOND))
        return [_FAMILY[a] + _FIRST[b] + _SECOND[c] for a, b, c in zip(*drawn, strict=True)]


def draw(customers: int, start_ms: int, days: int, visits: float, rng: np.random.Generator) -> People:
    """The customers of the company.

    Args:
        customers: How many.
        start_ms: The first midnight.
        days: For how long they are followed.
        visits: Of all sorts, in the mean over all customers and the whole time.
        rng: Of the seed.
    """
    around = np.array([store.around for store in STORES])
    homes, offices = np.flatnonzero(around != "office"), np.flatnonzero((around == "office") | (around == "campus"))
    home = rng.choice(homes, customers)
    places = np.array([(store.lat, store.lon) for store in STORES])
    region = np.array([store.region for store in STORES])
    work = _in_region(home, offices, region, rng)
    rate = rng.lognormal(0, 0.9, customers)
    cookie = np.arange(customers)
    shares = rng.random(customers) < SHARED_COOKIES
    cookie[shares] = (np.flatnonzero(shares) + 1) % customers
    upset = rng.random(customers) < 0.12
    return People(
        home=home,
        work=work,
        lat=places[home, 0] + rng.normal(0, 0.012, customers),
        lon=places[home, 1] + rng.normal(0, 0.014, customers),
        commuter=rng.random(customers) < 0.55,
        visits_a_day=rate / rate.mean() * visits / days,
        price_sensitive=rng.beta(2, 2.5, customers),
        sweet_tooth=rng.beta(1.6, 2, customers),
        iced_lover=rng.beta(2, 1.5, customers),
        has_app=rng.random(customers) < 0.7,
        has_email=rng.random(customers) < 0.85,
        wants_mail=rng.random(customers) < 0.65,
        gives_place=rng.random(customers) < 0.45,
        cookie=cookie,
        upset_ms=np.where(upset, start_ms + (rng.random(customers) * days * 86_400_000).astype(np.int64), -1),
    )


def _in_region(home: Ints, offices: Ints, region: Ints, rng: np.random.Generator) -> Ints:
    work = np.empty(len(home), np.int64)
    for each in np.unique(region):
        rows = np.flatnonzero(region[home] == each)
        work[rows] = rng.choice(offices[region[offices] == each], len(rows))
    return work
