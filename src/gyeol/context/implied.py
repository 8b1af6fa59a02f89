"""What the Moment remembers of people's events: where they are, their zone, what derived facts need. Kept as traits, so that merges,
replays, snapshots, late events and SQL treat it like everything else that is known of a person.
"""

from __future__ import annotations

from collections.abc import Mapping

from gyeol.context.facts import DERIVED
from gyeol.context.subject import EVENT_KEYS
from gyeol.profiles.model import TraitDefinition

ZONE = "moment_zone"
LATITUDE, LONGITUDE = "moment_latitude", "moment_longitude"
DIGITS = 6
"""Of degrees that are kept: 10 cm."""


def trait_of(kind: str) -> str:
    """The trait that holds where a person was last, of a kind of subject; of a cell the latitude."""
    return LATITUDE if kind == "cell" else f"moment_{kind}"


def since_of(kind: str) -> str:
    """The trait that holds when that was said."""
    return f"moment_{kind}_at"


def said_by(kind: str, path: str) -> str:
    """The condition over an event that says where it happened."""
    return f"{path}.latitude BETWEEN -90 AND 90 AND {path}.longitude BETWEEN -180 AND 180" if kind == "cell" else f"{path} IS NOT NULL"


def implied_traits(paths: Mapping[str, str]) -> list[TraitDefinition]:
    """The traits that the workspace's ``moment`` asks for, in an order of our own.

    Args:
        paths: What is read → dotted path of events; of ``cell`` the object that holds ``latitude`` and ``longitude``.
    """
    found: list[TraitDefinition] = []
    for kind in EVENT_KEYS:
        if kind not in paths:
            continue
        path, where = paths[kind], said_by(kind, paths[kind])
        if kind == "cell":
            for name, leaf in ((LATITUDE, "latitude"), (LONGITUDE, "longitude")):
                found.append(TraitDefinition(name=name, kind="last", event="$any", property=f"{path}.{leaf}", where=where, scale=DIGITS))
        else:
            found.append(TraitDefinition(name=trait_of(kind), kind="last", event="$any", property=path))
        found.append(TraitDefinition(name=since_of(kind), kind="max", event="$any", property="timestamp", where=where, scale=0))
    if "zone" in paths:
        found.append(TraitDefinition(name=ZONE, kind="last", event="$any", property=paths["zone"]))
    for derived in DERIVED:
        found += derived.traits(paths)
    return list({trait.name: trait for trait in found}.values())
