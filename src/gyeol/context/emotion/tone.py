"""The tone to speak in: a table of how somebody feels, the part of the day and the stage they are in; the first row that fits."""

from __future__ import annotations

from typing import Literal

import msgspec

Tone = Literal["brief_informative", "warm", "cheering", "careful", "apologetic", "retaining"]
Feeling = Literal["angry", "low", "even", "glad", "unknown"]

ANGRY, LOW, GLAD = -0.5, -0.15, 0.25
"""Trends at which a feeling begins. Source: our own choice; ``Trend.polarity`` after one text of full confidence is 2/3 of its polarity."""
LITTLE = 0.2
"""Trends of less confidence are ``unknown``."""

WORDS: dict[Tone, dict[str, str]] = {
    "brief_informative": {"ko": "짧고 알차게", "en": "brief and informative"},
    "warm": {"ko": "따뜻하게", "en": "warm"},
    "cheering": {"ko": "북돋우며", "en": "cheering"},
    "careful": {"ko": "조심스럽게", "en": "careful"},
    "apologetic": {"ko": "사과하며", "en": "apologetic"},
    "retaining": {"ko": "붙잡으며", "en": "retaining"},
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row; an empty tuple fits everything.

    Args:
        reason: Its name, a reason code.
        tone: What follows.
        complaint: Whether a complaint must be open; None: either.
        feelings: Which feelings fit.
        dayparts: Which parts of the day.
        stages: Which stages.
        ko: Why, in Korean.
        en: Why, in English.
    """

    reason: str
    tone: Tone
    ko: str
    en: str
    complaint: bool | None = None
    feelings: tuple[Feeling, ...] = ()
    dayparts: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()


_SHORT_OF_TIME = ("night", "dawn", "morning", "lunch")
_DECIDING = ("interested", "considering", "near_purchase")
TABLE: tuple[Row, ...] = (
    Row(
        reason="complaint_open",
        tone="apologetic",
        complaint=True,
        ko="해결되지 않은 불만이 있습니다.",
        en="A complaint is open.",
    ),
    Row(reason="angry", tone="apologetic", feelings=("angry",), ko="요즘 매우 언짢아합니다.", en="They have been angry lately."),
    Row(
        reason="low_and_leaving",
        tone="careful",
        feelings=("low",),
        stages=("lapsing",),
        ko="언짢아하며 멀어지고 있습니다.",
        en="They are displeased and drifting away.",
    ),
    Row(reason="low", tone="careful", feelings=("low",), ko="요즘 언짢아합니다.", en="They have been displeased lately."),
    Row(reason="leaving", tone="retaining", stages=("lapsing",), ko="멀어지고 있습니다.", en="They are drifting away."),
    Row(
        reason="glad_and_deciding",
        tone="cheering",
        feelings=("glad",),
        stages=_DECIDING,
        ko="기분이 좋고 구매를 저울질합니다.",
        en="They are glad and about to decide.",
    ),
    Row(
        reason="glad_and_loyal",
        tone="warm",
        feelings=("glad",),
        stages=("loyal", "advocate", "customer"),
        ko="기분이 좋은 우리 고객입니다.",
        en="They are glad, and ours.",
    ),
    Row(
        reason="short_of_time",
        tone="brief_informative",
        dayparts=_SHORT_OF_TIME,
        ko="시간이 빠듯한 때입니다.",
        en="It is a time of day when people have little time.",
    ),
    Row(reason="glad", tone="warm", feelings=("glad",), ko="기분이 좋습니다.", en="They are glad."),
    Row(
        reason="deciding",
        tone="cheering",
        stages=("considering", "near_purchase"),
        ko="구매를 저울질합니다.",
        en="They are about to decide.",
    ),
    Row(reason="ours", tone="warm", stages=("loyal", "advocate"), ko="오랜 고객입니다.", en="They have long been with us."),
    Row(reason="otherwise", tone="brief_informative", ko="달리 알려진 것이 없습니다.", en="Nothing else is known."),
)
"""In order: how somebody feels comes before where they stand, and that before the hour. Source: our own choice; measure it."""


class ToneChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The tone and why: the row's name and its sentences."""

    tone: Tone
    reason: str
    ko: str
    en: str


def feeling(polarity: float | None, confidence: float = 1.0) -> Feeling:
    """What a trend amounts to.

    Args:
        polarity: Of the trend; None: nothing was said.
        confidence: Of the trend.
    """
    if polarity is None or confidence < LITTLE:
        return "unknown"
    return "angry" if polarity <= ANGRY else "low" if polarity <= LOW else "glad" if polarity >= GLAD else "even"


def tone_for(how: Feeling, daypart: str | None, stage: str | None, *, complaint: bool = False) -> ToneChoice:
    """The tone to speak in.

    Args:
        how: How somebody feels.
        daypart: ``moment.daypart``; None: not known.
        stage: The stage they are in; None: not known.
        complaint: Whether a complaint is open.

    Example:
        >>> tone_for("glad", "evening", "considering").tone
        'cheering'
    """
    row = next(row for row in TABLE if _fits(row, how, daypart, stage, complaint))
    return ToneChoice(tone=row.tone, reason=row.reason, ko=row.ko, en=row.en)


def _fits(row: Row, how: Feeling, daypart: str | None, stage: str | None, complaint: bool) -> bool:
    return (
        (row.complaint is None or row.complaint == complaint)
        and (not row.feelings or how in row.feelings)
        and (not row.dayparts or daypart in row.dayparts)
        and (not row.stages or stage in row.stages)
    )
