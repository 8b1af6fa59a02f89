"""Hangul syllables and their jamo.

Source: Unicode 15, 3.12, Hangul syllable composition: a syllable is ``0xAC00 + (first * 21 + vowel) * 28 + last``.
"""

from __future__ import annotations

import re
import unicodedata

_BASE, _COUNT, _LASTS = 0xAC00, 11_172, 28
_LAST_LETTERS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_FIRST_LAST_JAMO = 0x11A8
_WRITTEN = re.compile(f"<([{_LAST_LETTERS}]+)>")
_ONE_OF = re.compile(r"\[((?:<[^>]+>|[가-힣])+)\]")
_CHOICE = re.compile(r"<[^>]+>|[가-힣]")

ANY_LAST = "[\u11a8-\u11c2]"
"""A regular expression for any last consonant of a syllable taken apart."""
ANY_VOWEL = "[\u1161-\u1175]"
"""The same for any vowel."""


def is_syllable(letter: str) -> bool:
    """Whether a character is one whole Hangul syllable.

    Example:
        >>> is_syllable("결"), is_syllable("ㅋ")
        (True, False)
    """
    return 0 <= ord(letter) - _BASE < _COUNT


def last_of(letter: str) -> str:
    """The last consonant of a syllable as a letter; empty when it ends in a vowel, or is no syllable.

    Example:
        >>> last_of("결"), last_of("소")
        ('ㄹ', '')
    """
    if not is_syllable(letter):
        return ""
    at = (ord(letter) - _BASE) % _LASTS
    return _LAST_LETTERS[at - 1] if at else ""


def with_last(letter: str, last: str) -> str:
    """An open syllable with a last consonant put below it.

    Example:
        >>> with_last("하", "ㅂ")
        '합'
    """
    return chr(ord(letter) + _LAST_LETTERS.index(last) + 1)


def apart(text: str) -> str:
    """Syllables taken apart into first, middle and last jamo, all else as it is."""
    return unicodedata.normalize("NFD", text)


def pattern(written: str) -> str:
    """A regular expression over texts taken apart, written with syllables and with last consonants as ``<ㅂ>``; ``<ㄴㄹ>``: either.

    Syllables in square brackets are alternatives, as letters are elsewhere.

    Example:
        >>> bool(re.search(pattern("<ㅂ>니다$"), apart("합니다")))
        True
    """

    def jamo(found: re.Match[str]) -> str:
        return "[" + "".join(chr(_FIRST_LAST_JAMO + _LAST_LETTERS.index(letter)) for letter in found[1]) + "]"

    spread = _ONE_OF.sub(lambda found: "(?:" + "|".join(_CHOICE.findall(found[1])) + ")", written)
    return apart(_WRITTEN.sub(jamo, spread))
