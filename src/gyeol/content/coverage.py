"""Where there are words and where there are none: stage × channel × persona × tone; and which contents are to be looked at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import product
from typing import Literal

import msgspec

from gyeol.content.approval import Standing, overall
from gyeol.content.model import ContentDefinition, VariantDefinition
from gyeol.content.variants import INSTEAD, Reader, fitting
from gyeol.expressions.durations import parse_duration
from gyeol.kernel.instants import DAY_MS, Zone

TONES = tuple(tone for tone in INSTEAD if tone)
Cover = Literal["own", "instead", "none"]


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """A content where it is used.

    Args:
        content: Its name.
        offer: That names it.
        channels: Of the placements of that offer, in the order of the file.
    """

    content: str
    offer: str
    channels: list[str]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One case: what is said in it.

    Args:
        stage, persona: "": somebody on no stage, in no audience that a variant is written for.
        cover: ``own``: a variant for that very tone (or, of a language, for any). ``instead``: another tone speaks. ``none``: a hole.
        variant: Key of the variant; None: a hole.
        state: Of that variant.
    """

    content: str
    language: str
    channel: str
    stage: str
    persona: str
    tone: str
    cover: Cover
    variant: str | None = None
    state: str = ""


class Stale(msgspec.Struct, frozen=True, kw_only=True):
    """Why a content is to be looked at again.

    Args:
        content: Its name.
        reason: ``not_touched`` for longer than ``stale_after``; ``fact_expired``; ``product_gone``; ``offer_gone``: no offer uses it;
            ``offer_over``: every offer that uses it has ended.
        about: The fact, product or offer. ``days``: since then.
    """

    content: str
    reason: Literal["not_touched", "fact_expired", "product_gone", "offer_gone", "offer_over"]
    about: str = ""
    days: int | None = None


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """The matrix as a list of cells, and what is stale."""

    cells: list[Cell]
    stale: list[Stale]

    def counts(self) -> dict[str, int]:
        """How many cells have their own words, others' words, none."""
        return {cover: sum(cell.cover == cover for cell in self.cells) for cover in ("own", "instead", "none")}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the matrix is made of.

    Args:
        contents: All of them.
        uses: Which offers use them, and where.
        ended: Offers that have ended → when, in milliseconds.
        products: Skus of the catalogue.
        stages: Of the ladder; a content without variants for a stage has one row for all.
        standing: By content and variant's key.
        touched_ms: By content: the last edit or approval.
        now_ms: The instant. ``zone``: whose dates expire.
    """

    contents: Sequence[ContentDefinition]
    uses: Sequence[Use]
    ended: Mapping[str, int]
    products: frozenset[str]
    stages: Sequence[str]
    standing: Mapping[str, Mapping[str, Standing]]
    touched_ms: Mapping[str, int]
    now_ms: int
    zone: Zone


def coverage(asked: Asked) -> Coverage:
    """The matrix of every content, in the order of the files."""
    return Coverage(
        cells=[cell for content in asked.contents for cell in _cells(content, asked)],
        stale=[stale for content in asked.contents for stale in _stale(content, asked)],
    )


def _cells(content: ContentDefinition, asked: Asked) -> list[Cell]:
    channels = list(dict.fromkeys(c for use in asked.uses if use.content == content.name for c in use.channels))
    channels = channels or list(dict.fromkeys(c for variant in content.variants for c in variant.channels)) or [""]
    languages = list(dict.fromkeys(variant.language for variant in content.variants))
    mentioned = {variant.stage for variant in content.variants}
    stages = ["", *(stage for stage in asked.stages if stage in mentioned)]
    personas = ["", *dict.fromkeys(v.persona for v in content.variants if v.persona is not None)]
    found = []
    for language, channel, stage, persona, tone in product(languages, channels, stages, personas, TONES):
        variant = _said(content, language, channel, stage, persona, tone)
        found.append(
            Cell(
                content=content.name,
                language=language,
                channel=channel,
                stage=stage,
                persona=persona,
                tone=tone,
                cover="none" if variant is None else "own" if variant.tone == tone else "instead",
                variant=None if variant is None else variant.key,
                state="" if variant is None else asked.standing.get(content.name, {}).get(variant.key, Standing()).state,
            )
        )
    return found


def _said(content: ContentDefinition, language: str, channel: str, stage: str, persona: str, tone: str) -> VariantDefinition | None:
    """What is said in a case, in that very language: another one is a hole, too."""
    reader = Reader(medium=channel, language=language, tone=tone, stage=stage or None, in_audience=lambda name: name == persona)
    return next((variant for variant in fitting(content, reader) if variant.language == language), None)


def _stale(content: ContentDefinition, asked: Asked) -> list[Stale]:
    found: list[Stale] = []
    touched = asked.touched_ms.get(content.name)
    if touched is not None:
        days = (asked.now_ms - touched) // DAY_MS
        if asked.now_ms - touched > parse_duration(content.stale_after).ms:
            found.append(Stale(content=content.name, reason="not_touched", days=days))
    today = asked.zone.local(asked.now_ms).date()
    for name, fact in content.facts.items():
        if fact.type == "date" and (on := date.fromisoformat(str(fact.value)[:10])) < today:
            found.append(Stale(content=content.name, reason="fact_expired", about=name, days=(today - on).days))
        elif fact.type == "product" and asked.products and str(fact.value) not in asked.products:
            found.append(Stale(content=content.name, reason="product_gone", about=str(fact.value)))
    offers = [use.offer for use in asked.uses if use.content == content.name]
    if not offers:
        found.append(Stale(content=content.name, reason="offer_gone"))
    elif all(offer in asked.ended for offer in offers):
        ended = max(offers, key=lambda offer: asked.ended[offer])
        found.append(Stale(content=content.name, reason="offer_over", about=ended, days=(asked.now_ms - asked.ended[ended]) // DAY_MS))
    return found


def state_of(content: ContentDefinition, standing: Mapping[str, Mapping[str, Standing]]) -> str:
    """Of a content as a whole."""
    return overall({variant.key: standing.get(content.name, {}).get(variant.key, Standing()) for variant in content.variants})
