"""How the values in a reason are said: times in a zone, shares in per cent, names by their labels."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from gyeol.expressions.condition import parse_condition
from gyeol.expressions.schema import Lang, Schema, label_of
from gyeol.expressions.wording import number_text, value_text
from gyeol.kernel.errors import InputError
from gyeol.kernel.instants import Zone

__all__ = ["Lang", "Words", "say"]

_COMMON: Mapping[str, Mapping[str, str]] = {
    "email": {"ko": "이메일", "en": "e-mail"},
    "sms": {"ko": "문자", "en": "SMS"},
    "mms": {"ko": "장문 문자", "en": "MMS"},
    "call": {"ko": "전화", "en": "call"},
    "mail": {"ko": "우편", "en": "post"},
    "push": {"ko": "앱 푸시", "en": "push"},
    "kakao": {"ko": "카카오톡", "en": "KakaoTalk"},
    "webhook": {"ko": "웹훅", "en": "webhook"},
    "web": {"ko": "웹", "en": "web"},
    "app": {"ko": "앱", "en": "app"},
    "till": {"ko": "매장 계산대", "en": "till"},
    "marketing": {"ko": "마케팅", "en": "marketing"},
    "offers": {"ko": "혜택 안내", "en": "offers"},
    "night": {"ko": "야간 광고", "en": "advertising at night"},
    "advertising": {"ko": "광고성", "en": "advertising"},
    "transactional": {"ko": "정보성", "en": "transactional"},
}
_UNITS = {
    "s": ("초", "second"),
    "m": ("분", "minute"),
    "h": ("시간", "hour"),
    "d": ("일", "day"),
    "w": ("주", "week"),
}
_OFFERS = frozenset({"offer", "winner", "runner_up"})
_COMMON_FIELDS = frozenset({"channel", "purpose", "medium", "message_class"})
_NAMED = frozenset({"placement", "journey", "category", "cap_name", "policy"})
_ACCOUNTS = ("offer", "category", "partner")
"""Whose budget it may be."""


class Words:
    """What people call things.

    Args:
        schema: Labels, units and words of traits and facts; conditions become sentences with it.
        zone: Zone of the times shown.
        labels: (``offer`` | ``placement`` | ``journey`` | ``channel`` | ``purpose`` | ``category`` | ``partner`` | ``cap_name``, name) →
            language → words.
    """

    def __init__(
        self, schema: Schema | None = None, zone: str = "UTC", labels: Mapping[tuple[str, str], Mapping[str, str]] | None = None
    ) -> None:
        self.schema, self.zone = schema, zone
        self._labels = labels or {}
        self._sentences: dict[tuple[str, Lang], str] = {}
        # The offers of a placement ask for the same few traits, and most values are small numbers: nearly every one was said before.
        self._value = lru_cache(maxsize=16_384, typed=True)(self._value_said)

    def name(self, kind: str, name: str, lang: Lang) -> str:
        """What people call a thing of some kind."""
        return self._labels.get((kind, name), {}).get(lang) or _COMMON.get(name, {}).get(lang) or name

    def sentence(self, condition: str, lang: Lang) -> str:
        """The condition as a sentence; its text when the definitions no longer have its names."""
        if self.schema is None:
            return condition
        found = self._sentences.get((condition, lang))
        if found is None:
            try:
                found = parse_condition(condition, self.schema).sentence(lang, self.schema)
            except InputError:
                found = condition
            self._sentences[condition, lang] = found
        return found

    def _value_said(self, name: str, value: object, lang: Lang) -> str:
        return f"{label_of(self.schema, name, lang)} = {value_text(value, lang, self.schema, name)}"

    def values(self, values: Mapping[str, object], lang: Lang) -> str:
        """Names and their values."""
        return ", ".join([self._value(n, tuple(v) if isinstance(v, list) else v, lang) for n, v in values.items()])


def say(field: str, value: object, lang: Lang, words: Words) -> str:
    """The words of one parameter of a reason; the field's name tells what the value is."""
    match value:
        case dict():
            return words.values(value, lang)
        case list() | tuple() if field == "facts":
            return ", ".join(label_of(words.schema, str(name), lang) for name in value)
        case str():
            return _say_text(field, value, lang, words)
        case int() if field.endswith("_ms"):
            return f"{_zone(words.zone).local(value):%Y-%m-%d %H:%M}" + (" UTC" if words.zone == "UTC" else "")
        case int() | float() if field == "share":
            return f"{100 * value:.4g}%"
        case float():
            return number_text(round(value, 4))
        case _:
            return value_text(value, lang, None)


def _say_text(field: str, value: str, lang: Lang, words: Words) -> str:
    if field == "condition":
        return words.sentence(value, lang)
    if field in ("window", "half_life"):
        number, (ko, en) = value[:-1], _UNITS.get(value[-1:], ("", ""))
        return f"{number}{ko}" if lang == "ko" else f"{number} {en}{'' if number == '1' else 's'}"
    if field in _OFFERS:
        return f"‘{words.name('offer', value, lang)}’"
    if field == "whose":
        return next((name for kind in _ACCOUNTS if (name := words.name(kind, value, lang)) != value), value)
    if field in _COMMON_FIELDS or field in _NAMED:
        return words.name(field, value, lang)
    return value


@lru_cache(maxsize=64)
def _zone(name: str) -> Zone:
    return Zone(name)
