"""Values as JSON has them → one column of one kind. The laws are per value, so that no other event of the batch matters.

| wanted | JSON number | JSON text | true, false | list, object | null, absent |
| --- | --- | --- | --- | --- | --- |
| number | itself | if it is written as a JSON number | unknown | unknown | unknown |
| text | canonical JSON, ``41.0`` as ``41`` | NFC | ``true``, ``false`` | canonical JSON | unknown |
| flag | unknown | if ``true`` or ``false`` | itself | unknown | unknown |
| list | unknown | unknown | unknown | itself | unknown |
| time | milliseconds since 1970 | if an ISO-8601 instant | unknown | unknown | unknown |

A number out of the range of float64 is unknown.
"""

from __future__ import annotations

import math
import re
import unicodedata
from itertools import repeat
from operator import is_not
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from gyeol.events.batch import Wanted
from gyeol.events.sections import NO_TIME
from gyeol.expressions.column import Column, Mask, Vocabulary, everywhere
from gyeol.kernel.canonical import canonical_json
from gyeol.kernel.instants import parse_instant
from gyeol.kernel.money import exponent, to_minor

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_NUMBERS = {int, float}
_EXACT = 2.0**53
_LARGEST_MINOR = float(2**62)


def nfc(text: str) -> str:
    """The text in Unicode normal form C. Source: Unicode Standard Annex 15."""
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", text)


def nfc_deep(value: object) -> object:
    """As ``nfc`` for every text inside a JSON value (values and keys)."""
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, list):
        return [nfc_deep(v) for v in value]
    if isinstance(value, dict):
        return {nfc(k): nfc_deep(v) for k, v in value.items()}
    return value


def as_number(value: object) -> float | None:
    """A JSON value as a number, or None."""
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            return None
        value = float(value)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_text(value: object) -> str | None:
    """A JSON value as NFC text, or None for null."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))  # 41.0 is 41: files often hold whole numbers as floats
    return nfc(value) if isinstance(value, str) else canonical_json(nfc_deep(value)).decode()


def as_flag(value: object) -> bool | None:
    """A JSON value as a flag, or None."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) else None


def as_time(value: object) -> float | None:
    """A JSON value as milliseconds since 1970, or None."""
    if isinstance(value, str):
        at_ms = parse_instant(value)
        return None if at_ms is None else float(at_ms)
    return as_number(value)


class Present(NamedTuple):
    """The values of a path that are there, in order, and the events that have them.

    Args:
        values: JSON values without null.
        known: (n,) bool; as many are true as there are values.
    """

    values: list[object]
    known: Mask


def present(values: list[object]) -> Present:
    """What is not None."""
    n = len(values)
    absent = values.count(None)
    if absent == 0:
        return Present(values, everywhere(n))
    if absent * 2 < n:
        return Present([v for v in values if v is not None], np.frombuffer(bytes(map(is_not, values, repeat(None))), np.bool_))
    known = np.zeros(n, np.bool_)
    if absent == n:
        return Present([], known)
    where = [i for i, v in enumerate(values) if v is not None]
    known[where] = True
    return Present([values[i] for i in where], known)


def infer(values: list[object]) -> Wanted:
    """The kind that the values of one batch suggest; text when they disagree or there is none."""
    types = set(map(type, values))
    if not types:
        return "text"
    if types <= _NUMBERS:
        return "number"
    if types == {bool}:
        return "flag"
    return "list" if types <= {list, dict} else "text"


def column_of(found: Present, kind: Wanted, vocabulary: Vocabulary) -> Column:
    """The values as a column of a kind; ``vocabulary`` is that of the path (text only)."""
    if kind == "text":
        return text_column(found, vocabulary)
    if kind == "number" or kind == "time":
        numbers, known = numbers_of(found, kind)
        return Column(kind="number", values=numbers, known=known)
    if kind == "flag":
        flags = [as_flag(v) for v in found.values]
        known = _narrowed(found.known, np.array([f is not None for f in flags], np.bool_))
        return Column(kind="flag", values=_spread([f is True for f in flags], found.known, np.bool_), known=known)
    fits = [isinstance(v, list | dict) for v in found.values]
    objects = np.empty(len(found.known), object)
    for i, value in zip(np.flatnonzero(found.known).tolist(), found.values, strict=True):
        if isinstance(value, list | dict):
            objects[i] = nfc_deep(value)
    return Column(kind="list", values=objects, known=_narrowed(found.known, np.array(fits, np.bool_)))


