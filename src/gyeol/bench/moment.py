"""``moment``: what is true of people now, each part beside its peers."""

from __future__ import annotations

from gyeol.bench import moment_emotion, moment_intent, moment_place
from gyeol.bench.bench import Bench, Setting
from gyeol.bench.report import Figures

PARTS: tuple[Bench, ...] = (moment_emotion.measure, moment_place.measure, moment_intent.measure)
"""In the order in which they run; each names its figures after itself."""


def measure(setting: Setting, figures: Figures) -> None:
    """All parts."""
    for part in PARTS:
        part(setting, figures)
