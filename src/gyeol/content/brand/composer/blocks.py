"""Approved blocks: which fit a brief, with their facts named as the content names them; and what is wrong with one in a guide."""

from __future__ import annotations

import re
from typing import NamedTuple

from gyeol.content.brand.composer.brief import Brief
from gyeol.content.brand.guide import Guide, applies
from gyeol.content.brand.model import Block, Slot
from gyeol.content.claims import claims
from gyeol.content.korean.speech import SPEAKING, level_of
from gyeol.content.liquid import TemplateError, is_template, reads, unknown_filters
from gyeol.content.model import ContentDefinition, FactType

FACT = re.compile(r"\bfacts\.(\w+)")
_PLACEHOLDER = re.compile(r"{{.*?}}", re.DOTALL)
_TYPES: tuple[FactType, ...] = ("text", "product", "price", "percent", "number", "date", "time", "code", "link")


class Usable(NamedTuple):
    """A block whose facts are there: its text with the content's names of facts, and these."""

    text: str
    facts: frozenset[str]


class BlockFault(NamedTuple):
    """What is wrong with a block, and how to mend it."""

    code: str
    what: str
    mend: str


def usable(brief: Brief, slot: Slot) -> list[Usable]:
    """The blocks of a slot that fit a brief, in the guide's order; those of the tone alone before those of every tone.

    A block may name a fact by its type: ``{{ facts.price }}`` is the content's fact ``price``, or its first of that type.
    """
    level = brief.guide.level(brief.channel, brief.tone)
    found: list[tuple[bool, Usable]] = []
    for block in brief.guide.blocks:
        if (
            block.slot != slot
            or block.language != brief.language.split("-")[0].lower()
            or not applies(list(block.tones), brief.tone)
            or not applies(block.channels, brief.channel)
            or block.level not in (None, level)
        ):
            continue
        named = _named(block.text, brief.content)
        if named is not None:
            found.append((not block.tones, named))
    return [each for _, each in sorted(found, key=lambda one: one[0])]


def _named(text: str, content: ContentDefinition) -> Usable | None:
    """The block's text with the content's names; None when a fact is not there."""
    names: dict[str, str] = {}
    for asked in FACT.findall(text):
        name = asked if asked in content.facts else next((n for n, fact in content.facts.items() if fact.type == asked), None)
        if name is None:
            return None
        names[asked] = name
    return Usable(FACT.sub(lambda m: f"facts.{names[m[1]]}", text), frozenset(names.values()))


def block_faults(block: Block, guide: Guide) -> list[BlockFault]:
    """What keeps a block from being approved: it would say facts of its own, read people, or break the guide."""
    found: list[BlockFault] = []
    if not block.text.strip():
        return [BlockFault("empty", "the block is empty", "write it, or remove the entry")]
    try:
        names = reads(block.text) if is_template(block.text) else []
        filters = unknown_filters(block.text) if is_template(block.text) else []
    except TemplateError as error:
        return [BlockFault("template_syntax", error.fault.what, "placeholders are written {{ facts.price }}")]
    if "{%" in block.text:
        found.append(BlockFault("block_tag", "a block holds placeholders only", "take the tag {% … %} out"))
    found += [BlockFault("unknown_filter", f"there is no filter {name}", "use josa, default, upcase, …") for name in filters]
    for name in names:
        if not name.startswith("facts."):
            what = f"a block reads facts only, not {name!r}"
            found.append(BlockFault("block_reads", what, f"use facts.<name>, or a type: {', '.join(_TYPES)}"))
    words = _PLACEHOLDER.sub(" ", block.text)
    for claim in claims(words):
        mend = f"put it in as {{{{ facts.{claim.kind} }}}}"
        found.append(BlockFault("block_claims", f"{claim.text!r} is a fact, and a block holds none of its own", mend))
    return found + _voice_faults(block, guide)


def _voice_faults(block: Block, guide: Guide) -> list[BlockFault]:
    found: list[BlockFault] = []
    for channel in block.channels or [""]:
        banned = guide.banned_on(channel, block.language)
        word = banned.search(block.text) if banned is not None else None
        if word is not None:
            found.append(BlockFault("block_banned", f"{word[0]!r} is banned", "say it in another way"))
            break
    if block.language == "ko":
        level = level_of(block.text)
        if level in (*SPEAKING, "mixed") and level != block.level:
            what = f"the sentence is {level}, and the block says level: {block.level or 'none'}"
            mend = f"write level: {level}" if level in ("haeyo", "hapsyo") else "write it in haeyo or hapsyo"
            found.append(BlockFault("block_level", what, mend))
        elif level == "neutral" and block.level is not None:
            found.append(BlockFault("block_level", f"the fragment has no level, and the block says {block.level}", "leave level out"))
    return found
