"""moment.channel_preference: where somebody mostly meets us."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from gyeol.context.behaviour.recorded import Read
from gyeol.context.derived import Derived
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Int64, Zone
from gyeol.profiles.model import TraitDefinition

TRAIT = "moment_channel"


class ChannelPreference:
    """The channel that events of the person name most often."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "channel_preference": NameInfo(type="text", label={"ko": "선호 채널", "en": "preferred channel"}),
    }
    source = "behaviour"

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """The value of ``channel`` that most events have."""
        path = paths.get("channel")
        return [] if path is None else [TraitDefinition(name=TRAIT, kind="top", event="$any", property=path)]

    def derive(self, read: Read, n: int, now_ms: int, local_day: Int64, zone: Zone) -> Mapping[str, Derived]:
        """Time alone changes nothing."""
        return {"channel_preference": Derived(read(TRAIT), np.full(n, now_ms), np.full(n, np.iinfo(np.int64).max))}
