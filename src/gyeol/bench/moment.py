"""``moment``: what is true of people now, each part beside its peers."""

from __future__ import annotations

from gyeol.bench import moment_behaviour, moment_emotion, moment_intent, moment_kept, moment_place
from gyeol.bench.bench import Bench, Setting, parts_of
from gyeol.bench.report import Figures

PARTS: dict[str, Bench] = {
    "emotion": moment_emotion.measure,
    "place": moment_place.measure,
    "intent": moment_intent.measure,
    "behaviour": moment_behaviour.measure,
    "kept": moment_kept.measure,
}
"""In the order in which they run; each names its figures after itself."""


def measure(setting: Setting, figures: Figures) -> None:
    """All parts."""
    for part in parts_of(setting, PARTS):
        part(setting, figures)
