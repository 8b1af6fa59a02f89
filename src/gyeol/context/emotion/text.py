"""Texts as one array of letters: normalised, Hangul taken apart into jamo, each letter with its text and its place.

All later steps work on whole arrays of letters, so that a thousand short texts cost little more than one.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

MAX_CHARS = 2_000
"""Longer texts are cut: the first and the last thousand characters, where people say what they mean."""

_URL = re.compile(r"(?:https?://|www\.)\S+")
_MENTION = re.compile(r"(?<!\w)@\w+")
_TAG = re.compile(r"<[^<>]{1,40}>")
_REPEATED = re.compile(r"(.)\1{2,}", re.DOTALL)
_SPACE = ord(" ")

_FIRST = tuple(map(ord, "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"))
_MIDDLE = tuple(map(ord, "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"))
_LAST = (0, *map(ord, "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"))
_SYLLABLE_0, _SYLLABLE_N = 0xAC00, 19 * 21 * 28

_PARTS: NDArray[np.uint16] = np.array([(_FIRST[i // 588], _MIDDLE[i % 588 // 28], _LAST[i % 28]) for i in range(_SYLLABLE_N)], np.uint16)
"""First, middle and last jamo of each syllable; 0: no last. Source: Unicode 15, 3.12, Hangul syllable decomposition."""


class Letters(msgspec.Struct, frozen=True, kw_only=True):
    """The letters of many texts in one array, a space before and after each text.

    Args:
        codes: Code points, ``(n,) uint32``.
        rows: The text of each letter, ``(n,) int32``, ascending.
        starts: Where each text begins, ``(texts,) int64``.
        at: For each letter its character in the normalised text, spaces at both ends included, ``(n,) int32``.
    """

    codes: NDArray[np.uint32]
    rows: NDArray[np.int32]
    starts: NDArray[np.int64]
    at: NDArray[np.int32]


def normalised(text: str) -> str:
    """What models read: NFC, small letters, links and names of accounts as one sign, at most two of the same in a row.

    Example:
        >>> normalised("최고예요ㅋㅋㅋㅋㅋ  Sooooo GOOD")
        '최고예요ㅋㅋ soo good'
    """
    if len(text) > MAX_CHARS:
        text = text[: MAX_CHARS // 2] + " " + text[-MAX_CHARS // 2 :]
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).replace("\u2019", "'").replace("\u2018", "'")
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "://" in text or "www." in text:
        text = _URL.sub("\u2192", text)
    if "@" in text:
        text = _MENTION.sub("@", text)
    return _REPEATED.sub(r"\1\1", " ".join(text.lower().split()))


def letters(texts: Sequence[str]) -> Letters:
    """Normalised texts as letters; syllables stay whole.

    Args:
        texts: As ``normalised`` gives them.
    """
    sizes = np.fromiter((len(text) + 2 for text in texts), np.int64, len(texts))
    joined = "".join([f" {text} " for text in texts])
    codes = np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32)
    starts = np.cumsum(sizes) - sizes
    rows = np.repeat(np.arange(len(texts), dtype=np.int32), sizes)
    at = (np.arange(len(codes), dtype=np.int64) - np.repeat(starts, sizes)).astype(np.int32)
    return Letters(codes=codes, rows=rows, starts=starts, at=at)


def jamo(whole: Letters) -> Letters:
    """The same with each Hangul syllable as its two or three jamo: endings and misspellings then share letters.

    Args:
        whole: With syllables.
    """
    index = whole.codes.astype(np.int64) - _SYLLABLE_0
    hangul = (index >= 0) & (index < _SYLLABLE_N)
    parts = np.zeros((len(index), 3), np.uint32)
    parts[:, 0] = whole.codes
    parts[hangul] = _PARTS[index[hangul]]
    kept = parts != 0
    kept[:, 0] = True
    counts = kept.sum(1)
    ends = np.cumsum(counts)
    return Letters(
        codes=parts[kept],
        rows=np.repeat(whole.rows, counts),
        starts=(ends - counts)[whole.starts],
        at=np.repeat(whole.at, counts),
    )


def squeezed(of: Letters) -> Letters:
    """The same without the spaces inside texts; those around each text stay.

    Args:
        of: Letters, as ``letters`` or ``jamo`` gives them.
    """
    kept = of.codes != _SPACE
    kept[of.starts] = True
    kept[of.starts[1:] - 1] = True
    kept[-1:] = True
    before = np.cumsum(kept) - kept
    return Letters(codes=of.codes[kept], rows=of.rows[kept], starts=before[of.starts], at=of.at[kept])
