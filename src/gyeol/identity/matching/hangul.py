"""Hangul as letters: jamo for counting slips of the finger, and a coarse key that a romanised name shares with its Hangul."""

from __future__ import annotations

import re

_FIRST, _LAST = 0xAC00, 0xD7A3
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_LATIN_INITIALS = "g kk n d tt r m b pp s ss - j jj ch k t p h".replace("-", "").split(" ")
_LATIN_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split(" ")
_LATIN_FINALS = ["", *"k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split(" ")]

SYLLABLE = re.compile(r"[가-힣]")
DOUBLE_SURNAMES = frozenset("남궁 황보 제갈 사공 선우 서문 독고 동방 어금 망절".split())
"""Korean surnames of two syllables. Source: census of 2015, Statistics Korea: those borne by more than a few families."""

# A surname has spellings that no rule gives. Source: the spellings in use for the fifty most frequent surnames.
_SURNAMES = {
    "lee": "i",
    "yi": "i",
    "rhee": "i",
    "ri": "i",
    "kim": "gim",
    "park": "bak",
    "pak": "bak",
    "choi": "choe",
    "lim": "im",
    "rim": "im",
    "noh": "no",
    "roh": "no",
    "ryu": "yu",
    "ryoo": "yu",
    "ahn": "an",
    "oh": "o",
    "woo": "u",
    "moon": "mun",
    "joo": "ju",
    "shim": "sim",
    "yeo": "yeo",
    "yang": "yang",
}
_SOUNDS = (
    (re.compile(r"sh"), "s"),
    (re.compile(r"ch|jj|zh|z"), "j"),
    (re.compile(r"kk|gg|k|c|q"), "g"),
    (re.compile(r"tt|dd|t"), "d"),
    (re.compile(r"pp|bb|p|v|f"), "b"),
    (re.compile(r"ll|rr|l"), "r"),
    (re.compile(r"ss"), "s"),
    (re.compile(r"[wy]"), ""),
    (re.compile(r"[aeiou]*(?:eo|eu|oo|ou|u|o)[aeiou]*"), "o"),
    (re.compile(r"ee|ie|i"), "i"),
    (re.compile(r"ae|ai|ei|e"), "e"),
    (re.compile(r"aa+"), "a"),
    (re.compile(r"h\b"), ""),
)


def has_hangul(text: str) -> bool:
    """Whether a text holds a Hangul syllable."""
    return SYLLABLE.search(text) is not None


def jamo(text: str) -> str:
    """Every syllable as its letters: ``한`` → ``ㅎㅏㄴ``; anything else as it is. One slip of the finger is one letter here."""
    out: list[str] = []
    for character in text:
        code = ord(character)
        if _FIRST <= code <= _LAST:
            index = code - _FIRST
            final = _FINALS[index % 28]
            out.append(_INITIALS[index // 588] + _VOWELS[index % 588 // 28] + (final if final != " " else ""))
        else:
            out.append(character)
    return "".join(out)


def romanised(text: str) -> str:
    """Syllable by syllable in Latin letters, without assimilation between syllables.

    Source: Revised Romanisation of Korean (2000); names are written syllable by syllable.
    """
    out: list[str] = []
    for character in text:
        code = ord(character)
        if _FIRST <= code <= _LAST:
            index = code - _FIRST
            out.append(_LATIN_INITIALS[index // 588] + _LATIN_VOWELS[index % 588 // 28] + _LATIN_FINALS[index % 28])
        else:
            out.append(character)
    return "".join(out)


def split_name(name: str) -> tuple[str, str]:
    """Family and given name of a Hangul name without spaces; a single syllable is a family name."""
    length = 2 if len(name) > 2 and name[:2] in DOUBLE_SURNAMES else 1
    return name[:length], name[length:]


def sound_key(words: list[str]) -> str:
    """A key that spellings of one Korean name share, whatever the order of its words: Hyun-woo Lee, 이현우 (as ``i hyeonu``).

    It is coarse by intent: equal keys are a hint that the comparison weighs, never a proof.
    """
    keys = [key for key in (_sound(word) for word in words) if key]
    if len(keys) > 2:
        # A given name of two parts is written apart, together or with a hyphen; the family name stands before or after it.
        last = keys[0] not in _FAMILY_SOUNDS and keys[-1] in _FAMILY_SOUNDS
        keys = [keys[-1], "".join(keys[:-1])] if last else [keys[0], "".join(keys[1:])]
    return " ".join(sorted(keys))


def _sound(word: str) -> str:
    sounds = _SURNAMES.get(word, word)
    for pattern, replacement in _SOUNDS:
        sounds = pattern.sub(replacement, sounds)
    return sounds


_FREQUENT = (
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민"
    "나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
)
_FAMILY_SOUNDS = frozenset(_sound(romanised(name)) for name in (*_FREQUENT, *DOUBLE_SURNAMES))
"""Source: the hundred most frequent surnames, census of 2015, Statistics Korea."""
