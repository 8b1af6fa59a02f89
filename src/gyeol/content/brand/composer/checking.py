"""The last look at a text that was written for a content: the guide's lint, and the facts, which stand in it as placeholders only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from gyeol.content.brand.composer.brief import Brief, Draft, Refused
from gyeol.content.brand.finding import Finding
from gyeol.content.brand.lint import lint
from gyeol.content.brand.looked import NOT_READ, Field
from gyeol.content.claims import agrees, claims
from gyeol.content.equality import differing
from gyeol.content.korean.sentences import COVER
from gyeol.content.liquid import TemplateError, is_template, reads, unknown_filters
from gyeol.content.model import VariantDefinition
from gyeol.kernel.reason import Reason

FACTS = "facts."


def checked(brief: Brief, fields: Mapping[str, str], by: str) -> Draft | Refused:
    """The text as a draft, or everything that keeps it from being one.

    Args:
        brief: What was to be written.
        fields: What was written.
        by: Who wrote it.
    """
    variant = variant_of(brief, fields)
    found = [*facts_against(brief, variant), *findings_of(brief, fields)]
    if any(finding.severity == "error" for finding in found):
        reason = Reason(code="breaks_guide", params={"codes": list(dict.fromkeys(f.code for f in found if f.severity == "error"))})
        return Refused(reason=reason, findings=found, fields=dict(fields), by=by)
    said = facts_in(fields.values())
    left_out = [name for name in brief.content.facts if name not in said]
    return Draft(variant=variant, by=by, findings=found, left_out=left_out)


def variant_of(brief: Brief, fields: Mapping[str, str]) -> VariantDefinition:
    """The variant that fields make."""
    return VariantDefinition(language=brief.language, fields=dict(fields), channels=[brief.channel], tone=brief.tone)


def findings_of(brief: Brief, fields: Mapping[str, str]) -> list[Finding]:
    """What the guide says of fields."""
    return lint(
        fields,
        brief.guide,
        channel=brief.channel,
        language=brief.language,
        message_class=brief.message_class,
        label=brief.label,
        tone=brief.tone,
    )


def facts_in(texts: Iterable[str]) -> set[str]:
    """The facts that texts read, by name; templates that cannot be read read none."""
    names: set[str] = set()
    for text in texts:
        try:
            found = reads(text) if is_template(text) else []
        except TemplateError:
            continue
        names.update(name.removeprefix(FACTS).partition(".")[0] for name in found if name.startswith(FACTS))
    return names


def facts_against(brief: Brief, variant: VariantDefinition) -> list[Finding]:
    """Claims that are no facts or that are written out, required facts that are missing, templates that read anything but facts."""
    found: list[Finding] = []
    for name, text in variant.fields.items():
        field = Field(name, text)
        found += _of_template(field)
        if name in NOT_READ:
            continue
        for claim in claims(field.plain.replace(COVER, " ")):
            true = any(agrees(claim, fact, brief.catalogue.currency) for fact in brief.content.facts.values())
            start = max(0, field.text.find(claim.text))
            code = "fact_written_out" if true else "fact_invented"
            found.append(field.found(code, start, start + len(claim.text), "error", None, found=claim.text))
    alone = msgspec.structs.replace(brief.content, variants=[variant])
    for difference in differing(alone, brief.catalogue):
        if difference.code == "missing_fact":
            found.append(Finding(code="fact_missing", params={"found": difference.found}))
        elif not _told(found, difference.found):
            found.append(Finding(code="fact_invented", field=difference.field, params={"found": difference.found}))
    return found


def _told(found: Sequence[Finding], text: str) -> bool:
    return any(finding.params.get("found") == text for finding in found)


def _of_template(field: Field) -> list[Finding]:
    if not is_template(field.text):
        return []
    try:
        others = [name for name in reads(field.text) if not name.startswith(FACTS)]
        others += [f"| {name}" for name in unknown_filters(field.text)]
    except TemplateError as error:
        return [field.found("template_bad", 0, len(field.text), "error", None, found=error.fault.what)]
    if "{%" in field.text:
        others.append("{% %}")
    return [field.found("template_bad", 0, len(field.text), "error", None, found=name) for name in others]
