"""The score of one voice: what lowers it, and by how much."""

from __future__ import annotations

import pytest

from gyeol.content.brand.consistency import WEIGHTS, consistency
from gyeol.content.brand.guide import guide_of
from gyeol.content.brand.model import BrandDefinition, Voice
from gyeol.content.equality import Catalogue
from gyeol.content.model import ContentDefinition, FactDefinition, VariantDefinition

GUIDE = guide_of(BrandDefinition(voice=Voice(words={"ko": ["함께"]})))
FACTS = {"share": FactDefinition(type="percent", value=50), "until": FactDefinition(type="date", value="2026-08-31")}
GOOD = "함께라서 {{ facts.share }} 할인해 드려요. {{ facts.until }}까지예요."


def content(*bodies: str, **facts: FactDefinition) -> ContentDefinition:
    variants = [
        VariantDefinition(language="ko", fields={"body": body}, channels=[channel]) for body, channel in zip(bodies, "abcdef", strict=False)
    ]
    return ContentDefinition(name="c", variants=variants, facts=facts or FACTS)


def test_one_voice_is_a_hundred() -> None:
    told = consistency([content(GOOD, GOOD)], Catalogue(), GUIDE)
    assert told.score == 100.0 and told.parts == {"facts": 1.0, "speech": 1.0, "guide": 1.0, "voice": 1.0}
    assert told.levels == {"haeyo": 4}


@pytest.mark.parametrize(
    ("second", "part", "value"),
    [
        ("함께라서 {{ facts.share }} 할인해 드려요.", "facts", 0.75),
        ("함께라서 30% 할인해 드려요. {{ facts.until }}까지예요.", "facts", 0.5),
        ("함께라서 {{ facts.share }} 할인해 드립니다. {{ facts.until }}까지예요.", "speech", 0.75),
        ("{{ facts.share }} 할인해 드려요. {{ facts.until }}까지예요.", "voice", 0.5),
        (f"{GOOD} 대박이에요.", "guide", 0.75),
    ],
)
def test_each_part_lowers_it_by_its_weight(second: str, part: str, value: float) -> None:
    told = consistency([content(GOOD, second)], Catalogue(), GUIDE)
    assert told.parts[part] == pytest.approx(value)
    lost = sum(WEIGHTS[name] * (1 - each) for name, each in told.parts.items()) / sum(WEIGHTS.values())
    assert told.score == pytest.approx(100 * (1 - lost), abs=0.06)


def test_a_fact_that_is_written_out_is_said() -> None:
    told = consistency([content(GOOD, "함께라서 50% 할인해 드려요. 8월 31일까지예요.")], Catalogue(), GUIDE)
    assert told.parts["facts"] == 1.0


def test_nothing_to_judge_has_no_score() -> None:
    assert consistency([], Catalogue(), GUIDE).score is None


def test_a_variant_for_several_media_is_held_against_each() -> None:
    one = ContentDefinition(
        name="c", variants=[VariantDefinition(language="ko", fields={"body": GOOD}, channels=["app", "web"])], facts=FACTS
    )
    assert [each.channel for each in consistency([one], Catalogue(), GUIDE).variants] == ["app", "web"]
