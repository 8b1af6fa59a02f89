"""What the Moment remembers of people's events: where they are, their zone, what derived facts need. Kept as traits, so that merges,
replays, snapshots, late events and SQL treat it like everything else that is known of a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gyeol.context.facts import DERIVED
from gyeol.context.facts.kind import DerivedKind
from gyeol.context.place.whereabouts import LATITUDE, LONGITUDE, last_place, said_at
from gyeol.context.subject import COUNTS_FOR_MS, EVENT_KEYS, cell_of
from gyeol.profiles.model import TraitDefinition

ZONE = "moment_zone"


def trait_of(kind: str) -> str:
    """The trait that holds where a person was last, of a kind of subject; of a cell the latitude."""
    return LATITUDE if kind == "cell" else f"moment_{kind}"


def since_of(kind: str) -> str:
    """The trait that holds when that was said."""
    return f"moment_{kind}_at"


def whereabouts(kind: str, said: Callable[[str], object], now_ms: int) -> str | None:
    """Where somebody is, of a kind of subject; None: nowhere that counts now.

    Args:
        kind: One of ``EVENT_KEYS``.
        said: The value of a trait of the person.
        now_ms: The instant.
    """
    where, lasts_ms = said(trait_of(kind)), COUNTS_FOR_MS[kind]
    if where is None:
        return None
    if lasts_ms is not None:
        at_ms = said(since_of(kind))
        if not isinstance(at_ms, int | float) or not at_ms <= now_ms < at_ms + lasts_ms:
            return None
    if kind != "cell":
        return str(where)
    east = said(LONGITUDE)
    return cell_of(where, east) if isinstance(where, int | float) and isinstance(east, int | float) else None


def said_by(kind: str, path: str) -> str:
    """The condition over an event that says where it happened."""
    return said_at(path) if kind == "cell" else f"{path} IS NOT NULL"


def implied_traits(paths: Mapping[str, str], kinds: Sequence[DerivedKind] = DERIVED) -> list[TraitDefinition]:
    """The traits that the workspace's ``moment`` asks for, in an order of our own.

    Args:
        paths: What is read → dotted path of events; of ``cell`` the object that holds ``latitude`` and ``longitude``.
        kinds: Of derived facts, as the workspace has them.
    """
    found: list[TraitDefinition] = []
    for kind in EVENT_KEYS:
        if kind not in paths:
            continue
        path, where = paths[kind], said_by(kind, paths[kind])
        if kind == "cell":
            found += last_place(path)
            continue
        found.append(TraitDefinition(name=trait_of(kind), kind="last", event="$any", property=path))
        found.append(TraitDefinition(name=since_of(kind), kind="max", event="$any", property="timestamp", where=where, scale=0))
    if "zone" in paths:
        found.append(TraitDefinition(name=ZONE, kind="last", event="$any", property=paths["zone"]))
    for derived in kinds:
        found += derived.traits(paths)
    return list({trait.name: trait for trait in found}.values())
