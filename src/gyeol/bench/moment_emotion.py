"""Emotion from text: right how often, sure how rightly, how fast, beside a plain linear model and lexicons."""

from __future__ import annotations

import csv
import gzip
import importlib
import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from gyeol.bench.bench import Setting
from gyeol.bench.kit import kit_folder
from gyeol.bench.report import MS, PER_S, SHARE, Figures, say
from gyeol.context.emotion.complaint import SURE
from gyeol.context.emotion.model import LANGUAGES, WEIGHTS, Language
from gyeol.context.emotion.score import NEUTRAL_BAND, score
from gyeol.predict.emotion.data import CALIBRATION, HELD_OUT, OWN_HELD, naver, reviews

MB = "MB"
_BINS = 15
_LEXICON = "knusentilex.json.gz"
_REVIEWS = "amazon_reviews_en_dev.csv.gz"
_LOAD = (
    "import time; b = time.perf_counter(); from gyeol.context.emotion.score import score; score(['좋아요', 'good']); "
    "print(time.perf_counter() - b)"
)


class Judged(msgspec.Struct, frozen=True):
    """Counts over labelled texts: share that is right, macro-F1, expected calibration error (NaN without probabilities)."""

    accuracy: float
    macro_f1: float
    ece: float = math.nan


class Labelled(msgspec.Struct, frozen=True):
    """Texts with signs: 1 positive, 0 negative."""

    texts: list[str]
    sign: NDArray[np.int8]


def measure(setting: Setting, figures: Figures) -> None:
    """Accuracy on texts that were never learnt from, beside peers in the same run; speed, loading, size."""
    shared = kit_folder().parent
    learnt, held, neutral = _korean(shared, 20_000 if setting.quick else 0)
    _ours(figures, "naver", held, "ko")
    _peer(figures, "naver.tfidf_lr", held, lambda: _tfidf(learnt, held))
    _peer(figures, "naver.knusentilex", held, lambda: _knu(shared, held.texts))
    _three(figures, held, neutral)
    figures.note("naver: films that hash to fold 0 of 20, never learnt from; peers learn from folds 2 to 19, as the model did")
    seen, unseen = _english(shared)
    _ours(figures, "amazon", Labelled(seen.texts + unseen.texts, np.concatenate([seen.sign, unseen.sign])), "en")
    _ours(figures, "amazon_half", unseen, "en")
    _peer(figures, "amazon_half.tfidf_lr_same_shop", unseen, lambda: _tfidf(seen, unseen))
    for language in LANGUAGES:
        _ours(figures, f"own_{language}", _own_held(language), language)
        _talk(figures, language)
    figures.note(
        "own: every tenth of the reviews and service talk written for this project, never learnt from; own_en mixed and calibrated"
    )
    figures.note("talk: the share of service talk that opens a complaint, among what is neutral (should not) and what is unhappy (should)")
    vader = _vader()
    if vader is not None:
        _peer(figures, "amazon_half.vader", unseen, lambda: np.array([vader(text) for text in unseen.texts]))
    figures.note("amazon: the shipped model learnt nothing from it; the linear peer learnt from every second review of it")
    for _ in range(setting.runs):
        _speed(figures, held.texts)
        figures.add(
            "emotion.load_ms",
            1000 * float(subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, text=True, check=True).stdout),
            MS,
        )
    figures.add("emotion.weights_mb", sum(file.stat().st_size for file in WEIGHTS.glob("*.npz")) / 1e6, MB)


