"""What of the Moment is wrong in files is told where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from gyeol.kernel.errors import InputError
from gyeol.workspace.load import load
from gyeol.workspace.starter import init

TRAIT = """
traits:
  - name: wet
    kind: count
    event: Bought
    where: {where}
"""


def problems(folder: Path) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as told:
        load(folder)
    return [(problem.code, problem.what) for problem in told.value.problems]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keys = iter(("web-key-for-tests", "server-key-for-tests"))
    init(tmp_path / "shop", None, lambda: next(keys))
    return tmp_path / "shop"


@pytest.mark.parametrize(
    ("where", "code", "told"),
    [
        ("moment.wether = 'rain'", "unknown_name", "moment.wether"),
        ("moment.weather > 3", "type_clash", "moment.weather is a text"),
        ("moment.place = 'home'", "unknown_name", "not known as of an event: home and work are forgotten"),
        ("NOT moment.travelling", "unknown_name", "could not be told again"),
        ("moment.weekend = 'yes'", "type_clash", "moment.weekend is a flag"),
    ],
)
def test_conditions_over_events_read_facts_that_exist(folder: Path, where: str, code: str, told: str) -> None:
    (folder / "more.yaml").write_text(TRAIT.format(where=where), encoding="utf-8")
    found = problems(folder)
    assert [each for each, _ in found] == [code] and told in found[0][1]


def test_conditions_over_events_may_read_facts(folder: Path) -> None:
    where = "moment.weather = 'rain' AND moment.hour >= 18 AND NOT moment.weekend AND properties.total > 3 AND moment.cart_items > 1"
    (folder / "more.yaml").write_text(TRAIT.format(where=where), encoding="utf-8")
    assert "wet" in [trait.name for trait in load(folder).definitions.traits]


def test_what_the_moment_reads_of_events(folder: Path) -> None:
    path = next(path for path in sorted(folder.glob("*.yaml")) if "workspace:" in path.read_text("utf-8"))
    text = path.read_text("utf-8")
    more = "workspace:\n  facts_days: 0\n  moment:\n    shop: properties.store\n    zone: timezone\n    store: properties.store_id\n"
    path.write_text(text.replace("workspace:\n", more, 1), encoding="utf-8")
    assert sorted(code for code, _ in problems(folder)) == ["bad_path", "out_of_range", "unknown_key"]
    good = "workspace:\n  facts_days: 400\n  moment:\n    zone: context.timezone\n    store: properties.store_id\n"
    path.write_text(text.replace("workspace:\n", good, 1), encoding="utf-8")
    definitions = load(folder).definitions
    assert [trait.name for trait in definitions.all_traits if trait not in definitions.traits] == [
        "moment_store", "moment_store_at", "moment_zone",
    ]  # fmt: skip
