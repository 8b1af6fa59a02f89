"""The console's built files, and the way in: ``/?token=…`` sets the cookie and forgets the token."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from gyeol.accounts.tokens import COOKIE, AdminToken
from gyeol.server.side.auth import WHAT_TO_DO

STATIC = Path(__file__).parent / "static"

_HTML = "text/html; charset=utf-8"
_COOKIE_S = 30 * 24 * 3600
_PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
    ),
    # The way in carries the token in its address.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_ASSET_HEADERS = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}

_UNBUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Gyeol</title>
<h1>Gyeol</h1><p>The console has not been built. Run <code>make web</code> and load this page again.
The API works: see <a href="/schema/openapi.json">/schema/openapi.json</a>.</p>
<p lang="ko">콘솔이 아직 빌드되지 않았습니다. <code>make web</code>을 실행한 뒤 이 페이지를 새로 고치세요.</p></html>
"""
_REFUSED = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Gyeol</title><h1>Not signed in</h1><p>{}</p>
<p lang="ko">관리자 토큰이 맞지 않습니다. <code>gyeol up</code>이 출력한 주소로 다시 여세요.</p></html>
"""


def console_routes(token: AdminToken, static: Path) -> list[HTTPRouteHandler]:
    """The routes of the console; any path without a file is a page of it, for the URL is the console's state."""

    @get("/", include_in_schema=False, sync_to_thread=True)
    def root(request: Request[Any, Any, Any]) -> Response[Any]:
        return _page(token, static, request, "")

    @get("/{path:path}", include_in_schema=False, sync_to_thread=True)
    def page(request: Request[Any, Any, Any], path: FromPath[str]) -> Response[Any]:
        return _page(token, static, request, path.strip("/"))

    return [root, page]


def _page(token: AdminToken, static: Path, request: Request[Any, Any, Any], name: str) -> Response[Any]:
    if name == "v1" or name.startswith(("v1/", "schema/")):
        raise NotFoundException
    given = request.query_params.get("token")
    if given is not None:
        return _way_in(token, given, name)
    found = _file(static, name)
    if found is not None and found.name != "index.html":
        media_type = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
        headers = _ASSET_HEADERS if name.startswith("assets/") else _PAGE_HEADERS
        return Response(found.read_bytes(), media_type=media_type, headers=headers)
    if name.startswith("assets/"):
        raise NotFoundException
    index = static / "index.html"
    return Response(index.read_bytes() if index.is_file() else _UNBUILT.encode(), media_type=_HTML, headers=_PAGE_HEADERS)


def _way_in(token: AdminToken, given: str, name: str) -> Response[Any]:
    if not token.admits(given):
        return Response(_REFUSED.format(WHAT_TO_DO).encode(), status_code=401, media_type=_HTML, headers=_PAGE_HEADERS)
    cookie = Cookie(key=COOKIE, value=given, max_age=_COOKIE_S, path="/", httponly=True, samesite="strict")
    return Response(b"", status_code=303, headers={**_PAGE_HEADERS, "Location": "/" + quote(name)}, cookies=[cookie])


def _file(static: Path, name: str) -> Path | None:
    """The file of a path, if it lies in the folder."""
    if not name:
        return None
    path = (static / name).resolve()
    return path if path.is_relative_to(static.resolve()) and path.is_file() else None
