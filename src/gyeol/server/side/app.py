"""The API as an ASGI application."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from gyeol import __version__
from gyeol.accounts.tokens import AdminToken
from gyeol.app.desk import Desk
from gyeol.app.policy_replays import Replays
from gyeol.app.watch import Watch
from gyeol.engine.definitions import Definitions
from gyeol.server.metrics.side import SideFigures
from gyeol.server.side.auth import admin_guard
from gyeol.server.side.broadcast import Broadcaster
from gyeol.server.side.console import STATIC, console_routes
from gyeol.server.side.errors import HANDLERS
from gyeol.server.side.routes import (
    acts,
    brand,
    contents,
    coupons,
    decisions,
    facts,
    groups,
    identity,
    measures,
    partners,
    people,
    policies,
    suggestions,
    watching,
)
from gyeol.server.side.routes.health import health_routes
from gyeol.server.side.routes.names import names_routes
from gyeol.server.side.routes.replays import replay_routes

MAX_BODY_BYTES = 16 * 1024 * 1024
"""Largest request body: definitions of a large workspace are well below."""


def side_app(
    desk: Desk,
    watch: Watch,
    live: Broadcaster,
    token: AdminToken,
    static: Path = STATIC,
    figures: SideFigures | None = None,
    replays: Replays | None = None,
    in_force: Callable[[], Definitions] | None = None,
) -> Litestar:
    """The application of the internal port.

    Args:
        desk: Answers nearly everything below ``/v1``.
        watch: Answers about the whole.
        live: Shows what happens.
        token: Who shows it may call ``/v1``.
        static: The console's built files; a plain page says how to build them where there are none.
        figures: For ``/readyz`` and ``/metrics``; None: they are not served.
        replays: Puts other rules over past traffic; None: it is not served.
        in_force: The definitions whose words ``/v1/names`` tells; None: nothing has a name.
    """
    refused: Counter[tuple[int, str]] = Counter() if figures is None else figures.refused
    api = Router(
        "/",
        route_handlers=[
            *people.ROUTES,
            *groups.ROUTES,
            *facts.ROUTES,
            *coupons.ROUTES,
            *partners.ROUTES,
            *contents.ROUTES,
            *policies.ROUTES,
            *brand.ROUTES,
            *identity.ROUTES,
            *suggestions.ROUTES,
            *acts.ROUTES,
            *decisions.ROUTES,
            *measures.ROUTES,
            *watching.ROUTES,
            *names_routes(in_force),
            *([] if replays is None else replay_routes(replays)),
        ],
        guards=[admin_guard(token)],
        dependencies={
            "desk": Provide(lambda: desk, sync_to_thread=False),
            "watch": Provide(lambda: watch, sync_to_thread=False),
            "live": Provide(lambda: live, sync_to_thread=False),
        },
    )
    openapi = OpenAPIConfig(title="Gyeol", version=__version__, path="/schema", render_plugins=[JsonRenderPlugin()])
    return Litestar(
        [api, *([] if figures is None else health_routes(figures, token)), *console_routes(token, static)],
        state=State({"refused": refused}, deep_copy=False),
        exception_handlers=HANDLERS,
        openapi_config=openapi,
        request_max_body_size=MAX_BODY_BYTES,
        logging_config=None,
        debug=False,
    )
