"""The brand guide: words that do not contradict one another, colours, domains, blocks that keep it themselves; and texts that break it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

from gyeol.content.brand.catalogue import mending, sentence
from gyeol.content.brand.composer.blocks import block_faults
from gyeol.content.brand.contrast import colour, contrast
from gyeol.content.brand.finding import Finding
from gyeol.content.brand.guide import Guide, guide_of
from gyeol.content.brand.lint import lint
from gyeol.content.brand.model import BannedWord, BrandDefinition, RequiredWord, Writer
from gyeol.content.model import ContentDefinition, Tone, VariantDefinition
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.formats import env_name, suggestion
from gyeol.workspace.names import Names

AA, AA_LARGE, MOST_CONTRAST = 4.5, 3.0, 21.0
"""Source: WCAG 2.2, success criterion 1.4.3 (AA)."""
LONGEST_WAIT_S = 120.0
TONES: tuple[str, ...] = get_args(Tone)
_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}")


def check(findings: Findings, _: Names) -> None:
    """One guide; with a guide of its own, a workspace's contents are held against it, as warnings."""
    pairs = findings.pairs("brand", BrandDefinition)
    for entry, brand in pairs:
        _check_words(findings, entry, brand)
        _check_tones(findings, entry, brand)
        _check_numbers(findings, entry, brand)
        _check_colours(findings, entry, brand)
        if brand.writer is not None:
            _check_writer(findings, entry, brand.writer)
        for i, domain in enumerate(brand.links.domains if brand.links else []):
            if not _DOMAIN.fullmatch(domain):
                mend = "write the name alone, such as shop.example; all names below it count as well"
                findings.refuse(entry, ("links", "domains", i), "bad_domain", f"{domain!r} is no domain", mend)
        guide = guide_of(brand)
        for i, block in enumerate(brand.blocks or []):
            for fault in block_faults(block, guide):
                findings.refuse(entry, ("blocks", i, "text"), fault.code, fault.what, fault.mend)
    entries = findings.entries.get("brand", [])
    for extra in entries[1:]:
        place = f"{entries[0].document.file}:{entries[0].document.place(entries[0].path)[0]}"
        findings.refuse(extra, (), "duplicate_name", f"'brand:' is also declared in {place}", "keep one of the two")
    if len(pairs) == 1 and not findings.problems:
        _check_contents(findings, guide_of(pairs[0][1]))


def _check_words(findings: Findings, entry: Entry, brand: BrandDefinition) -> None:
    banned = {each.word.lower(): each for each in brand.banned or []}
    for i, word in enumerate(brand.banned or []):
        at = ("banned", i)
        if not word.word.strip():
            findings.refuse(entry, (*at, "word"), "empty", "a banned word is empty", "write it, or remove the entry")
        if word.instead is not None and any(
            _overlap(word, other) and other.word.lower() in word.instead.lower() for other in banned.values()
        ):
            what = f"{word.instead!r} stands for {word.word!r} and is banned itself"
            findings.refuse(entry, (*at, "instead"), "banned_instead", what, "choose another word")
    seen: dict[tuple[str, str, str], int] = {}
    for i, word in enumerate(brand.banned or []):
        key = word.word.lower(), ",".join(sorted(word.channels)), ",".join(sorted(word.languages))
        if key in seen:
            findings.refuse(entry, ("banned", i, "word"), "duplicate_name", f"{word.word!r} is banned twice", "keep one of the two")
        seen[key] = i
    for i, required in enumerate(brand.required or []):
        clash = banned.get(required.word.lower())
        if not required.word.strip():
            findings.refuse(entry, ("required", i, "word"), "empty", "a required word is empty", "write it, or remove the entry")
        elif clash is not None and _overlap(clash, required):
            what = f"{required.word!r} is required and banned in the same texts"
            findings.refuse(entry, ("required", i, "word"), "banned_and_required", what, "take it out of one of the two lists")


def _overlap(one: BannedWord, other: BannedWord | RequiredWord) -> bool:
    """Whether there are texts that both rules hold for."""

    def meet(left: list[str], right: list[str]) -> bool:
        return not left or not right or any(name in right for name in left)

    return meet(one.channels, other.channels) and meet(one.languages, other.languages)


