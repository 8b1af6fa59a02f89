"""The legal dong (법정동) nearest to a point: an estimate, since only centres are known, no borders."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from gyeol.context.place.regions import Floats, Ints, Region

_PARTS = 4_096
_SHORT = {"충청북도": "충북", "충청남도": "충남", "전라북도": "전북", "전라남도": "전남", "경상북도": "경북", "경상남도": "경남"}


class Dong(msgspec.Struct, frozen=True):
    """A legal dong.

    Args:
        name: In full, from the province down: ``서울특별시 성북구 석관동``.
        lat: Of its centre, degrees.
        lon: Of its centre, degrees.
    """

    name: str
    lat: float
    lon: float

    @property
    def short(self) -> str:
        """Its own name: 동, or 읍·면 with 리."""
        words = self.name.split()
        return " ".join(words[-2:]) if words[-1].endswith("리") and len(words) > 3 else words[-1]


class Dongs:
    """The dongs of each region, looked up by nearest centre.

    Measured on 881 points whose 읍·면·동 is known from borders and bears the name of a legal dong: 82 % agree.

    Args:
        regions: As :class:`~gyeol.context.place.regions.Regions` numbers them.
        dongs: A dong belongs to the region whose province and district its name begins with; one that fits none is left out.
    """

    def __init__(self, regions: Sequence[Region], dongs: Sequence[Dong]) -> None:
        self.dongs = tuple(dongs)
        of_district: dict[str, list[int]] = {}
        parents: dict[str, set[str]] = {}
        for i, dong in enumerate(self.dongs):
            words = dong.name.split()
            for end in range(2, len(words)):
                # "창원시성산구" in one source is "창원시 성산구" in another and "성산구" in a third.
                of_district.setdefault(_province(words[0]) + "".join(words[1:end]), []).append(i)
                if end == 3:
                    alone = _province(words[0]) + words[2]
                    parents.setdefault(alone, set()).add(words[1])
                    of_district.setdefault(alone, []).append(i)
        for alone, cities in parents.items():
            if len(cities) > 1:
                del of_district[alone]
        self._of_region = [of_district.get(_province(region.sido) + region.district.replace(" ", ""), []) for region in regions]
        self._lat = np.array([dong.lat for dong in self.dongs])
        self._lon = np.array([dong.lon for dong in self.dongs])

    def nearest(self, lat: Floats, lon: Floats, regions: Ints) -> Ints:
        """The dong of each point within its region.

        Args:
            lat: Degrees, shape (n,).
            lon: Degrees, shape (n,).
            regions: Numbers of regions, shape (n,); -1: none.

        Returns:
            Numbers of dongs, shape (n,); -1: none is known.
        """
        found = np.full(len(regions), -1, np.int64)
        order = np.argsort(regions, kind="stable")
        edges = np.flatnonzero(np.diff(regions[order], prepend=-2, append=-2))
        for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            region = int(regions[order[start]])
            if region < 0 or not self._of_region[region]:
                continue
            among = np.array(self._of_region[region])
            for part in range(start, end, _PARTS):
                points = order[part : min(part + _PARTS, end)]
                found[points] = among[self._closest(lat[points], lon[points], among)]
        return found

    def _closest(self, lat: Floats, lon: Floats, among: Ints) -> Ints:
        # A district is small: a degree of longitude is as long everywhere in it.
        narrow = np.cos(np.radians(self._lat[among].mean()))
        north = lat[:, None] - self._lat[among]
        east = (lon[:, None] - self._lon[among]) * narrow
        closest: Ints = np.argmin(north * north + east * east, axis=1)
        return closest


def _province(name: str) -> str:
    """A province whatever it calls itself: 강원도 and 강원특별자치도, 전라북도 and 전북특별자치도."""
    return _SHORT.get(name, name[:2])
