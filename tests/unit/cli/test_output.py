"""What commands print for people."""

from __future__ import annotations

import pytest
from rich.console import Console

from gyeol.cli import output


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (40, "40 s"),
        (720, "12 min"),
        (6_945, "1 h 55 min"),
        (7_205, "2 h 5 s"),
        (273_600, "3 d 4 h"),
        (86_400, "1 d"),
    ],
)
def test_lengths_of_time_are_said_in_two_units(seconds: float, said: str) -> None:
    assert output.span(seconds) == said


def printed(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    narrow = Console(width=40)
    monkeypatch.setattr(output, "out", narrow)
    with narrow.capture() as capture:
        output.table(("name", "means"), [(name, "so many words that they do not fit on one line of the terminal")])
    return capture.get().splitlines()


def test_a_name_is_never_broken_over_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert any("lapsing_customers_of_2026" in line for line in printed(monkeypatch, "lapsing_customers_of_2026"))


def test_a_long_text_in_the_first_column_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any("x" * 41 in line for line in printed(monkeypatch, "x" * 41))
