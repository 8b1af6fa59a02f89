"""How the models are made, on little data; what needs PyTorch only where it is installed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from gyeol.context.emotion import model as reading
from gyeol.context.emotion.model import prepared, read, save
from gyeol.context.emotion.text import letters
from gyeol.kernel.errors import CapabilityMissingError, InputError
from gyeol.predict.emotion import train as training
from gyeol.predict.emotion.data import OWN, OWN_HELD, OWN_REVIEWS, Examples, english, fold_of, naver, phrases, reviews
from gyeol.predict.emotion.learning import Learning
from gyeol.predict.emotion.nets import net_learnt
from gyeol.predict.emotion.plan import NetPlan
from gyeol.predict.emotion.rows import batch_of, rows_of
from gyeol.predict.emotion.sums import LinearPlan, sum_learnt
from gyeol.predict.emotion.train import train

HERE = Path(training.__file__).parent
SUM = LinearPlan("syllables_unspaced", 10, 3, 0.1)
WORDS = NetPlan("words", 8, 6, (), 0, 1, 5, 8, 0.1, 0.05, 0.0, 0.1, 2e-2, 1, together=16)
LETTERS = NetPlan("letters", 8, 6, (3, 4), 5, 2, 4, 8, 0.1, 0.05, 0.1, 0.1, 2e-2, 1, together=16)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "PLANS", {"ko": ((SUM, LinearPlan("jamo_unspaced", 10, 3, 0.0)), ())})


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
    assert len(told) == 6
    save(model, tmp_path / "ko.npz")
    again = read(tmp_path / "ko.npz")
    assert again.logits(held) == pytest.approx(logits, abs=0.02)
    assert again.language == "ko"


@pytest.mark.parametrize("plan", [WORDS, WORDS._replace(ahead=2), LETTERS, WORDS._replace(widths=(1, 2), filters=6, units=0)])
def test_a_net_learns_is_written_and_read_again(plan: NetPlan, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(training, "PLANS", {"ko": ((), (plan,))})
    one, two = (train("ko", _examples(), lambda _: None) for _ in range(2))
    held = prepared(["정말 최고예요", "정말 최악이에요", "", "추천해요 " * 50])
    logits = one.logits(held)
    assert logits[0] > 1 > -1 > logits[1]
    assert logits.tolist() == two.logits(held).tolist()
    save(one, tmp_path / "ko.npz")
    assert read(tmp_path / "ko.npz").logits(held) == pytest.approx(logits, abs=0.02)


@pytest.mark.parametrize("plan", [WORDS, LETTERS, LETTERS._replace(widths=(5,), stride=3)])
def test_a_net_in_use_tells_what_it_told_while_learning(plan: NetPlan) -> None:
    torch: Any = pytest.importorskip("torch")
    torch.manual_seed(3)
    texts = prepared(["정말 최고예요", "좋 아 요", "ㅋ", "별로예요 정말 다시는 안 가요", "가"])
    nothing_left_out = plan._replace(drop=0.0, word_drop=0.0, in_drop=0.0, out_drop=0.0)
    net = Learning(torch, nothing_left_out)
    net.vectors.data *= 10
    kept = net.learnt()
    # What learns reads the vectors as they are kept, in whole numbers.
    net.vectors.data = torch.from_numpy(kept.vectors * np.float32(kept.step))
    rows = rows_of(nothing_left_out, texts)
    told = net.logits(batch_of(nothing_left_out, rows, np.arange(len(texts)))).detach().numpy()
    assert np.ptp(told) > 0.05
    assert kept.logits(letters(texts)) == pytest.approx(told, abs=1e-5)


def test_without_pytorch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    examples = _examples()
    with pytest.raises(CapabilityMissingError, match="pip install torch"):
        net_learnt(WORDS, prepared(examples.texts), examples, np.arange(8), lambda _: None)


def test_our_phrases_weigh_more_where_they_are_said_to() -> None:
    examples = _examples()
    ours = np.arange(len(examples.texts)) < 8
    turned = msgspec.structs.replace(
        examples,
        fold=np.where(ours, OWN, OWN_REVIEWS).astype(np.int16),
        target=np.where(ours, 1 - examples.target, examples.target).astype(np.float32),
    )
    texts, every = prepared(turned.texts), np.arange(len(turned.texts))
    plain, loud = (sum_learnt(SUM._replace(drop=0.0, phrases=by), texts, turned, every, lambda _: None) for by in (1.0, 200.0))
    held = letters(prepared(["최고예요", "최악이에요"]))
    told, against = (float(np.diff(part.logits(held))[0]) for part in (plain, loud))
    assert told < -1
    assert against > told + 1


def test_weights_of_another_version_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    save(train("ko", _examples(), lambda _: None), tmp_path / "ko.npz")
    monkeypatch.setattr(reading, "VERSION", reading.VERSION + 1)
    with pytest.raises(InputError, match="make emotion"):
        read(tmp_path / "ko.npz")


def test_learning_twice_gives_the_same() -> None:
    one, two = (train("ko", _examples(), lambda _: None) for _ in range(2))
    assert one.mix.tolist() == two.mix.tolist()
    assert (one.linear[0].weights == two.linear[0].weights).all()


def test_a_sum_passes_over_texts_without_pieces() -> None:
    examples = _examples()
    empty = msgspec.structs.replace(examples, texts=["", *examples.texts[1:]])
    learnt = sum_learnt(SUM, prepared(empty.texts), empty, np.arange(len(empty.texts)), lambda _: None)
    assert np.isfinite(learnt.logits(letters(prepared(["", "좋아요"])))).all()


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


@pytest.mark.parametrize("language", ["ko", "en"])
def test_our_own_reviews_are_read_and_every_tenth_is_held_out(language: str) -> None:
    of = reviews(language)
    files = sorted((HERE / "reviews").glob(f"{language}_*.tsv"))
    assert len(of.texts) == sum(len(file.read_text("utf-8").splitlines()) for file in files) > 4_000
    held = of.fold == OWN_HELD
    assert 0.09 < held.mean() <= 0.1
    assert (of.fold[~held] == OWN_REVIEWS).all()
    assert (of.target[of.sign == 1] > 0.8).all()
    assert (of.target[of.sign == 0] < 0.2).all()
    assert min(map(len, of.texts)) > 0


def test_folds_hold_films_together_and_are_even() -> None:
    counts = np.bincount([fold_of(str(movie)) for movie in range(20_000)], minlength=20)
    assert len(counts) == 20
    assert counts.min() > 850
    assert fold_of("17") == fold_of("17")


def test_other_archives_and_missing_data_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"not this")
    with pytest.raises(InputError, match=r"vaderSentiment==0\.5"):
        english(tmp_path / "x.zip")
    with pytest.raises(InputError, match="GYEOL_SHARED"):
        naver(tmp_path)