def _narrowed(known: Mask, fits: Mask) -> Mask:
    """The mask without those known values that do not fit."""
    if fits.all():
        return known
    narrowed = np.zeros(len(known), np.bool_)
    narrowed[known] = fits
    return narrowed


def _spread(values: list[Any] | npt.NDArray[Any], known: Mask, dtype: type) -> npt.NDArray[Any]:
    """Values of the known events as an array over all events."""
    if len(values) == len(known):
        return np.array(values, dtype)
    spread: npt.NDArray[Any] = np.zeros(len(known), dtype)
    spread[known] = values
    return spread


def numbers_of(found: Present, kind: Literal["number", "time"] = "number") -> tuple[npt.NDArray[np.float64], Mask]:
    """The values as float64 over all events, and which of them are known."""
    values: list[Any] = found.values
    if set(map(type, values)) <= _NUMBERS:
        try:
            return _spread(np.array(values, np.float64), found.known, np.float64), found.known
        except OverflowError:  # an integer beyond float64
            pass
    read = as_number if kind == "number" else as_time
    numbers = np.array([read(v) for v in values], np.float64)  # None becomes NaN, which JSON does not have
    fits = ~np.isnan(numbers)
    return _spread(np.where(fits, numbers, 0.0), found.known, np.float64), _narrowed(found.known, fits)


def text_column(found: Present, vocabulary: Vocabulary) -> Column:
    """The values as codes of NFC texts; new texts get new codes in the order of the events."""
    codes = _codes(found.values, vocabulary)
    if len(codes) < len(found.known):
        spread: npt.NDArray[np.int32] = np.full(len(found.known), -1, np.int32)
        spread[found.known] = codes
        codes = spread
    return Column(kind="text", values=codes, known=found.known, vocabulary=vocabulary)


def _codes(words: list[Any], vocabulary: Vocabulary) -> npt.NDArray[np.int32]:
    if set(map(type, words)) <= {str}:
        found = list(map(vocabulary.codes.get, words))
        if None in found:  # a new text, or one that is not NFC
            found = [vocabulary.code(nfc(word)) if code is None else code for word, code in zip(words, found, strict=True)]
        return np.array(found, np.int32)
    return np.fromiter((vocabulary.code(as_text(w) or "") for w in words), np.int32, len(words))


def time_column(at_ms: npt.NDArray[np.int64]) -> Column:
    """Instants as float64 milliseconds; ``NO_TIME`` is unknown."""
    known = at_ms != NO_TIME
    return Column(kind="number", values=np.where(known, at_ms, 0).astype(np.float64), known=known)


def codes_in(codes: npt.NDArray[Any]) -> list[int]:
    """The different codes among some, ascending."""
    return np.bincount(codes).nonzero()[0].tolist()


def money_column(amounts: npt.NDArray[np.float64], known: Mask, currencies: Column) -> Column:
    """Amounts in major units as int64 minor units of each value's own currency, half to even; beyond 2**62 unknown.

    Args:
        amounts: (n,) float64.
        known: (n,) bool.
        currencies: (n,) text column of ISO 4217 codes; an amount without a currency is unknown.
    """
    minor = np.zeros(len(amounts), np.int64)
    kept = np.zeros(len(amounts), np.bool_)
    assert currencies.vocabulary is not None
    known = known & currencies.known
    for code in codes_in(currencies.values[known]):
        currency = currencies.vocabulary.words[code]
        mine = known & (currencies.values == code) & (np.abs(amounts) < _LARGEST_MINOR / 10.0 ** exponent(currency))
        minor[mine] = to_minor(amounts[mine], currency)
        kept |= mine
    return Column(kind="number", values=minor, known=kept)
