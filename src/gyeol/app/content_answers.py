"""What the API says of contents: codes and values, no sentences."""

from __future__ import annotations

import msgspec

from gyeol.app.findings import ShownFinding
from gyeol.content.coverage import Cell, Stale
from gyeol.content.model import FactDefinition, PictureDefinition, Wording
from gyeol.kernel.errors import Problem
from gyeol.kernel.reason import Reason

Texts = dict[str, str]


class StandingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Where a variant stands. ``at``: of the last step, in milliseconds; null: there was none."""

    state: str
    by: str
    submitted_by: str
    at: int | None
    why: str


class ContentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A content in a list.

    Args:
        version: Of all its words and facts.
        state: Of the variant that is least far: draft, review or approved.
        variants, approved: How many. ``since``: when this version was first in force, in milliseconds.
        offers: That name it.
        stale: Reason codes.
    """

    name: str
    label: Texts
    message: Texts
    version: str
    state: str
    variants: int
    approved: int
    languages: list[str]
    channels: list[str]
    tones: list[str]
    offers: list[str]
    since: int | None
    stale: list[str]


class ContentsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All contents. ``need_approval``: whether advertising says only what is approved."""

    contents: list[ContentRow]
    need_approval: bool


class ShownFactOfContent(msgspec.Struct, frozen=True, kw_only=True):
    """A fact as declared, and as it is written in each language."""

    name: str
    declared: FactDefinition
    text: Texts


class VariantAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A variant with its templates and where it stands."""

    key: str
    version: str
    channels: list[str]
    language: str
    tone: str | None
    stage: str | None
    persona: str | None
    fields: Texts
    standing: StandingAnswer
    images: list[PictureDefinition] = []


class ContentAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One content, as it stands in the definitions of ``definitions``.

    Args:
        cannot_save: Why other words cannot be saved from here, as a code: ``files_read_only``, ``files_elsewhere``; empty: they can.
    """

    row: ContentRow
    facts: list[ShownFactOfContent]
    variants: list[VariantAnswer]
    definitions: str
    cannot_save: str = ""


class FieldDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A fact (``variant`` empty) or a field of a variant that differs; null: it is not there."""

    variant: str
    field: str
    before: str | None
    after: str | None


class DiffAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What changed since the version that was approved last; ``before`` null: none ever was."""

    content: str
    before: str | None
    after: str
    differences: list[FieldDifference]


class CoverageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The matrix as cells, and what is stale."""

    cells: list[Cell]
    stale: list[Stale]
    own: int
    instead: int
    none: int


class PreviewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What would be said.

    Args:
        fields: Rendered; ``html`` of MJML, too. Empty when nothing can be said.
        wording: Which variant was taken.
        reason: Why there is none, as a code.
        problems: What is wrong with the content: templates, facts, MJML.
        findings: What the brand guide says of the words.
    """

    fields: Texts
    wording: Wording | None
    reason: Reason | None
    problems: list[Problem]
    findings: list[ShownFinding]
