"""What the commands on the quarantine say."""

from __future__ import annotations

import pytest

from gyeol.cli.commands.judging import _because


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("client_cannot_join_known", "public key"),
        ("device_of_several", "device"),
        ("number_of_another", "number"),
        ("another_number", "different numbers"),
        ("limit", "2 of user_id, at most 1"),
    ],
)
def test_every_reason_has_words_of_its_own(reason: str, words: str) -> None:
    assert words in _because({"reason": reason, "type": "user_id", "fan_out": 2, "limit": 1})
