"""The tone to speak in: a table of how somebody feels, what they are about to do, the stage they are in and the hour; the first row that
fits.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Tone = Literal["brief", "warm", "cheering", "careful", "apologetic", "retaining"]
Feeling = Literal["angry", "low", "even", "glad", "unknown"]

ANGRY, LOW, GLAD = -0.5, -0.15, 0.25
"""Trends at which a feeling begins. Source: our own choice; ``Trend.polarity`` after one text of full confidence is 2/3 of its polarity."""
COMMUTES = ("to_work", "to_home")
LITTLE = 0.2
"""Trends of less confidence are ``unknown``."""

WORDS: dict[Tone, dict[str, str]] = {
    "brief": {"ko": "짧고 알차게", "en": "brief and informative"},
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
        intents: Which intents.
        stages: Which stages.
        commuting: Whether they must be on their way to or from work; None: either.
        weekend: Whether it must be the weekend; None: either.
        dayparts: Which parts of the day.
        ko: Why, in Korean.
        en: Why, in English.
    """

    reason: str
    tone: Tone
    ko: str
    en: str
    complaint: bool | None = None
    feelings: tuple[Feeling, ...] = ()
    intents: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    commuting: bool | None = None
    weekend: bool | None = None
    dayparts: tuple[str, ...] = ()


_SHORT_OF_TIME = ("night", "dawn", "morning", "lunch")
_AWAKE = ("morning", "lunch", "afternoon", "evening")
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
        reason="seeking_help",
        tone="careful",
        intents=("help",),
        ko="지금 도움을 찾고 있습니다.",
        en="They are looking for help.",
    ),
    Row(
        reason="low_and_leaving",
        tone="careful",
        feelings=("low",),
        stages=("lapsing",),
        ko="언짢아하며 멀어지고 있습니다.",
        en="They are displeased and drifting away.",
    ),
    Row(reason="low", tone="careful", feelings=("low",), ko="요즘 언짢아합니다.", en="They have been displeased lately."),
    Row(
        reason="about_to_leave",
        tone="retaining",
        intents=("leave",),
        ko="수신 거부나 탈퇴를 알아보고 있습니다.",
        en="They are looking for the way out.",
    ),
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
        reason="commuting",
        tone="brief",
        commuting=True,
        ko="출퇴근길입니다.",
        en="They are on their way to or from work.",
    ),
    Row(
        reason="at_leisure",
        tone="warm",
        weekend=True,
        dayparts=_AWAKE,
        ko="주말의 한가한 때입니다.",
        en="It is the weekend, and they have time.",
    ),
    Row(
        reason="short_of_time",
        tone="brief",
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
    Row(reason="otherwise", tone="brief", ko="달리 알려진 것이 없습니다.", en="Nothing else is known."),
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


def tone_for(
    how: Feeling,
    daypart: str | None,
    stage: str | None,
    *,
    complaint: bool = False,
    intent: str | None = None,
    commute: str | None = None,
    weekend: bool = False,
) -> ToneChoice:
    """The tone to speak in.

    Args:
        how: How somebody feels.
        daypart: ``moment.daypart``; None: not known.
        stage: The stage they are in; None: not known.
        complaint: Whether a complaint is open.
        intent: ``moment.intent``; None: not known.
        commute: ``moment.commute``; None: not known.
        weekend: ``moment.weekend``.

    Example:
        >>> tone_for("glad", "evening", "considering").tone
        'cheering'
    """
    commuting = commute in COMMUTES
    row = next(row for row in TABLE if _fits(row, how, intent, stage, daypart) and _is(row, complaint, commuting, weekend))
    return ToneChoice(tone=row.tone, reason=row.reason, ko=row.ko, en=row.en)


def _fits(row: Row, how: Feeling, intent: str | None, stage: str | None, daypart: str | None) -> bool:
    return (
        (not row.feelings or how in row.feelings)
        and (not row.intents or intent in row.intents)
        and (not row.stages or stage in row.stages)
        and (not row.dayparts or daypart in row.dayparts)
    )


def _is(row: Row, complaint: bool, commuting: bool, weekend: bool) -> bool:
    return row.complaint in (None, complaint) and row.commuting in (None, commuting) and row.weekend in (None, weekend)
