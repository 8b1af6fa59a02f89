"""The brand guide: what a lint costs while somebody types, how often levels of speech are told rightly, what a composed variant costs.

The 500 sentences of ``speech_levels.tsv`` were written and labelled by hand before there was a rule: marketing, service and chat. The rules
were written looking only at the part ``rules``; the part ``report`` was first run when they were done (accuracy 0.976), and two faults
that it showed were then mended. One hand wrote sentences and rules, so the figures are kinder than other people's texts would be.
"""

from __future__ import annotations

import csv
import importlib
import importlib.util
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from gyeol.content.brand.composer.brief import Brief
from gyeol.content.brand.composer.writing import BlockComposer
from gyeol.content.brand.guide import guide_of
from gyeol.content.brand.lint import lint
from gyeol.content.equality import Catalogue
from gyeol.content.korean.speech import level_of
from gyeol.content.model import ContentDefinition, FactDefinition, ProductDefinition

SENTENCES = Path(__file__).parent / "speech_levels.tsv"
PARTS = ("rules", "report")
FORMAL = ("ᆸ니다", "ᆸ니까", "ᆸ시다", "십시오", "ᆸ시오", "습니다", "습니까", "읍시다")
PLAIN = ("다", "자", "라", "냐", "니", "구나", "렴", "마", "는가", "ᆫ가", "도다", "노라")


class Labelled(msgspec.Struct, frozen=True):
    """A sentence labelled by hand."""

    part: str
    level: str
    style: str
    text: str


class Right(msgspec.Struct, frozen=True, kw_only=True):
    """How often a level is told rightly. Precision is None where nothing was told to be it.

    Args:
        precision: Of those told to be of the level, the share that is.
        recall: Of those of the level, the share told to be.
        sentences: Of the level.
    """

    precision: float | None
    recall: float
    sentences: int


def labelled(part: str | None = None) -> list[Labelled]:
    """The sentences; of one part, or all."""
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = [Labelled(*row) for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)][1:]
    return [row for row in rows if part in (None, row.part)]


def judged(rows: Sequence[Labelled], tell: Callable[[str], str]) -> tuple[float, dict[str, Right]]:
    """Accuracy, and precision and recall of each level."""
    told = [tell(row.text) for row in rows]
    levels = sorted({row.level for row in rows})
    found: dict[str, Right] = {}
    for level in levels:
        both = sum(row.level == level == each for row, each in zip(rows, told, strict=True))
        said, are = told.count(level), sum(row.level == level for row in rows)
        found[level] = Right(precision=both / said if said else None, recall=both / are, sentences=are)
    return sum(row.level == each for row, each in zip(rows, told, strict=True)) / len(rows), found


def measure(messages: int = 3_000, *, beside_kiwi: bool = True) -> dict[str, float]:
    """Speech levels on both parts, beside kiwipiepy where it is installed; milliseconds of a lint and of a composed variant.

    Args:
        messages: How many are linted, at least 50.
        beside_kiwi: Whether kiwipiepy, where it is installed, tells the same sentences; it takes 3 s and half a gigabyte to load.

    Returns:
        ``speech_<part>_accuracy``, ``speech_<part>_<level>_precision`` and ``…_recall``, ``kiwi_<part>_accuracy``,
        ``lint_p50_ms`` and ``lint_p99_ms`` (CPU time of a message), ``lint_page_ms`` (a mail of 100 paragraphs), ``compose_p50_ms``.
    """
    found: dict[str, float] = {}
    for part in PARTS:
        accuracy, levels = judged(labelled(part), level_of)
        found[f"speech_{part}_accuracy"] = accuracy
        for level, right in levels.items():
            found[f"speech_{part}_{level}_recall"] = right.recall
            if right.precision is not None:
                found[f"speech_{part}_{level}_precision"] = right.precision
    if beside_kiwi and importlib.util.find_spec("kiwipiepy") is not None:
        found |= _by_kiwi()
    return found | _costs(messages)


def _costs(messages: int) -> dict[str, float]:
    guide, texts = guide_of(), [row.text for row in labelled()]
    spent = np.empty(messages)
    for i in range(messages):
        # A message that nobody has seen before, as while typing: nothing of it is remembered.
        body = f"{texts[i % len(texts)]} {i} {texts[(i * 7) % len(texts)]} {{{{ facts.price }}}} https://shop.example/{i}"
        begun = time.process_time_ns()
        lint({"title": texts[(i * 3) % len(texts)], "body": body}, guide, channel="sms", language="ko", label="(광고)")
        spent[i] = (time.process_time_ns() - begun) / 1e6
    paragraphs = "".join(f"<p style='color:#333'>{text}</p>" for text in texts[:100])
    begun = time.process_time_ns()
    lint({"subject": "봄 소식", "html": f"<body style='background:#fff'>{paragraphs}</body>"}, guide, channel="email", language="ko")
    page = (time.process_time_ns() - begun) / 1e6
    composed = [_compose_ms(seed) for seed in range(max(10, messages // 50))]
    return {
        "lint_p50_ms": float(np.percentile(spent, 50)),
        "lint_p99_ms": float(np.percentile(spent, 99)),
        "lint_page_ms": page,
        "compose_p50_ms": float(np.percentile(composed, 50)),
    }


def _compose_ms(seed: int) -> float:
    facts = {
        "drink": FactDefinition(type="product", value="C03", required=True),
        "price": FactDefinition(type="price", value=2_250, required=True),
        "until": FactDefinition(type="date", value="2026-08-31"),
    }
    catalogue = Catalogue([ProductDefinition(sku="C03", name={"ko": "아이스 라떼", "en": "Iced latte"})])
    brief = Brief(
        content=ContentDefinition(name="iced", variants=[], facts=facts),
        catalogue=catalogue,
        guide=guide_of(),
        channel="push",
        tone="warm",
        language="ko",
        seed=seed,
    )
    begun = time.process_time_ns()
    BlockComposer().compose(brief)
    return (time.process_time_ns() - begun) / 1e6


def _by_kiwi() -> dict[str, float]:
    """The same sentences by a morphological analyser; its final endings are read as levels."""
    kiwi: Any = importlib.import_module("kiwipiepy").Kiwi()
    kiwi.tokenize("처음")
    return {f"kiwi_{part}_accuracy": judged(labelled(part), lambda text: _level_by_kiwi(kiwi, text))[0] for part in PARTS}


def _level_by_kiwi(kiwi: Any, text: str) -> str:
    levels: set[str] = set()
    for sentence in kiwi.split_into_sents(text, return_tokens=True):
        tokens = list(sentence.tokens)
        for token, after in zip(tokens, [*tokens[1:], None], strict=True):
            if token.tag == "EF":
                levels.add(_of_ending(token.form + ("요" if after is not None and after.form == "요" else "")))
    if levels:
        return next(iter(levels)) if len(levels) == 1 else "mixed"
    return "neutral" if any("가" <= letter <= "힣" for letter in text) else "unknown"


def _of_ending(form: str) -> str:
    if any(ending in form for ending in FORMAL):
        return "hapsyo"
    if form.endswith(("요", "죠", "용")):
        return "haeyo"
    return "haera" if form.endswith(PLAIN) else "hae"
