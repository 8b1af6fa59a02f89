"""Findings of the brand guide with their sentences, as the API tells them."""

from __future__ import annotations

from collections.abc import Iterable

from gyeol.content.brand.catalogue import mending, sentence
from gyeol.content.brand.finding import Finding


class ShownFinding(Finding, frozen=True, kw_only=True):
    """A finding, what is wrong (``text``) and how to mend it (``how``), by language."""

    text: dict[str, str]
    how: dict[str, str]


def shown(findings: Iterable[Finding]) -> list[ShownFinding]:
    """Findings with their sentences."""
    return [
        ShownFinding(
            code=each.code,
            field=each.field,
            start=each.start,
            end=each.end,
            severity=each.severity,
            params=each.params,
            mend=each.mend,
            text={"ko": sentence(each, "ko"), "en": sentence(each, "en")},
            how={"ko": mending(each, "ko"), "en": mending(each, "en")},
        )
        for each in findings
    ]
