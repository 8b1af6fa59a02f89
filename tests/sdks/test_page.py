"""``docs/compatibility.md`` says what the tests and lock files say: a test taken away or a version raised asks for `make compatibility`."""

from __future__ import annotations

import pytest
from tests.sdks.matrix import BEHAVIOURS, FLAG_BEHAVIOURS, FLAG_SDKS, PAGE, SDKS, covered, versions, written
from tests.sdks.setups import setups


def test_the_matrix_is_that_of_the_tests_and_versions() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == written(page, covered(), covered()), "run `make compatibility`"


def test_every_row_and_column_is_tested() -> None:
    assert {sdk for sdk, _ in covered()} == {*SDKS, *FLAG_SDKS}
    assert {behaviour for _, behaviour in covered()} == {*BEHAVIOURS, *FLAG_BEHAVIOURS}
    assert set(setups()) == {*SDKS, *FLAG_SDKS}


def test_a_test_that_is_gone_or_broken_shows() -> None:
    page = PAGE.read_text(encoding="utf-8")
    gone = covered() - {("segment-node", "crash")}
    assert written(page, gone, gone) != page
    assert "| ✗ |" in written(page, gone, covered()) and "| ✗ |" not in page


@pytest.mark.parametrize("sdk", sorted({**SDKS, **FLAG_SDKS}))
def test_the_page_names_the_versions_of_the_lock_files(sdk: str) -> None:
    assert f"`{({**SDKS, **FLAG_SDKS})[sdk]}` {versions()[sdk]} |" in PAGE.read_text(encoding="utf-8")
