"""Draft → review → approved: who said so, of exactly which words. A fold of commands; nothing here knows the definitions.

Every step names the versions of the variants that it was taken for; so an edited variant is a draft again, and the others stay as they are.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from gyeol.content.model import ContentDefinition

State = Literal["draft", "review", "approved"]
CONTENT_COMMANDS = ("content_submit", "content_approve", "content_return")
"""To the reviewers; by a reviewer who did not submit it; back to the author, with a reason."""
AFTER: dict[str, State] = {"content_submit": "review", "content_approve": "approved", "content_return": "draft"}
APPROVER = "approver"
ROLES = ("author", APPROVER)


class ContentStep(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a command on a content.

    Args:
        content: Its name.
        role: In which role it was given.
        version: Of the content.
        variants: Version of each variant that it is for, by key.
        definitions: Hash of the definitions in force: what was looked at.
    """

    content: str
    role: str
    version: str = ""
    variants: dict[str, str] = {}
    definitions: str = ""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a version of a variant stands.

    Args:
        state: draft, review or approved.
        by: Who took the last step. ``submitted_by``: who had submitted it.
        at_ms: When. ``why``: in their words.
        definitions: Hash of the definitions that were looked at.
    """

    state: State = "draft"
    by: str = ""
    submitted_by: str = ""
    at_ms: int = 0
    why: str = ""
    definitions: str = ""


DRAFT = Standing()


class Approvals:
    """All that was ever said of versions of variants, and when each version of a content was first in force.

    Attributes:
        approved: Versions of variants that may be used.
        standing: By version of a variant.
        since: By version of a content: when it was first applied.
        last: By name of a content: the last version that was approved as a whole, and the definitions it stands in.
    """

    def __init__(self) -> None:
        self.approved: set[str] = set()
        self.standing: dict[str, Standing] = {}
        self.since: dict[str, int] = {}
        self.last: dict[str, tuple[str, str]] = {}

    def take(self, kind: str, step: ContentStep, by: str, at_ms: int, why: str) -> None:
        """A command of ``CONTENT_COMMANDS``."""
        state = AFTER[kind]
        for version in step.variants.values():
            before = self.standing.get(version, DRAFT)
            submitted_by = by if state == "review" else before.submitted_by
            told = Standing(state=state, by=by, submitted_by=submitted_by, at_ms=at_ms, why=why, definitions=step.definitions)
            self.standing[version] = told
            (self.approved.add if state == "approved" else self.approved.discard)(version)
        if state == "approved":
            self.last[step.content] = (step.version, step.definitions)

    def applied(self, contents: Iterable[ContentDefinition], at_ms: int) -> None:
        """Definitions were put in force."""
        for content in contents:
            self.since.setdefault(content.version, at_ms)

    def of(self, content: ContentDefinition) -> dict[str, Standing]:
        """Where each variant stands, by key."""
        return {variant.key: self.standing.get(content.version_of(variant), DRAFT) for variant in content.variants}

    def dump(self) -> bytes:
        """The state as bytes, the same for the same history."""
        return msgspec.msgpack.encode(_Dumped(self.standing, self.since, self.last), order="sorted")

    @classmethod
    def load(cls, data: bytes) -> Approvals:
        """What ``dump`` wrote."""
        held, found = msgspec.msgpack.decode(data, type=_Dumped), cls()
        found.standing, found.since, found.last = held.standing, held.since, held.last
        found.approved = {version for version, standing in found.standing.items() if standing.state == "approved"}
        return found


class _Dumped(msgspec.Struct, frozen=True):
    standing: dict[str, Standing]
    since: dict[str, int]
    last: dict[str, tuple[str, str]]


def overall(standings: Mapping[str, Standing]) -> State:
    """Of a content as a whole: that of its variant which is least far."""
    states: tuple[State, ...] = ("draft", "review", "approved")
    return min((each.state for each in standings.values()), key=states.index, default="draft")


def refusal(kind: str, step: ContentStep, by: str, standings: Mapping[str, Standing]) -> str | None:
    """Why a step cannot be taken: ``role_missing``, ``own_submission``, ``not_in_review``, ``already_approved``, ``nobody``; None: it can.

    Args:
        kind: Of ``CONTENT_COMMANDS``.
        step: With its role.
        by: Who asks.
        standings: Of the content's variants as they are.
    """
    if not by.strip():
        return "nobody"
    if kind == "content_submit":
        return "already_approved" if overall(standings) == "approved" else None
    if step.role != APPROVER:
        return "role_missing"
    if kind == "content_return":
        return None if any(each.state != "draft" for each in standings.values()) else "not_in_review"
    open_ = [each for each in standings.values() if each.state != "approved"]
    if not open_:
        return "already_approved"
    if any(each.state != "review" for each in open_):
        return "not_in_review"
    return "own_submission" if any(_same(each.submitted_by, by) for each in open_) else None


def _same(one: str, other: str) -> bool:
    """Whether two names are written alike, but for spaces, capitals and the way Hangul is put together."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
