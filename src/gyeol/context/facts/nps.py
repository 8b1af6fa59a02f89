"""moment.nps, moment.nps_group: how likely somebody said they were to recommend us, 0 to 10."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from gyeol.context.behaviour.recorded import Read
from gyeol.context.derived import Derived
from gyeol.context.fact import Fact, FactValue
from gyeol.context.facts.kind import text_column, words
from gyeol.expressions.column import Column
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import DAY_MS, Int64, Zone
from gyeol.profiles.model import TraitDefinition

TRAIT, SINCE = "moment_nps", "moment_nps_at"
LASTS_MS = 180 * DAY_MS
"""Half a year: companies ask that often. Our own choice."""
GROUPS = ("detractor", "passive", "promoter")
_PASSIVE, _PROMOTER = 7, 9
"""From which score somebody is in the group. Source: Reichheld, "The One Number You Need to Grow", Harvard Business Review 12/2003."""


class Nps:
    """The last score that an event says under ``moment: {nps: …}``; what lies outside of 0 to 10 is none."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "nps": NameInfo(type="number", label={"ko": "추천 의향(NPS)", "en": "NPS score"}),
        "nps_group": NameInfo(
            type="text",
            label={"ko": "추천 의향 구분", "en": "NPS group"},
            values=words(detractor=("비추천 고객", "detractor"), passive=("중립 고객", "passive"), promoter=("추천 고객", "promoter")),
        ),
    }
    source = "survey"

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """The last score and when it was given."""
        path = paths.get("nps")
        if path is None:
            return []
        where = f"{path} BETWEEN 0 AND 10"
        return [
            TraitDefinition(name=TRAIT, kind="last", event="$any", property=path, where=where),
            TraitDefinition(name=SINCE, kind="max", event="$any", property="timestamp", where=where, scale=0),
        ]

    def derive(self, read: Read, n: int, now_ms: int, local_day: Int64, zone: Zone) -> Mapping[str, Derived]:
        """Stale half a year after the answer."""
        said, since = read(TRAIT), read(SINCE)
        at_ms = np.where(since.known, since.values, 0).astype(np.int64)
        known = said.known & since.known & (at_ms <= now_ms)
        scores = np.where(known, _numbers(said), 0.0)
        group = np.where(known, (scores >= _PASSIVE).astype(np.int64) + (scores >= _PROMOTER), -1)
        until = at_ms + LASTS_MS
        return {
            "nps": Derived(Column("number", scores, known), at_ms, until),
            "nps_group": Derived(text_column(GROUPS, group), at_ms, until),
        }

    def one(self, read: Read, now_ms: int, zone: Zone) -> list[Fact]:
        """As ``derive``, of one person."""
        said, at_ms = read(TRAIT).item(0), read(SINCE).item(0)
        if not isinstance(said, str | float | int) or not isinstance(at_ms, int) or at_ms > now_ms:
            return []
        score = float(said)
        values: dict[str, FactValue] = {"nps": score, "nps_group": GROUPS[(score >= _PASSIVE) + (score >= _PROMOTER)]}
        return [Fact(name=name, value=value, source=self.source, observed_at_ms=at_ms, ttl_ms=LASTS_MS) for name, value in values.items()]


def _numbers(said: Column) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """(n,) the values; without a tracking plan they are kept as texts."""
    if said.vocabulary is None:
        return np.asarray(said.values, np.float64)
    codes, place = np.unique(np.where(said.known, said.values, -1), return_inverse=True)
    found = [0.0 if code < 0 else float(said.vocabulary.words[code]) for code in codes.tolist()]
    return np.array(found, np.float64)[place]
