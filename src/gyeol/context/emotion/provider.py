"""Texts become facts: whoever wrote one gets its emotion, its topic, the trend, and whether a complaint is open.

It runs in the side process (``context/provider.py``) and reads texts from wherever they are kept through ``TextSource``. What it
knows of people is made anew from the texts of the last ``REMEMBERED_MS`` at its first turn, so it keeps no files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

import msgspec

from gyeol.context.emotion import complaint
from gyeol.context.emotion.score import Aspect, Scores, aspects, score
from gyeol.context.emotion.trend import DAY_MS, NOTHING, Feelings, HalfLives, combine, lift, present
from gyeol.context.provider import Wanted
from gyeol.context.record import FactInput
from gyeol.context.subject import SubjectKind
from gyeol.kernel.instants import instant_text

REMEMBERED_MS = 120 * DAY_MS
"""Four long half-lives: what is older weighs a sixteenth."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person wrote, or the closing of a case.

    Args:
        person: ``type:value`` of an identifier.
        at_ms: When.
        source: Where: ``chat``, ``ticket``, ``call``, ``review``, ``survey``, ``social``.
        case: Of the service desk; a text without one is a case of its own. For a closing: which, or ``*``.
        text: None: the case was closed.
    """

    person: str
    at_ms: int
    source: str
    case: str
    text: str | None


class TextSource(Protocol):
    """Where texts are kept."""

    def since(self, from_ms: int, cursor: str | None) -> tuple[Sequence[Said], str]:
        """Texts and closings from an instant on that were not given before, and the cursor to go on from.

        Args:
            from_ms: Older ones are of no interest.
            cursor: What the last call gave; None: from the beginning.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class _Known(msgspec.Struct):
    feelings: Feelings = NOTHING
    cases: complaint.Cases = {}


class EmotionProvider:
    """A ``FactProvider`` that reads texts.

    Args:
        texts: Where they are kept.
        every_s: How often it looks.
        lives: Half-lives of the trend.
    """

    name = "emotion"
    kinds: ClassVar[tuple[SubjectKind, ...]] = ()

    def __init__(self, texts: TextSource, every_s: float = 5.0, lives: HalfLives | None = None) -> None:
        self.every_s = every_s
        self._texts, self._lives = texts, lives or HalfLives()
        self._people: dict[str, _Known] = {}
        self._cursor: str | None = None

    def observe(self, wanted: Wanted) -> Sequence[FactInput]:
        """Facts of those who wrote since the last turn, or whose cases were closed."""
        new, cursor = self._texts.since(wanted.now_ms - REMEMBERED_MS, self._cursor)
        written = [said for said in new if said.text is not None]
        texts = [said.text for said in written]
        latest: dict[str, tuple[Said, int]] = {}
        scores, about = score(texts), aspects(texts)
        for row, said in enumerate(written):
            self._take(said, scores, about[row], row)
            if said.person not in latest or latest[said.person][0].at_ms <= said.at_ms:
                latest[said.person] = (said, row)
        for said in new:
            if said.text is None:
                known = self._people.setdefault(said.person, _Known())
                known.cases = complaint.combine(known.cases, complaint.closed(said.case, said.at_ms))
        self._cursor = cursor
        facts: list[FactInput] = []
        for person in sorted({said.person for said in new}):
            if person in latest:
                facts += self._of_text(*latest[person], scores, about[latest[person][1]])
            facts += self._of_person(person, wanted.now_ms)
        return facts

    def close(self) -> None:
        """Let the source go."""
        self._texts.close()

    def _take(self, said: Said, scores: Scores, about: list[Aspect], row: int) -> None:
        known = self._people.setdefault(said.person, _Known())
        confidence = float(scores.confidence[row])
        known.feelings = combine(known.feelings, lift(float(scores.polarity[row]), confidence, said.at_ms), self._lives)
        ill = [aspect.topic for aspect in about if aspect.polarity < 0]
        if complaint.judged(said.source, scores.labels[row], confidence, ill).opens:
            known.cases = complaint.combine(known.cases, complaint.opened(said.case, said.at_ms))

    def _of_text(self, said: Said, row: int, scores: Scores, about: list[Aspect]) -> list[FactInput]:
        if scores.confidence[row] == 0:
            return []
        polarity, confidence = float(scores.polarity[row]), float(scores.confidence[row])
        facts = [self._fact(said.person, "emotion", polarity, said.at_ms, confidence)]
        if about:
            first = max(about, key=lambda aspect: aspect.confidence)
            facts.append(self._fact(said.person, "emotion_topic", first.topic, said.at_ms, first.confidence))
        return facts

    def _of_person(self, person: str, now_ms: int) -> list[FactInput]:
        known = self._people[person]
        shown = present(known.feelings, now_ms, self._lives)
        unsettled = bool(complaint.open_cases(known.cases, now_ms))
        facts = [self._fact(person, "open_complaint", unsettled, now_ms, 1.0)]
        if known.feelings.texts:
            facts.append(self._fact(person, "emotion_trend", shown.polarity, now_ms, shown.confidence))
        return facts

    def _fact(self, person: str, name: str, value: object, at_ms: int, confidence: float) -> FactInput:
        return FactInput(
            name=name, value=value, about={"person": person}, source=self.name, observed_at=instant_text(at_ms), confidence=confidence
        )
