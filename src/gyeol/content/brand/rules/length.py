"""How long a field may be. What is put in later counts as nothing, so what is too long here is too long for everybody."""

from __future__ import annotations

from collections.abc import Iterator

from gyeol.content.brand.finding import Finding
from gyeol.content.brand.guide import applies
from gyeol.content.brand.looked import Field, Looked
from gyeol.content.brand.model import LengthRule

ALL = "all"
_SMS = "euc_kr_bytes"


def check(of: Looked) -> Iterator[Finding]:
    """``too_long`` for a field, ``message_too_long`` for all together, ``not_in_euc_kr`` for signs that an SMS cannot carry."""
    counted_in_bytes = False
    for rule in of.guide.length:
        if not applies(rule.channels, of.channel):
            continue
        counted_in_bytes = counted_in_bytes or rule.unit == _SMS
        if ALL in rule.fields:
            yield from _together(of, rule)
        else:
            yield from (found for field in of.fields if field.name in rule.fields for found in _one(of, field, rule))
    if counted_in_bytes:
        yield from (found for field in of.fields for found in _unsendable(field))


def euc_kr_bytes(text: str) -> int:
    """The size of a text as Korean SMS is counted: a Hangul syllable is two bytes, an ASCII letter one.

    What EUC-KR has not is counted as two. Source: KS X 1001; its extension cp949 holds all 11,172 syllables, in two bytes as well.

    Example:
        >>> euc_kr_bytes("봄 세일")
        7
    """
    return len(text.encode("cp949", "xmlcharrefreplace")) if _encodable(text) else sum(_bytes_of(letter) for letter in text)


def _encodable(text: str) -> bool:
    try:
        text.encode("cp949")
    except UnicodeEncodeError:
        return False
    return True


def _bytes_of(letter: str) -> int:
    return len(letter.encode("cp949")) if _encodable(letter) else 2


def _size(text: str, rule: LengthRule) -> int:
    return euc_kr_bytes(text) if rule.unit == _SMS else len(text)


def _one(of: Looked, field: Field, rule: LengthRule) -> Iterator[Finding]:
    said = f"{of.label} {field.words}" if field.name in of.labelled else field.words
    size = _size(said, rule)
    if size > rule.most:
        params: dict[str, object] = {"size": size, "most": rule.most, "unit": rule.unit, "reason": rule.reason}
        yield field.found("too_long", _kept(field, rule, size), len(field.text), rule.severity, None, **params)


def _kept(field: Field, rule: LengthRule, size: int) -> int:
    """Where the text that is too much begins; 0 where placeholders make that uncertain."""
    if field.words != field.text:
        return 0
    over, at = size - rule.most, len(field.text)
    while at and over > 0:
        at -= 1
        over -= _size(field.text[at], rule)
    return at


def _together(of: Looked, rule: LengthRule) -> Iterator[Finding]:
    parts = [field.words for field in of.fields if field.name != "image"]
    said = "\n".join([*([of.label] if of.labelled else []), *parts])
    size = _size(said, rule)
    if size > rule.most:
        params: dict[str, object] = {"size": size, "most": rule.most, "unit": rule.unit, "reason": rule.reason}
        yield Finding(code="message_too_long", severity=rule.severity, params=params)


def _unsendable(field: Field) -> Iterator[Finding]:
    if _encodable(field.words):
        return
    at = 0
    text = field.plain
    while at < len(text):
        end = at
        while end < len(text) and not _encodable(text[end]) and text[end] != "\ufffc":
            end += 1
        if end > at:
            yield field.found("not_in_euc_kr", at, end, "error", "", signs=text[at:end])
        at = end + 1
