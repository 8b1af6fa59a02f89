"""Draft → review → approved: by whom, of which words."""

from __future__ import annotations

import pytest

from gyeol.content.approval import Approvals, ContentStep, overall, refusal
from gyeol.content.model import ContentDefinition, VariantDefinition

KO = VariantDefinition(language="ko", fields={"title": "봄"})
EN = VariantDefinition(language="en", fields={"title": "Spring"})
CONTENT = ContentDefinition(name="spring", variants=[KO, EN])


def step(content: ContentDefinition, role: str = "author") -> ContentStep:
    versions = {variant.key: content.version_of(variant) for variant in content.variants}
    return ContentStep(content=content.name, role=role, version=content.version, variants=versions, definitions="d1")


def approved() -> Approvals:
    found = Approvals()
    found.take("content_submit", step(CONTENT), "kim", 1, "")
    found.take("content_approve", step(CONTENT, "approver"), "lee", 2, "good")
    return found


def test_the_way_of_a_content() -> None:
    found = Approvals()
    assert overall(found.of(CONTENT)) == "draft" and not found.approved
    found.take("content_submit", step(CONTENT), "kim", 1, "please")
    assert overall(found.of(CONTENT)) == "review" and not found.approved
    found.take("content_approve", step(CONTENT, "approver"), "lee", 2, "good")
    told = found.of(CONTENT)[KO.key]
    assert (told.state, told.by, told.submitted_by, told.at_ms, told.why) == ("approved", "lee", "kim", 2, "good")
    assert found.approved == {CONTENT.version_of(KO), CONTENT.version_of(EN)}
    assert found.last == {"spring": (CONTENT.version, "d1")}
    found.take("content_return", step(CONTENT, "approver"), "lee", 3, "wrong price")
    assert overall(found.of(CONTENT)) == "draft" and not found.approved


def test_an_edit_makes_a_draft_again_and_leaves_the_other_variants() -> None:
    found = approved()
    edited = ContentDefinition(name="spring", variants=[KO, VariantDefinition(language="en", fields={"title": "Spring!"})])
    assert {key: each.state for key, each in found.of(edited).items()} == {KO.key: "approved", EN.key: "draft"}
    assert overall(found.of(edited)) == "draft"


@pytest.mark.parametrize(
    ("done", "kind", "role", "by", "why"),
    [
        ([], "content_approve", "approver", "lee", "not_in_review"),
        ([("content_submit", "kim")], "content_approve", "approver", "lee", None),
        ([("content_submit", "kim")], "content_approve", "approver", "kim", "own_submission"),
        ([("content_submit", "kim")], "content_approve", "author", "lee", "role_missing"),
        ([("content_submit", "kim")], "content_return", "author", "lee", "role_missing"),
        ([("content_submit", "kim")], "content_return", "approver", "kim", None),
        ([], "content_return", "approver", "lee", "not_in_review"),
        ([("content_submit", "kim"), ("content_approve", "lee")], "content_submit", "author", "kim", "already_approved"),
        ([("content_submit", "kim"), ("content_approve", "lee")], "content_approve", "approver", "park", "already_approved"),
        ([("content_submit", "kim"), ("content_approve", "lee")], "content_return", "approver", "park", None),
        ([], "content_submit", "author", " ", "nobody"),
    ],
)
def test_who_may_take_which_step(done: list[tuple[str, str]], kind: str, role: str, by: str, why: str | None) -> None:
    found = Approvals()
    for at, (before, who) in enumerate(done):
        found.take(before, step(CONTENT), who, at, "")
    assert refusal(kind, step(CONTENT, role), by, found.of(CONTENT)) == why


def test_what_was_written_is_read_back_and_the_same_for_the_same_history() -> None:
    one, other = approved(), approved()
    one.applied([CONTENT], 5)
    one.applied([CONTENT], 9)
    other.applied([CONTENT], 5)
    assert one.dump() == other.dump()
    again = Approvals.load(one.dump())
    assert (again.approved, again.since, again.dump()) == (one.approved, {CONTENT.version: 5}, one.dump())


@pytest.mark.parametrize("by", ["kim", " Kim ", "KIM", "ｋｉｍ"])
def test_nobody_approves_what_they_submitted_by_writing_their_name_otherwise(by: str) -> None:
    found = Approvals()
    found.take("content_submit", step(CONTENT), "kim", 1, "")
    assert refusal("content_approve", step(CONTENT, "approver"), by, found.of(CONTENT)) == "own_submission"
