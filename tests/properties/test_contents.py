"""Laws of contents: the same facts in every variant, whatever is written around them; one changed figure is always found."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gyeol.content.claims import agrees, claims
from gyeol.content.equality import Catalogue, differing, facts_of
from gyeol.content.library import Contents, rendered
from gyeol.content.model import ContentDefinition, FactDefinition, Tone, VariantDefinition
from gyeol.content.variants import INSTEAD, Reader, choose, fitting

CATALOGUE = Catalogue()
WORDS = st.sampled_from(
    ["안녕하세요", "지금", "오늘만", "for you", "coffee", "원두", "님", "!", "{{ name | default: '고객' }}", "{{ orders }}"]
)
TONES: list[Tone | None] = [None, "brief", "warm", "cheering", "careful", "apologetic", "retaining"]


@st.composite
def facts(draw: st.DrawFn) -> dict[str, FactDefinition]:
    return {
        "price": FactDefinition(type="price", value=draw(st.integers(0, 5_000_000))),
        "share": FactDefinition(type="percent", value=draw(st.integers(1, 99))),
        "until": FactDefinition(type="date", value=draw(st.dates()).isoformat()),
        "at": FactDefinition(type="time", value=draw(st.times()).strftime("%H:%M")),
        "left": FactDefinition(type="number", value=draw(st.integers(1, 10_000))),
        "code": FactDefinition(type="code", value=draw(st.from_regex(r"[B-D][A-Z]{2}[0-9]{2}", fullmatch=True))),
    }


@st.composite
def contents(draw: st.DrawFn) -> ContentDefinition:
    told = draw(facts())
    variants = []
    for tone in draw(st.lists(st.sampled_from(TONES), min_size=1, max_size=4, unique=True)):
        names = draw(st.lists(st.sampled_from(sorted(told)), max_size=6))
        parts = [draw(WORDS), *(part for name in names for part in (f"{{{{ facts.{name} }}}}", draw(WORDS)))]
        fields = {"title": draw(WORDS), "body": " ".join(parts)}
        variants.append(VariantDefinition(language=draw(st.sampled_from(["ko", "en"])), tone=tone, fields=fields))
    return ContentDefinition(name="any", facts=told, variants=variants)


@given(contents())
def test_variants_made_of_facts_differ_in_none(content: ContentDefinition) -> None:
    assert differing(content, CATALOGUE) == []


@given(contents(), st.integers(100, 4_999_000))
def test_one_other_price_is_found(content: ContentDefinition, other: int) -> None:
    if content.facts["price"].value == other:
        return
    body = content.variants[-1].fields["body"] + f" {other:,}원"
    variants = [*content.variants[:-1], VariantDefinition(language="ko", fields={"body": body}, stage="s")]
    found = differing(ContentDefinition(name="any", facts=content.facts, variants=variants), CATALOGUE)
    assert [(each.code, each.variant) for each in found] == [("undeclared_price", len(variants) - 1)]


@given(facts(), st.sampled_from(["ko", "en"]))
def test_what_is_written_is_read_back_as_the_same_fact(told: dict[str, FactDefinition], language: str) -> None:
    content = ContentDefinition(name="any", facts=told, variants=[])
    for name, text in facts_of(content, language, CATALOGUE).items():
        (claim,) = claims(f"· {text} ·")
        assert agrees(claim, told[name], "KRW"), (name, text, claim)


@given(contents(), st.sampled_from(["", *(tone for tone in INSTEAD if tone)]), st.sampled_from(["ko", "en", "fr"]))
def test_a_reader_gets_a_tone_that_may_speak_to_them_and_the_facts(content: ContentDefinition, tone: str, language: str) -> None:
    reader = Reader(medium="app", language=language, tone=tone or None)
    found = choose(content, reader)
    if found is None:
        # Nothing rather than another language, or a tone that would hurt.
        mine = [variant for variant in content.variants if variant.language == language] or content.variants
        assert all((variant.tone or "any") not in INSTEAD[tone] for variant in mine)
        return
    assert found in fitting(content, reader) and (found.tone or "any") in INSTEAD[tone]
    chosen = Contents([content]).very("any", found.key)
    said = rendered(chosen, {"name": "민수", "orders": 7}.__getitem__, {})  # type: ignore[arg-type]  # it was just chosen
    allowed = set(facts_of(content, found.language, CATALOGUE).values()) | {"7"}
    body = said["body"]
    for text in sorted(allowed, key=len, reverse=True):
        body = body.replace(text, " ")
    assert not any(sign.isdigit() for sign in body)
