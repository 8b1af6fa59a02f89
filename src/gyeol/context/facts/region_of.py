"""moment.sido, moment.sigungu, moment.dong, moment.country: the region in which somebody is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, cast

import numpy as np

from gyeol.context.behaviour.recorded import Read
from gyeol.context.data_files import opened
from gyeol.context.derived import Derived
from gyeol.context.facts.kind import Asked
from gyeol.context.place.gazetteer import NOWHERE, Gazetteer, Locality
from gyeol.context.place.whereabouts import LATITUDE, LONGITUDE, SINCE, last_place
from gyeol.context.subject import COUNTS_FOR_MS
from gyeol.expressions.column import Column, Vocabulary
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Int64, Zone
from gyeol.profiles.model import TraitDefinition

ADDRESS, SEEN_FROM = "moment_address", "moment_country"
COUNTRY = "moment.seen_country"
"""The name under which the join of events gives the country of an IP address."""
_NEVER = np.iinfo(np.int64).max
LASTS_MS = COUNTS_FOR_MS["cell"] or 0
NEAREST_DONG = 0.82
"""Only centres of dongs are known. Source: docs/place.md, measured on 881 points."""
BY_ADDRESS, BY_IP = 0.8, 0.6
"""Who lives somewhere may be elsewhere, and many networks end in another place. Our own choice."""
_LEVELS = ("sido", "sigungu", "dong")


class RegionOf:
    """By the last position for a day after it, else by the address; the country also by the IP address.

    Args:
        asks: Which files the workspace has, and the country of its regions.
    """

    names: ClassVar[Mapping[str, NameInfo]] = {
        "sido": NameInfo(type="text", label={"ko": "시도", "en": "province"}),
        "sigungu": NameInfo(type="text", label={"ko": "시군구", "en": "district"}),
        "dong": NameInfo(type="text", label={"ko": "동", "en": "neighbourhood"}),
        "country": NameInfo(type="text", label={"ko": "국가", "en": "country"}),
    }
    source = "position"

    def __init__(self, asks: Asked | None = None) -> None:
        asks = asks or Asked()
        self._regions, self._geoip, self._country = asks.regions, asks.geoip, asks.country

    def asked(self, asks: Asked) -> RegionOf:
        """The same, with the files of a workspace."""
        return RegionOf(asks)

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """The last position, the last address, and the country of the last IP address."""
        found: list[TraitDefinition] = []
        if self._regions is not None:
            found += last_place(paths["cell"]) if "cell" in paths else []
            if "address" in paths:
                found.append(TraitDefinition(name=ADDRESS, kind="last", event="$any", property=paths["address"]))
        if self._geoip is not None:
            found.append(TraitDefinition(name=SEEN_FROM, kind="last", event="$any", property=COUNTRY))
        return found

    def derive(self, read: Read, n: int, now_ms: int, local_day: Int64, zone: Zone) -> Mapping[str, Derived]:
        """Unknown where neither is known, or where it lies in no region of the file."""
        at, until = np.full(n, now_ms, np.int64), np.full(n, _NEVER, np.int64)
        sure = np.full(n, BY_ADDRESS)
        found: list[Locality] = [NOWHERE] * n
        if self._regions is not None:
            held = cast(Gazetteer, opened(self._regions))
            self._by_address(read, held, found)
            self._by_position(read, held, now_ms, found, at, until, sure)
        told: dict[str, Derived] = {}
        for level in _LEVELS:
            confidence = np.where(sure == 1.0, NEAREST_DONG, sure) if level == "dong" else sure
            told[level] = Derived(_texts([getattr(each, level) for each in found]), at, until, confidence)
        inside: list[str | None] = [None if each.sido is None else self._country for each in found]
        seen = _column(read, SEEN_FROM) if self._geoip is not None else None
        if seen is not None and seen.vocabulary is not None:
            for row in np.flatnonzero(seen.known).tolist():
                if inside[row] is None:
                    inside[row], sure[row] = seen.vocabulary.words[int(seen.values[row])], BY_IP
        return {**told, "country": Derived(_texts(inside), at, until, sure)}

    def _by_address(self, read: Read, held: Gazetteer, found: list[Locality]) -> None:
        said = _column(read, ADDRESS)
        if said is None or said.vocabulary is None:
            return
        words = said.vocabulary.words
        for row in np.flatnonzero(said.known).tolist():
            found[row] = held.of_address(words[int(said.values[row])])

    def _by_position(
        self,
        read: Read,
        held: Gazetteer,
        now_ms: int,
        found: list[Locality],
        at: Int64,
        until: Int64,
        sure: np.ndarray[tuple[int], np.dtype[np.float64]],
    ) -> None:
        columns = [_column(read, name) for name in (LATITUDE, LONGITUDE, SINCE)]
        if any(column is None for column in columns):
            return
        lat, lon, since = cast(list[Column], columns)
        said_ms = np.where(since.known, since.values, 0).astype(np.int64)
        rows = np.flatnonzero(lat.known & lon.known & since.known & (said_ms <= now_ms) & (now_ms < said_ms + LASTS_MS))
        if not len(rows):
            return
        regions, dongs = held.of_points(np.asarray(lat.values, np.float64)[rows], np.asarray(lon.values, np.float64)[rows])
        for row, region, dong in zip(rows.tolist(), regions.tolist(), dongs.tolist(), strict=True):
            if region >= 0:
                found[row], sure[row] = held.locality(region, dong), 1.0
                at[row], until[row] = said_ms[row], said_ms[row] + LASTS_MS


def _column(read: Read, trait: str) -> Column | None:
    try:
        return read(trait)
    except KeyError:  # the workspace does not say where to find it
        return None


def _texts(values: list[str | None]) -> Column:
    words = Vocabulary()
    codes = words.encode(values)
    return Column("text", codes, codes >= 0, words)
