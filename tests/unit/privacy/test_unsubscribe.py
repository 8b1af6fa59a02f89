"""Tokens of unsubscribe links: what was signed comes back, nothing else does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gyeol.privacy.unsubscribe import Subscription, read_token, token_of, unsubscribe_key

KEY, OTHER = unsubscribe_key(b"a" * 32), unsubscribe_key(b"b" * 32)
SUBSCRIPTION = Subscription(12345, "email", "offers", "m_06e3a29a20ff2babeda5ce136905653b")


@given(st.integers(0, 2**31), st.text(max_size=30), st.text(max_size=30))
def test_a_token_gives_back_what_was_signed(node: int, medium: str, purpose: str) -> None:
    said = Subscription(node, medium, purpose, "m_1")
    token = token_of(said, KEY)
    assert read_token(token, KEY) == said
    assert read_token(token, OTHER) is None, "another folder's key"


def test_a_token_is_short_and_fits_a_url() -> None:
    token = token_of(SUBSCRIPTION, KEY)
    assert len(token) < 110
    assert token.replace("-", "").replace("_", "").isalnum()


def test_a_token_with_any_changed_character_is_refused() -> None:
    token = token_of(SUBSCRIPTION, KEY)
    for i, sign in enumerate(token[:-1]):
        changed = token[:i] + ("A" if sign != "A" else "B") + token[i + 1 :]
        assert read_token(changed, KEY) is None


@given(st.text(max_size=200))
def test_nonsense_is_refused(text: str) -> None:
    assert read_token(text, KEY) is None


def test_lengths_that_no_token_has_are_refused() -> None:
    token = token_of(SUBSCRIPTION, KEY)
    for text in ("", token[:10], token + token, token + "A" * 5_000, token + "\n", "é" + token):
        assert read_token(text, KEY) is None
