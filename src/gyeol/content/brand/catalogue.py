"""The sentences of findings, by code: what is wrong and how to mend it, in Korean and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from gyeol.content.brand.finding import Finding
from gyeol.content.korean.josa import josa, with_josa

Language = Literal["ko", "en"]


class Told(NamedTuple):
    """What is wrong and how to mend it; ``{name}`` stands for a parameter."""

    what: dict[Language, str]
    mend: dict[Language, str]


def _told(ko: str, en: str, mend_ko: str, mend_en: str) -> Told:
    return Told({"ko": ko, "en": en}, {"ko": mend_ko, "en": mend_en})


CATALOGUE: dict[str, Told] = {
    "banned_word": _told(
        "쓰지 않기로 한 말입니다: “{word}”.{reason}",
        "“{word}” is banned.{reason}",
        "다른 말로 바꾸세요.",
        "Say it in another way.",
    ),
    "required_word": _told(
        "꼭 들어가야 할 말이 없습니다: “{word}”.{reason}",
        "“{word}” is missing.{reason}",
        "본문에 “{word}”{word:~을/를} 넣으세요.",
        "Put “{word}” into the text.",
    ),
    "speech_level": _told(
        "“{word}”{word:~은/는} {level}입니다. 이 글은 {wanted:으로/로} 씁니다.",
        "“{word}” is {level}; this text is written in {wanted}.",
        "문장 끝을 {wanted:으로/로} 바꾸세요.",
        "End the sentence in {wanted}.",
    ),
    "speech_mixed": _told(
        "한 메시지에 말투가 섞여 있습니다: {levels}.",
        "Several levels of speech stand in one message: {levels}.",
        "모든 문장을 {wanted:으로/로} 맞추세요.",
        "Write every sentence in {wanted}.",
    ),
    "label_written": _told(
        "“{found}”{found:~은/는} 보낼 때 저절로 붙습니다.",
        "“{found}” is put there when the message leaves.",
        "글에서는 지우세요.",
        "Take it out of the text.",
    ),
    "label_misplaced": _told(
        "“{found}”{found:~은/는} 맨 앞에만 올 수 있습니다.",
        "“{found}” may only stand at the very beginning.",
        "여기에서 지우세요. 보낼 때 맨 앞에 저절로 붙습니다.",
        "Take it out here; it is put first when the message leaves.",
    ),
    "label_disguised": _told(
        "“{found}”{found:~은/는} {label} 표시를 바꾸어 쓴 것입니다. 법으로 금지되어 있습니다.",
        "“{found}” is the label {label} in disguise, which the law forbids.",
        "지우세요. {label:은/는} 보낼 때 저절로 붙습니다.",
        "Take it out; {label} is put there when the message leaves.",
    ),
    "label_on_service": _told(
        "서비스 안내에 광고 표시 “{found}”{found:~이/가} 있습니다.",
        "A service message bears the label “{found}”.",
        "표시를 지우거나, 광고라면 메시지 종류를 advertising으로 바꾸세요.",
        "Take the label out, or make it an advertising message.",
    ),
    "too_long": _told(
        "너무 깁니다: {size} / {most}{unit}.{reason}",
        "Too long: {size} of {most} {unit}.{reason}",
        "{most}{unit} 안으로 줄이세요.",
        "Shorten it to {most} {unit}.",
    ),
    "message_too_long": _told(
        "메시지 전체가 너무 깁니다: {size} / {most}{unit}.{reason}",
        "The whole message is too long: {size} of {most} {unit}.{reason}",
        "{most}{unit} 안으로 줄이세요.",
        "Shorten it to {most} {unit}.",
    ),
    "not_in_euc_kr": _told(
        "문자 메시지로 보낼 수 없는 글자입니다: {signs}.",
        "A text message cannot carry: {signs}.",
        "지우거나 다른 글자로 바꾸세요.",
        "Take it out, or write something else.",
    ),
    "link_scheme": _told(
        "https 주소가 아닙니다: {link}.",
        "The link is not https: {link}.",
        "https://로 시작하는 주소를 쓰세요.",
        "Use an address that begins with https://.",
    ),
    "link_domain": _told(
        "허용되지 않은 도메인입니다: {domain}.",
        "The domain is not allowed: {domain}.",
        "가이드의 도메인을 쓰세요: {domains}.",
        "Use a domain of the guide: {domains}.",
    ),
    "number_grouping": _told(
        "천 단위 쉼표가 맞지 않습니다: {found}.",
        "The commas of {found} are not right.",
        "{right:으로/로} 쓰세요.",
        "Write {right}.",
    ),
    "price_form": _told(
        "금액을 쓰는 방식이 다릅니다: {found}.",
        "The price is written in another way than the guide's: {found}.",
        "{right:으로/로} 쓰세요.",
        "Write {right}.",
    ),
    "emoji_too_many": _told(
        "이모지가 {count}개입니다. {most}개까지 씁니다.",
        "{count} emoji; at most {most} may be used.",
        "이모지를 줄이세요.",
        "Use fewer.",
    ),
    "emoji_not_allowed": _told(
        "쓰지 않기로 한 이모지입니다: {emoji}.",
        "This emoji is not of the guide: {emoji}.",
        "다음 가운데에서 고르세요: {allowed}.",
        "Choose one of: {allowed}.",
    ),
    "exclamations": _told(
        "느낌표가 {count}개입니다. {most}개까지 씁니다.",
        "{count} exclamation marks; at most {most} may be used.",
        "느낌표를 줄이세요.",
        "Use fewer.",
    ),
    "alt_missing": _told(
        "이미지에 대체 텍스트가 없습니다.",
        "The image has no alternative text.",
        "무엇이 보이는지 alt에 적으세요.",
        "Say in alt what it shows.",
    ),
    "alt_empty": _told(
        "대체 텍스트가 비어 있습니다. 장식일 때만 비워 둡니다.",
        "The alternative text is empty, which is right for decoration only.",
        "무엇이 보이는지 alt에 적으세요.",
        "Say in alt what it shows.",
    ),
    "alt_is_file": _told(
        "대체 텍스트가 파일 이름입니다: {alt}.",
        "The alternative text is a file's name: {alt}.",
        "무엇이 보이는지 적으세요.",
        "Say what it shows.",
    ),
    "colour_not_in_palette": _told(
        "브랜드 색이 아닙니다: {colour}.",
        "The colour is not of the palette: {colour}.",
        "다음 가운데에서 고르세요: {palette}.",
        "Choose one of: {palette}.",
    ),
    "contrast_low": _told(
        "글자 {text:과/와} 바탕 {ground}의 대비가 {contrast}:1로 낮습니다.",
        "The contrast of {text} on {ground} is low: {contrast}:1.",
        "{least}:1 이상이 되도록 더 진하거나 밝은 색을 쓰세요.",
        "Use colours with at least {least}:1.",
    ),
    "fact_invented": _told(
        "사실로 적혀 있지 않은 내용입니다: {found}.",
        "It is no fact of this content: {found}.",
        "지우거나, 콘텐츠의 facts에 적고 자리 표시로 넣으세요.",
        "Take it out, or declare it under facts and put it in as a placeholder.",
    ),
    "fact_missing": _told(
        "꼭 말해야 할 사실이 빠졌습니다: {found}.",
        "A fact that must be said is missing: {found}.",
        "{{{{ facts.{found} }}}}{found:~을/를} 넣으세요.",
        "Put in {{{{ facts.{found} }}}}.",
    ),
    "fact_written_out": _told(
        "사실을 글자로 적었습니다: {found}.",
        "A fact is written out: {found}.",
        "자리 표시로 바꾸세요.",
        "Use its placeholder.",
    ),
    "template_bad": _told(
        "읽을 수 없는 템플릿입니다: {found}.",
        "The template cannot be read: {found}.",
        "자리 표시는 {{{{ 이름 }}}}으로 씁니다.",
        "Placeholders are written {{{{ name }}}}.",
    ),
}
"""Every code that a finding may have."""

LEVELS: dict[str, dict[Language, str]] = {
    "haeyo": {"ko": "해요체", "en": "해요체 (polite)"},
    "hapsyo": {"ko": "합쇼체", "en": "합쇼체 (formal)"},
    "hao": {"ko": "하오체", "en": "하오체 (old style)"},
    "hae": {"ko": "해체(반말)", "en": "해체 (casual)"},
    "haera": {"ko": "해라체(문어)", "en": "해라체 (plain)"},
    "neutral": {"ko": "말투 없음", "en": "no level"},
    "mixed": {"ko": "섞임", "en": "mixed"},
    "unknown": {"ko": "알 수 없음", "en": "unknown"},
}
"""What levels of speech are called."""
_UNITS: dict[str, dict[Language, str]] = {
    "characters": {"ko": "자", "en": "characters"},
    "euc_kr_bytes": {"ko": "바이트", "en": "bytes"},
}


def sentence(finding: Finding, language: Language) -> str:
    """What is wrong, in one language."""
    return CATALOGUE[finding.code].what[language].format_map(_values(finding, language))


def mending(finding: Finding, language: Language) -> str:
    """How to mend it, in one language."""
    return CATALOGUE[finding.code].mend[language].format_map(_values(finding, language))


class _Word(str):
    """A text that takes its particle: ``{word:을/를}`` with it, ``{word:~을/를}`` the particle alone."""

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        return josa(self, spec[1:]) if spec[0] == "~" else with_josa(self, spec)


def _values(finding: Finding, language: Language) -> Mapping[str, str]:
    return {name: _Word(_shown(name, value, language)) for name, value in {"reason": {}, **finding.params}.items()}


def _shown(name: str, value: object, language: Language) -> str:
    if isinstance(value, Mapping):
        text = value.get(language) or next(iter(value.values()), "")
        return f" {text}." if text and not str(text).endswith((".", "!", "?")) else f" {text}" if text else ""
    if isinstance(value, list | tuple):
        return ", ".join(_shown(name, each, language) for each in value)
    text = str(value)
    if name in ("level", "wanted", "levels"):
        return LEVELS.get(text, {}).get(language, text)
    return _UNITS[text][language] if name == "unit" and text in _UNITS else text
