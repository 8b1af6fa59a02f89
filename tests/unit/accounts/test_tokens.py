"""The admin token."""

from __future__ import annotations

import pytest

from gyeol.accounts.tokens import AdminToken, bearer, new_token


def test_a_token_admits_itself_only() -> None:
    value = new_token()
    token = AdminToken(value)
    assert token.admits(value)
    for other in (None, "", value[:-1], value + "x", new_token(), "토큰"):
        assert not token.admits(other)


def test_an_empty_token_admits_nobody() -> None:
    assert not AdminToken("").admits("")


def test_tokens_are_long_different_and_never_shown() -> None:
    tokens = {new_token() for _ in range(50)}
    assert len(tokens) == 50 and all(len(token) >= 32 for token in tokens)
    one = tokens.pop()
    assert one not in repr(AdminToken(one))


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None), ("Bearer ", None), ("abc", None), ("", None), (None, None)],
)
def test_bearer(header: str | None, token: str | None) -> None:
    assert bearer(header) == token
