"""What stands: for a visit, for a day at most, bounded, forgotten after a failure; and what makes two requests one question."""

from __future__ import annotations

from gyeol.decisions.model import Decision, Reason, Refusal
from gyeol.engine.jobs import Decide, Decided
from gyeol.engine.standing import LONGEST_MS, VISIT_MS, Standing, question_of

NODE, NOW_MS = 7, 1_800_000_000_000


def decided(id_: str, at_ms: int = NOW_MS) -> Decided:
    refusal = Refusal(offer="b", gate="offer_cap", reason=Reason(code="offer_cap"))
    decision = Decision(
        id=id_,
        placement="hero",
        node=NODE,
        person="p",
        at_ms=at_ms,
        chosen="a",
        fallback=False,
        reasons=[Reason(code="only_candidate", params={"offer": "a", "score": 1.0})],
        refusals=[refusal],
        moment={"daypart": {"value": "evening"}},
        propensity=1.0,
        catalogue="4",
        definitions="h",
    )
    return Decided(decision=decision, content={"title": "A"})


def asked(alone: bool = False, lang: str | None = "ko", **context: object) -> Decide:
    return Decide(lambda state: NODE, ["hero"], context, "key", lang, alone=alone, stands=True)


def test_it_stands_for_a_visit_that_goes_on_and_no_longer_than_a_day() -> None:
    standing, question = Standing(), question_of(NODE, "hero", asked())
    standing.keep(question, decided("d_1"), "key", NOW_MS)
    assert standing.find(question, NOW_MS + VISIT_MS - 1) is not None
    at_ms = NOW_MS
    while at_ms < NOW_MS + LONGEST_MS - VISIT_MS:
        at_ms += VISIT_MS - 1
        stood = standing.find(question, at_ms)
        assert stood is not None
        standing.keep(question, Decided(decision=stood.decision, content=stood.content), stood.key, at_ms)
    assert standing.find(question, NOW_MS + LONGEST_MS) is None, "however often it is asked for"
    standing.keep(question, decided("d_2"), "key", NOW_MS)
    assert standing.find(question, NOW_MS + VISIT_MS) is None and len(standing) == 0


def test_it_is_kept_small_and_the_oldest_go_first() -> None:
    standing = Standing(most=3)
    questions = [question_of(node, "hero", asked()) for node in range(4)]
    for n, question in enumerate(questions[:3]):
        standing.keep(question, decided(f"d_{n}"), "key", NOW_MS)
    standing.keep(questions[0], decided("d_0"), "key", NOW_MS)
    standing.keep(questions[3], decided("d_3"), "key", NOW_MS)
    assert [standing.find(question, NOW_MS) is not None for question in questions] == [True, False, True, True]
    stood = standing.find(questions[3], NOW_MS)
    assert stood is not None and stood.decision.refusals == [] and stood.decision.moment == {} and stood.decision.id == "d_3"
    standing.clear()
    assert len(standing) == 0


def test_who_where_in_which_language_and_under_which_facts_make_a_question() -> None:
    first = question_of(NODE, "hero", asked(device="mobile", page="/"))
    assert first == question_of(NODE, "hero", asked(page="/", device="mobile"))
    others = [
        question_of(8, "hero", asked(device="mobile", page="/")),
        question_of(NODE, "banner", asked(device="mobile", page="/")),
        question_of(NODE, "hero", asked(alone=True, device="mobile", page="/")),
        question_of(NODE, "hero", asked(lang="en", device="mobile", page="/")),
        question_of(NODE, "hero", asked(device="desktop", page="/")),
        question_of(NODE, "hero", asked()),
    ]
    assert len({first, *others}) == 7
