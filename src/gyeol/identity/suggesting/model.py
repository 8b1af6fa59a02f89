"""How much every likeness weighs, and the sum for two records.

Source: Fellegi and Sunter (1969), "A theory for record linkage". A level's weight is log2(m / u): how much more often records that are one
show it than records that are two.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence

import msgspec

from gyeol.identity.suggesting.attributes import ROLES, form

UNKNOWN, DIFFERENT = -1, 0
"""Likeness of a role: one of the two lacks it · no level is met · else 1 + how many levels are worse."""
LEAST_SHARE = 1e-3
"""Least m of a level: without it one field that training never saw wrong overrules all others (as in ``matching``)."""
SMOOTHING = 1_000
"""A value's share among people is drawn to the level's own as if so many people more had been counted."""
MOST_RARITY = 6.0
"""A frequent or rare value moves a level's weight by so many bits at most."""


class Share(msgspec.Struct, frozen=True, array_like=True):
    """How often a level is met among pairs that are one (m) and among pairs that are two (u)."""

    m: float
    u: float

    @property
    def bits(self) -> float:
        """The weight."""
        return math.log2(self.m / self.u)


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """Weights, with what they were learnt from.

    Args:
        trained: False: what ships with Gyeol. True: learnt from the workspace's own people.
        records: How many people's records there were when it was made.
        prior: log2 odds that a candidate pair taken at random is one.
        shares: Role → share of ``different``, then of each level, worst first.
        counts: Part (``name.full``) → digest of a value → records with it, where there are several.
        counted: Of how many records ``counts`` are.
    """

    trained: bool
    records: int
    prior: float
    shares: dict[str, list[Share]]
    counts: dict[str, dict[int, int]] = {}
    counted: int = 0

    @property
    def version(self) -> str:
        """Names the model: equal versions weigh equally."""
        # Roles and parts stand in a fixed order, counts in that of their numbers.
        counts = [(part, sorted(found.items())) for part, found in sorted(self.counts.items())]
        said = (
            msgspec.json.encode((self.trained, self.records, self.counted, self.prior, sorted(self.shares.items()), counts))
            + "".join(_spelled(role) for role in ROLES).encode()
        )
        return ("t" if self.trained else "d") + hashlib.blake2b(said, digest_size=6).hexdigest()

    def bits(self, likeness: Mapping[str, int], rare: Mapping[str, int]) -> dict[str, float]:
        """What every role adds or takes away.

        Args:
            likeness: By role.
            rare: Digest by part of the values on which the two agree.
        """
        return {role: round(self._bits(role, level, rare), 3) for role, level in likeness.items()}

    def weight(self, likeness: Mapping[str, int], rare: Mapping[str, int]) -> float:
        """log2 odds that two records are one: ``prior`` and all ``bits``."""
        return round(self.prior + sum(self.bits(likeness, rare).values()), 3)

    def _bits(self, role: str, level: int, rare: Mapping[str, int]) -> float:
        if level == UNKNOWN:
            return 0.0
        share = self.shares[role][level]
        part = rarity(role, level)
        digest = rare.get(f"{role}.{part}") if part else None
        if digest is None or not self.counted:
            return share.bits
        seen = self.counts.get(f"{role}.{part}", {}).get(digest, 1)
        among = (seen + SMOOTHING * share.u) / (self.counted + SMOOTHING)
        return share.bits + max(-MOST_RARITY, min(MOST_RARITY, math.log2(share.u / among)))


def names(role: str, level: int) -> tuple[str, str]:
    """What a likeness is called, in Korean and English."""
    if level == UNKNOWN:
        return "알 수 없음", "unknown"
    if level == DIFFERENT:
        return "다름", "different"
    found = form(role).levels[len(form(role).levels) - level]
    return found.ko, found.en


def rarity(role: str, level: int) -> str:
    """The part whose rarity a level counts; empty for none."""
    levels = form(role).levels
    return "" if level <= DIFFERENT else levels[len(levels) - level].rarity


def normalised(shares: Sequence[tuple[float, float]]) -> list[Share]:
    """Shares that sum up to one on both sides, none below ``LEAST_SHARE`` (m) or one in a million (u)."""
    ms = [max(m, LEAST_SHARE) for m, _ in shares]
    us = [max(u, 1e-6) for _, u in shares]
    return [Share(round(m / sum(ms), 9), round(u / sum(us), 9)) for m, u in zip(ms, us, strict=True)]


def _spelled(role: str) -> str:
    return role + "".join(level.sql for level in form(role).levels)
