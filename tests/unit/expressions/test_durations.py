from __future__ import annotations

import pytest

from gyeol.expressions.durations import Duration, parse_duration
from gyeol.kernel.errors import InputError


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("30s", Duration(30_000)),
        ("10m", Duration(600_000)),
        ("24h", Duration(86_400_000)),
        ("168h", Duration(604_800_000)),
        ("7d", Duration(604_800_000, 7)),
        ("2w", Duration(1_209_600_000, 14)),
        (" 1 d ", Duration(86_400_000, 1)),
    ],
)
def test_spans(text: str, wanted: Duration) -> None:
    assert parse_duration(text) == wanted


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-1d", "7 days", "1.5h", "7D", "1d12h", "9999999999d"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_duration(text, path="traits.yaml: window", line=4)
    (problem,) = caught.value.problems
    assert (problem.code, problem.path, problem.line) == ("bad_duration", "traits.yaml: window", 4)
