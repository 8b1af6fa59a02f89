"""In which region an event happened: by its own position, else by the address that it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import numpy as np

from gyeol.context.data_files import opened
from gyeol.context.place.gazetteer import NOWHERE, Gazetteer, Locality

LEVELS = ("sido", "sigungu", "dong")
COUNTRY = "country"
Said = tuple[float | None, float | None, str | None]
"""Latitude, longitude, address."""


class EventRegions(NamedTuple):
    """How a workspace tells it.

    Args:
        file: Digest of its file of borders; None: it has none, and nothing is told.
        country: ISO 3166 code of these regions.
        cell, address: The paths under which events say where they happened; None: they do not.
    """

    file: str | None
    country: str
    cell: str | None
    address: str | None

    @classmethod
    def of(cls, file: str | None, country: str, moment: Mapping[str, str]) -> EventRegions:
        """As the workspace's ``moment`` has it."""
        return cls(file, country, moment.get("cell"), moment.get("address"))

    @property
    def numbers(self) -> list[str]:
        """The paths of latitude and longitude; none where events say no position."""
        return [] if self.file is None or self.cell is None else [f"{self.cell}.latitude", f"{self.cell}.longitude"]

    @property
    def texts(self) -> list[str]:
        """The path of the address; none where events say none."""
        return [] if self.file is None or self.address is None else [self.address]

    def tell(self, said: Sequence[Said]) -> list[Locality]:
        """Where each of some events was; NOWHERE where neither tells, or it lies in no region of the file."""
        if self.file is None or not said:
            return [NOWHERE] * len(said)
        held = cast(Gazetteer, opened(self.file))
        found = [NOWHERE if address is None else held.of_address(address) for _, _, address in said]
        points = [(i, lat, lon) for i, (lat, lon, _) in enumerate(said) if lat is not None and lon is not None and _on_earth(lat, lon)]
        if points:
            regions, dongs = held.of_points(np.array([lat for _, lat, _ in points]), np.array([lon for _, _, lon in points]))
            for (i, _, _), region, dong in zip(points, regions.tolist(), dongs.tolist(), strict=True):
                found[i] = held.locality(region, dong) if region >= 0 else found[i]
        return found

    def value(self, name: str, where: Locality) -> str | None:
        """One of ``LEVELS`` or ``COUNTRY``."""
        if name == COUNTRY:
            return None if where.sido is None else self.country
        value: str | None = getattr(where, name)
        return value


def _on_earth(lat: float, lon: float) -> bool:
    return abs(lat) <= 90 and abs(lon) <= 180