def _korean(shared: Path, most: int) -> tuple[Labelled, Labelled, list[str]]:
    of = naver(shared)

    def chosen(rows: NDArray[np.int64]) -> Labelled:
        return Labelled([of.texts[i] for i in rows], of.sign[rows])

    learnt = np.flatnonzero((of.fold != HELD_OUT) & (of.fold != CALIBRATION) & (of.sign >= 0))
    if most:
        learnt = learnt[:: max(1, len(learnt) // most)]
    held = of.fold == HELD_OUT
    return chosen(learnt), chosen(np.flatnonzero(held & (of.sign >= 0))), chosen(np.flatnonzero(held & (of.sign < 0))).texts


def _english(shared: Path) -> tuple[Labelled, Labelled]:
    with gzip.open(shared / "data" / "sentiment" / _REVIEWS, "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    halves = [rows[0::2], rows[1::2]]
    one, two = (Labelled([row["reviewText"] for row in half], np.array([int(row["Positive"]) for row in half], np.int8)) for half in halves)
    return one, two


def _own_held(language: Language, name: str = "*", signs: tuple[int, ...] = (0, 1)) -> Labelled:
    of = reviews(language, name)
    rows = np.flatnonzero((of.fold == OWN_HELD) & np.isin(of.sign, signs))
    return Labelled([of.texts[i] for i in rows], of.sign[rows])


def _talk(figures: Figures, language: Language) -> None:
    for name, sign in (("neutral", -1), ("unhappy", 0)):
        said = score(_own_held(language, "talk", (sign,)).texts, language)
        sure = (said.polarity < -NEUTRAL_BAND) & (said.confidence >= SURE)
        figures.add(f"emotion.talk_{language}.{name}_complains", float(sure.mean()), SHARE)
        say(f"  talk {language}, {name}: {sure.mean():.3f} of {len(said)} open a complaint")


def _ours(figures: Figures, name: str, of: Labelled, language: Language) -> None:
    said = score(of.texts, language)
    # A polarity of exactly zero would be counted as negative: it is right half of the time, as a toss is.
    judged = judge(said.polarity, of.sign, said.confidence)
    figures.add(f"emotion.{name}.accuracy", judged.accuracy, SHARE)
    figures.add(f"emotion.{name}.macro_f1", judged.macro_f1, SHARE)
    figures.add(f"emotion.{name}.ece", judged.ece, SHARE)
    say(f"  {name}: accuracy {judged.accuracy:.4f}, macro-F1 {judged.macro_f1:.4f}, ECE {judged.ece:.4f} on {len(of.texts):,} texts")


def _peer(figures: Figures, name: str, of: Labelled, work: Callable[[], NDArray[np.float64]]) -> None:
    judged = judge(work(), of.sign)
    figures.add(f"emotion.{name}.accuracy", judged.accuracy, SHARE)
    figures.add(f"emotion.{name}.macro_f1", judged.macro_f1, SHARE)
    say(f"  {name}: accuracy {judged.accuracy:.4f}")


def judge(value: NDArray[np.float64], sign: NDArray[np.int8], confidence: NDArray[np.float64] | None = None) -> Judged:
    """How right values are: above zero is positive.

    Args:
        value: ``(n,)``.
        sign: 1 or 0.
        confidence: Stated probability that the direction is right; for the calibration error, over 15 equal bins from 0.5 to 1.
    """
    said = (value > 0).astype(np.int8)
    f1 = []
    for label in (0, 1):
        both = int(((said == label) & (sign == label)).sum())
        f1.append(2 * both / max(1, int((said == label).sum() + (sign == label).sum())))
    right = said == sign
    error = math.nan
    if confidence is not None:
        bins = np.minimum(((np.maximum(confidence, 0.5) - 0.5) * 2 * _BINS).astype(int), _BINS - 1)
        error = float(sum(abs(confidence[bins == b].sum() - right[bins == b].sum()) for b in range(_BINS)) / len(sign))
    return Judged(float(right.mean()), float(np.mean(f1)), error)


def _three(figures: Figures, held: Labelled, neutral: list[str]) -> None:
    """Macro-F1 over three labels: reviews of 5 to 8 points count as neutral."""
    said = score([*held.texts, *neutral], "ko").labels
    truth = [("negative", "positive")[sign] for sign in held.sign.tolist()] + ["neutral"] * len(neutral)
    f1 = []
    for label in ("negative", "neutral", "positive"):
        both = sum(a == b == label for a, b in zip(said, truth, strict=True))
        f1.append(2 * both / max(1, said.count(label) + truth.count(label)))
    figures.add("emotion.naver.macro_f1_with_neutral", float(np.mean(f1)), SHARE)
    figures.add("emotion.naver.share_called_neutral", said[: len(held.texts)].count("neutral") / len(held.texts), SHARE)


def _tfidf(learnt: Labelled, of: Labelled) -> NDArray[np.float64]:
    """Runs of one to four letters, TF-IDF, logistic regression: what a textbook would do."""
    text: Any = importlib.import_module("sklearn.feature_extraction.text")
    linear: Any = importlib.import_module("sklearn.linear_model")
    made = text.TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=3, sublinear_tf=True, dtype=np.float32)
    model = linear.LogisticRegression(C=4.0, solver="liblinear")
    model.fit(made.fit_transform(learnt.texts), learnt.sign)
    decided: NDArray[np.float64] = model.decision_function(made.transform(of.texts))
    return decided


def _knu(shared: Path, texts: Sequence[str]) -> NDArray[np.float64]:
    """KnuSentiLex: the polarities of the longest entries that words begin with, added up."""
    with gzip.open(shared / "data" / "sentiment" / _LEXICON, "rt", encoding="utf-8") as file:
        entries = {str(entry["word"]): int(entry["polarity"]) for entry in json.load(file)}
    longest = max(map(len, entries))

    def value(word: str) -> int:
        return next((entries[word[:n]] for n in range(min(longest, len(word)), 0, -1) if word[:n] in entries), 0)

    return np.array([sum(value(word) for word in text.split()) for text in texts], np.float64)


def _vader() -> Callable[[str], float] | None:
    try:
        module: Any = importlib.import_module("vaderSentiment.vaderSentiment")
    except ModuleNotFoundError:
        return None
    judge_ = module.SentimentIntensityAnalyzer()
    return lambda text: float(judge_.polarity_scores(text)["compound"])


def _speed(figures: Figures, texts: list[str]) -> None:
    begun = time.process_time()
    score(texts, "auto")
    figures.add("emotion.texts_per_s", len(texts) / (time.process_time() - begun), PER_S)
