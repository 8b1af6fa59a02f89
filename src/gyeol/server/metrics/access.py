"""Who may read ``/metrics``: programs of this machine, and whoever holds the admin token.

A proxy on this machine makes everybody look local. Therefore a request that shows any sign of a proxy or of a browser needs the token,
and so does every request once a public address is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

from gyeol.accounts.tokens import AdminToken, bearer

WHAT_TO_DO = (
    "Metrics are for this machine and for holders of the admin token: send `Authorization: Bearer <token>`; "
    "the token stands in .gyeol/secrets.json of the workspace."
)
_PASSED_ON = frozenset(("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "origin"))
_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


def may_scrape(headers: Mapping[str, str], client_ip: str | None, token: AdminToken, *, fronted: bool) -> bool:
    """Whether a request may read the metrics.

    Args:
        headers: By lower-case name.
        client_ip: The peer of the connection.
        token: The folder's.
        fronted: Whether a proxy is known to stand in front: then being local says nothing.
    """
    if token.admits(bearer(headers.get("authorization"))):
        return True
    if fronted or client_ip is None or not _is_loopback(client_ip) or _PASSED_ON & headers.keys():
        return False
    # A page of another site whose name was made to point here sends that name.
    return headers.get("host", "").rsplit(":", 1)[0] in _LOCAL_NAMES


def _is_loopback(client_ip: str) -> bool:
    try:
        return ip_address(client_ip).is_loopback
    except ValueError:
        return False
