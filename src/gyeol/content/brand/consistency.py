"""How much all variants of a content, or of a campaign, speak with one voice: 0 to 100.

``score = 100 × Σ weight × part / Σ weight`` over the parts that can be judged:

* ``facts`` (40): for each variant 0 when it claims what is no fact, else the share it says of the facts that any variant says; the mean.
* ``speech`` (25): the share of Korean sentences with an ending that speak in the guide's level for their medium and tone; set phrases
  are left out.
* ``guide`` (20): for each variant ``max(0, 1 - 0.5 × errors - 0.1 × warnings)`` of the lint, speech and labels left out; the mean.
* ``voice`` (15): the share of variants that hold one of the brand's own words, where the guide names words for their language.

Source: our own; the weights say that a wrong fact is worse than a wrong ending, and that worse than a missing flourish.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gyeol.content.branches import every_branch
from gyeol.content.brand.composer.checking import facts_in
from gyeol.content.brand.finding import Finding
from gyeol.content.brand.guide import Guide
from gyeol.content.brand.lint import lint
from gyeol.content.brand.looked import Looked, look
from gyeol.content.brand.rules.speech_level import speaking
from gyeol.content.equality import Catalogue, differing, facts_of, values_of
from gyeol.content.liquid import is_template
from gyeol.content.model import ContentDefinition, VariantDefinition

WEIGHTS: dict[str, float] = {"facts": 40, "speech": 25, "guide": 20, "voice": 15}
_SPEECH = ("speech_level", "speech_mixed")


class VariantScore(msgspec.Struct, frozen=True, kw_only=True):
    """One variant.

    Args:
        content: Name of its content.
        variant: Its key.
        channel: The medium that it was held against; a variant for several is held against each.
        facts_said: Names of facts. ``facts_unsaid``: those that another variant says. ``facts_wrong``: claims that are none.
        sentences, in_level: Korean sentences with an ending, and those of them in the guide's level.
        errors, warnings: Of the lint, besides speech.
        voice: The brand's own words in it; None: the guide names none for its language.
        findings: Everything that the lint says.
    """

    content: str
    variant: str
    channel: str
    facts_said: list[str]
    facts_unsaid: list[str]
    facts_wrong: list[str]
    sentences: int
    in_level: int
    errors: int
    warnings: int
    voice: list[str] | None
    findings: list[Finding]


class Consistency(msgspec.Struct, frozen=True, kw_only=True):
    """The score.

    Args:
        score: 0 to 100; None: there is nothing to judge.
        parts: By name of ``WEIGHTS``, each 0 to 1; those that cannot be judged are absent.
        weights: Of the parts.
        levels: How many sentences speak in which level.
        variants: In the order of the files.
    """

    score: float | None
    parts: dict[str, float]
    weights: dict[str, float]
    levels: dict[str, int]
    variants: list[VariantScore]


def consistency(contents: Sequence[ContentDefinition], catalogue: Catalogue, guide: Guide) -> Consistency:
    """The score of contents taken together.

    Args:
        contents: One, or those of a campaign; facts are compared within each.
        catalogue: The products that they speak of.
        guide: The guide in force.
    """
    scores: list[VariantScore] = []
    levels: dict[str, int] = {}
    for content in contents:
        said = [_said(content, variant, catalogue) for variant in content.variants]
        every = [name for name in content.facts if any(name in names for names in said)]
        wrong: dict[int, list[str]] = {}
        for difference in differing(content, catalogue):
            wrong.setdefault(difference.variant, []).append(difference.found)
        for place, variant in enumerate(content.variants):
            for channel in variant.channels or [""]:
                unsaid = [name for name in every if name not in said[place]]
                mine = [name for name in every if name in said[place]]
                scores.append(_of_variant(content, variant, channel, guide, (mine, unsaid, wrong.get(place, [])), levels))
    parts = _parts(scores)
    total = sum(WEIGHTS[name] for name in parts)
    score = round(100 * sum(WEIGHTS[name] * part for name, part in parts.items()) / total, 1) if total else None
    return Consistency(score=score, parts=parts, weights=WEIGHTS, levels=levels, variants=scores)


def _parts(scores: Sequence[VariantScore]) -> dict[str, float]:
    if not scores:
        return {}
    parts: dict[str, float] = {}
    factual = [each for each in scores if each.facts_said or each.facts_unsaid or each.facts_wrong]
    if factual:
        parts["facts"] = sum(_facts(each) for each in factual) / len(factual)
    sentences = sum(each.sentences for each in scores)
    if sentences:
        parts["speech"] = sum(each.in_level for each in scores) / sentences
    parts["guide"] = sum(max(0.0, 1 - 0.5 * each.errors - 0.1 * each.warnings) for each in scores) / len(scores)
    voiced = [each for each in scores if each.voice is not None]
    if voiced:
        parts["voice"] = sum(bool(each.voice) for each in voiced) / len(voiced)
    return {name: round(part, 4) for name, part in parts.items()}


def _facts(score: VariantScore) -> float:
    known = len(score.facts_said) + len(score.facts_unsaid)
    return 0.0 if score.facts_wrong else len(score.facts_said) / known if known else 1.0


def _said(content: ContentDefinition, variant: VariantDefinition, catalogue: Catalogue) -> set[str]:
    """The facts that a variant says, as placeholders or written out."""
    said = facts_in(variant.fields.values())
    facts = facts_of(content, variant.language, catalogue)
    values = values_of(facts, variant.language, catalogue)
    words = "\n".join(every_branch(text, values) if is_template(text) else text for text in variant.fields.values())
    return said | {name for name, text in facts.items() if text and text in words}


def _of_variant(
    content: ContentDefinition,
    variant: VariantDefinition,
    channel: str,
    guide: Guide,
    facts: tuple[list[str], list[str], list[str]],
    levels: dict[str, int],
) -> VariantScore:
    findings = lint(variant.fields, guide, channel=channel, language=variant.language, tone=variant.tone)
    of = look(variant.fields, guide, channel=channel, language=variant.language, tone=variant.tone)
    spoken = [level for _, level, _ in speaking(of)] if of.korean else []
    for level in spoken:
        levels[level] = levels.get(level, 0) + 1
    others = [finding for finding in findings if finding.code not in _SPEECH]
    errors = sum(finding.severity == "error" for finding in others)
    return VariantScore(
        content=content.name,
        variant=variant.key,
        channel=channel,
        facts_said=facts[0],
        facts_unsaid=facts[1],
        facts_wrong=facts[2],
        sentences=len(spoken),
        in_level=sum(level == guide.level(channel, variant.tone) for level in spoken),
        errors=errors,
        warnings=len(others) - errors,
        voice=_voice(of, guide),
        findings=findings,
    )


def _voice(of: Looked, guide: Guide) -> list[str] | None:
    words = guide.voice.words.get(of.language.split("-")[0].lower(), [])
    text = " ".join(field.plain for field in of.spoken).lower()
    return [word for word in words if word.lower() in text] if words else None
