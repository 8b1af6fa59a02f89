"""What a webhook's answer means, what is posted, what a channel refuses to be opened with."""

from __future__ import annotations

import json

import pytest

from gyeol.channels.channel import Outcome
from gyeol.channels.kinds import open_channels
from gyeol.channels.model import ChannelDefinition, Licence, Message
from gyeol.channels.outbox import SETTLED, may_become
from gyeol.channels.webhook import read_answer, webhook_body
from gyeol.kernel.clock import ManualClock
from gyeol.kernel.errors import ConfigError

NOW = 1_772_420_400_000
SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQ="


def message(**fields: object) -> Message:
    given: dict[str, object] = {
        "send_key": "m_1",
        "channel": "mailer",
        "node": 1,
        "person": "p",
        "address": "a@example.invalid",
        "journey": "welcome",
        "journey_version": "v",
        "decision": "d_1",
        "content": {"title": "(광고) 봄 할인"},
        "message_class": "advertising",
        "purpose": "marketing",
        "queued_at_ms": NOW,
        "expires_at_ms": NOW + 1,
        "cause_offset": 7,
        "offer": "spring",
    }
    return Message(**{**given, **fields})  # type: ignore[arg-type]  # a test's shorthand


@pytest.mark.parametrize(
    ("status", "headers", "kind", "retry_after_s"),
    [
        (200, {}, "accepted", None),
        (202, {}, "accepted", None),
        (204, {}, "accepted", None),
        (301, {"location": "/elsewhere"}, "rejected", None),
        (400, {}, "rejected", None),
        (401, {}, "rejected", None),
        (410, {}, "rejected", None),
        (408, {}, "throttled", None),
        (429, {"retry-after": "30"}, "throttled", 30.0),
        (429, {"retry-after": "Mon, 02 Mar 2026 03:00:10 GMT"}, "throttled", 10.0),
        (429, {"retry-after": "Mon, 02 Mar 2020 03:00:10 GMT"}, "throttled", 0.0),
        (429, {"retry-after": "99999999"}, "throttled", 86_400.0),
        (429, {"retry-after": "-5"}, "throttled", 0.0),
        (429, {"retry-after": "soon"}, "throttled", None),
        (429, {"retry-after": "nan"}, "throttled", None),
        (500, {}, "throttled", None),
        (503, {"retry-after": "1.5"}, "throttled", 1.5),
        (502, {}, "unknown", None),
        (504, {}, "unknown", None),
    ],
)
def test_answers(status: int, headers: dict[str, str], kind: str, retry_after_s: float | None) -> None:
    outcome = read_answer(status, headers, b"", NOW)
    assert (outcome.kind, outcome.retry_after_s) == (kind, retry_after_s)


def test_the_providers_id_and_words_are_kept() -> None:
    assert read_answer(200, {}, b'{"id": "abc"}', NOW) == Outcome(kind="accepted", provider_id="abc", detail="HTTP 200")
    for body in (b"", b"ok", b"[1]", b'{"id": 5}', b"\xff\xfe"):
        assert read_answer(200, {}, body, NOW).provider_id == ""
    assert read_answer(400, {}, "주소가 없습니다".encode(), NOW).detail == "HTTP 400 주소가 없습니다"
    assert len(read_answer(400, {}, b"x" * 9_999, NOW).detail) == 500


def test_the_body_says_what_and_why() -> None:
    licence = Licence(
        consent={"status": "granted", "at_ms": 5},
        rules=["kr_advertising_any_hour"],
        label="(광고)",
        local_hour="2026-03-02 12:00 Asia/Seoul",
        caps={},
        holdout={},
        checked_at_ms=NOW,
    )
    body = json.loads(webhook_body(message(licence=licence, simulated=True)))
    assert body == {
        "type": "message",
        "send_key": "m_1",
        "channel": "mailer",
        "person": "p",
        "address": "a@example.invalid",
        "journey": "welcome",
        "decision": "d_1",
        "offer": "spring",
        "message_class": "advertising",
        "purpose": "marketing",
        "label": "(광고)",
        "content": {"title": "(광고) 봄 할인"},
        "licence": {
            "consent": {"status": "granted", "at_ms": 5},
            "rules": ["kr_advertising_any_hour"],
            "local_hour": "2026-03-02 12:00 Asia/Seoul",
            "checked_at_ms": NOW,
        },
        "expires_at_ms": NOW + 1,
        "simulated": True,
        "unsubscribe": "",
    }
    assert json.loads(webhook_body(message()))["licence"] is None


@pytest.mark.parametrize(
    ("url", "secret", "code"),
    [
        ("env:MISSING", SECRET, "channel_setting_missing"),
        ("https://example.invalid/hook", "env:EMPTY", "channel_setting_missing"),
        ("ftp://example.invalid/hook", SECRET, "channel_url"),
        ("example.invalid/hook", SECRET, "channel_url"),
        ("https://", SECRET, "channel_url"),
        ("https://example.invalid/hook", "whsec_", "channel_secret"),
        ("https://example.invalid/hook", "whsec_가", "channel_secret"),
    ],
)
def test_a_channel_that_cannot_work_is_refused_at_start(url: str, secret: str, code: str) -> None:
    definition = ChannelDefinition(name="mailer", kind="webhook", medium="email", url=url, secret=secret)
    with pytest.raises(ConfigError) as raised:
        open_channels([definition], {"EMPTY": ""}, ManualClock(NOW))
    assert raised.value.code == code
    assert "mailer" in raised.value.message


def test_a_message_only_moves_forward() -> None:
    assert may_become("queued", "sending")
    assert may_become("sending", "queued")
    assert may_become("accepted", "delivered")
    assert not may_become("accepted", "queued")
    assert not may_become("unknown", "queued"), "what may have arrived is never sent again"
    assert not may_become("queued", "unknown"), "a message that waits has not been sent"
    assert not may_become("clicked", "opened")
    for state in SETTLED:
        assert not may_become(state, "queued")
        assert not may_become(state, "sending")
