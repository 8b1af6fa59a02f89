"""Korean particles: which form follows a word depends on whether it is read with a final consonant.

Source: 한글 맞춤법 and 표준어 규정 (National Institute of Korean Language) for the pairs; digits by their Sino-Korean reading; Latin words
by how they are usually read in Korean, which is a guess for words that end in b, c, k, p, t and r.
"""

from __future__ import annotations

from typing import Literal

Particle = Literal["이/가", "은/는", "을/를", "와/과", "으로/로"]

Final = Literal["none", "rieul", "other"]
"""The final consonant: ㄹ is apart because 으로 becomes 로 after it."""

_PAIRS: dict[Particle, tuple[str, str]] = {
    "이/가": ("이", "가"), "은/는": ("은", "는"), "을/를": ("을", "를"), "와/과": ("과", "와"), "으로/로": ("으로", "로"),
}  # fmt: skip
_RIEUL = 8
_DIGITS: dict[str, Final] = {
    "0": "other", "1": "rieul", "2": "none", "3": "other", "4": "none", "5": "none", "6": "other", "7": "rieul", "8": "rieul", "9": "none",
}  # fmt: skip
_LETTER_NAMES: dict[str, Final] = {"l": "rieul", "m": "other", "n": "other", "r": "rieul"}
_SYMBOLS: dict[str, Final] = {"%": "none", "℃": "none", "$": "none", "₩": "other", "&": "none", "+": "none", "㎡": "none"}


def with_particle(word: str, particle: Particle) -> str:
    """The word with the form of the particle that follows it.

    Example:
        >>> with_particle("도시", "이/가"), with_particle("‘서울’", "으로/로"), with_particle("10", "이/가")
        ('도시가', '‘서울’로', '10이')
    """
    after_consonant, after_vowel = _PAIRS[particle]
    final = final_of(word)
    if particle == "으로/로" and final == "rieul":
        return word + after_vowel
    return word + (after_vowel if final == "none" else after_consonant)


def final_of(word: str) -> Final:
    """How the word ends when read aloud; quotation marks and brackets are silent."""
    spoken = word.rstrip(" \t\"'‘’“”()[]{}<>〈〉《》「」『』.,!?…")
    if not spoken:
        return "none"
    last = spoken[-1]
    if "가" <= last <= "힣":
        index = (ord(last) - ord("가")) % 28
        return "none" if index == 0 else "rieul" if index == _RIEUL else "other"
    if last.isascii() and last.isdigit():
        return _number(spoken)
    if last.isascii() and last.isalpha():
        return _latin(spoken)
    return _SYMBOLS.get(last, "none")


def _number(spoken: str) -> Final:
    start = len(spoken)
    while start > 0 and (spoken[start - 1].isdigit() or spoken[start - 1] in ",."):
        start -= 1
    digits = spoken[start:].replace(",", "")
    if "." in digits or digits.strip("0") == "":
        return _DIGITS[digits[-1]]
    zeros = len(digits) - len(digits.rstrip("0"))
    if zeros == 0:
        return _DIGITS[digits[-1]]
    # 십 백 천 만 억 end in a consonant, 조 (12 to 15 zeros) does not.
    return "none" if 12 <= zeros < 16 else "other"


def _latin(spoken: str) -> Final:
    start = len(spoken)
    while start > 0 and spoken[start - 1].isascii() and spoken[start - 1].isalpha():
        start -= 1
    word = spoken[start:]
    if word.isupper() or len(word) == 1:
        return _LETTER_NAMES.get(word[-1].lower(), "none")
    word = word.lower()
    if word.endswith("ng"):
        return "other"
    if word.endswith(("l", "le")):
        return "rieul"
    if word[-1] in "mn" or word.endswith(("me", "ne")):
        return "other"
    short = len(word) > 1 and (word[-2] in "aeiou" or word.endswith("ck"))
    return "other" if word[-1] in "bckpt" and short else "none"
