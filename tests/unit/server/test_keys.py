"""Where a write key may stand in a request."""

from __future__ import annotations

import base64
from typing import Any

from gyeol.server.core.http import Request
from gyeol.server.core.keys import key_in_header, key_in_query


def _request(headers: dict[bytes, bytes], query: bytes = b"") -> Request:
    nothing: Any = None
    return Request("POST", "/v1/batch", query, headers, None, b"", False, nothing)


def test_basic_with_and_without_colon() -> None:
    for text in (b"key:", b"key", b"key:password"):
        assert key_in_header(_request({b"authorization": b"Basic " + base64.b64encode(text)})) == "key"
    assert key_in_header(_request({b"authorization": b"basic " + base64.b64encode(b"key:")})) == "key"


def test_what_is_no_key() -> None:
    for value in (
        b"",
        b"Bearer abc",
        b"Basic",
        b"Basic !!!",
        b"Basic " + base64.b64encode(b":"),
        b"Basic " + base64.b64encode(b"\xff\xfe"),
    ):
        assert key_in_header(_request({b"authorization": value})) is None
    assert key_in_header(_request({})) is None


def test_query() -> None:
    assert key_in_query(_request({}, b"a=1&writeKey=k%20y")) == "k y"
    assert key_in_query(_request({}, b"a=1")) is None
