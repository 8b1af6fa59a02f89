"""How the reading of texts is judged."""

from __future__ import annotations

import numpy as np
import pytest

from gyeol.bench.moment_emotion import judge


def test_shares_and_f1_by_hand() -> None:
    sign = np.array([1, 1, 1, 0], np.int8)
    judged = judge(np.array([0.5, 0.5, -0.5, -0.5]), sign)
    assert judged.accuracy == 0.75
    assert judged.macro_f1 == pytest.approx((2 * 2 / 5 + 2 * 1 / 3) / 2)
    assert np.isnan(judged.ece)


def test_calibration_error_is_the_gap_between_stated_and_right() -> None:
    sign = np.array([1] * 8 + [0] * 2, np.int8)
    value = np.full(10, 0.6)
    assert judge(value, sign, np.full(10, 0.8)).ece == pytest.approx(0.0)
    assert judge(value, sign, np.full(10, 0.9)).ece == pytest.approx(0.1)
    both = np.array([0.99] * 5 + [0.6] * 5)
    assert judge(value, sign, both).ece == pytest.approx(0.5 * abs(0.99 - 1.0) + 0.5 * abs(0.6 - 0.6))
