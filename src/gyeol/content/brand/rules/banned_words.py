"""Words that the brand does not say; what stands instead takes the particle that fits it."""

from __future__ import annotations

from collections.abc import Iterator

from gyeol.content.brand.finding import Finding
from gyeol.content.brand.looked import Looked, matches
from gyeol.content.brand.model import BannedWord
from gyeol.content.korean.josa import josa, josa_ahead


def check(of: Looked) -> Iterator[Finding]:
    """``banned_word``."""
    pattern = of.guide.banned_on(of.channel, of.language.split("-")[0].lower())
    if pattern is None:
        return
    known = of.guide.banned_by_word
    for field, found in matches(pattern, of.spoken):
        rule = known.get(found[0].lower()) or known.get(" ".join(found[0].lower().split())) or _without_spaces(known, found[0])
        if rule is None or _excepted(rule, field.plain, found.start(), found.end()):
            continue
        start, end = found.span()
        mend = rule.instead
        if mend:
            particle = josa_ahead(field.plain[end:])
            if particle and josa(mend, particle) != particle:
                mend += josa(mend, particle)
                end += len(particle)
        params: dict[str, object] = {"word": found[0], "reason": rule.reason}
        yield field.found("banned_word", start, end, rule.severity, mend, **params)


def _without_spaces(known: dict[str, BannedWord], found: str) -> BannedWord | None:
    bare = "".join(found.lower().split())
    return next((rule for word, rule in known.items() if "".join(word.split()) == bare), None)


def _excepted(rule: BannedWord, text: str, start: int, end: int) -> bool:
    """Whether the word stands inside a longer one that may be said."""
    for longer in rule.except_in:
        reach = len(longer)
        at = text.find(longer, max(0, start - reach), end + reach)
        if 0 <= at <= start and end <= at + reach:
            return True
    return False
