"""The one spelling of an identifier's value, and the values that identify nobody."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from unicodedata import is_normalized, normalize

from gyeol.identity.matching.forms.address import spelled_address
from gyeol.identity.matching.forms.name import spelled_name
from gyeol.identity.model import IdentifierType

LONGEST = 512
"""Characters of a normalised value; longer ones are text or an attack, and identify nobody."""

BLOCKED_BY_DEFAULT = (
    r"[0\s-]*",
    r"null|nil|none|undefined|nan|anonymous|unknown|n/?a|\(null\)|\[object object\]",
    r"test@.*",
    r"\+\d{1,4}0{7,}",
)
"""Full matches, whatever the case, that never identify anybody, in any type. Source: DESIGN.md section 5; the last: 010-0000-0000."""

PLACEHOLDERS = (
    r"없음|없어요|없습니다|해당\s*없음|미상|미기재|모름|무명|익명|비회원|비회원\s*고객|일반\s*고객|고객|고객님|손님|회원|테스트|홍길동|김고객",
    r"no\s*name|nobody|no\s*one|guest|guest\s*user|test|tester|test\s*user|sample|dummy|customer|walk-?in|x{2,}|y{2,}|z{2,}|asdf|qwerty",
    r"(?:test|tester|noname|no-?name|none|null|nobody|no-?e?mail|no-?reply|do-?not-?reply|asdf|sample|dummy|guest|없음)@.*",
    r"a+@a+\..*|abc@abc\..*|email@email\..*|mail@mail\..*",
    r"0?1234567890?|9876543210|1{6,}|9{6,}",
    *(rf"\+8210{digit}{{8}}" for digit in range(10)),
    r"\+82101234(?:0000|1234)|\+\d{1,3}1234567890?",
)
"""What shop-keepers and customers write where a value is asked for and there is none: ``$placeholders`` under ``blocked``."""

_NAMED = {"$placeholders": PLACEHOLDERS}
NAMED_PATTERNS = tuple(_NAMED)
"""What may stand under ``blocked`` in place of a pattern."""
_DOTLESS = frozenset(("gmail.com", "googlemail.com"))
"""Providers that deliver whatever dots stand before the @. Source: Gmail help, "Dots don't matter in Gmail addresses"."""

_SEPARATORS = re.compile(r"[\s().\-]+")
_KOREAN_MOBILE = re.compile(r"(?:\+?82(?:0)?|0)(10\d{8})")
_BROKEN = re.compile("[\ud800-\udfff]").search
_DEPENDENT = re.compile(r"\\\d|\(\?[^:=!<]|\(\?<[^=!]").search
"""Patterns with back references, named groups or flags: they mean something else, or nothing, inside of another pattern."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")

Normaliser = Callable[[str], str | None]


def normaliser(kind: IdentifierType, phone_region: str) -> Normaliser:
    """The function that gives the normalised value of a text, or None where it identifies nobody.

    Args:
        kind: The identifier type: ``normalise`` and ``blocked`` count.
        phone_region: ISO 3166 code of the country of phone numbers without a prefix.

    Run Example::

        normalise = normaliser(IdentifierType(name="email", paths=[], priority=2, normalise="email"), "KR")
        assert normalise(" Hana@Example.INVALID ") == "hana@example.invalid"
        assert normalise("test@example.invalid") is None
    """
    return _normaliser(kind.normalise, tuple(kind.blocked), kind.region or phone_region, kind.plus == "drop", kind.dots == "drop")


@lru_cache(maxsize=256)
def _normaliser(way: str, blocked: tuple[str, ...], region: str, plus: bool, dots: bool) -> Normaliser:
    named = tuple(pattern for each in blocked for pattern in _NAMED.get(each, ()))
    by_default = "|".join(f"(?:{pattern})" for pattern in (*BLOCKED_BY_DEFAULT, *named))
    matches_default = re.compile(by_default, re.IGNORECASE).fullmatch
    matches_own = [re.compile(pattern).fullmatch for pattern in _joined(tuple(each for each in blocked if each not in _NAMED))]
    spell = _spelling(way, region, plus, dots)

    def normalise(text: str) -> str | None:
        value = spell(text if text.isascii() or is_normalized("NFC", text) else normalize("NFC", text))
        if value is None or len(value) > LONGEST or matches_default(value) or _BROKEN(value):
            return None
        for matches in matches_own:
            if matches(value):
                return None
        return value

    return normalise


def _joined(patterns: tuple[str, ...]) -> list[str]:
    """One pattern for all that mean the same among others: eight matches cost 1.2 µs a value, one of eight alternatives 0.4."""
    plain = [pattern for pattern in patterns if not _DEPENDENT(pattern)]
    for pattern in plain:
        re.compile(pattern)  # each must stand alone: "a)(b" would be right between brackets only
    others = [pattern for pattern in patterns if _DEPENDENT(pattern)]
    return ["|".join(f"(?:{pattern})" for pattern in plain), *others] if plain else others


def _spelling(way: str, region: str, plus: bool, dots: bool) -> Normaliser:
    match way:
        case "exact":
            return _exact
        case "lower":
            return _folded
        case "email":
            return (lambda text: _same_mailbox(_email(text), plus, dots)) if plus or dots else _email
        case "name":
            return spelled_name
        case "address":
            return spelled_address
        case _:
            return lambda text: phone_number(text, region)


def _exact(text: str) -> str | None:
    return text


def _folded(text: str) -> str:
    """Trimmed and lower case. NFC once more: lower case of a composed letter may be a decomposed one (İ)."""
    lower = text.strip().lower()
    return lower if lower.isascii() else normalize("NFC", lower)


def _email(text: str) -> str | None:
    """Case and space mean nothing; dots and ``+tags`` do, for most providers deliver them to different people."""
    value = _folded(text)
    return value if _EMAIL.fullmatch(value) else None


def _same_mailbox(address: str | None, plus: bool, dots: bool) -> str | None:
    """An e-mail address without what its provider passes over."""
    if address is None:
        return None
    name, _, domain = address.rpartition("@")
    if plus:
        name = name.partition("+")[0]
    if dots and domain in _DOTLESS:
        name, domain = name.replace(".", ""), "gmail.com"
    return f"{name}@{domain}" if name else None


def phone_number(text: str, region: str) -> str | None:
    """E.164, or None for what is no possible number.

    Most numbers of a Korean shop are ``010`` mobiles; they are recognised by one regular expression (1 µs), all others by
    ``phonenumbers`` (30 µs and more).
    """
    bare = _SEPARATORS.sub("", text)
    if bare.isascii():
        mobile = _KOREAN_MOBILE.fullmatch(bare)
        if mobile is not None and (region == "KR" or bare.startswith("+82")):
            return "+82" + mobile[1]
    import phonenumbers  # heavy, and the core often never needs it

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
