"""Facts may not differ between variants, whatever branch of a template somebody reads."""

from __future__ import annotations

import pytest

from gyeol.content.checking import Known, flaws
from gyeol.content.equality import Catalogue, differing, facts_of
from gyeol.content.model import ContentDefinition, FactDefinition, ProductDefinition, VariantDefinition

CATALOGUE = Catalogue(
    [
        ProductDefinition(sku="C01", name={"ko": "아이스 아메리카노", "en": "iced Americano"}, price_minor=4500),
        ProductDefinition(sku="L01", name={"ko": "라떼", "en": "latte"}, price_minor=5000),
    ],
    "KRW",
)
FACTS = {
    "drink": FactDefinition(type="product", value="C01"),
    "price": FactDefinition(type="price", value=2250),
    "share": FactDefinition(type="percent", value=50),
    "until": FactDefinition(type="date", value="2026-08-31"),
    "code": FactDefinition(type="code", value="ICE50"),
    "link": FactDefinition(type="link", value="https://shop.example/ice"),
    "deal": FactDefinition(type="text", value="1+1"),
}


def content(*fields: dict[str, str], language: str = "ko", facts: dict[str, FactDefinition] = FACTS) -> ContentDefinition:
    variants = [VariantDefinition(language=language, fields=each, channels=[f"c{n}"]) for n, each in enumerate(fields)]
    return ContentDefinition(name="ice", facts=facts, variants=variants)


def codes(text: str, field: str = "body") -> list[tuple[str, str]]:
    return [(found.code, found.found) for found in differing(content({field: text}), CATALOGUE)]


@pytest.mark.parametrize(
    "text",
    [
        "{{ facts.drink }} 한 잔이 {{ facts.price }}, {{ facts.until }}까지 {{ facts.code }}",
        "아이스 아메리카노 2,250원 (반값), 8월 31일까지, 쿠폰 ICE50",
        "{{ name | default: '고객' }}님, {{ orders }}번째 주문 감사해요. {{ facts.deal }}",
        "{% if orders > 3 %}단골{% else %}처음{% endif %} {{ facts.share }}",
        "{% assign price = facts.price %}{{ price }}",
        "{% comment %}90% {% endcomment %}{{ facts.price }}",
        "{{ catalogue['C01'].name }}은 {{ facts.price }}",
        "{{ catalogue[moment.cart_product].price }}",
        "쿠폰 {{ coupon.code }}",
        "{{ facts.link }}?utm_source=mail",
    ],
)
def test_what_says_the_facts_is_well(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    ("text", "code", "found"),
    [
        ("2,260원", "undeclared_price", "2,260원"),
        ("60%", "undeclared_percent", "60%"),
        ("9월 1일까지", "undeclared_date", "9월 1일"),
        ("오전 11시까지", "undeclared_time", "오전 11시"),
        ("ICE60 쿠폰", "undeclared_code", "ICE60"),
        ("https://shop.example/other", "undeclared_link", "https://shop.example/other"),
        ("라떼를 반값에", "undeclared_product", "라떼"),
        ("3잔까지", "undeclared_number", "3"),
        ("{% if orders > 3 %}{{ facts.price }}{% else %}3,000원{% endif %}", "undeclared_price", "3,000원"),
        ("{% unless vip %}90%{% endunless %}", "undeclared_percent", "90%"),
        ("{{ name | default: '90% 할인' }}", "undeclared_percent", "90%"),
        ("{{ facts.price | replace: '2,250', '1,250' }}", "undeclared_price", "1,250원"),
        ("{% assign off = '30%' %}{{ off }}", "undeclared_percent", "30%"),
        ("{{ 90 }}%", "undeclared_percent", "90%"),
        ("{{ catalogue['L01'].price }}", "undeclared_price", "5,000원"),
        ("{{ facts.prise }}", "unknown_fact", "prise"),
    ],
)
def test_what_is_no_fact_is_found(text: str, code: str, found: str) -> None:
    assert (code, found) in codes(text)


