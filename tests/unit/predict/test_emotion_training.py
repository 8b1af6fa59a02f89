"""How the models are made, on little data and without a compiler: the loops are plain Python, too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gyeol.context.emotion.model import prepared, read, save
from gyeol.predict.emotion import train as training
from gyeol.predict.emotion.data import Examples, english, fold_of, naver, phrases
from gyeol.predict.emotion.train import LinearPlan, NetPlan, train

HERE = Path(training.__file__).parent


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "compiled", lambda loop: loop)
    plans = {"ko": ((LinearPlan("syllables", 10, 3, 0.1),), (NetPlan(8, 6, 5, 2, 5, 0.1, 0.05, 1),))}
    monkeypatch.setattr(training, "PLANS", plans)


def _examples() -> Examples:
    good, bad = ["좋아요", "정말 좋아요", "최고예요", "추천해요"], ["싫어요", "정말 싫어요", "최악이에요", "비추해요"]
    texts = [f"{word} {i % 3}" for i in range(60) for word in (*good, *bad)]
    sign = np.array([word < 4 for _ in range(60) for word in range(8)], np.int8)
    n = len(texts)
    return Examples(
        texts=texts,
        target=np.where(sign == 1, 0.95, 0.05).astype(np.float32),
        weight=np.ones(n, np.float32),
        fold=(np.arange(n) // 8 % 20).astype(np.int16),
        sign=sign,
        strength=np.full(n, 0.8, np.float32),
    )


def test_a_small_model_learns_is_written_and_read_again(tmp_path: Path) -> None:
    told: list[str] = []
    model = train("ko", _examples(), told.append)
    held = prepared(["정말 최고예요", "정말 최악이에요"])
    logits = model.logits(held)
    assert logits[0] > 1 > -1 > logits[1]
    # Numbers alone tell nothing of a part that learnt nothing: each must have learnt by itself.
    parts = model.part_logits(held)
    assert (parts[:, 0] > parts[:, 1]).all()
    assert len(told) == 8
    save(model, tmp_path / "ko.npz")
    again = read(tmp_path / "ko.npz")
    assert again.logits(held) == pytest.approx(logits, abs=0.02)
    assert again.language == "ko"


def test_learning_twice_gives_the_same() -> None:
    one, two = (train("ko", _examples(), lambda _: None) for _ in range(2))
    assert one.mix.tolist() == two.mix.tolist()
    assert (one.linear[0].weights == two.linear[0].weights).all()
    assert (one.nets[0].vectors == two.nets[0].vectors).all()


def test_the_held_out_fold_is_never_read() -> None:
    examples = _examples()
    held = examples.fold == 0
    turned = Examples(
        texts=["?" if out else text for text, out in zip(examples.texts, held, strict=True)],
        target=np.where(held, 1 - examples.target, examples.target).astype(np.float32),
        weight=examples.weight, fold=examples.fold, sign=np.where(held, 1 - examples.sign, examples.sign).astype(np.int8),
        strength=np.where(held, 0, examples.strength).astype(np.float32),
    )  # fmt: skip
    one, two = train("ko", examples, lambda _: None), train("ko", turned, lambda _: None)
    assert one.mix.tolist() == two.mix.tolist()
    assert one.strength.tolist() == two.strength.tolist()


def test_phrases_join_both_sides(tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("# why\n[0.9]\na | b > x | y\nsolo\n[-0.5]\nlast\n", encoding="utf-8")
    found = list(phrases(tmp_path / "p.txt"))
    assert found == [(0.9, "a x"), (0.9, "a y"), (0.9, "b x"), (0.9, "b y"), (0.9, "solo"), (-0.5, "last")]


@pytest.mark.parametrize("name", ["phrases_ko.txt", "phrases_en.txt"])
def test_our_own_phrases_contradict_themselves_nowhere(name: str) -> None:
    values: dict[str, set[float]] = {}
    for value, text in phrases(HERE / name):
        assert text == text.strip() != ""
        values.setdefault(text, set()).add(value)
    assert {text: of for text, of in values.items() if len(of) > 1} == {}


def test_folds_hold_films_together_and_are_even() -> None:
    counts = np.bincount([fold_of(str(movie)) for movie in range(20_000)], minlength=20)
    assert len(counts) == 20
    assert counts.min() > 850
    assert fold_of("17") == fold_of("17")


def test_other_archives_and_missing_data_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"not this")
    from gyeol.kernel.errors import InputError

    with pytest.raises(InputError, match=r"vaderSentiment==0\.5"):
        english(tmp_path / "x.zip")
    with pytest.raises(InputError, match="GYEOL_SHARED"):
        naver(tmp_path)
