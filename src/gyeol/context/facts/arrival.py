"""moment.device, moment.referrer by what events say: on which device somebody was last, and from where they came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from gyeol.context.behaviour.recorded import Read
from gyeol.context.derived import Derived
from gyeol.context.facts.device import DEVICE as TOLD_DEVICE
from gyeol.context.facts.referrer import REFERRER as TOLD_REFERRER
from gyeol.context.seen import LASTS_MS, SEEN
from gyeol.expressions.column import Column, Vocabulary
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Int64, Zone
from gyeol.profiles.model import TraitDefinition


class Arrival:
    """By the last event that says it; what a request says comes before it."""

    names: ClassVar[Mapping[str, NameInfo]] = {**TOLD_DEVICE.names, **TOLD_REFERRER.names}
    source = "event"

    def traits(self, paths: Mapping[str, str]) -> list[TraitDefinition]:
        """What was said last, and when."""
        found: list[TraitDefinition] = []
        for name, seen in SEEN.items():
            if seen.key in paths:
                where = f"{name} IS NOT NULL"
                found.append(TraitDefinition(name=f"moment_{seen.key}", kind="last", event="$any", property=name))
                at = TraitDefinition(name=f"moment_{seen.key}_at", kind="max", event="$any", property="timestamp", where=where, scale=0)
                found.append(at)
        return found

    def derive(self, read: Read, n: int, now_ms: int, local_day: Int64, zone: Zone) -> Mapping[str, Derived]:
        """Stale half an hour after it was said."""
        return {name: _told(read, name, n, now_ms) for name in self.names}


def _told(read: Read, name: str, n: int, now_ms: int) -> Derived:
    try:
        said, since = read(f"moment_{name}"), read(f"moment_{name}_at")
    except KeyError:  # the workspace does not say where to find it
        nobody = Column("text", np.full(n, -1, np.int32), np.zeros(n, np.bool_), Vocabulary())
        return Derived(nobody, np.full(n, now_ms, np.int64), np.full(n, now_ms + 1, np.int64))
    at_ms = np.where(since.known, since.values, 0).astype(np.int64)
    known = said.known & since.known & (at_ms <= now_ms)
    return Derived(Column("text", said.values, known, said.vocabulary), at_ms, at_ms + LASTS_MS)
