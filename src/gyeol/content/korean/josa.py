"""The particle that fits a word: 은/는, 이/가, 을/를, 과/와, 으로/로, … by the sound that the word ends in.

Hangul is read exactly. Digits are read as Sino-Korean numbers (10 십, 100 백), Latin letters as a short word is spoken: capitals by the
name of the last letter (VIP 피), words by their spelling, which is a rule of thumb and right for most. What cannot be known, such as an
emoji, takes both, written ``은(는)``.

Source: 한글 맞춤법, 표준어 규정 (으로 after a last consonant but ㄹ); names of letters: 국립국어원, 외래어 표기.
"""

from __future__ import annotations

import re
from typing import Literal

from gyeol.content.korean.syllables import is_syllable, last_of

Sound = Literal["vowel", "l", "consonant", "unknown"]

_PAIRS: tuple[tuple[str, str], ...] = (
    ("은", "는"), ("이", "가"), ("을", "를"), ("과", "와"), ("으로", "로"), ("아", "야"), ("이랑", "랑"), ("이나", "나"),
    ("이라", "라"), ("이란", "란"), ("이라고", "라고"), ("이라면", "라면"), ("이든", "든"), ("이며", "며"),
    ("으로서", "로서"), ("으로써", "로써"), ("으로부터", "로부터"), ("이에요", "예요"), ("이었", "였"), ("이여", "여"),
)  # fmt: skip
"""After a last consonant, after a vowel."""

PAIRS: dict[str, tuple[str, str]] = {one: pair for pair in _PAIRS for one in (*pair, f"{pair[0]}/{pair[1]}", f"{pair[1]}/{pair[0]}")}
"""By either form, or by both with a stroke between: ``은``, ``는``, ``은/는``."""

_DIGITS: tuple[Sound, ...] = ("consonant", "l", "vowel", "consonant", "vowel", "vowel", "consonant", "l", "l", "vowel")
"""영 일 이 삼 사 오 육 칠 팔 구."""
_NAMES: dict[Sound, str] = {"l": "LR", "consonant": "MN"}
"""Letters whose Korean names end in a consonant: 엘, 알; 엠, 엔. All others end in a vowel (에이치, 큐, 제트)."""
_SPELT: tuple[tuple[str, Sound], ...] = (
    ("le", "l"), ("ll", "l"), ("l", "l"), ("ng", "consonant"), ("n", "consonant"), ("m", "consonant"), ("ne", "consonant"),
    ("me", "consonant"),
    ("ck", "consonant"), ("p", "consonant"), ("k", "consonant"), ("ook", "consonant"), ("b", "consonant"), ("t", "consonant"),
)  # fmt: skip
"""Endings of Latin words that are spoken with a last consonant: 애플, 볼, 쇼핑, 라인, 팀, 백, 숍, 북, 웹, 넷; longest first wins."""
_AFTER = re.compile("[)\\]}>\"'”’」』]+$")
_JOSA_AHEAD = re.compile(
    "^(" + "|".join(sorted((form for pair in _PAIRS for form in pair), key=len, reverse=True)) + r")(?=[\s,.!?~)\]\"'”’]|$)"
)


def sound_of(word: str) -> Sound:
    """What a word ends in as it is spoken; brackets and quotation marks behind it are not.

    Example:
        >>> [sound_of(word) for word in ("커피", "쿠폰", "서울", "3,000", "VIP", "♥")]
        ['vowel', 'consonant', 'l', 'consonant', 'vowel', 'unknown']
    """
    word = _AFTER.sub("", word.rstrip())
    if not word:
        return "unknown"
    letter = word[-1]
    if is_syllable(letter):
        last = last_of(letter)
        return "vowel" if not last else "l" if last == "ㄹ" else "consonant"
    if letter.isdecimal() and letter.isascii():
        return _of_number(word)
    if letter == "%":
        return "vowel"  # 퍼센트
    if letter.isascii() and letter.isalpha():
        return _of_latin(word)
    return "unknown"


def josa(word: str, wanted: str) -> str:
    """The form of a particle that fits a word.

    Args:
        word: What stands before it.
        wanted: Either form, or both: ``은``, ``는``, ``은/는``.

    Returns:
        The particle; both forms, as ``은(는)``, where the word's sound is not known.

    Raises:
        KeyError: No particle of two forms is written so.

    Example:
        >>> josa("서울", "으로/로"), josa("집", "으로/로"), josa("라떼", "을/를")
        ('로', '으로', '를')
    """
    after_consonant, after_vowel = PAIRS[wanted]
    sound = sound_of(word)
    if sound == "unknown":
        short, long = sorted((after_consonant, after_vowel), key=len)
        return f"({long[: -len(short)]}){short}" if long.endswith(short) else f"{after_consonant}({after_vowel})"
    if sound == "vowel" or (sound == "l" and after_vowel.startswith("로")):
        return after_vowel
    return after_consonant


def with_josa(word: object, wanted: str) -> str:
    """The word and its particle, as the Liquid filter ``josa`` writes it: ``{{ facts.product | josa: '을/를' }}``.

    Example:
        >>> with_josa("라떼", "을/를")
        '라떼를'
    """
    text = str(word)
    return text + (josa(text, wanted) if wanted in PAIRS else wanted)


def josa_ahead(text: str) -> str:
    """The particle of two forms that a text begins with, as a word of its own; empty when there is none.

    Example:
        >>> josa_ahead("를 드려요"), josa_ahead("는다")
        ('를', '')
    """
    found = _JOSA_AHEAD.match(text)
    return found[1] if found else ""


def _of_number(word: str) -> Sound:
    digits = re.search(r"[\d,.]*\d$", word)
    assert digits is not None
    number = digits[0].replace(",", "")
    if number[-1] != "0" or "." in number:
        return _DIGITS[int(number[-1])]
    zeros = len(number) - len(number.rstrip("0"))
    if zeros == len(number):
        return "consonant"  # 영
    # 십 백 천 만, 십만 백만 천만, 억: all end in a consonant but 조 and what is greater by ten thousands.
    return "vowel" if zeros >= 12 and zeros < 16 and zeros % 4 == 0 else "consonant"


def _of_latin(word: str) -> Sound:
    found = re.search(r"[A-Za-z]+$", word)
    assert found is not None
    letters = found[0]
    if letters.isupper() or len(letters) == 1:
        return next((sound for sound, names in _NAMES.items() if letters[-1].upper() in names), "vowel")
    lowered = letters.lower()
    return next((sound for ending, sound in sorted(_SPELT, key=lambda one: -len(one[0])) if lowered.endswith(ending)), "vowel")
