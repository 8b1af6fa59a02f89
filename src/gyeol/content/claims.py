"""What a text claims: prices, shares, dates, times, codes, links and other numbers, in Korean and English, in one form each.

Words for numbers (``세 잔``, ``eleven``) are not read, but for half the price (``반값``, ``half price``) and for sums and shares in Korean
numerals (``오천원``, ``만 이천 원``, ``삼십 퍼센트``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, time
from re import Match, Pattern

import msgspec

from gyeol.content.model import FactDefinition, FactType
from gyeol.content.speaking import MONTHS, number
from gyeol.kernel.money import exponent


class Claim(msgspec.Struct, frozen=True):
    """One claim.

    Args:
        kind: What is claimed.
        value: In one form: price (currency, minor units), percent, number (floats), date (year, month, day; None: not said),
            time (minutes after midnight, whether the half of the day is known), code and link (texts).
        text: As it stands in the text.
    """

    kind: FactType
    value: object
    text: str


_N = r"\d[\d,]*(?:\.\d+)?"
_BEFORE, _AFTER = r"(?<![\w.,])", r"(?![\w]|[.,]\d)"
_WON = r"원(?!두)|\s+원(?![가-힣])|\s+원(?=에|을|이|은|의|만|으로|부터|까지|씩|짜리)"
"""After a space 원 may begin another word: ``2 원두``."""
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if len(name) > 3 else name for name in MONTHS)
_DIGITS, _UNITS = "일이삼사오육칠팔구", {"십": 10, "백": 100, "천": 1_000}
_WORDS = rf"(?<![가-힣\d])(?<!몇 )(?=[{_DIGITS}\s]{{0,3}}[십백천만])([{_DIGITS}십백천만](?:\s?[{_DIGITS}십백천만]){{0,15}})"
_FULL = r"(?!\s?(?:버스|사례|관중|관객|지하철|열차))"
"""만원 is also *full up*."""
_TOP = "com|net|org|kr|io|me|ly|gl|to|shop|store|app|link|page|example"
_DOMAIN = rf"(?:[a-z0-9-]{{1,63}}\.){{1,5}}(?:{_TOP})\b(?:/[^\s\"'<>()]*[^\s\"'<>().,!?:;])?"
_CODE = r"(?=[A-Z0-9-]{0,63}[A-Z])(?=[A-Z0-9-]{0,63}\d)[A-Z0-9][A-Z0-9-]{3,}"
_RANGE = r"[~∼～–-]"
_SIGN = {"₩": "KRW", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "won": "KRW", "dollar": "USD", "euro": "EUR"}


def _value(text: str) -> float:
    return float(text.replace(",", ""))


def _minor(amount: float, currency: str) -> tuple[str, int]:
    return currency, round(amount * 10 ** exponent(currency))


def _won(found: Match[str]) -> object:
    man, thousand, hundred, ones = (_value(part) if part else 0.0 for part in found.groups())
    return _minor(10_000 * man + 1_000 * thousand + 100 * hundred + ones, "KRW")


def _in_words(text: str) -> float:
    """A number in Korean numerals: ``만 이천`` is 12,000."""
    total = part = digit = 0
    for letter in "".join(text.split()):
        if letter == "만":
            total, part, digit = total + 10_000 * (part + digit or 1), 0, 0
        elif letter in _UNITS:
            part, digit = part + _UNITS[letter] * (digit or 1), 0
        else:
            digit = _DIGITS.index(letter) + 1
    return float(total + part + digit)


def _signed(found: Match[str]) -> object:
    return _minor(_value(found[2]), _SIGN.get(found[1], found[1]))


def _worded(found: Match[str]) -> object:
    word = found[2].lower().removesuffix("s")
    return _minor(_value(found[1]), _SIGN.get(word, found[2].upper()))


def _month(text: str) -> int:
    return next(n for n, name in enumerate(MONTHS, 1) if name[:3].lower() == text[:3].lower())


def _day_first(found: Match[str]) -> object:
    return int(found[3]) if found[3] else None, _month(found[2]), int(found[1])


def _month_first(found: Match[str]) -> object:
    return int(found[3]) if found[3] else None, _month(found[1]), int(found[2])


def _year_first(found: Match[str]) -> object:
    year = int(found[1]) if found[1] else None
    return year + 2_000 if year is not None and year < 100 else year, int(found[2]), int(found[3])


def _day_alone(found: Match[str]) -> object:
    return None, None, int(found[1])


def _korean_time(found: Match[str]) -> object:
    hour, minute = int(found[2]), 30 if found[4] else int(found[3] or 0)
    return _minutes(hour, minute, {"오전": "a", "오후": "p"}.get(found[1] or ""))


def _english_time(found: Match[str]) -> object:
    half = found[3]
    return _minutes(int(found[1]), int(found[2] or 0), half[0].lower() if half else None)


def _minutes(hour: int, minute: int, half: str | None) -> tuple[int, bool]:
    known = half is not None or hour > 12 or hour == 0
    if half is not None:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour * 60 + minute, known


Reader = Callable[[Match[str]], object]
_FORMS: tuple[tuple[FactType, str, bool, Reader], ...] = (
    ("link", r"https?://[^\s\"'<>()]*[^\s\"'<>().,!?:;]", True, lambda found: found[0].rstrip("/")),
    ("link", rf"(?<![\w@./-]){_DOMAIN}", True, lambda found: found[0].rstrip("/")),
    ("price", rf"(?<![\w.,])(?=\d)(?:({_N})\s*만\s*)?(?:({_N})\s*천\s*)?(?:({_N})\s*백\s*)?({_N})?(?:{_WON})", False, _won),
    ("price", rf"(₩|\$|€|£|¥|\b(?:KRW|USD|EUR|JPY|GBP))\s?({_N})", False, _signed),
    ("price", rf"{_BEFORE}({_N})\s?(won|KRW|USD|EUR|JPY|GBP|dollars?|euros?)\b", True, _worded),
    ("price", rf"{_WORDS}(?:{_WON}){_FULL}", False, lambda found: _minor(_in_words(found[1]), "KRW")),
    ("percent", rf"{_WORDS}\s?퍼센트", False, lambda found: _in_words(found[1])),
    ("percent", rf"(?<![\d.,])({_N})(?=\s?{_RANGE}\s?{_N}\s?(?:%|％|퍼센트))", False, lambda found: _value(found[1])),
    ("percent", rf"(?<![\d.,])({_N})\s?(?:%|％|퍼센트|프로(?![가-힣])|percent\b)", True, lambda found: _value(found[1])),
    ("percent", r"반값|half[ -]price|half off", True, lambda found: 50.0),
    ("date", r"(?<!\d)(\d{4})[-./]\s?(\d{1,2})[-./]\s?(\d{1,2})(?!\d)", False, _year_first),
    ("date", r"(?<![\d.])(\d{2})\.\s?(\d{1,2})\.\s?(\d{1,2})(?!\d)", False, _year_first),
    ("date", r"(?:(?<!\d)(\d{4}|\d{2})년\s*)?(?<!\d)(\d{1,2})월\s*(\d{1,2})일", False, _year_first),
    ("date", rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_MONTH})\b\.?(?:,? (\d{{4}}))?(?!\d)", True, _day_first),
    ("date", rf"\b({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,? (\d{{4}})(?!\d))?", True, _month_first),
    ("date", r"(?<![\d/])()(\d{1,2})/(\d{1,2})(?![\d/])", False, _year_first),
    ("date", rf"(?:(?<={_RANGE})|(?<={_RANGE}\s)|(?<=부터)|(?<=부터\s))(\d{{1,2}})일(?!\s?동안|간)", False, _day_alone),
    ("date", r"(?<!\d)(\d{1,2})월(?!요일)", False, lambda found: (None, int(found[1]), None)),
    ("time", r"(?:(오전|오후)\s*)?(?<![\d:])(\d{1,2})시(?!간)(?:\s*(\d{1,2})분|\s*(반)(?![가-힣]))?", False, _korean_time),
    ("time", r"(?<![\d:])(\d{1,2}):(\d{2})(?![\d:])(?:\s?([ap])\.?m\b\.?)?", True, _english_time),
    ("time", r"(?<![\d:])(\d{1,2})()\s?([ap])\.?m\b\.?", True, _english_time),
    ("code", rf"(?<![A-Za-z0-9]){_CODE}(?![A-Za-z0-9])", False, lambda found: found[0]),
    ("number", rf"({_N})", False, lambda found: _value(found[1])),
)
"""Kind, form, whether it is the same in capitals, and how it is read; in order: what one has read, the next no longer sees."""
_READERS: tuple[tuple[FactType, Pattern[str], Reader], ...] = tuple(
    (kind, re.compile(form, re.IGNORECASE if either else 0), read) for kind, form, either, read in _FORMS
)
_READ = "\x1f"
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})")


def claims(text: str, said: Iterable[str] = ()) -> list[Claim]:
    """What a text claims.

    Args:
        text: As its reader sees it.
        said: Texts that are known: where one of them stands, nothing is claimed. The longest counts first.

    Example:
        >>> [(c.kind, c.value) for c in claims("8월 31일까지 ICE50 쿠폰으로 1만 2천원, 20% 할인")]
        [('price', ('KRW', 12000)), ('percent', 20.0), ('date', (None, 8, 31)), ('code', 'ICE50')]
    """
    for known in sorted(set(said), key=lambda each: (-len(each), each)):
        if known:
            text = whole(known).sub(_READ, text)
    found: list[Claim] = []

    def taken(kind: FactType, read: Reader) -> Callable[[Match[str]], str]:
        def take(match: Match[str]) -> str:
            found.append(Claim(kind, read(match), match[0].strip()))
            return _READ

        return take

    for kind, pattern, read in _READERS:
        text = pattern.sub(taken(kind, read), text)
    return found


def whole(text: str) -> Pattern[str]:
    """Finds a text where it is not a part of a longer word or number."""
    before = r"(?<![A-Za-z0-9])(?<!\d[.,])" if text[0].isascii() and text[0].isalnum() else ""
    after = r"(?![A-Za-z0-9]|[.,]\d)" if text[-1].isascii() and text[-1].isalnum() else ""
    after += r"(?!\s*(?:[원%％만천백년월일시분]|퍼센트))" if text[-1].isdigit() else ""
    return re.compile(before + re.escape(text) + after)


def agrees(claim: Claim, fact: FactDefinition, currency: str) -> bool:
    """Whether a claim is what a fact says."""
    if claim.kind != fact.type:
        # 8.31 is a number but where it is the day of a fact.
        dotted = _DOTTED.fullmatch(claim.text) if claim.kind == "number" and fact.type == "date" else None
        return dotted is not None and agrees(Claim("date", (None, int(dotted[1]), int(dotted[2])), claim.text), fact, currency)
    match claim.kind, claim.value, fact.value:
        case "price", value, int(minor):
            return value == (fact.currency or currency, minor)
        case "percent" | "number", float(value), int(amount) | float(amount):
            return number(value) == number(float(amount))
        case "date", (year, month, on_day), str(text):
            on = date.fromisoformat(text[:10])
            return month in (None, on.month) and on_day in (None, on.day) and year in (None, on.year)
        case "time", (int(minutes), bool(known)), str(text):
            at = time.fromisoformat(text if len(text) > 4 else f"0{text}")
            wanted = at.hour * 60 + at.minute
            return minutes == wanted if known else minutes % 720 == wanted % 720
        case "code", value, str(text):
            return value == text
        case "link", str(value), str(text):
            base = text.rstrip("/")
            # Written without its scheme an address is still the same one.
            base = base if "://" in value else base.partition("://")[2]
            return value == base or value.startswith((base + "?", base + "/?", base + "#"))
        case _:
            return False
