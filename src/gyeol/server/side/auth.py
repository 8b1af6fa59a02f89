"""Who may call the API: whoever holds the admin token, as a Bearer header or as the cookie that the printed link sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers.base import BaseRouteHandler

from gyeol.accounts.tokens import COOKIE, AdminToken, bearer

WHAT_TO_DO = (
    "This needs the admin token. In a browser open the link that `gyeol up` printed (it ends in ?token=…); "
    "from a program send `Authorization: Bearer <token>`. The token stands in .gyeol/secrets.json of the workspace."
)

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]


def admin_guard(token: AdminToken) -> Guard:
    """A Litestar guard that lets only holders of the token through."""

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        given = bearer(connection.headers.get("authorization")) or connection.cookies.get(COOKIE)
        if not token.admits(given):
            raise NotAuthorizedException(WHAT_TO_DO)

    return guard
