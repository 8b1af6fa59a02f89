"""What English is learnt from and mixed on: texts of our own that no part has seen, as if three of four were good."""

from __future__ import annotations

import numpy as np
import pytest

from gyeol.context.emotion.model import Model, prepared
from gyeol.predict.emotion import train as training
from gyeol.predict.emotion.data import CALIBRATION, OWN_HELD, OWN_REVIEWS, REVIEW_WEIGHT, TALK_WEIGHT, Examples, reviews
from gyeol.predict.emotion.sums import LinearPlan
from gyeol.predict.emotion.train import MIXING, Mixing, train


def _examples() -> Examples:
    """Words that decide nothing surely: good ones are good in eight of ten texts."""
    n = 1_000
    rows = np.arange(n)
    good_word = rows % 2 == 0
    sign = np.where(rows // 2 % 5 == 0, ~good_word, good_word).astype(np.int8)
    fold = np.select([rows // 10 % 10 < 2, rows // 10 % 10 < 3], [OWN_HELD, CALIBRATION], OWN_REVIEWS).astype(np.int16)
    return Examples(
        texts=[f"{'nice' if good else 'awful'} thing {row % 7}" for row, good in zip(rows, good_word, strict=True)],
        target=np.where(sign == 1, 0.95, 0.05).astype(np.float32),
        weight=np.ones(n, np.float32),
        fold=fold,
        sign=sign,
        strength=np.full(n, 0.8, np.float32),
    )


def _learnt(monkeypatch: pytest.MonkeyPatch, fold: int, positive: float | None) -> Model:
    monkeypatch.setattr(training, "PLANS", {"en": ((LinearPlan("letters", 10, 3, 0.0),), ())})
    monkeypatch.setattr(training, "MIXING", {"en": Mixing(fold, positive)})
    return train("en", _examples(), lambda _: None)


def _mean(model: Model) -> float:
    return float((1 / (1 + np.exp(-model.logits(prepared(["nice thing 1", "awful thing 1"]))))).mean())


def test_english_is_mixed_on_our_own_reviews_with_three_of_four_good() -> None:
    assert MIXING["en"] == Mixing(OWN_HELD, 0.75)
    assert MIXING["ko"] == Mixing(CALIBRATION, None)


def test_the_more_texts_are_said_to_be_good_the_more_are_read_so(monkeypatch: pytest.MonkeyPatch) -> None:
    few, as_they_are, many = (_mean(_learnt(monkeypatch, OWN_HELD, share)) for share in (0.25, None, 0.75))
    assert few < as_they_are - 0.1
    assert many > as_they_are + 0.1


def test_the_share_of_good_ones_is_what_is_read_on_average(monkeypatch: pytest.MonkeyPatch) -> None:
    examples = _examples()
    model = _learnt(monkeypatch, OWN_HELD, 0.75)
    chosen = np.flatnonzero(examples.fold == OWN_HELD)
    sign = examples.sign[chosen]
    p = 1 / (1 + np.exp(-model.logits(prepared([examples.texts[i] for i in chosen]))))
    weight = np.where(sign == 1, 0.75 / sign.mean(), 0.25 / (1 - sign.mean()))
    assert np.average(p, weights=weight) == pytest.approx(0.75, abs=0.002)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_service_talk_weighs_more_and_half_of_it_is_neither_glad_nor_angry(language: str) -> None:
    talk, whole = reviews(language, "talk"), reviews(language)
    assert (talk.weight == TALK_WEIGHT).all()
    assert (whole.weight == TALK_WEIGHT).sum() == len(talk.texts) > 2_000
    assert set(whole.weight.tolist()) == {REVIEW_WEIGHT, TALK_WEIGHT}
    assert 0.45 < (talk.sign == -1).mean() < 0.55
    reviewed = whole.weight == REVIEW_WEIGHT
    assert 0.5 < (whole.sign[reviewed & (whole.sign >= 0)] == 1).mean() < 0.75
