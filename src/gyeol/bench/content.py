"""``content``: how fast texts are rendered and looked over, and how coupons hold when many want them."""

from __future__ import annotations

from collections.abc import Mapping

from gyeol.bench import content_render
from gyeol.bench.bench import Bench, Setting, parts_of
from gyeol.bench.report import COUNT, MS, PER_S, SECONDS, SHARE, Figures

_UNITS = (("_ms", MS), ("_per_s", PER_S), ("_s", SECONDS), ("precision", SHARE), ("recall", SHARE), ("share", SHARE), ("accuracy", SHARE))


def lint(setting: Setting, figures: Figures) -> None:
    """The brand lint."""
    # It reads its labelled sentences and its peers: nobody else should wait for them.
    from gyeol.bench import content_lint

    _add(content_lint.measure(300 if setting.quick else 3_000), figures)


def coupons(setting: Setting, figures: Figures) -> None:
    """The race for one code, and visits at the till."""
    # It starts servers and kills them.
    from gyeol.bench import content_coupons

    quick = setting.quick
    _add(content_coupons.measure(5 if quick else 100, 1 if quick else 10, 100 if quick else 2_000), figures)


PARTS: dict[str, Bench] = {"render": content_render.measure, "lint": lint, "coupons": coupons}
"""In the order in which they run; ``--part`` names some of them."""


def measure(setting: Setting, figures: Figures) -> None:
    """All parts that are wanted."""
    for part in parts_of(setting, PARTS):
        part(setting, figures)


def _add(found: Mapping[str, float], figures: Figures) -> None:
    for key, value in found.items():
        figures.add(f"content.{key}", value, next((unit for end, unit in _UNITS if key.endswith(end)), COUNT))
