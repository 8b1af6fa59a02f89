"""Bodies of the Segment wire format."""

from __future__ import annotations

import base64
import gzip
import json

import pytest

from gyeol.events.wire import Body, decode_batch, decode_pixel, decode_single, inflate
from gyeol.kernel.errors import InputError


def code_of(error: pytest.ExceptionInfo[InputError]) -> str:
    assert error.value.problems[0].mend
    return error.value.code


def test_a_batch_with_everything_in_its_root() -> None:
    root = b'"sentAt":"2026-01-01T00:00:00Z","writeKey":"k","context":{"ip":"1"},"integrations":{}'
    body = b'{"batch":[{"type":"track"}, 5 ,{"a":"\xec\x84\x9c"}],' + root + b"}"
    assert decode_batch(body) == Body(
        events=[b'{"type":"track"}', b"5", '{"a":"서"}'.encode()], sent_at="2026-01-01T00:00:00Z", write_key="k", context=b'{"ip":"1"}'
    )


@pytest.mark.parametrize(
    "root", ['"sentAt":null,"writeKey":null,"context":null', '"sentAt":5,"writeKey":[],"context":"x"', '"context":{ }']
)
def test_what_is_nothing_in_the_root_is_nothing(root: str) -> None:
    assert decode_batch(f'{{"batch":[],{root}}}'.encode()) == Body(events=[])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_json"),
        (b"{", "bad_json"),
        (b'{"batch":[{"a":1},{"a":}]}', "bad_json"),
        (b"\x00\x01", "bad_json"),
        (b'{"batch":' + b"[" * 100_000, "bad_json"),
        (b"[]", "bad_batch"),
        (b"{}", "bad_batch"),
        (b'{"batch":{}}', "bad_batch"),
        (b'{"batch":NaN}', "bad_batch"),
    ],
)
def test_a_body_that_cannot_be_read(body: bytes, code: str) -> None:
    with pytest.raises(InputError) as error:
        decode_batch(body)
    assert code_of(error) == code


def test_nan_costs_only_its_own_event() -> None:
    good = {"type": "track", "event": "서울 A", "properties": {"big": 12345678901234567890}}
    text = json.dumps(
        {"batch": [good, {"type": "track", "properties": {"x": float("nan")}}, good], "writeKey": "k", "sentAt": "2026-01-01T00:00:00Z"}
    )
    body = decode_batch(text.encode())
    assert [json.loads(event) for event in (body.events[0], body.events[2])] == [good, good]
    assert b"NaN" in body.events[1]
    assert (body.write_key, body.sent_at) == ("k", "2026-01-01T00:00:00Z")


def test_half_a_surrogate_pair_is_mended() -> None:
    body = decode_batch(rb'{"batch":[{"a":"cut \ud83d"},{"a":"whole \ud83d\ude00 \\ud83d"},{"a":"\ude00"}]}')
    assert body.repaired
    assert [json.loads(event)["a"] for event in body.events] == ["cut \ufffd", "whole 😀 \\ud83d", "\ufffd"]
    single = decode_single(rb'{"a":"\ud83dx","writeKey":"k"}', "t")
    assert single.repaired and single.write_key == "k" and json.loads(single.events[0]) == {"a": "\ufffdx", "writeKey": "k"}


def test_bytes_that_are_no_utf8_are_mended() -> None:
    body = decode_batch(b'{"batch":[{"a":"\xff"},{"a":"ok"}]}')
    assert body.repaired and json.loads(body.events[0])["a"] == "\ufffd"
    assert not decode_batch('{"batch":[{"a":"서울"}]}'.encode()).repaired


def test_a_byte_order_mark_is_skipped() -> None:
    assert decode_batch(b'\xef\xbb\xbf{"batch":[1]}').events == [b"1"]


@pytest.mark.parametrize(
    ("path", "kind"), [("t", "track"), ("track", "track"), ("p", "page"), ("a", "alias"), ("i", "identify"), ("s", "screen")]
)
def test_a_single_event_takes_its_type_from_the_path(path: str, kind: str) -> None:
    body = decode_single(b' {"event":"A","writeKey":"k"}\n', path)
    assert body == Body(events=[b'{"event":"A","writeKey":"k"}'], write_key="k", path_type=kind)


@pytest.mark.parametrize("body", [b"5", b"[1]", b'"x"', b"null"])
def test_a_single_value_that_is_no_object_is_left_to_ingest(body: bytes) -> None:
    assert decode_single(body, "t").events == [body]


def test_a_single_event_with_nan_is_left_to_ingest() -> None:
    assert decode_single(b'{"writeKey":"k","x":NaN}', "t").write_key == "k"
    with pytest.raises(InputError) as error:
        decode_single(b'{"x":', "t")
    assert code_of(error) == "bad_json"


def test_gzip_is_seen_by_its_first_bytes() -> None:
    plain = b'{"batch":[]}' * 100
    assert inflate(gzip.compress(plain), len(plain)) == plain
    assert inflate(plain, len(plain)) == plain
    assert inflate(gzip.compress(plain) + gzip.compress(b"x"), len(plain) + 1) == plain + b"x"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"x" * 101, "body_too_large"),
        (gzip.compress(b"x" * 101), "body_too_large"),
        (gzip.compress(b"\0" * 50_000_000), "body_too_large"),
        (gzip.compress(b"x" * 60) + gzip.compress(b"x" * 60), "body_too_large"),
        (gzip.compress(b"hello")[:-9], "bad_gzip"),
        (gzip.compress(b"") * 101, "bad_gzip"),
        (b"\x1f\x8bnonsense", "bad_gzip"),
    ],
)
def test_a_body_beyond_the_limit_or_broken(body: bytes, code: str) -> None:
    with pytest.raises(InputError) as error:
        inflate(body, 100)
    assert code_of(error) == code


def test_a_pixel_with_data_or_with_dotted_parameters() -> None:
    event = {"userId": "u", "event": "Email Opened", "writeKey": "k", "properties": {"n": 1}}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        data = encode(json.dumps(event).encode()).decode().rstrip("=")
        body = decode_pixel([("data", data)], "track")
        assert json.loads(body.events[0]) == event and body.write_key == "k" and body.path_type == "track"
    dotted = decode_pixel(
        [("writeKey", "k"), ("userId", "u"), ("properties.campaign", "가을"), ("context.page.url", "/"), ("userId.x", "y")], "page"
    )
    assert json.loads(dotted.events[0]) == {"userId": {"x": "y"}, "properties": {"campaign": "가을"}, "context": {"page": {"url": "/"}}}
    assert dotted.write_key == "k" and dotted.path_type == "page"
    with pytest.raises(InputError) as error:
        decode_pixel([("data", "%%%")], "track")
    assert code_of(error) == "bad_json"
