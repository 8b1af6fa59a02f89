"""Names of people: given and family or in one piece, in Hangul or Latin letters, with parts missing, masked or misspelt."""

from __future__ import annotations

from gyeol.identity.matching.form import Derived, Form, Level, Raw
from gyeol.identity.matching.forms.text import plain
from gyeol.identity.matching.hangul import has_hangul, jamo, romanised, sound_key, split_name

_TITLES = frozenset("mr mrs ms miss dr prof sir dame lady lord rev 님 씨 고객 고객님 귀하".split())


def _derive(raw: Raw) -> Derived | None:
    full, given, family = (plain(text) for text in raw)
    words = [w for w in (full or f"{given} {family}").split() if w not in _TITLES]
    if not words:
        return None
    text = " ".join(words)
    if has_hangul(text):
        return _hangul(text.replace(" ", ""), given, family)
    # A column that should hold the given name alone may hold all of them, and the other way round.
    first = given or words[0]
    last = family or (words[-1] if len(words) > 1 else "")
    ordered = " ".join(sorted(set(words)))
    return text, first, last or None, ordered, sound_key(words), sorted(set(words)), first[:3], (last or first)[:3], None


def _hangul(text: str, given: str, family: str) -> Derived:
    bare = text.removesuffix("님").removesuffix("고객") if len(text) > 3 else text
    first, last = given.replace(" ", ""), family.replace(" ", "")
    if not (first and last):
        last, first = split_name(bare)
    mask = bare.replace("*", ".") if "*" in bare else None
    key = sound_key([word for word in (romanised(last), romanised(first)) if word])
    return bare, first or None, last, jamo(bare), key, None, first[:1] or None, last, mask


def spelled_name(text: str) -> str | None:
    """One spelling of a whole name: Hangul without spaces, Latin words in a fixed order, without titles; None for none.

    Run Example::

        assert spelled_name(" 김 하나 님") == "김하나"
        assert spelled_name("Ms. Hana Kim") == spelled_name("KIM, Hana") == "hana kim"
    """
    derived = _derive((text, None, None))
    if derived is None:
        return None
    full, ordered = derived[0], derived[3]
    named = full if isinstance(full, str) and has_hangul(full) else ordered
    # A masked name (김*나) is that of many.
    return named if isinstance(named, str) and "*" not in named else None


FORM = Form(
    role="name",
    ko="이름",
    en="name",
    parts=("full", "given", "family", "spelling", "sound", "words", "given_start", "family_start", "mask"),
    lists=("words",),
    derive=_derive,
    known="full",
    levels=(
        Level("{full_l} = {full_r}", "이름이 같음", "same name", "full"),
        Level("{given_l} = {given_r} AND {family_l} = {family_r}", "이름과 성이 같음", "same given and family name"),
        Level(
            "({mask_l} IS NOT NULL AND regexp_full_match({full_r}, {mask_l}))"
            " OR ({mask_r} IS NOT NULL AND regexp_full_match({full_l}, {mask_r}))",
            "가린 글자를 빼면 같음",
            "same but for hidden letters",
            script="hangul",
        ),
        Level("{sound_l} = {sound_r}", "로마자로 같은 소리", "same sound in Latin letters", script="hangul"),
        Level("levenshtein({spelling_l}, {spelling_r}) <= 1", "글자 하나 다름", "one letter apart"),
        Level("levenshtein({full_l}, {full_r}) <= 1 AND length({full_l}) >= 3", "음절 하나 다름", "one syllable apart", script="hangul"),
        Level("len(list_intersect({words_l}, {words_r})) >= 2", "두 낱말이 같음", "two words in common", script="latin"),
        Level("jaro_winkler_similarity({spelling_l}, {spelling_r}) >= 0.92", "비슷한 이름", "similar name"),
        Level("{family_l} = {family_r}", "성이 같음", "same family name", "family"),
        Level("jaro_winkler_similarity({family_l}, {family_r}) >= 0.9", "비슷한 성", "similar family name", script="latin"),
        Level("len(list_intersect({words_l}, {words_r})) >= 1", "한 낱말이 같음", "one word in common", script="latin"),
        Level("{given_l} = {given_r}", "성을 뺀 이름이 같음", "same given name", script="hangul"),
    ),
    keys=("full", "given", "family", "sound", "given_start", "family_start"),
    own=True,
    differs=0.03,
)
"""Given, family and full name, whichever there are."""
