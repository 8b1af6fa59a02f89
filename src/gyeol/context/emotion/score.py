"""What texts say: polarity, intensity, confidence, label, topics. Pure: the same texts give the same scores."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.context.emotion.model import LANGUAGES, Language, cues, language_of, model_of, prepared
from gyeol.context.emotion.topics import Mention, mentions

Label = Literal["negative", "neutral", "positive"]
Asked = Literal["auto", "ko", "en"]
LABELS: tuple[Label, ...] = ("negative", "neutral", "positive")
NEUTRAL_BAND = 0.15
"""Polarity nearer to zero than this is neutral: the direction would be right in fewer than 58 of 100 cases, hardly more than a toss.
Source: docs/emotion.md, "Neutral"."""
_PART = 1_000
_KNOWN = re.compile(r"[A-Za-z\u00c0-\u024f가-힣ㄱ-ㆎ]")
_FOREIGN = re.compile(r"[^\W\d_A-Za-z\u00c0-\u024f가-힣ㄱ-ㆎ]")
_ANYTHING = re.compile(r"[^\s\d\x00-\x1f\u200b-\u200f\u202a-\u202e\ufe0f\ufeff\ufffd]")


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """Scores of texts, row by row.

    Args:
        polarity: From -1 (bad) to 1 (good), ``(n,) float64``: twice the probability that a text is positive, less one; 0 where
            nothing is said.
        intensity: From 0 (flat) to 1 (as strong as people put it), ``(n,)``.
        confidence: Calibrated probability that the direction of the polarity is the writer's, 0.5 to 1; 0 where nothing can be
            read: no text, no letters, or a script of neither language.
        labels: ``negative``, ``neutral`` or ``positive``.
        languages: The model that read each text.
    """

    polarity: NDArray[np.float64]
    intensity: NDArray[np.float64]
    confidence: NDArray[np.float64]
    labels: list[Label]
    languages: list[Language]

    def __len__(self) -> int:
        return len(self.labels)


class Aspect(msgspec.Struct, frozen=True, kw_only=True):
    """What a text says of one topic.

    Args:
        topic: A name of ``TOPICS``.
        start: Where the evidence begins in the text, in characters.
        end: Where it ends, exclusive.
        evidence: The words.
        polarity: Of the clause that it stands in.
        confidence: Of that polarity.
    """

    topic: str
    start: int
    end: int
    evidence: str
    polarity: float
    confidence: float


def score(texts: Sequence[str | None], lang: Asked = "auto") -> Scores:
    """What texts say.

    Args:
        texts: As people wrote them; None and blank ones are neutral with confidence 0.
        lang: The language of all of them, or ``auto``: of each by its letters.

    Returns:
        Scores in the order of the texts, rounded to 4 digits: how texts are batched does not show.

    Example:
        >>> score(["배송이 빨라서 너무 좋아요", "worst purchase ever", ""]).labels
        ['positive', 'negative', 'neutral']
    """
    n = len(texts)
    given = [text or "" for text in texts]
    readable = [_readable(text) for text in given]
    languages = [language_of(text) if lang == "auto" else lang for text in given]
    logits = np.zeros(n)
    intensity = np.zeros(n)
    for language in LANGUAGES:
        chosen = [i for i in range(n) if readable[i] and languages[i] == language]
        for begin in range(0, len(chosen), _PART):
            rows = chosen[begin : begin + _PART]
            model = model_of(language)
            raw = [given[i] for i in rows]
            logits[rows] = model.logits(prepared(raw))
            strength = cues(raw, np.tanh(logits[rows] / 2)) @ model.strength
            intensity[rows] = np.clip(strength, 0, 1)
    polarity = np.asarray(np.round(np.tanh(logits / 2), 4), np.float64)
    known = np.array(readable, np.bool_) if n else np.zeros(0, np.bool_)
    confidence = np.where(known, np.round(0.5 + np.abs(polarity) / 2, 4), 0.0)
    codes = np.where(np.abs(polarity) < NEUTRAL_BAND, 1, np.where(polarity > 0, 2, 0))
    return Scores(
        polarity=polarity,
        intensity=np.round(intensity, 4),
        confidence=confidence,
        labels=[LABELS[code] for code in codes.tolist()],
        languages=languages,
    )


def aspects(texts: Sequence[str | None], lang: Asked = "auto") -> list[list[Aspect]]:
    """What texts are about, with the words that show it and what the clause around them says.

    Args:
        texts: As people wrote them.
        lang: As for ``score``.

    Example:
        >>> [(a.topic, a.polarity > 0) for a in aspects(["맛은 정말 좋은데 배송이 너무 느려요"])[0]]
        [('taste', True), ('delivery', False)]
    """
    found = [mentions(text or "") for text in texts]
    clauses = [(text or "")[m.clause_start : m.clause_end] for text, of in zip(texts, found, strict=True) for m in of]
    said = score(clauses, lang)
    rows = iter(range(len(clauses)))
    return [[_aspect(text or "", mention, said, next(rows)) for mention in of] for text, of in zip(texts, found, strict=True)]


def _aspect(text: str, of: Mention, said: Scores, row: int) -> Aspect:
    polarity, confidence = float(said.polarity[row]), float(said.confidence[row])
    evidence = text[of.start : of.end]
    return Aspect(topic=of.topic, start=of.start, end=of.end, evidence=evidence, polarity=polarity, confidence=confidence)


def _readable(text: str) -> bool:
    """Whether there is anything that a model can read: Latin letters, Hangul, or a sign such as an emoji; mostly."""
    foreign = len(_FOREIGN.findall(text))
    if not foreign:
        return _ANYTHING.search(text) is not None
    return len(_KNOWN.findall(text)) >= foreign
