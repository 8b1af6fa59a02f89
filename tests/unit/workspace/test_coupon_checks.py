"""What `gyeol plan` says of pools of coupons before anything is applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from gyeol.kernel.errors import InputError
from gyeol.workspace.load import load

GOOD = """
workspace: {name: shop}
placements: [{name: till_screen, channel: till}]
coupons:
  - {name: welcome, amount: 1000, days: 7}
offers:
  - name: come_in
    placements: [till_screen]
    coupon: welcome
    content: {ko: {title: "{{ coupon.code }}"}}
"""


def codes(tmp_path: Path, text: str) -> set[str]:
    (tmp_path / "shop.yaml").write_text(text)
    with pytest.raises(InputError) as refused:
        load(tmp_path)
    return {problem.code for problem in refused.value.problems}


def test_a_pool_and_its_offer_are_read(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(GOOD)
    loaded = load(tmp_path)
    assert [pool.name for pool in loaded.definitions.coupons] == ["welcome"]
    assert loaded.definitions.offers[0].coupon == "welcome"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("coupon: welcome", "coupon: welcom", "unknown_coupons"),
        ("amount: 1000", "amount: 1000, percent: 5", "two_discounts"),
        ("days: 7", "length: 5", "out_of_range"),
        ("days: 7", "valid_from: soon", "bad_instant"),
        ("days: 7", "valid_from: '2026-02-01T00:00:00+09:00', valid_until: '2026-01-01T00:00:00+09:00'", "ends_before_start"),
        ("name: welcome, amount", "name: reconcile, amount", "reserved_name"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, before: str, after: str, code: str) -> None:
    assert code in codes(tmp_path, GOOD.replace(before, after))


def test_the_cafe_gives_codes_of_its_own_to_who_comes_back() -> None:
    definitions = load(Path(__file__).parents[3] / "src/gyeol/workspace/examples/cafe").definitions
    assert [offer.name for offer in definitions.offers if offer.coupon == "come_back"] == ["come_back"]
    assert any(placement.name == "till_screen" for placement in definitions.placements)
