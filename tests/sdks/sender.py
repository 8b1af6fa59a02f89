"""A program that sends with one of the Python SDKs, unmodified: ``python sender.py <sdk> <url> <key>``; speaks as ``sender.mjs``."""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime
from typing import Any

from rudderstack.analytics.client import Client as RudderClient
from segment.analytics.client import Client as SegmentClient


def client_of(sdk: str, url: str, key: str, failed: list[str]) -> Any:
    """A client that notes in ``failed`` what it gives up."""

    def give_up(error: object, items: object) -> None:
        failed.append(str(error))

    if sdk == "segment-python":
        return SegmentClient(key, host=url, on_error=give_up, gzip=True, upload_interval=0.05)
    return RudderClient(key, host=url, on_error=give_up, upload_interval=0.05)


def arguments(payload: dict[str, Any]) -> dict[str, Any]:
    """The Node SDKs' object as the Python SDKs' arguments."""
    named = {re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower(): value for name, value in payload.items()}
    if "timestamp" in named:
        named["timestamp"] = datetime.fromisoformat(named["timestamp"])
    return named


def main() -> None:
    """Send each line of the input, then flush."""
    sdk, url, key = sys.argv[1:]
    failed: list[str] = []
    client = client_of(sdk, url, key, failed)
    for line in sys.stdin:
        name, payload = json.loads(line)
        getattr(client, name)(**arguments(payload))
    client.flush()
    client.shutdown()
    print(json.dumps({"failed": failed}))


if __name__ == "__main__":
    main()
