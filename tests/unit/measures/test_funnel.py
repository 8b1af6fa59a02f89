"""The funnel equals a search through all ways a person may have gone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gyeol.measures.funnel import funnel
from gyeol.measures.model import FunnelDefinition, FunnelStep
from gyeol.measures.tables import ALWAYS, Period

DAY_MS = 86_400_000
Event = tuple[str, str, int, dict[str, object]]


def counted(figures: Any, definition: FunnelDefinition, period: Period = ALWAYS) -> dict[tuple[int, str | None], int]:
    return {(row["step"], row["split"]): row["people"] for row in figures.run(funnel(definition, period))}


def by_search(events: list[Event], steps: list[FunnelStep], by: str | None) -> dict[tuple[int, str | None], int]:
    """Try every chain of events: the definition of the figure, word by word."""
    found: dict[tuple[int, str | None], set[str]] = {(i, None): set() for i in range(1, len(steps) + 1)}

    def limit_ms(step: FunnelStep) -> int:
        return DAY_MS * int(step.within[:-1]) if step.within else 10**15

    def go(person: str, split: str, at: int, before: int, number: int) -> None:
        found[number, None].add(person)
        if by is not None:
            found.setdefault((number, split), set()).add(person)
        if number == len(steps):
            return
        step = steps[number]
        for index, (who, name, time_ms, properties) in enumerate(events):
            own = properties.get("campaign") if by is not None else None
            later = time_ms >= at if step.event != steps[number - 1].event else time_ms > at
            if (
                who == person
                and name == step.event
                and index != before
                and later
                and time_ms - at <= limit_ms(step)
                and own in (None, split)
            ):
                go(person, split, time_ms, index, number + 1)

    for index, (person, name, time_ms, properties) in enumerate(events):
        if name == steps[0].event and (by is None or "campaign" in properties):
            go(person, str(properties.get("campaign", "")), time_ms, index, 1)
    return {key: len(people) for key, people in found.items() if people or key[1] is None}


event = st.tuples(
    st.sampled_from(["ann", "bob"]),
    st.sampled_from(["A", "B", "C"]),
    st.integers(0, 6).map(lambda n: n * DAY_MS // 2),
    st.sampled_from([{}, {"campaign": "x"}, {"campaign": "y"}]),
)
step = st.builds(FunnelStep, event=st.sampled_from(["A", "B", "C"]), within=st.sampled_from([None, "1d", "2d"]))


@given(events=st.lists(event, max_size=7), steps=st.lists(step, min_size=1, max_size=3), split=st.booleans())
def test_equals_the_search(shared_figures: Any, events: list[Event], steps: list[FunnelStep], split: bool) -> None:
    figures = shared_figures
    figures.clear()
    figures.add(events)
    by = "properties.campaign" if split else None
    assert counted(figures, FunnelDefinition(name="f", steps=steps, by=by)) == by_search(events, steps, by)


def test_order_matters(figures: Any) -> None:
    figures.add([("ann", "B", 1, {}), ("ann", "A", 2, {}), ("bob", "A", 1, {}), ("bob", "B", 2, {})])
    assert counted(figures, FunnelDefinition(name="f", steps=[FunnelStep(event="A"), FunnelStep(event="B")])) == {
        (1, None): 2,
        (2, None): 1,
    }


def test_a_later_start_may_reach_what_an_earlier_one_cannot(figures: Any) -> None:
    figures.add([("ann", "A", 0, {}), ("ann", "A", 9 * DAY_MS, {}), ("ann", "B", 10 * DAY_MS, {})])
    steps = [FunnelStep(event="A"), FunnelStep(event="B", within="2d")]
    assert counted(figures, FunnelDefinition(name="f", steps=steps))[2, None] == 1


@pytest.mark.parametrize(("end_ms", "people"), [(DAY_MS, 1), (DAY_MS + 1, 2)])
def test_the_period_is_that_of_the_first_step(figures: Any, end_ms: int, people: int) -> None:
    figures.add([("ann", "A", 0, {}), ("bob", "A", DAY_MS, {}), ("ann", "B", 9 * DAY_MS, {})])
    definition = FunnelDefinition(name="f", steps=[FunnelStep(event="A"), FunnelStep(event="B")])
    assert counted(figures, definition, Period(start_ms=0, end_ms=end_ms)) == {(1, None): people, (2, None): 1}
