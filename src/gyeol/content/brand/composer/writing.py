"""The composer that needs no network: approved blocks, put together by a seed, in the tone and the level of speech of the guide.

It tries a number of combinations and keeps the best: no breach of the guide, then every fact said, then few warnings, then the brand's own
words. Facts stand in it as ``{{ facts.<name> }}`` only, so they cannot differ.
"""

from __future__ import annotations

import random

import msgspec

from gyeol.content.brand.composer.blocks import Usable, usable
from gyeol.content.brand.composer.brief import Brief, Draft, Refused
from gyeol.content.brand.composer.checking import checked, findings_of
from gyeol.content.brand.model import SLOTS, Slot
from gyeol.kernel.reason import Reason

TRIES = 48
"""Combinations that are looked at: the shipped blocks rarely give more for one tone, and each costs a third of a millisecond."""

HEART = ("product", "price", "percent")
"""Types of facts that belong into the benefit, not behind it."""
LEFT_OUT = 0.25
"""How often a part that need not be there is left out."""


class Shape(msgspec.Struct, frozen=True):
    """How a medium's message is built.

    Args:
        heads: Fields that hold the title.
        body: Slots of the body in order; all but the benefit may be left out.
        joint: What stands between the parts of the body.
        extras: Whether code and link are fields of their own.
    """

    heads: tuple[str, ...] = ("title",)
    body: tuple[Slot, ...] = ("opener", "benefit", "facts", "action", "closer")
    joint: str = " "
    extras: bool = True


SHAPES: dict[str, Shape] = {
    "sms": Shape(heads=(), body=("opener", "benefit", "facts", "action"), joint="\n", extras=False),
    "mms": Shape(heads=("title",), joint="\n", extras=False),
    "kakao": Shape(heads=(), joint="\n", extras=False),
    "push": Shape(body=("benefit", "facts", "action"), extras=False),
    "email": Shape(heads=("subject", "title"), joint="\n"),
    "till": Shape(body=("benefit", "facts", "action")),
}
"""By medium; others have a title and a body of one paragraph."""
_OTHER = Shape()


class Parts(msgspec.Struct, frozen=True):
    """The blocks that one combination may use, by slot."""

    by_slot: dict[Slot, list[Usable]]
    shape: Shape
    facts: tuple[str, ...]


class BlockComposer:
    """Writes from the guide's blocks."""

    name = "blocks"

    def compose(self, brief: Brief) -> Draft | Refused:
        """The best combination for a brief; ``no_block`` where a part that must be there has no block, ``breaks_guide`` where none fits."""
        shape = SHAPES.get(brief.channel, _OTHER)
        parts = Parts({slot: usable(brief, slot) for slot in SLOTS}, shape, tuple(brief.content.facts))
        needed: tuple[Slot, ...] = ("title", "benefit")
        for slot in needed:
            if not parts.by_slot[slot] and (slot == "benefit" or shape.heads):
                params: dict[str, object] = {
                    "slot": slot,
                    "tone": brief.tone,
                    "language": brief.language,
                    "level": brief.guide.level(brief.channel, brief.tone),
                }
                return Refused(reason=Reason(code="no_block", params=params), by=self.name)
        # A seed of text is hashed, so that it draws the same on every machine.
        key = f"{brief.seed}|{brief.content.name}|{brief.channel}|{brief.tone}|{brief.language}"
        draw = random.Random(key)
        best: tuple[tuple[int, ...], dict[str, str]] | None = None
        for _ in range(TRIES):
            fields, said, late = _combination(brief, parts, draw)
            rank = _rank(brief, fields, said, late)
            if best is None or rank < best[0]:
                best = rank, fields
            if not any(rank[:5]):
                break
        assert best is not None
        return checked(brief, best[1], self.name)


def _combination(brief: Brief, parts: Parts, draw: random.Random) -> tuple[dict[str, str], set[str], set[str]]:
    """Fields of one combination, the facts that they say, and those that come as an afterthought."""
    fields: dict[str, str] = {}
    said: set[str] = set()
    if parts.shape.heads:
        title = draw.choice(parts.by_slot["title"])
        fields |= dict.fromkeys(parts.shape.heads, title.text)
        said |= title.facts
    extras: dict[str, str] = {}
    for kind, field in (("code", "coupon"), ("link", "link")):
        name = next((n for n, fact in brief.content.facts.items() if fact.type == kind), None)
        if name is not None and parts.shape.extras:
            extras[field] = f"{{{{ facts.{name} }}}}"
            said.add(name)
    pieces: list[str] = []
    late: set[str] = set()
    for slot in parts.shape.body:
        if slot == "facts":
            before = set(said)
            told = _facts_line(parts, said, draw)
            late = said - before
            pieces += [told] if told else []
            continue
        found = parts.by_slot[slot]
        if not found or (slot != "benefit" and draw.random() < LEFT_OUT):
            continue
        chosen = draw.choice(found)
        pieces.append(chosen.text)
        said |= chosen.facts
    fields["body"] = parts.shape.joint.join(_ended(piece, parts.shape.joint) for piece in pieces)
    return {**fields, **extras}, said, late


def _facts_line(parts: Parts, said: set[str], draw: random.Random) -> str:
    """Fragments for the facts that nothing else says: each time one that says most of them and little again."""
    told: list[str] = []
    while left := [name for name in parts.facts if name not in said]:
        gains = [(len(block.facts & set(left)) * 2 - len(block.facts), block) for block in parts.by_slot["facts"]]
        most = max((gain for gain, _ in gains), default=0)
        if most <= 0:
            break
        block = draw.choice([each for gain, each in gains if gain == most])
        told.append(block.text)
        said |= block.facts
    plain = [text.rstrip(".") for text in told]
    return ", ".join(plain) + ("." if told and told[-1].endswith(".") else "") if told else ""


def _ended(piece: str, joint: str) -> str:
    """A fragment within a paragraph ends like a sentence; one that is a line of its own, or an address, needs no full stop."""
    return piece if joint != " " or piece.endswith((".", "!", "?", "link }}")) else piece + "."


def _rank(brief: Brief, fields: dict[str, str], said: set[str], late: set[str]) -> tuple[int, ...]:
    """Less is better: errors, required facts unsaid, facts unsaid, the offer's heart said late, warnings; words of the voice; length."""
    found = findings_of(brief, fields)
    errors = sum(finding.severity == "error" for finding in found)
    facts = brief.content.facts
    required = sum(fact.required and name not in said for name, fact in facts.items())
    hearts = sum(facts[name].type in HEART for name in late)
    body = fields["body"]
    voice = sum(word in body for word in brief.guide.voice.words.get(brief.language, []))
    return errors, required, len(facts) - len(said & set(facts)), hearts, len(found) - errors, -voice, len(body)
