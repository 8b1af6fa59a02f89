"""moment.tone and moment.tone_reason: how to speak to somebody now. Other facts and the journey stage decide, by one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import ClassVar

import numpy as np

from gyeol.context.emotion.tone import ANGRY, GLAD, LOW, TABLE, WORDS, Feeling, ToneChoice, feeling, tone_for
from gyeol.context.fact import Fact
from gyeol.context.facts.kind import text_column
from gyeol.expressions.column import Column
from gyeol.expressions.schema import NameInfo
from gyeol.kernel.instants import Int64

_COMPLAINT, _TREND, _INTENT, _DAYPART, _COMMUTE, _WEEKEND = "open_complaint", "emotion_trend", "intent", "daypart", "commute", "weekend"
TONES: tuple[str, ...] = tuple(WORDS)
_REASONS = tuple(row.reason for row in TABLE)


class ToneOf:
    """By ``context/emotion/tone.py``; a fact that has aged is as good as none. The stage is that of the last look at the person."""

    names: ClassVar[Mapping[str, NameInfo]] = {
        "tone": NameInfo(
            type="text", label={"ko": "어울리는 말투", "en": "the tone to speak in"}, values={k: dict(v) for k, v in WORDS.items()}
        ),
        "tone_reason": NameInfo(
            type="text",
            label={"ko": "말투의 이유", "en": "reason of the tone"},
            values={row.reason: {"ko": row.ko, "en": row.en} for row in TABLE},
        ),
    }
    reads = (_COMPLAINT, _TREND, _INTENT, _DAYPART, _COMMUTE, _WEEKEND)

    def combine(self, facts: Mapping[str, Fact], stage: str | None, now_ms: int) -> Iterable[Fact]:
        """Both facts of one person; they count until the first of what they rest on ends."""
        values: dict[str, object] = {}
        until_ms: int | None = None
        for name in self.reads:
            fact = facts.get(name)
            if fact is None:
                continue
            ends_ms = fact.until_ms
            if ends_ms is None:
                values[name] = fact.value
            elif now_ms < ends_ms:
                values[name] = fact.value
                until_ms = ends_ms if until_ms is None or ends_ms < until_ms else until_ms
        found = _choice(values, stage)
        ttl_ms = None if until_ms is None else until_ms - now_ms
        for name, value in (("tone", found.tone), ("tone_reason", found.reason)):
            yield Fact(name=name, value=value, source="rule", observed_at_ms=now_ms, ttl_ms=ttl_ms)

    def columns(self, read: Mapping[str, Column], stages: Int64, names: Sequence[str]) -> Mapping[str, Column]:
        """The same of many people.

        Args:
            read: (n,) what is known of them, by ``reads``; what is stale is unknown.
            stages: (n,) their stages, by place in ``names``; -1: none.
            names: Of stages.
        """
        columns = [_coded(read[name]) for name in self.reads]
        situations, place = np.unique(np.stack([stages, *(codes for codes, _ in columns)]), axis=1, return_inverse=True)
        found = [
            _choice(
                {name: words[code] for name, code, (_, words) in zip(self.reads, codes, columns, strict=True) if code >= 0},
                names[stage] if stage >= 0 else None,
            )
            for stage, *codes in situations.T.tolist()
        ]
        at = np.asarray(place, np.int64).reshape(-1)
        tones, reasons = ([TONES.index(one.tone) for one in found], [_REASONS.index(one.reason) for one in found])
        return {
            "tone": text_column(TONES, np.array(tones, np.int64)[at]),
            "tone_reason": text_column(_REASONS, np.array(reasons, np.int64)[at]),
        }


def _choice(values: Mapping[str, object], stage: str | None) -> ToneChoice:
    trend = values.get(_TREND)
    # Confidence bounds a trend's polarity already (``trend.present``), so it is not asked for again.
    how = feeling(float(trend) if isinstance(trend, int | float) else None)
    rest = (values.get(name) for name in (_DAYPART, _INTENT, _COMMUTE))
    return _of(how, stage, values.get(_COMPLAINT) is True, values.get(_WEEKEND) is True, *rest)


@lru_cache(maxsize=4_096)
def _of(how: Feeling, stage: str | None, complaint: bool, weekend: bool, daypart: object, intent: object, commute: object) -> ToneChoice:
    """The row of the table; asked with every decision, of few situations."""
    daypart, intent, commute = (each if isinstance(each, str) else None for each in (daypart, intent, commute))
    return tone_for(how, daypart, stage, complaint=complaint, intent=intent, commute=commute, weekend=weekend)


def _coded(column: Column) -> tuple[Int64, Sequence[object]]:
    """(n,) places of the values among the different ones; -1: unknown. A trend is told by one value of each feeling."""
    given = column.values
    if column.kind == "number":
        trend = np.asarray(given, np.float64)
        given = np.select([trend <= ANGRY, trend <= LOW, trend >= GLAD], [ANGRY, LOW, GLAD], 0.0)
    values, place = np.unique(np.where(column.known, given, 0), return_inverse=True)
    codes = np.where(column.known, np.asarray(place, np.int64).reshape(-1), -1)
    if column.kind == "text":
        words = [] if column.vocabulary is None else column.vocabulary.words
        return codes, [words[code] if code < len(words) else None for code in values.tolist()]
    return codes, [bool(value) if column.kind == "flag" else value for value in values.tolist()]
