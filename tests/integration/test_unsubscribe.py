"""Refusing by the link in a mail, through the whole loop: order → mail over SMTP → GET (nothing) → POST → the gates refuse the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest

from gyeol.app.mailbox import Mailbox

pytestmark = pytest.mark.slow

MAILING = """
channels:
  - name: news
    kind: email
    medium: email
    smtp: {host: env:GYEOL_DEMO_SMTP, tls: none}
    sender: {address: news@shop.example, name: {ko: 우리 가게}, postal_address: {ko: 서울시 종로구 1}, phone: 02-000-0000}
placements:
  - {name: thank_you_mail, channel: email, cap: 100}
offers:
  - name: thanks
    placements: [thank_you_mail]
    purpose: offers
    cap: 100
    content:
      ko: {subject: "고맙습니다, {{ first_name | default: '고객' }}님", html: "<p>{{ first_name | default: '고객' }}님, 다음에도요.</p>"}
traits:
  - {name: first_name, kind: last, event: $identify, property: traits.first_name}
journeys:
  - name: thank_you
    trigger: {event: Order Completed}
    message: {channel: news, placement: thank_you_mail, purpose: offers}
  - name: look_again
    trigger: {event: Product Viewed}
    message: {channel: news, placement: thank_you_mail, purpose: offers}
"""
NAME = "<b>이영희</b>\r\nBcc: victim@example.com"


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with Mailbox(tmp_path / "mails") as made:
        yield made


@pytest.fixture
def running(pair: Any, workspace: Path, mailbox: Mailbox) -> Any:
    (workspace / "mailing.yaml").write_text(MAILING)
    pair.environment.update(mailbox.environment)
    pair.start(api=True)
    return pair


class NobodyThere(Mailbox):
    """A server that knows none of the recipients."""

    async def handle_RCPT(self, server: object, session: object, envelope: object, address: str, options: list[str]) -> str:
        return "550 5.1.1 no such user"


def test_an_address_that_nobody_has_is_not_written_to_again(pair: Any, workspace: Path, tmp_path: Path) -> None:
    (workspace / "mailing.yaml").write_text(MAILING)
    with NobodyThere(tmp_path / "mails") as nobody:
        pair.environment.update(nobody.environment)
        pair.start(api=True)
        greet(pair)
        happens(pair, "Order Completed")
        (message,) = until(lambda: [each for each in messages(pair) if each["state"] == "bounced"])
        assert message["reason"]["code"] == "no_such_address"
        until(lambda: ("email", "reachable", "withdrawn") in consents(pair))
        assert ("email", "offers", "granted") in consents(pair), "nobody withdrew anything"
        happens(pair, "Product Viewed")
        until(lambda: "address_unreachable" in reasons(pair))
        assert len(messages(pair)) == 1
        assert pair.stop() == 0


def until(found: Callable[[], Any], patience_s: float = 120.0) -> Any:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        value = found()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def happens(pair: Any, event_name: str) -> None:
    properties = {"order_id": "o1", "revenue": 1, "product_id": "p1"}
    event = {"type": "track", "messageId": event_name, "userId": "lee", "event": event_name, "properties": properties}
    assert pair.batch([event]).status_code == 200


def greet(pair: Any) -> None:
    """Lee, her address, and her consent."""
    said = {"channel": "email", "purpose": "offers", "status": "granted", "proof": "form 7"}
    events: list[dict[str, object]] = [
        {"type": "identify", "messageId": "i", "userId": "lee", "traits": {"email": "lee@example.com", "first_name": NAME}},
        {"type": "track", "messageId": "c", "userId": "lee", "event": "Consent Changed", "properties": said},
    ]
    assert pair.batch(events).status_code == 200


def link_of(mailbox: Mailbox) -> str:
    (path,) = until(lambda: list(mailbox.folder.glob("*.eml")))
    mail = message_from_bytes(path.read_bytes(), policy=default)
    assert mail["subject"] == "(광고) 고맙습니다, <b>이영희</b> Bcc: victim@example.com님"
    assert mail["bcc"] is None
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    html = mail.get_body(("html",))
    assert html is not None
    assert "&lt;b&gt;이영희&lt;/b&gt;" in html.get_content()
    link = str(mail["list-unsubscribe"]).removeprefix("<").removesuffix(">")
    assert link in html.get_content()
    return link


def consents(pair: Any) -> list[tuple[str, str, str]]:
    found = pair.api.get("/v1/people/user_id:lee").json()
    return [(each["channel"], each["purpose"], each["status"]) for each in found["consents"]]


def commands(pair: Any) -> int:
    return int(pair.api.get("/v1/status").json()["commands"])


def messages(pair: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pair.api.get("/v1/people/user_id:lee/messages").json()["messages"]
    return found


def reasons(pair: Any) -> set[str]:
    found = pair.api.get("/v1/people/user_id:lee/decisions").json()
    return {refusal["reason"]["code"] for decision in found["decisions"] for refusal in decision["refusals"]}


def test_one_click_withdraws_and_get_does_not(running: Any, mailbox: Mailbox) -> None:
    greet(running)
    happens(running, "Order Completed")
    link = link_of(mailbox)
    assert link.startswith(f"{running.url}/u/")
    before = commands(running)
    page = httpx.get(link, timeout=60)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<form" in page.text and "Stop only this" in page.text and "이 광고만" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "lee" not in page.text
    assert httpx.head(link).status_code == 200
    assert httpx.post(link, content=b"", timeout=60).status_code == 400
    assert consents(running) == [("email", "offers", "granted")]
    assert commands(running) == before

    for _ in range(2):
        done = httpx.post(link, data={"List-Unsubscribe": "One-Click"}, timeout=60)
        assert done.status_code == 200
        assert "수신 거부가 처리되었습니다" in done.text
        assert "set-cookie" not in done.headers
    assert consents(running) == [("email", "offers", "withdrawn")]
    assert commands(running) == before + 1, "a second refusal changes nothing"

    happens(running, "Product Viewed")
    until(lambda: "consent_withdrawn" in reasons(running))
    assert len(mailbox.received) == 1


def test_everything_can_be_refused_and_tokens_of_others_are_worth_nothing(running: Any, mailbox: Mailbox) -> None:
    greet(running)
    happens(running, "Order Completed")
    link = link_of(mailbox)
    flipped = link[:-1] + ("A" if link[-1] != "A" else "B")
    for forged in (flipped, link[:-5], f"{running.url}/u/", f"{running.url}/u/x", link + "/.."):
        for answer in (httpx.get(forged, timeout=60), httpx.post(forged, data={"List-Unsubscribe": "One-Click"}, timeout=60)):
            assert answer.status_code == 404
    assert consents(running) == [("email", "offers", "granted")]
    files = {"List-Unsubscribe": (None, "One-Click")}
    assert httpx.post(link, files=files, timeout=60).status_code == 200, "mail programs may send it as multipart"
    assert httpx.post(link, data={"scope": "all"}, timeout=60).status_code == 200
    assert ("*", "*", "withdrawn") in consents(running)
