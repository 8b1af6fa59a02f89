"""What SDKs ask for before they send: the smallest settings that make them send to us and to nobody else."""

from __future__ import annotations

from gyeol.events.model import SourceDefinition
from gyeol.server.core.http import Request

_SINCE = "2026-01-01T00:00:00.000Z"


def browser_settings(write_key: str, request: Request) -> dict[str, object]:
    """For analytics-next and the mobile SDKs: one integration (a second would make the SDK load legacy bundles), no metrics."""
    host = request.headers.get(b"host", b"").decode("latin-1")
    protocol = "https" if request.headers.get(b"x-forwarded-proto", b"").lower().startswith(b"https") else "http"
    return {
        "integrations": {"Segment.io": {"apiKey": write_key, "apiHost": f"{host}/v1", "protocol": protocol}},
        "metrics": {"sampleRate": 0},
    }


def rudder_settings(source: SourceDefinition) -> dict[str, object]:
    """For RudderStack's JavaScript SDK: an enabled source without destinations."""
    return {
        "source": {
            "id": source.name,
            "name": source.name,
            "writeKey": source.write_key,
            "enabled": True,
            "config": {},
            "workspaceId": "gyeol",
            "dataplanes": {},
            "destinations": [],
            "updatedAt": _SINCE,
        },
        "updatedAt": _SINCE,
    }
