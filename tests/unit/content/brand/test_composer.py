"""Variants from blocks: within the guide, the same for the same seed, facts as placeholders; and what blocks may not be."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from gyeol.content.brand.composer.blocks import block_faults
from gyeol.content.brand.composer.brief import Brief, Draft, Refused
from gyeol.content.brand.composer.checking import checked
from gyeol.content.brand.composer.writing import BlockComposer
from gyeol.content.brand.guide import guide_of
from gyeol.content.brand.lint import lint
from gyeol.content.brand.model import Block, BrandDefinition, Speech
from gyeol.content.equality import Catalogue, facts_of, values_of
from gyeol.content.korean.speech import level_of
from gyeol.content.model import ContentDefinition, FactDefinition, ProductDefinition, Tone
from gyeol.content.rendering import render

CATALOGUE = Catalogue([ProductDefinition(sku="C03", name={"ko": "아이스 라떼", "en": "Iced latte"})])
FACTS = {
    "drink": FactDefinition(type="product", value="C03", required=True),
    "price": FactDefinition(type="price", value=2_250, required=True),
    "until": FactDefinition(type="date", value="2026-08-31"),
}
CONTENT = ContentDefinition(name="iced", variants=[], facts=FACTS)


def brief(**more: Any) -> Brief:
    given: dict[str, Any] = {"channel": "push", "tone": "warm", "language": "ko", "guide": guide_of(), **more}
    return Brief(content=given.pop("content", CONTENT), catalogue=CATALOGUE, **given)


def draft(**more: Any) -> Draft:
    made = BlockComposer().compose(brief(**more))
    assert isinstance(made, Draft), made
    return made


@pytest.mark.parametrize("tone", get_args(Tone))
@pytest.mark.parametrize("channel", ["sms", "push", "email", "kakao", "app", "till"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_tone_and_channel_keeps_the_guide_and_says_the_facts(tone: Tone, channel: str, language: str) -> None:
    made = draft(tone=tone, channel=channel, language=language, label="(광고)")
    assert made.variant.channels == [channel] and made.variant.tone == tone and made.left_out == []
    errors = [f for f in lint(made.variant.fields, guide_of(), channel=channel, language=language) if f.severity == "error"]
    assert errors == []
    facts = facts_of(CONTENT, language, CATALOGUE)
    fields = render({language: made.variant.fields}, language, values_of(facts, language, CATALOGUE))
    said = " ".join(fields.values())
    assert all(text in said for text in facts.values())
    assert not any(sign.isdigit() for text in made.variant.fields.values() for sign in text)
    if language == "ko":
        assert level_of(fields["body"]) in ("haeyo", "neutral")


def test_the_same_seed_gives_the_same_and_others_differ() -> None:
    assert draft(seed=3) == draft(seed=3)
    assert len({draft(seed=seed, channel="email").variant.fields["body"] for seed in range(12)}) > 3


def test_the_guides_level_of_speech_is_kept() -> None:
    made = draft(guide=guide_of(BrandDefinition(speech=Speech(level="hapsyo"))), channel="email")
    assert level_of(made.variant.fields["body"]) == "hapsyo"


def test_apologies_may_be_in_another_level() -> None:
    made = draft(guide=guide_of(BrandDefinition(speech=Speech(level="haeyo", tones={"apologetic": "hapsyo"}))), tone="apologetic")
    assert level_of(made.variant.fields["body"]) == "hapsyo"


def test_a_content_without_a_fact_to_speak_of_is_refused() -> None:
    made = BlockComposer().compose(brief(content=ContentDefinition(name="empty", variants=[])))
    assert isinstance(made, Refused) and made.reason.code == "no_block" and made.reason.params["slot"] == "benefit"


def test_what_keeps_no_guide_is_refused_with_its_findings() -> None:
    block = Block(slot="benefit", language="ko", level="haeyo", text="대박 혜택을 드려요 {{ facts.drink }} {{ facts.price }}.")
    title = Block(slot="title", language="ko", text="안내")
    made = BlockComposer().compose(brief(guide=guide_of(BrandDefinition(blocks=[block, title])), channel="push"))
    assert isinstance(made, Refused) and made.reason.code == "breaks_guide"
    assert "banned_word" in [finding.code for finding in made.findings]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{{ facts.drink }} 2,250원에 드려요. {{ facts.price }}", "fact_written_out"),
        ("{{ facts.drink }} 1,900원에 드려요. {{ facts.price }}", "fact_invented"),
        ("{{ facts.drink }} {{ facts.price }}, 9월 1일까지 드려요.", "fact_invented"),
        ("{{ facts.drink }} {{ facts.price }} 반값에 드려요.", "fact_invented"),
        ("{{ facts.drink }} 드려요.", "fact_missing"),
        ("{{ facts.drink }} {{ facts.price }} {{ facts.gift }} 드려요.", "fact_invented"),
        ("{{ first_name }}님, {{ facts.drink }} {{ facts.price }}에 드려요.", "template_bad"),
        ("{% if x %}{{ facts.drink }} {{ facts.price }}에 드려요.{% endif %}", "template_bad"),
        ("{{ facts.drink }} {{ facts.price }}에 드려요", ""),
        ("{{ facts.drink }} {{ facts.price }}에 드립니다.", "speech_level"),
        ("{{ facts.drink ", "template_bad"),
    ],
)
def test_the_last_look_at_any_text(body: str, code: str) -> None:
    made = checked(brief(), {"title": "안내", "body": body}, "somebody")
    if code:
        assert isinstance(made, Refused) and code in [finding.code for finding in made.findings]
    else:
        assert isinstance(made, Draft) and made.left_out == ["until"]


@pytest.mark.parametrize("block", guide_of().blocks, ids=lambda block: f"{block.slot}-{block.text}")
def test_shipped_blocks_are_approved(block: Block) -> None:
    assert block_faults(block, guide_of()) == []


@pytest.mark.parametrize(
    ("block", "code"),
    [
        (Block(slot="benefit", language="ko", level="haeyo", text="1,900원에 드려요."), "block_claims"),
        (Block(slot="benefit", language="ko", level="haeyo", text="지금 확인하십시오."), "block_level"),
        (Block(slot="benefit", language="ko", text="지금 확인해."), "block_level"),
        (Block(slot="benefit", language="ko", level="haeyo", text="지금 확인"), "block_level"),
        (Block(slot="opener", language="ko", text="{{ first_name }}님께"), "block_reads"),
        (Block(slot="opener", language="ko", text="대박 소식"), "block_banned"),
        (Block(slot="opener", language="ko", text="{% if a %}소식{% endif %}"), "block_tag"),
        (Block(slot="opener", language="ko", text="{{ facts.price | unheard_of }}"), "unknown_filter"),
        (Block(slot="opener", language="ko", text="{{ facts.price"), "template_syntax"),
        (Block(slot="opener", language="ko", text=" "), "empty"),
    ],
)
def test_what_is_no_block(block: Block, code: str) -> None:
    assert code in [fault.code for fault in block_faults(block, guide_of())]
