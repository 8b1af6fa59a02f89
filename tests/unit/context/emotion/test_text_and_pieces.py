"""Texts as letters, letters as pieces."""

from __future__ import annotations

import numpy as np
import pytest

from gyeol.context.emotion.features import letter_runs, pieces, word_runs, words
from gyeol.context.emotion.recipes import READS, SUMS
from gyeol.context.emotion.text import MAX_CHARS, jamo, letters, normalised, squeezed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("최고예요ㅋㅋㅋㅋㅋㅋ", "최고예요ㅋㅋ"),
        ("SOOOO   Good\n", "soo good"),
        ("보기 https://a.example/x?y=1 좋아요", "보기 → 좋아요"),
        ("@kim_1 thanks", "@ thanks"),
        ("<b>bold</b> &amp; true", "bold & true"),
        ("don’t", "don't"),
        ("\u1112\u1161\u11ab", "한"),
        ("   ", ""),
    ],
)
def test_normalising(text: str, expected: str) -> None:
    assert normalised(text) == expected


def test_long_texts_keep_both_ends() -> None:
    text = normalised("처음 " + "가나다라마바사" * 5_000 + " 마지막")
    assert len(text) <= MAX_CHARS + 1
    assert text.startswith("처음")
    assert text.endswith("마지막")


def test_jamo_take_syllables_apart_and_leave_the_rest() -> None:
    apart = jamo(letters(["값a", "", "ㅋ"]))
    assert "".join(map(chr, apart.codes)) == " ㄱㅏㅄa    ㅋ "
    assert apart.starts.tolist() == [0, 6, 8]
    assert apart.rows.tolist() == [0] * 6 + [1] * 2 + [2] * 3
    assert apart.at.tolist() == [0, 1, 1, 1, 2, 3, 0, 1, 0, 1, 2]


def test_every_syllable_comes_apart_as_unicode_says() -> None:
    import unicodedata

    old_first, old_middle, old_last = 0x1100, 0x1161, 0x11A7
    for code in range(0xAC00, 0xD7A4, 97):
        parts = unicodedata.normalize("NFD", chr(code))
        mine = [chr(c) for c in jamo(letters([chr(code)])).codes.tolist()[1:-1]]
        assert len(mine) == len(parts)
        names = [unicodedata.name(jamo_)[len("HANGUL LETTER ") :] for jamo_ in mine]
        theirs = [unicodedata.name(part).split(maxsplit=2)[2] for part in parts]
        assert ord(parts[0]) >= old_first
        assert ord(parts[1]) >= old_middle
        assert len(parts) < 3 or ord(parts[2]) > old_last
        # The last vowel-less ones are called by their parts ("KIYEOK-SIOS"); compare those that have one name.
        assert [n.replace("SSANG", "SSANG") for n in names[:2]] == theirs[:2]


def test_runs_stay_within_a_text_and_do_not_depend_on_neighbours() -> None:
    alone = [np.sort(run.buckets) for run in letter_runs(letters(["좋아요"]), 1, 4, 1, 16)]
    both = letters(["좋아요", "싫어요"])
    for run, expected in zip(letter_runs(both, 1, 4, 1, 16), alone, strict=True):
        assert (both.rows[run.first] == both.rows[run.last]).all()
        assert np.sort(run.buckets[both.rows[run.first] == 0]).tolist() == expected.tolist()


def test_words_and_stems() -> None:
    of = letters(["배송이 빨라요 배송은", "", "배송이"])
    whole = words(of, stem=2)
    assert whole.rows.tolist() == [0, 0, 0, 2]
    assert whole.hashes[0] == whole.hashes[3]
    assert whole.hashes[0] != whole.hashes[2]
    assert whole.stems[0] == whole.stems[2]
    sizes = [len(run.buckets) for run in word_runs(whole, 3, 1, 16, gap=True)]
    assert sizes == [4, 2, 1, 1]


def test_pieces_belong_to_their_word() -> None:
    of = letters(["ab c", "", "d"])
    for buckets, owners in pieces(of, (1, 2, 3), 1, 16):
        assert len(buckets) == len(owners)
        assert set(owners.tolist()) == {0, 1, 2}
    counts = [np.bincount(owners, minlength=3).tolist() for _, owners in pieces(of, (1, 2, 3), 1, 16)]
    assert counts == [[2, 1, 1], [3, 2, 2], [2, 1, 1]]


def test_without_spaces_texts_stay_apart() -> None:
    of = squeezed(letters(["a b  c", "", "ㅋ ㅋ"]))
    assert "".join(map(chr, of.codes)) == " abc    ㅋㅋ "
    assert of.starts.tolist() == [0, 5, 7]
    assert of.rows.tolist() == [0] * 5 + [1] * 2 + [2] * 4
    assert of.at.tolist() == [0, 1, 3, 6, 7, 0, 1, 0, 1, 3, 4]


@pytest.mark.parametrize("recipe", ["syllables_unspaced", "jamo_unspaced"])
def test_runs_over_texts_without_spaces_do_not_see_where_they_stood(recipe: str) -> None:
    one, two = (
        np.sort(np.concatenate([run.buckets for run in SUMS[recipe](letters([text]), 20)[1]])).tolist()
        for text in ("정말 좋 아요", "정말좋아요")
    )
    assert one == two != []


@pytest.mark.parametrize("reads", ["words", "letters"])
def test_a_row_of_a_text_is_its_own(reads: str) -> None:
    texts = ["배송이 빨라요", "", "ㅋ", "a b"]
    buckets, ends, rows = READS[reads](letters(texts), 18)
    assert np.bincount(rows, minlength=4).tolist() == ([2, 0, 1, 2] if reads == "words" else [6, 0, 1, 2])
    assert ends[-1] == len(buckets)
    starts = ends - np.diff(ends, prepend=0)
    for i, text in enumerate(texts):
        alone, alone_ends, _ = READS[reads](letters([text]), 18)
        mine = [np.sort(buckets[starts[j] : ends[j]]).tolist() for j in np.flatnonzero(rows == i)]
        assert mine == [np.sort(part).tolist() for part in np.split(alone, alone_ends[:-1])][: len(mine)]


def test_letters_know_their_neighbours_and_the_spaces_around_them() -> None:
    def pieces_of(text: str) -> list[set[int]]:
        buckets, ends, _ = READS["letters"](letters([text]), 24)
        return [set(part.tolist()) for part in np.split(buckets, ends[:-1])]

    together, apart = pieces_of("정말좋아"), pieces_of("정말 좋아")
    assert [len(one - two) for one, two in zip(together, apart, strict=True)] == [0, 1, 1, 0]
