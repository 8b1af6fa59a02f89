"""Renders a second by kind of template, each with the choice of its variant: what one message costs before it is queued."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from gyeol.bench.bench import Setting
from gyeol.bench.report import PER_S, US, Figures, say
from gyeol.content.equality import Catalogue, differing
from gyeol.content.library import Chosen, Contents, rendered
from gyeol.content.model import ContentDefinition, FactDefinition, ProductDefinition, Tone, VariantDefinition
from gyeol.content.variants import Reader

SECONDS_EACH, QUICK_SECONDS = 0.5, 0.05
FACTS = {
    "drink": FactDefinition(type="product", value="C01"),
    "price": FactDefinition(type="price", value=2250),
    "until": FactDefinition(type="date", value="2026-08-31"),
    "code": FactDefinition(type="code", value="ICE50"),
}
CATALOGUE = Catalogue([ProductDefinition(sku="C01", name={"ko": "아이스 아메리카노", "en": "Iced Americano"}, price_minor=4500)])
VALUES: dict[str, object] = {"name": "김민수", "orders": 7, "recent_products": ["C01", "L01", "T02"], "moment.weather": "rain"}
_LIQUID = (
    "{{ name | default: '고객' }}님, {% if orders > 3 %}늘 찾아 주셔서 감사해요.{% else %}반가워요.{% endif %} "
    "{{ facts.drink }} 한 잔이 {{ facts.price }}, {{ facts.until }}까지예요."
)
_ROWS = "".join(f"<tr><td style='padding:8px'>{{{{ recent_products[{n}] }}}}</td><td>{{{{ facts.price }}}}</td></tr>" for n in range(3))
_HTML = f"<h1>{{{{ name }}}}님</h1><p>{_LIQUID}</p><table>{_ROWS}</table><a href='https://shop.example'>보기</a>" + "<p>안내</p>" * 40
_BLOCKS = "".join(
    f"<mj-section><mj-column><mj-text>{{{{ name }}}}님 {n}</mj-text>"
    "<mj-button href='https://shop.example'>{{ facts.price }}</mj-button></mj-column></mj-section>"
    for n in range(6)
)
_MJML = f"<mjml><mj-head><mj-preview>봄</mj-preview></mj-head><mj-body>{_BLOCKS}</mj-body></mjml>"
KINDS: dict[str, dict[str, str]] = {
    "plain": {"title": "오늘의 커피를 만나 보세요", "body": "매일 아침 새로 볶은 원두로 내립니다."},
    "liquid": {"title": "{{ facts.drink }} {{ facts.price }}", "body": _LIQUID, "coupon": "{{ facts.code }}"},
    "html_mail": {"subject": "{{ facts.drink }} {{ facts.price }}", "html": _HTML},
    "mjml_mail": {"subject": "{{ facts.drink }} {{ facts.price }}", "mjml": _MJML},
}
"""One message of each kind, of a length that is usual for it."""


def contents_of(kind: str) -> Contents:
    """A content with a variant for each of three tones in two languages, as a marketer would have it."""
    fields = KINDS[kind]
    tones: tuple[Tone | None, ...] = (None, "brief", "warm")
    variants = [VariantDefinition(language=language, tone=tone, fields=fields) for language in ("ko", "en") for tone in tones]
    return Contents([ContentDefinition(name=kind, facts=FACTS, variants=variants)], CATALOGUE)


def measure(setting: Setting, figures: Figures) -> None:
    """Renders a second of one core, and microseconds that holding a content's variants against its facts takes."""
    seconds = QUICK_SECONDS if setting.quick else SECONDS_EACH
    reader = Reader(medium="email", language="ko", tone="warm")
    for kind in KINDS:
        contents = contents_of(kind)

        def once(contents: Contents = contents, kind: str = kind) -> None:
            chosen = contents.choose(kind, reader)
            assert isinstance(chosen, Chosen)
            rendered(chosen, VALUES.__getitem__, {"id": "d_1"})

        for _ in range(setting.runs):
            figures.add(f"content.render.{kind}_per_s", 1 / _each_s(once, seconds), PER_S)
        definition = contents.get(kind)
        assert definition is not None
        figures.add(f"content.facts.{kind}_us", 1e6 * _each_s(partial(differing, definition, CATALOGUE), seconds), US)
        say(f"  {kind}: {figures.all()[f'content.render.{kind}_per_s'].median:,.0f} renders/s")
    figures.note("content: processor time of one core; a render is the choice among six variants and all fields of one message")


def _each_s(once: Callable[[], object], seconds: float) -> float:
    """Processor time of one call, in seconds."""
    once()
    begun, done = time.process_time(), 0
    while (spent := time.process_time() - begun) < seconds:
        once()
        done += 1
    return spent / done
