"""What is wrong with policies, goals and open channels is said, with its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gyeol.kernel.errors import InputError
from gyeol.workspace.load import load

Write = Callable[..., Path]
BASE = """
workspace: {name: Test}
sources: [{name: server, trust: server, write_key: test-server-key}]
events: [{name: Order}]
traits: [{name: orders, kind: count, event: Order}]
"""
GOOD = """
policies:
  - {name: clever, features: {buyer: orders >= 1}}
placements:
  - {name: home, channel: web, ranking: clever}
offers:
  - {name: cake, placements: [home], goal: {event: Order, within: 2h, value: 1000}, creatives: {a: {}, b: {content: {ko: {title: 둘}}}}}
"""


def problems(write: Write, text: str) -> set[tuple[str, int]]:
    with pytest.raises(InputError) as error:
        load(write(base=BASE, more=text))
    return {(problem.code, problem.line or 0) for problem in error.value.problems}


def test_a_policy_is_loaded(write: Write) -> None:
    loaded = load(write(base=BASE, more=GOOD))
    assert [policy.name for policy in loaded.definitions.policies] == ["clever"]
    assert list(loaded.definitions.offers[0].creatives) == ["a", "b"]
    assert not [warning for warning in loaded.warnings if warning.code in ("no_features", "nothing_to_learn")]


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("ranking: clever", "ranking: clevr", "unknown_ranking", 5),
        ("ranking: clever", "channels: [post]", "unknown_channels", 5),
        ("ranking: clever", "hours: [24]", "out_of_range", 5),
        ("orders >= 1", "order >= 1", "unknown_name", 3),
        ("name: clever", "name: rule", "reserved_name", 3),
        ("name: clever", "name: clever, epsilon: 2", "out_of_range", 3),
        ("name: clever", "name: clever, prior: {rate: 1}", "out_of_range", 3),
        ("name: clever", "name: clever, forgetting: often", "bad_duration", 3),
        ("within: 2h", "within: soon", "bad_duration", 7),
        ("value: 1000", "value: 0", "out_of_range", 7),
        ("value: 1000", "value: total", "bad_path", 7),
    ],
)
def test_what_is_wrong_is_said_with_its_line(write: Write, old: str, new: str, code: str, line: int) -> None:
    assert (code, line) in problems(write, GOOD.replace(old, new, 1))


def test_what_teaches_nothing_is_a_warning(write: Write) -> None:
    text = GOOD.replace("goal: {event: Order, within: 2h, value: 1000}, ", "").replace("features: {buyer: orders >= 1}", "epsilon: 0.1")
    codes = {warning.code for warning in load(write(base=BASE, more=text)).warnings}
    assert {"no_features", "nothing_to_learn"} <= codes
