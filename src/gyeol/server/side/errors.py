"""Errors as HTTP: which status each family has, and the one shape that every error is answered in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException, ValidationException

from gyeol.kernel.errors import (
    BackendError,
    BackendTimeoutError,
    BackendUnavailableError,
    CapabilityMissingError,
    ConfigError,
    DeliveryError,
    DeliveryRejectedError,
    DeliveryThrottledError,
    DuplicateError,
    GyeolError,
    InputError,
    InternalError,
    LimitError,
    NotFoundError,
    Retryable,
    StateError,
    VersionConflictError,
)

HTTP_STATUS: dict[type[GyeolError], int] = {
    GyeolError: 500,
    ConfigError: 500,
    InputError: 400,
    StateError: 409,
    NotFoundError: 404,
    VersionConflictError: 409,
    DuplicateError: 409,
    LimitError: 409,
    CapabilityMissingError: 501,
    BackendError: 500,
    BackendUnavailableError: 503,
    BackendTimeoutError: 504,
    DeliveryError: 502,
    DeliveryThrottledError: 503,
    DeliveryRejectedError: 502,
    InternalError: 500,
}
"""Status by family; an unlisted subclass has that of its nearest base."""

RETRY_AFTER_S = 2
"""Said with every error after which the same call may succeed."""

_log = logging.getLogger("gyeol.side")


def status_of(error: GyeolError) -> int:
    """The HTTP status of an error."""
    return next(HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in HTTP_STATUS)


def _answer(
    request: Request[Any, Any, Any], status: int, body: dict[str, object], headers: dict[str, str] | None = None
) -> Response[dict[str, object]]:
    request.app.state.refused[status, str(body["code"])] += 1
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def gyeol_error(request: Request[Any, Any, Any], error: GyeolError) -> Response[dict[str, object]]:
    """A deliberate error: what, where, how to mend."""
    return _answer(
        request, status_of(error), error.as_json(), {"Retry-After": str(RETRY_AFTER_S)} if isinstance(error, Retryable) else None
    )


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, object]]:
    """What Litestar found: a route that is not there, a body or parameter of the wrong form, no token."""
    code, message, facts = "bad_request", error.detail or "The request cannot be read.", dict[str, object]()
    match error:
        case NotAuthorizedException():
            code = "not_signed_in"
        case ValidationException():
            code, facts = "bad_request", {"problems": error.extra}
            message = f"The request to {request.url.path} does not fit: {error.detail}. See /schema/openapi.json for what it takes."
        case NotFoundException():
            code, message = (
                "no_such_route",
                f"There is no {request.method} {request.url.path}. The routes are listed in /schema/openapi.json.",
            )
    body: dict[str, object] = {"code": code, "message": message, "facts": facts, "retryable": False}
    headers = {"WWW-Authenticate": "Bearer"} if error.status_code == 401 else None
    return _answer(request, error.status_code, body, headers)


def bug(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, object]]:
    """Anything else is a bug of ours: logged with its trace, told without it."""
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error, extra={"code": "internal"})
    told = InternalError(
        "internal",
        f"{type(error).__name__} in {request.method} {request.url.path}. This is a bug: please report it with the log of the side process.",
    )
    return _answer(request, 500, told.as_json())


HANDLERS: dict[int | type[Exception], Callable[[Request[Any, Any, Any], Any], Response[Any]]] = {
    GyeolError: gyeol_error,
    HTTPException: http_error,
    Exception: bug,
}
"""For ``Litestar(exception_handlers=…)``."""
