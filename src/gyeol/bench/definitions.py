"""The kit's neutral definitions, written one to one as a workspace: 50 traits and 50 audiences, or the 200 of the sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from gyeol.bench.kit import kit_folder

WRITE_KEY = "bench-key"
SOURCE = "bench"
PLACEMENT = "bench_banner"
_NOT_MEANT = ("share",)
"""Keys of the kit that say something about a definition, not what it is."""

_MONEY = ("properties.price", "properties.revenue", "properties.value", "properties.discount", "properties.shipping")
_NUMBERS = ("properties.rating", "properties.results")
_MEASURED = {
    "Product Viewed": ("properties.price",),
    "Product Added": ("properties.price",),
    "Checkout Started": ("properties.value",),
    "Order Completed": ("properties.revenue", "properties.discount", "properties.shipping"),
    "Review Submitted": ("properties.rating",),
    "Products Searched": ("properties.results",),
}
"""The properties that traits count with, by event: the tracking plan gives them their types, so that conditions on them are typed."""


def read_kit() -> dict[str, Any]:
    """The kit's definitions as they stand."""
    found: dict[str, Any] = msgspec.json.decode((kit_folder() / "definitions.json").read_bytes())
    return found


def workspace_of(*, audiences: str = "audiences", offers: int = 0, clock: str = "wall") -> dict[str, Any]:
    """The content of a workspace's file.

    Args:
        audiences: ``audiences`` (50) or ``audiences_200``.
        offers: How many offers one placement has: the conditions of the 200 audiences are their eligibility, in turn.
        clock: See ``WorkspaceSettings``.
    """
    kit = read_kit()
    content: dict[str, Any] = {
        "workspace": {"name": "bench", "zone": "Asia/Seoul", "currency": "KRW", "clock": clock},
        "sources": [{"name": SOURCE, "trust": "server", "channel": "web", "write_key": WRITE_KEY}],
        "events": [{"name": event, "properties": {path: {"type": _type(path)} for path in paths}} for event, paths in _MEASURED.items()],
        "traits": [_meant(trait) for trait in kit["traits"]],
        "audiences": [_meant(audience) for audience in kit[audiences]],
    }
    if offers:
        content["placements"] = [{"name": PLACEMENT, "channel": "web", "fallback": "nothing_special"}]
        meant = kit["audiences_200"]
        content["offers"] = [_offer(meant[i % len(meant)], i, i // len(meant)) for i in range(offers - 1)]
        content["offers"].append({"name": "nothing_special", "placements": [PLACEMENT], "content": _said("nothing special")})
    return content


def write_workspace(folder: Path, content: dict[str, Any]) -> Path:
    """Write a workspace of one file; JSON is YAML, too. Returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gyeol.yaml").write_bytes(msgspec.json.encode(content))
    return folder


def _type(path: str) -> str:
    return "money" if path in _MONEY else "number"


def _meant(definition: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in definition.items() if key not in _NOT_MEANT}


def _offer(audience: dict[str, Any], index: int, again: int) -> dict[str, Any]:
    """An offer for an audience; ``again``: how many it has before this one."""
    name = f"offer_{audience['name']}" + (f"_{again + 1}" if again else "")
    return {
        "name": name,
        "placements": [PLACEMENT],
        "eligibility": audience["condition"],
        "score": f"{index} + 5 * LEAST(orders, 4) + COALESCE(interest_3d, 0)",
        "cap": 3,
        "cap_window": "7d",
        "content": _said(f"offer {audience['name']}"),
    }


def _said(title: str) -> dict[str, dict[str, str]]:
    return {"ko": {"title": title}, "en": {"title": title}}
