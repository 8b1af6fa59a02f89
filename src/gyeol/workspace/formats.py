"""Forms of words in definitions: durations, zones, currencies, instants, clock times, patterns. Each check gives what is wrong, or None."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from gyeol.kernel.instants import parse_instant

_DURATION = re.compile(r"([1-9][0-9]{0,6})([smhdw])")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_ENV = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")
_UNIT_NAMES = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

CURRENCIES = frozenset(
    (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP "
        "CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD "
        "IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR "
        "MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP "
        "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF "
        "XPF YER ZAR ZMW ZWG"
    ).split()
)
"""Currencies in use. Source: ISO 4217, list one (funds codes, metals and test codes left out)."""


class Fault(NamedTuple):
    """What is wrong, and how to mend it."""

    what: str
    mend: str


def nearest(word: str, known: list[str] | tuple[str, ...], cutoff: float = 0.6) -> str | None:
    """The known word most like ``word``, or None when none is like it (``cutoff``: from 0, all are, to 1, only equal ones)."""
    lowered = {k.lower(): k for k in sorted(known, reverse=True)}
    found = get_close_matches(word.lower(), list(lowered), n=1, cutoff=cutoff)
    return lowered[found[0]] if found else None


def suggestion(word: str, known: list[str] | tuple[str, ...], otherwise: str) -> str:
    """How to mend a word that is not known: the nearest known one, or ``otherwise`` with the words there are."""
    found = nearest(word, known)
    if found is not None:
        return f"did you mean {found!r}?"
    listed = ", ".join(sorted(known)[:8])
    return f"{otherwise} (there are: {listed}{', …' if len(known) > 8 else ''})" if known else otherwise


def duration_fault(text: str, units: str = "smhdw") -> Fault | None:
    """What is wrong with a duration such as ``7d``; ``units`` are the letters allowed."""
    found = _DURATION.fullmatch(text)
    allowed = ", ".join(f"{u} ({_UNIT_NAMES[u]})" for u in units)
    if found is None:
        return Fault(f"{text!r} is not a duration", f"write a whole number and a unit: {allowed}; for example '7{units[-1]}'")
    if found.group(2) not in units:
        return Fault(f"{text!r} is not counted in {_UNIT_NAMES[found.group(2)]} here", f"use {allowed}")
    return None


@lru_cache(maxsize=1)
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


def zone_fault(text: str) -> Fault | None:
    """What is wrong with an IANA zone name."""
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        city = nearest(text.rpartition("/")[2], [z.rpartition("/")[2] for z in _zones()])
        near = nearest(text, _zones()) or next((z for z in _zones() if city and z.endswith("/" + city)), None)
        return Fault(f"{text!r} is not a time zone", f"did you mean {near!r}?" if near else "use an IANA name such as 'Asia/Seoul'")
    return None


def currency_fault(text: str) -> Fault | None:
    """What is wrong with a currency code."""
    if text in CURRENCIES:
        return None
    if text.upper() in CURRENCIES:
        return Fault(f"{text!r} is not a currency code", f"write {text.upper()!r}")
    return Fault(f"{text!r} is not a currency code", "use three letters of ISO 4217, such as 'KRW' or 'USD'")


def country_fault(text: str) -> Fault | None:
    """What is wrong with a country code."""
    if re.fullmatch(r"[A-Z]{2}", text):
        return None
    return Fault(f"{text!r} is not a country code", "use two capital letters of ISO 3166, such as 'KR' or 'US'")


def instant_fault(text: str) -> Fault | None:
    """What is wrong with an ISO instant or date."""
    if parse_instant(text) is not None:
        return None
    return Fault(f"{text!r} is not an instant", "write ISO 8601: '2026-03-01' or '2026-03-01T09:00:00+09:00'")


def clock_fault(text: str) -> Fault | None:
    """What is wrong with a time of day."""
    if _CLOCK.fullmatch(text):
        return None
    return Fault(f"{text!r} is not a time of day", "write 24 hours and minutes: '21:00'")


def pattern_fault(text: str) -> Fault | None:
    """What is wrong with a regular expression."""
    try:
        re.compile(text)
    except re.error as error:
        where = f" at position {error.pos}" if error.pos is not None else ""
        return Fault(
            f"{text!r} is not a regular expression: {error.msg}{where}",
            "put a backslash before . * + ? ( ) [ ] when you mean the sign itself",
        )
    return None


def name_fault(text: str) -> Fault | None:
    """What is wrong with a name that conditions, addresses and commands use."""
    if _NAME.fullmatch(text):
        return None
    plain = re.sub(r"[^a-z0-9_]+", "_", text.lower()).strip("_")
    example = plain if _NAME.fullmatch(plain) else "lapsing_regulars"
    return Fault(
        f"{text!r} is not a usable name", f"use lower-case letters, digits and _, for example {example!r}; what people read goes into label"
    )


def env_name(text: str) -> str | None:
    """NAME of ``env:NAME``; None for any other text."""
    return text[4:] if _ENV.fullmatch(text) else None
