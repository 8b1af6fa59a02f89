"""Holes of the matrix, and what is to be looked at again."""

from __future__ import annotations

from gyeol.content.approval import Standing
from gyeol.content.coverage import TONES, Asked, Use, coverage
from gyeol.content.model import ContentDefinition, FactDefinition, VariantDefinition
from gyeol.kernel.instants import DAY_MS, Zone

NOW = 1_772_420_400_000  # 2026-03-02 12:00 in Seoul
BRIEF = VariantDefinition(language="ko", tone="brief", fields={"title": "a"})
LOYAL = VariantDefinition(language="ko", tone="cheering", stage="loyal", channels=["app"], fields={"title": "b"})


def asked(content: ContentDefinition, **more: object) -> Asked:
    told: dict[str, object] = {
        "contents": [content], "uses": [Use(content=content.name, offer="o", channels=["app", "email"])], "ended": {},
        "products": frozenset({"C01"}), "stages": ["lapsing", "loyal"], "standing": {}, "touched_ms": {}, "now_ms": NOW,
        "zone": Zone("Asia/Seoul"),
    }  # fmt: skip
    return Asked(**{**told, **more})  # type: ignore[arg-type]  # a test's shorthand


def test_the_matrix_names_every_case_once() -> None:
    content = ContentDefinition(name="c", variants=[BRIEF, LOYAL])
    found = coverage(asked(content, standing={"c": {BRIEF.key: Standing(state="approved")}}))
    keys = [(cell.channel, cell.stage, cell.tone) for cell in found.cells]
    assert len(keys) == len(set(keys)) == 2 * 2 * len(TONES)
    cells = dict(zip(keys, found.cells, strict=True))
    assert (cells["app", "", "brief"].cover, cells["app", "", "brief"].state) == ("own", "approved")
    assert (cells["email", "", "warm"].cover, cells["email", "", "warm"].variant) == ("instead", BRIEF.key)
    assert (cells["app", "loyal", "cheering"].cover, cells["app", "loyal", "cheering"].variant) == ("own", LOYAL.key)
    assert cells["email", "loyal", "cheering"].cover == "instead"
    assert found.counts() == {"own": 5, "instead": 19, "none": 0}


def test_holes() -> None:
    loud = ContentDefinition(
        name="c", variants=[VariantDefinition(language="ko", tone="cheering", channels=["app"], fields={"title": "x"})]
    )
    cells = {(cell.channel, cell.tone): cell.cover for cell in coverage(asked(loud)).cells}
    assert {key for key, cover in cells.items() if cover != "none"} == {("app", "cheering"), ("app", "warm")}
    assert all(cell.variant is None for cell in coverage(asked(loud)).cells if cell.cover == "none")


def test_what_is_stale_and_why() -> None:
    facts = {"until": FactDefinition(type="date", value="2026-03-01"), "drink": FactDefinition(type="product", value="C09")}
    content = ContentDefinition(name="c", variants=[BRIEF], facts=facts, stale_after="30d")
    found = coverage(asked(content, touched_ms={"c": NOW - 31 * DAY_MS}, ended={"o": NOW - 2 * DAY_MS}))
    assert [(s.reason, s.about, s.days) for s in found.stale] == [
        ("not_touched", "", 31), ("fact_expired", "until", 1), ("product_gone", "C09", None), ("offer_over", "o", 2),
    ]  # fmt: skip
    assert [s.reason for s in coverage(asked(content, uses=[], touched_ms={"c": NOW})).stale][-1] == "offer_gone"


def test_what_holds_today_is_not_stale() -> None:
    content = ContentDefinition(name="c", variants=[BRIEF], facts={"until": FactDefinition(type="date", value="2026-03-02")})
    assert coverage(asked(content, touched_ms={"c": NOW - 89 * DAY_MS})).stale == []
