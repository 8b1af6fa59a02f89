"""Regions by point and by address: province (시도), district (시군구) and dong."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property, lru_cache

import msgspec

from gyeol.context.place.dongs import Dong, Dongs
from gyeol.context.place.regions import Floats, Ints, Region, Regions

_SHORT = (
    ("충청북", "충북"), ("충청남", "충남"), ("전라북", "전북"), ("전라남", "전남"), ("경상북", "경북"), ("경상남", "경남"),
)  # fmt: skip
_KIND = re.compile(r"(특별자치시|특별자치도|특별시|광역시|시|도)$")
_DONG = re.compile(r"[가-힣]+\d*(?:[.·]\d+)?(?:동\d*가?|가|읍|면|리)$")
_BRACKETS = re.compile(r"[(（]([^)）]*)[)）]")
_MOST_WORDS = 3
"""A district has at most two words, 수원시 영통구; one more for what stands between."""


class Locality(msgspec.Struct, frozen=True):
    """Where something is; None: not known."""

    sido: str | None = None
    sigungu: str | None = None
    dong: str | None = None


NOWHERE = Locality()


class Gazetteer:
    """Regions and dongs of a file.

    Args:
        regions: With borders; indexed when a point is first looked up.
        dongs: With centres.
    """

    def __init__(self, regions: Sequence[Region], dongs: Sequence[Dong]) -> None:
        self._regions, self._all_dongs = tuple(regions), tuple(dongs)
        self._parsed = lru_cache(maxsize=65_536)(self._parse)

    @cached_property
    def _index(self) -> tuple[Regions, Dongs]:
        return Regions(self._regions), Dongs(self._regions, self._all_dongs)

    def ready(self) -> None:
        """Make the index now."""
        self._index  # noqa: B018  (made when it is first asked for)

    def of_points(self, lat: Floats, lon: Floats) -> tuple[Ints, Ints]:
        """(n,) the region and the nearest dong in it of each point, -1 where there is none."""
        regions, dongs = self._index
        found = regions.locate(lat, lon)
        return found, dongs.nearest(lat, lon, found)

    def locality(self, region: int, dong: int) -> Locality:
        """What a region and a dong are called."""
        if region < 0:
            return NOWHERE
        return Locality(self._regions[region].sido, self._regions[region].district, self._all_dongs[dong].short if dong >= 0 else None)

    def of_address(self, address: str) -> Locality:
        """Where a Korean address is, of roads or of lots: 서울시 강남구 테헤란로 101 (역삼동). NOWHERE where it begins with no province."""
        return self._parsed(address.strip())

    @cached_property
    def _districts(self) -> dict[str, dict[str, Region]]:
        """Short name of the province → district without spaces → region."""
        found: dict[str, dict[str, Region]] = {}
        for region in self._regions:
            found.setdefault(province(region.sido), {}).setdefault(region.district.replace(" ", ""), region)
        return found

    def _parse(self, address: str) -> Locality:
        words = _BRACKETS.sub(" ", address).replace(",", " ").split()
        words = words[1:] if words and words[0].isdigit() else words  # a postal code before it
        districts = self._districts.get(province(words[0])) if words else None
        if districts is None:
            return NOWHERE
        sido = next(iter(districts.values())).sido
        for count in range(min(_MOST_WORDS, len(words)), 1, -1):
            # "용인시 기흥구" is "용인시기흥구" in some sources and "기흥구" in others.
            region = districts.get("".join(words[1:count])) or districts.get(words[count - 1] if count == _MOST_WORDS else "")
            if region is not None:
                return Locality(sido, region.district, _dong(address, words[count:]))
        if len(districts) == 1:  # 세종특별자치시 has no districts
            return Locality(sido, next(iter(districts.values())).district, _dong(address, words[1:]))
        return Locality(sido)


def province(name: str) -> str:
    """A province's shortest name, by which 서울, 서울시 and 서울특별시 are one: 서울, 경기, 충북."""
    short = _KIND.sub("", name) if len(name) > 2 else name
    for full, brief in _SHORT:
        short = brief if short == full else short
    return short


def _dong(address: str, rest: Sequence[str]) -> str | None:
    """The dong in brackets, else the word after the district that is one."""
    for inside in _BRACKETS.findall(address):
        for word in re.split(r"[,\s]+", inside):
            if _DONG.match(word):
                return str(word)
    return rest[0] if rest and _DONG.match(rest[0]) else None
