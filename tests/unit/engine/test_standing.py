"""What stands: for a visit, for a day at most, bounded, forgotten after a failure; and what makes two requests one question."""

from __future__ import annotations

from typing import Any

import msgspec

from gyeol.decisions.model import Decision, OfferDefinition, PlacementDefinition, Reason, Refusal
from gyeol.decisions.ranking.learner import Arm
from gyeol.decisions.ranking.model import Creative, Goal, PolicyDefinition
from gyeol.decisions.ranking.policies import Switch
from gyeol.decisions.ranking.verdict import Verdict
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


def test_what_was_learned_meanwhile_changes_no_creative_under_the_same_decision(make: Any) -> None:
    ways = {name: Creative(content={"ko": {"title": name}}) for name in ("photo", "words")}
    cake = OfferDefinition(name="cake", placements=["home"], goal=Goal(event="Order"), creatives=ways)
    shop = make.shop(
        msgspec.structs.replace(
            make.definitions,
            placements=[*make.definitions.placements, PlacementDefinition(name="home", channel="web", ranking="clever")],
            offers=[*make.definitions.offers, cake],
            policies=[PolicyDefinition(name="clever", epsilon=0.02, exploration=0.0)],
        )
    )
    policies = shop.state.learning.policies
    judged = Verdict(
        id="v", policy="clever", definitions="", estimator="dr", estimate=2, low=1, high=3, ess=900, baseline=0.5, verdict="better"
    )
    policies.switch(Switch(policy="clever", verdict=judged), 0)

    def ask(key: str) -> Decided:
        [answer] = shop.run(Decide(lambda state: ("user_id", "kim"), ("home",), {}, key, "ko", stands=True))
        assert isinstance(answer, Decided)
        return answer

    first = ask("1")
    assert (first.decision.creative, first.content["title"]) == ("photo", "photo")
    for _ in range(20):
        part = policies.learner("clever").observe(Arm("cake", "words"), {}, shop.state.now_ms)
        policies.learner("clever").reach(Arm("cake", "words"), {}, shop.state.now_ms, shop.state.now_ms, part)
    again = ask("2")
    assert again.decision.id == first.decision.id
    assert (again.decision.creative, again.content["title"]) == ("photo", "photo"), "its outcome is learned as the photo's"
    [fresh] = shop.run(Decide(lambda state: ("user_id", "lee"), ("home",), {}, "3", "ko", stands=True))
    assert fresh.decision.creative == "words"
