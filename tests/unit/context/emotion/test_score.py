"""What texts say."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest

from gyeol.context.emotion.explain import explain
from gyeol.context.emotion.model import WEIGHTS, cues, language_of, model_of
from gyeol.context.emotion.score import LABELS, NEUTRAL_BAND, aspects, score

GOOD_KO = [
    "정말 재미있게 봤어요",
    "배송도 빠르고 포장도 꼼꼼해요",
    "직원분이 친절하셨어요",
    "또 사고 싶어요 강추",
    "👍👍",
    "앱이 편하고 좋아요",
]
BAD_KO = ["시간이 아깝다 최악", "배송이 너무 느려요", "직원이 불친절하네요", "다시는 안 사요", "😡😡", "앱이 자꾸 튕겨요", "환불해주세요"]
GOOD_EN = ["I love this app", "The staff was friendly and delivery was fast", "a must see masterpiece", "works great", "not bad", "😍"]
BAD_EN = ["waste of money", "It does not work, support never responded", "boring and predictable", "not good", "keeps crashing", "👎"]
DENIED = [
    ("재미있어요", "재미없어요"),
    ("추천합니다", "추천하지 않습니다"),
    ("좋아요", "안 좋아요"),
    ("i recommend it", "i do not recommend it"),
]
ODD = [
    "\x00",
    "\ud800",
    "a" * 100_000,
    "가" * 100_000,
    "ㅋ" * 9_999,
    "<" * 500,
    "&" * 500,
    "🤦🏽‍♀️" * 50,
    "\u200b",
    "\u202eabc",
]


@pytest.mark.parametrize(("texts", "lang", "label"), [(GOOD_KO, "ko", 1), (BAD_KO, "ko", -1), (GOOD_EN, "en", 1), (BAD_EN, "en", -1)])
def test_plain_texts_are_read_rightly(texts: list[str], lang: str, label: int) -> None:
    said = score(texts, "ko" if lang == "ko" else "en")
    wrong = [text for text, polarity in zip(texts, said.polarity, strict=True) if polarity * label <= 0]
    assert wrong == []


def test_denial_turns_the_meaning() -> None:
    for plain, denied in DENIED:
        polarity = score([plain, denied]).polarity
        assert polarity[0] > 0 > polarity[1], (plain, denied, polarity)


def test_stronger_words_are_more_intense() -> None:
    intensity = score(["it is good", "it is absolutely the BEST EVER!!!"]).intensity
    assert intensity[0] < intensity[1]


def test_what_cannot_be_read_is_neutral_without_confidence() -> None:
    said = score(["", "   ", None, "12345", "これはとても良いです", "\n\t"])
    assert said.labels == ["neutral"] * 6
    assert said.confidence.tolist() == [0.0] * 6
    assert said.polarity.tolist() == [0.0] * 6
    assert said.intensity.tolist() == [0.0] * 6


def test_arrays_keep_their_promises() -> None:
    said = score([*GOOD_KO, *BAD_EN, "", "그냥 그래요"])
    assert len(said) == len(said.labels) == len(said.polarity) == len(GOOD_KO) + len(BAD_EN) + 2
    assert np.all(np.abs(said.polarity) <= 1)
    assert np.all((said.intensity >= 0) & (said.intensity <= 1))
    known = said.confidence > 0
    assert np.allclose(said.confidence[known], 0.5 + np.abs(said.polarity[known]) / 2, atol=1e-4)
    for polarity, label in zip(said.polarity.tolist(), said.labels, strict=True):
        assert label == ("neutral" if abs(polarity) < NEUTRAL_BAND else LABELS[2 if polarity > 0 else 0])


def test_nothing_gives_nothing() -> None:
    assert len(score([])) == 0
    assert aspects([]) == []


def test_neither_order_nor_neighbours_change_a_score() -> None:
    texts = [*GOOD_KO, *BAD_KO, *GOOD_EN, *BAD_EN, "", "ㅋㅋ", "a"]
    together = score(texts)
    for i in (0, 7, 13, len(texts) - 3, len(texts) - 2):
        assert score([texts[i]]).polarity[0] == pytest.approx(together.polarity[i], abs=1.01e-4)
    turned = score(texts[::-1]).polarity[::-1]
    assert turned == pytest.approx(together.polarity, abs=1.01e-4)


@pytest.mark.parametrize(
    "text",
    ["\x00", "\ud800", "a" * 100_000, "가" * 100_000, "ㅋ" * 9_999, "<" * 500, "&" * 500, "🤦🏽‍♀️" * 50, "\u200b", "‮abc"],
)
def test_odd_texts_do_no_harm(text: str) -> None:
    said = score([text, "좋아요"])
    assert np.isfinite(said.polarity).all()
    explain(text)
    aspects([text])


def test_languages_by_their_letters() -> None:
    assert [language_of(text) for text in ("좋아요", "good", "app이 좋아요", "ㅋㅋㅋ", "", "👍")] == ["ko", "en", "ko", "ko", "en", "en"]


def test_aspects_name_topics_with_evidence_and_their_own_polarity() -> None:
    text = "가격은 정말 저렴한데 배송이 너무 느려요"
    found = aspects([text])[0]
    assert [(a.topic, text[a.start : a.end]) for a in found] == [("price", "가격"), ("delivery", "배송")]
    assert found[0].polarity > found[1].polarity
    assert found[1].polarity < 0
    taste, delivery = aspects(["맛은 정말 좋은데 배송이 너무 느려요"])[0]
    assert (taste.topic, delivery.topic) == ("taste", "delivery")
    assert taste.polarity > 0.5 > -0.5 > delivery.polarity


def test_explaining_points_at_the_words_that_weigh() -> None:
    language, logit, words = explain("배우들 연기는 최고")
    assert language == "ko"
    assert logit > 0
    assert max(words, key=lambda word: word.weight).text == "최고"
    assert [word.text for word in words] == ["배우들", "연기는", "최고"]
    assert all("배우들 연기는 최고"[word.start : word.end] == word.text for word in words)


def test_cues_read_marks_and_capitals() -> None:
    made = cues(["GREAT!!", "great"], np.array([0.9, 0.9]))
    assert made.shape == (2, 6)
    assert made[0, 2] > made[1, 2]
    assert made[0, 5] == 1.0


def test_the_weights_are_small_and_load_fast() -> None:
    assert sum(file.stat().st_size for file in WEIGHTS.glob("*.npz")) <= 25e6
    model_of.cache_clear()
    begun = time.process_time()
    score(["좋아요", "good"])
    assert time.process_time() - begun < 1.0


def test_reading_imports_nothing_heavy() -> None:
    heavy = "('scipy', 'sklearn', 'torch', 'pandas', 'pyarrow', 'duckdb')"
    program = f"import sys, gyeol.context.emotion.score; print([m for m in {heavy} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"
