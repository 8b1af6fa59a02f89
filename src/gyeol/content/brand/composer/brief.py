"""What is to be written, what was written, and why something was not: the seam between the composers."""

from __future__ import annotations

from typing import Protocol

import msgspec

from gyeol.content.brand.finding import Finding
from gyeol.content.brand.guide import Guide
from gyeol.content.equality import Catalogue
from gyeol.content.model import ContentDefinition, Tone, VariantDefinition
from gyeol.kernel.reason import Reason
from gyeol.privacy.law import MessageClass


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written: one variant.

    Args:
        content: Whose message and facts it says.
        catalogue: The products that facts may name.
        guide: The guide in force.
        channel: The medium.
        tone: The tone.
        language: ``ko``, ``en``, ….
        seed: Another seed gives another text, the same seed the same.
        message_class: advertising or transactional.
        label: What the law puts first; it takes room.
    """

    content: ContentDefinition
    catalogue: Catalogue
    guide: Guide
    channel: str
    tone: Tone
    language: str
    seed: int = 0
    message_class: MessageClass = "advertising"
    label: str = ""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A variant that may be submitted for approval; only warnings are left.

    Args:
        variant: As it would stand in the file.
        by: Who wrote it: ``blocks``, or the model's name.
        findings: Warnings.
        left_out: Facts that it does not say; none of them is required.
    """

    variant: VariantDefinition
    by: str
    findings: list[Finding] = []
    left_out: list[str] = []


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing may be used.

    Args:
        reason: ``no_block`` (slot), ``breaks_guide``, ``writer_unreadable``.
        findings: What the text does against the guide or the facts.
        fields: The text that is refused; empty when there is none.
        by: Who wrote it.
    """

    reason: Reason
    findings: list[Finding] = []
    fields: dict[str, str] = {}
    by: str = ""


class Composer(Protocol):
    """Writes variants."""

    @property
    def name(self) -> str:
        """Who writes."""
        ...

    def compose(self, brief: Brief) -> Draft | Refused:
        """Write one variant."""
        ...