def test_pages_are_read_as_their_readers_see_them() -> None:
    link = '<a href="https://shop.example/ice?u=1" title="60%">x</a>'
    page = f'<style>p{{margin:24px}}</style><p style="font-size:22px">{{{{ facts.price }}}}</p>{link}'
    assert codes(page, "html") == [("undeclared_percent", "60%")]
    body = "<mj-body width='600px'><mj-text font-size='20px'>9,900원</mj-text></mj-body>"
    mail = f"<mjml><mj-head><mj-style>p{{margin:3px}}</mj-style></mj-head>{body}</mjml>"
    assert codes(mail, "mjml") == [("undeclared_price", "9,900원")]
    apart = "<mjml><mj-body><mj-text>{{ orders }}</mj-text><mj-text>둘</mj-text><mj-text>{{ facts.price }}</mj-text></mj-body></mjml>"
    assert codes(apart.replace("둘", "{{ facts.share }}"), "mjml") == []
    assert codes("https://img.example/2026/ice-600x400.png", "image") == []


def test_a_coupon_field_holds_a_code_or_nothing() -> None:
    assert codes("{{ facts.code }}", "coupon") == codes("{{ coupon.code }}", "coupon") == []
    assert codes("SORRY", "coupon") == [("undeclared_code", "SORRY")]


def test_every_variant_is_read_and_every_finding_told() -> None:
    found = differing(content({"title": "{{ facts.price }}"}, {"title": "3,000원", "body": "90%"}, {"title": "2,250원"}), CATALOGUE)
    assert [(each.variant, each.field, each.code) for each in found] == [
        (1, "title", "undeclared_price"),
        (1, "body", "undeclared_percent"),
    ]
    assert "2250" in found[0].mend


def test_a_required_fact_is_missed_where_nobody_says_it() -> None:
    facts = {**FACTS, "until": FactDefinition(type="date", value="2026-08-31", required=True)}
    found = differing(
        content({"title": "{{ facts.until }}까지"}, {"title": "8월 31일까지"}, {"title": "곧 끝나요"}, facts=facts), CATALOGUE
    )
    assert [(each.variant, each.code, each.found) for each in found] == [(2, "missing_fact", "until")]


def test_everything_wrong_with_a_content_is_told_at_once() -> None:
    facts = {"price": FactDefinition(type="price", value="much"), "day": FactDefinition(type="date", value="soon")}
    one = VariantDefinition(language="ko", fields={"title": "{{ nobody }}", "body": "{% if %}"}, stage="gone", persona="nobody")
    found = flaws(
        ContentDefinition(name="coverage", facts=facts, variants=[one, one], stale_after="long"),
        Known(catalogue=CATALOGUE, names=("orders",), stages=("loyal",), personas=()),
    )
    told = [flaw.code for flaw in found]
    assert told[:4] == ["bad_name", "bad_duration", "bad_fact", "bad_fact"]
    assert {"unknown_stage", "unknown_persona", "unknown_name", "template_syntax", "duplicate_variant"} <= set(told)


def test_facts_are_written_as_people_of_a_language_write_them() -> None:
    texts = {}
    for language in ("ko", "en"):
        texts[language] = facts_of(content({"title": "x"}), language, CATALOGUE)
    assert texts["ko"] == {
        "drink": "아이스 아메리카노",
        "price": "2,250원",
        "share": "50%",
        "until": "8월 31일",
        "code": "ICE50",
        "link": "https://shop.example/ice",
        "deal": "1+1",
    }
    assert (texts["en"]["price"], texts["en"]["until"], texts["en"]["drink"]) == ("₩2,250", "31 August", "iced Americano")


@pytest.mark.parametrize(
    "page",
    ['<div style="display:none">90% 할인</div>', "<span hidden>90%</span>", '<input placeholder="90%">', "<a href='//evil.example'>x</a>"],
)
def test_what_a_page_hides_is_read_as_well(page: str) -> None:
    content = ContentDefinition(name="c", variants=[VariantDefinition(language="ko", fields={"html": page})])
    assert len(differing(content, Catalogue())) == 1
