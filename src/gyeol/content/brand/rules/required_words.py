"""Words that a message must hold; the fields count together."""

from __future__ import annotations

from collections.abc import Iterator

from gyeol.content.brand.finding import Finding
from gyeol.content.brand.guide import applies
from gyeol.content.brand.looked import Looked


def check(of: Looked) -> Iterator[Finding]:
    """``required_word``."""
    language = of.language.split("-")[0].lower()
    wanted = [
        rule
        for rule in of.guide.required
        if applies(rule.channels, of.channel) and applies(rule.languages, language) and rule.message_class in (None, of.message_class)
    ]
    if not wanted or not of.spoken:
        return
    said = _bare("".join(field.plain for field in of.spoken))
    for rule in wanted:
        if not any(_bare(word) in said for word in (rule.word, *rule.any_of)):
            yield Finding(code="required_word", severity=rule.severity, params={"word": rule.word, "reason": rule.reason})


def _bare(text: str) -> str:
    """Without spaces: 무료 수신거부 counts as 무료수신거부."""
    return "".join(text.lower().split())
