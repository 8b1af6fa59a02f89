"""What is asked of the core about contents, and what it tells."""

from __future__ import annotations

import msgspec

from gyeol.content.approval import Standing
from gyeol.content.model import ContentDefinition, Wording
from gyeol.kernel.errors import Problem
from gyeol.kernel.reason import Reason


class ContentsReply(msgspec.Struct, frozen=True, kw_only=True):
    """Where every version stands.

    Args:
        standing: By version of a variant.
        since: By version of a content: when it was first in force, in milliseconds.
        last: By content: the version that was approved last, and the hash of the definitions it stands in.
    """

    standing: dict[str, Standing]
    since: dict[str, int]
    last: dict[str, tuple[str, str]]


class SayRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What would be said.

    Args:
        content: As it stands, or as somebody is writing it.
        channel: The medium.
        language: None: the person's, or the first that is written.
        tone: None: ``moment.tone`` of the person.
        variant: Key of this very variant; None: the one that fits.
    """

    content: ContentDefinition
    channel: str = ""
    language: str | None = None
    tone: str | None = None
    variant: str | None = None


class SayReply(msgspec.Struct, frozen=True, kw_only=True):
    """What would be said: the rendered fields, or why there are none (a reason), and what went wrong on the way."""

    fields: dict[str, str] = {}
    wording: Wording | None = None
    reason: Reason | None = None
    problems: list[Problem] = []
