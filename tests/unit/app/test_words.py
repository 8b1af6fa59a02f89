"""Words for what has no definition: every code there is has them, in both languages."""

from __future__ import annotations

import re

from gyeol.app.problems import Signs, problems
from gyeol.app.words import EVENT_LABELS, REASONS, REJECTIONS, TYPES, event_label, reason_label, rejection_label, violation_text
from gyeol.decisions.catalogue import CATALOGUE
from gyeol.events import ingest

CONSENT_FAULTS = {f"consent_{fault}" for fault in ("untrusted", "bad_status", "incomplete", "too_wide", "no_contact", "too_many_words")}
WELL = Signs(acting=True, backlog_age_ms=0, lake_problem="", rejected=0)


def test_every_rejection_and_every_reason_has_its_words() -> None:
    assert ingest.__doc__ is not None
    codes = {code for line in re.findall(r"^\| ([a-z_, ]+) \|", ingest.__doc__, re.MULTILINE) for code in line.split(", ")} - {"code"}
    assert len(codes) > 12 and codes == set(REJECTIONS)
    # What explains a choice, and what the dead letters say of a consent, is a sentence and is never counted.
    chosen = {"highest_score", "tie_broken", "only_candidate", "all_refused", "no_candidates", "held_out", "explored", "policy_waits"}
    sentences = {code for code in CATALOGUE if code in chosen or code.startswith("learned_") or code in CONSENT_FAULTS}
    assert set(REASONS) == set(CATALOGUE) - sentences
    for texts in (*EVENT_LABELS.values(), *REJECTIONS.values(), *REASONS.values(), *TYPES.values()):
        assert texts["ko"] and texts["en"] and texts["ko"] != texts["en"]


def test_what_nobody_has_named_is_called_by_its_name() -> None:
    assert event_label("Basket Emptied") == {"ko": "Basket Emptied", "en": "Basket Emptied"}
    assert reason_label("new_code")["ko"] == rejection_label("new_code")["en"] == "new_code"


def test_violations_as_sentences() -> None:
    told = [violation_text(fault, "properties.price", "money") for fault in ("missing", "type", "one_of")]
    assert all("properties.price" in text for each in told for text in each.values())
    assert len({each["en"] for each in told}) == 3 and "금액" in told[1]["ko"]


def test_problems_are_told_worst_first_with_how_to_mend_them() -> None:
    assert problems(WELL) == []
    bad = Signs(acting=False, backlog_age_ms=60_000, lake_problem="the disk is full", rejected=1)
    found = problems(bad)
    assert [each.code for each in found] == ["not_acting", "backlog", "lake_stuck", "events_rejected"]
    assert all(each.text["ko"] and each.text["en"] and each.mend["ko"] and each.mend["en"] for each in found)
    assert "1 event of" in found[-1].text["en"] and "the disk is full" in found[2].text["en"]