def _check_tones(findings: Findings, entry: Entry, brand: BrandDefinition) -> None:
    for tone in brand.speech.tones if brand.speech is not None else ():
        if tone not in TONES:
            mend = suggestion(tone, TONES, f"one of: {', '.join(TONES)}")
            findings.refuse(entry, ("speech", "tones", tone), "unknown_tone", f"there is no tone {tone!r}", mend)


def _check_numbers(findings: Findings, entry: Entry, brand: BrandDefinition) -> None:
    for i, rule in enumerate(brand.length or []):
        findings.positive(entry, ("length", i, "most"), rule.most)
        if not rule.fields:
            findings.refuse(entry, ("length", i, "fields"), "empty", "fields is empty", "name fields, or write [all]")
    if brand.signs is None:
        return
    limits = {"emoji": brand.signs.emoji, "exclamations": brand.signs.exclamations}
    limits |= {f"emoji_channels.{channel}": most for channel, most in brand.signs.emoji_channels.items()}
    for name, most in limits.items():
        if most is not None and most < 0:
            findings.refuse(entry, ("signs", *name.split(".")), "out_of_range", f"signs.{name} is {most}", "use 0 or more")


def _check_colours(findings: Findings, entry: Entry, brand: BrandDefinition) -> None:
    if brand.colours is None:
        return
    known = []
    for i, text in enumerate(brand.colours.palette):
        found = colour(text)
        if found is None:
            findings.refuse(entry, ("colours", "palette", i), "bad_colour", f"{text!r} is no colour", "write it as #1a1a1a")
        else:
            known.append(found)
    for field, least in (("contrast", AA), ("large_contrast", AA_LARGE)):
        value = getattr(brand.colours, field)
        if not 1 <= value <= MOST_CONTRAST:
            findings.refuse(entry, ("colours", field), "out_of_range", f"colours.{field} is {value:g}", "use 1 to 21")
        elif value < least:
            what = f"colours.{field} is {value:g}, less than WCAG AA asks for"
            findings.warn(entry, ("colours", field), "below_wcag", what, f"use {least:g} or more")
    if len(known) > 1 and not any(contrast(a, b) >= brand.colours.contrast for a in known for b in known):
        what = "no two colours of the palette have enough contrast for text"
        findings.warn(entry, ("colours", "palette"), "no_contrast", what, "add a darker or a lighter one")


def _check_writer(findings: Findings, entry: Entry, writer: Writer) -> None:
    if env_name(writer.url) is None and not writer.url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        what = f"writer.url {writer.url!r} is no https address"
        findings.refuse(entry, ("writer", "url"), "bad_url", what, "write https://… or env:NAME")
    if writer.key and env_name(writer.key) is None:
        findings.refuse(entry, ("writer", "key"), "secret_in_file", "the key stands in the file", "keep it in the environment: env:NAME")
    if not 0 < writer.timeout_s <= LONGEST_WAIT_S:
        what = f"writer.timeout_s is {writer.timeout_s:g}"
        findings.refuse(entry, ("writer", "timeout_s"), "out_of_range", what, f"use a number of seconds up to {LONGEST_WAIT_S:g}")
    if not writer.model.strip():
        findings.refuse(entry, ("writer", "model"), "empty", "writer.model is empty", "name the model")


def _check_contents(findings: Findings, guide: Guide) -> None:
    for entry, content in findings.pairs("contents", ContentDefinition):
        for place, variant in enumerate(content.variants):
            for found in _of_channels(variant, guide):
                at = ("variants", place, "fields", found.field) if found.field else ("variants", place)
                findings.warn(entry, at, found.code, f"{variant.key}: {sentence(found, 'en')}", mending(found, "en"))


def _of_channels(variant: VariantDefinition, guide: Guide) -> Iterator[Finding]:
    """Each error once, whatever the number of media that it stands on."""
    told: list[Finding] = []
    for channel in variant.channels or [""]:
        for found in lint(variant.fields, guide, channel=channel, language=variant.language, tone=variant.tone):
            if found.severity == "error" and found not in told:
                told.append(found)
                yield found
