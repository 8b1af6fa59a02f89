"""The collector is kept quiet for a while, and is as it was afterwards."""

from __future__ import annotations

import gc

import pytest

from gyeol.kernel.garbage import THRESHOLDS, collecting_seldom


def test_what_is_there_is_not_looked_at_meanwhile() -> None:
    before = gc.get_threshold()
    with collecting_seldom():
        assert gc.get_threshold() == THRESHOLDS and gc.get_freeze_count() > 0
    assert gc.get_threshold() == before and gc.get_freeze_count() == 0


def test_a_failure_leaves_nothing_changed() -> None:
    before = gc.get_threshold()
    with pytest.raises(ZeroDivisionError), collecting_seldom():
        raise ZeroDivisionError
    assert gc.get_threshold() == before


def test_one_inside_of_another_leaves_the_outer_one_as_it_is() -> None:
    before = gc.get_threshold()
    with collecting_seldom():
        with collecting_seldom():
            pass
        assert gc.get_threshold() == THRESHOLDS
    assert gc.get_threshold() == before
