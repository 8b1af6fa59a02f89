"""What is wrong with an e-mail channel is told before it is applied, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gyeol.kernel.errors import InputError
from gyeol.workspace.load import Loaded, load

WORKSPACE = "workspace: {name: Shop, country: %s%s}\n"
REST = """
placements:
  - {name: mail, channel: email}
offers:
  - {name: hello, placements: [mail], content: {ko: {%s}}}
journeys:
  - name: greet
    trigger: {event: $identify}
    message: {channel: news, placement: mail, purpose: offers}
"""
GOOD = "smtp: {host: mx.example.com}, sender: {address: a@shop.example, name: {ko: 가게}, postal_address: {ko: 서울}, phone: 02-1}"


def loaded(folder: Path, channel: str, *, words: str = "subject: 안녕하세요, body: 하하", country: str = "KR", more: str = "") -> Loaded:
    text = WORKSPACE % (country, more) + f"channels:\n  - {{name: news, kind: email, medium: email, {channel}}}\n" + REST % words
    (folder / "shop.yaml").write_text(text)
    return load(folder)


def codes(folder: Path, channel: str, **options: str) -> list[str]:
    with pytest.raises(InputError) as raised:
        loaded(folder, channel, **options)
    return sorted(problem.code for problem in raised.value.problems)


def test_a_good_one(tmp_path: Path) -> None:
    found = loaded(tmp_path, GOOD)
    assert [w.code for w in found.warnings] == []
    (channel,) = found.definitions.channels
    assert channel.smtp is not None and (channel.smtp.tls, channel.smtp.port) == ("starttls", None)


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("timeout_s: 5", ["missing_key", "missing_key"]),
        (f"{GOOD}, url: 'https://x.example', secret: env:X", ["other_kind", "other_kind"]),
        (GOOD.replace("mx.example.com", "'https://mx.example.com/'"), ["bad_host"]),
        (GOOD.replace("mx.example.com", "mx.example.com, port: 70000"), ["out_of_range"]),
        (GOOD.replace("mx.example.com", "mx.example.com, connections: 99"), ["out_of_range"]),
        (GOOD.replace("mx.example.com", "mx.example.com, user: env:U"), ["half_login"]),
        (GOOD.replace("mx.example.com", "mx.example.com, tls: ssl"), ["wrong_value"]),
        (GOOD.replace("a@shop.example", "shop.example"), ["bad_address"]),
        (GOOD.replace("a@shop.example", '"a@shop.example\\r\\nBcc: b@c.d"'), ["bad_address"]),
        (GOOD.replace("postal_address: {ko: 서울}, ", ""), ["sender_unnamed"]),
        (GOOD.replace("name: {ko: 가게}, postal_address: {ko: 서울}, ", ""), ["sender_unnamed", "sender_unnamed"]),
    ],
)
def test_what_is_refused(tmp_path: Path, channel: str, expected: list[str]) -> None:
    assert codes(tmp_path, channel) == expected


def test_another_medium_is_refused(tmp_path: Path) -> None:
    assert "wrong_medium" in codes(tmp_path, f"{GOOD}}}\n  - {{name: other, kind: email, medium: sms, {GOOD}")


def test_the_workspaces_sender_is_a_name(tmp_path: Path) -> None:
    found = loaded(tmp_path, GOOD.replace("name: {ko: 가게}, ", ""), more=", sender: 가게")
    assert not found.warnings


def test_where_no_law_asks_nothing_is_asked(tmp_path: Path) -> None:
    found = loaded(tmp_path, "smtp: {host: env:MX}, sender: {address: a@shop.example}", country="DE")
    assert not [w for w in found.warnings if w.code.startswith("sender")]


@pytest.mark.parametrize(
    ("channel", "words", "warning"),
    [
        (GOOD.replace(", phone: 02-1", ""), "subject: a, body: b", "sender_phone"),
        (GOOD, "body: b", "mail_without_subject"),
        (GOOD.replace("mx.example.com", "mx.example.com, user: env:U, password: hush"), "title: a", "secret_in_file"),
        (GOOD.replace("mx.example.com", "mx.example.com, tls: none, user: env:U, password: env:P"), "title: a", "password_in_clear"),
    ],
)
def test_what_is_warned_of(tmp_path: Path, channel: str, words: str, warning: str) -> None:
    assert [w.code for w in loaded(tmp_path, channel, words=words).warnings] == [warning]
