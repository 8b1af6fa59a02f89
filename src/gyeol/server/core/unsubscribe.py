"""``/u/{token}`` on the public port: a page with a button that refuses, and the refusal itself.

GET never refuses: link checkers and previews follow every link in a mail. POST does, from the page's button or from the reader's own
mail program (One-Click); the withdrawal is durable before the answer. Source: RFC 8058.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from html import escape
from string import Template
from urllib.parse import parse_qs

from gyeol.app.unsubscribing import PATH, Scope, Unsubscriber
from gyeol.kernel.errors import BackendError
from gyeol.privacy.unsubscribe import Subscription
from gyeol.server.core.http import Header, Request, TooLargeError, retry_after

__all__ = ["PATH", "UnsubscribePages", "scope_of"]

MOST_BODY_BYTES = 4_096
_ONE_CLICK = ("List-Unsubscribe", "One-Click")

_STYLE = (
    "body{margin:0 auto;max-width:34rem;padding:3rem 1.25rem;font:1rem/1.6 system-ui,sans-serif;color:#1a1a1a;background:#fff}"
    "h1{font-size:1.4rem;margin:0 0 .25rem}h1+p{color:#4a4a4a}form{margin:2rem 0;display:grid;gap:.75rem}"
    "button{font:inherit;padding:.8rem 1rem;border:1px solid #1a1a1a;border-radius:.4rem;background:#1a1a1a;color:#fff;cursor:pointer}"
    "button.all{background:#fff;color:#1a1a1a}button:focus-visible{outline:3px solid #2563eb;outline-offset:2px}"
)
_PAGE = Template(
    '<!doctype html>\n<html lang="ko">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
    "<title>$title</title>\n<style>$style</style>\n</head>\n<body>\n<main>\n$body\n</main>\n</body>\n</html>\n"
)
_ASK = Template(
    '<h1>광고 수신을 거부하시겠어요?</h1>\n<p lang="en">Stop receiving advertising?</p>\n'
    '<p>수단: $medium · 목적: $purpose<br><span lang="en">Channel: $medium · purpose: $purpose</span></p>\n'
    '<form method="post">\n'
    '<button name="scope" value="purpose">이 광고만 받지 않기 · <span lang="en">Stop only this</span></button>\n'
    '<button class="all" name="scope" value="all">모든 광고 받지 않기 · <span lang="en">Stop all advertising</span></button>\n'
    '</form>\n<p>비용은 들지 않습니다. <span lang="en">It costs nothing.</span></p>'
)
_DONE = (
    '<h1>수신 거부가 처리되었습니다.</h1>\n<p lang="en">You have been unsubscribed.</p>\n'
    '<p>지금부터 이 동의로는 광고를 보내지 않습니다. <span lang="en">From now on nothing is sent on this consent.</span></p>'
)
_FOREIGN = (
    '<h1>없는 주소입니다.</h1>\n<p lang="en">There is no such page.</p>\n'
    "<p>받으신 메일의 수신거부 링크를 끝까지 복사했는지 확인해 주세요. "
    '<span lang="en">Please check that the link from the mail was copied whole.</span></p>'
)
_UNCLEAR = (
    '<h1>요청을 이해하지 못했습니다.</h1>\n<p lang="en">The request was not understood; nothing was changed.</p>\n'
    '<p>이 페이지를 다시 열고 단추를 눌러 주세요. <span lang="en">Open this page again and press a button.</span></p>'
)
_LATER = (
    '<h1>지금은 처리할 수 없습니다.</h1>\n<p lang="en">This cannot be done right now; nothing was changed.</p>\n'
    '<p>잠시 뒤에 다시 시도해 주세요. <span lang="en">Please try again in a moment.</span></p>'
)

_HTML: Header = (b"content-type", b"text/html; charset=utf-8")
_HEADERS: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    # The token in the address is a key: no other site learns it.
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'sha256-" + b64encode(hashlib.sha256(_STYLE.encode()).digest()) + b"'; "
        b"form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
)


class UnsubscribePages:
    """Answers ``/u/{token}``.

    Args:
        unsubscriber: Reads tokens and withdraws.
    """

    def __init__(self, unsubscriber: Unsubscriber) -> None:
        self._unsubscriber = unsubscriber

    async def get(self, request: Request) -> None:
        """The page with the buttons; nothing is changed."""
        subscription = self._subscription(request)
        if subscription is None:
            self._show(request, 404, "404", _FOREIGN)
            return
        words = {"medium": escape(subscription.medium), "purpose": escape(subscription.purpose)}
        self._show(request, 200, "수신거부 · Unsubscribe", _ASK.substitute(words))

    async def post(self, request: Request) -> None:
        """Withdraw, then say so. No cookie is read, no origin asked: the token alone is the right to refuse."""
        subscription = self._subscription(request)
        if subscription is None:
            self._show(request, 404, "404", _FOREIGN)
            return
        try:
            scope = scope_of(request.within(MOST_BODY_BYTES))
        except TooLargeError:
            scope = None
        if scope is None:
            self._show(request, 400, "수신거부 · Unsubscribe", _UNCLEAR)
            return
        try:
            await self._unsubscriber.withdraw(subscription, scope)
        except BackendError:
            self._show(request, 503, "수신거부 · Unsubscribe", _LATER, *retry_after(30))
            return
        self._show(request, 200, "수신거부 · Unsubscribed", _DONE)

    def _subscription(self, request: Request) -> Subscription | None:
        return self._unsubscriber.read(request.path[len(PATH) :])

    def _show(self, request: Request, status: int, title: str, body: str, *headers: Header) -> None:
        page = _PAGE.substitute(title=title, style=_STYLE, body=body)
        request.answer(status, page.encode(), *_HEADERS, *headers, kind=_HTML)


def scope_of(body: bytes) -> Scope | None:
    """What a form asks for: ``List-Unsubscribe=One-Click`` or one of the page's buttons; None: neither.

    Mail programs send it URL-encoded or as multipart/form-data (RFC 8058, section 3.1).
    """
    text = body.decode("utf-8", "replace").strip()
    if text.startswith("--"):
        name, value = _ONE_CLICK
        lines = [line.strip() for line in text.splitlines()]
        return "purpose" if value in lines and any(f'name="{name}"' in line or line.endswith(f"name={name}") for line in lines) else None
    form = parse_qs(text)
    if form.get(_ONE_CLICK[0]) == [_ONE_CLICK[1]]:
        return "purpose"
    match form.get("scope"):
        case ["purpose"]:
            return "purpose"
        case ["all"]:
            return "all"
        case _:
            return None
