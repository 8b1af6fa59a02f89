"""A local webhook receiver for the demo: checks signatures as a shop's own server would, and counts."""

from __future__ import annotations

import base64
import os
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from standardwebhooks import Webhook, WebhookVerificationError


class Receiver:
    """Listens on a free port of 127.0.0.1 while the block runs.

    Attributes:
        environment: The variables that the demo's workspace reads: where to send and with which secret.
        received: Send keys of the messages that came with a good signature. ``refused``: how many came without.
    """

    def __init__(self) -> None:
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
        self.received: set[str] = set()
        self.refused = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, Webhook(secret)))
        self._server.daemon_threads = True
        url = f"http://127.0.0.1:{self._server.server_address[1]}/messages"
        self.environment = {"GYEOL_DEMO_WEBHOOK_URL": url, "GYEOL_DEMO_WEBHOOK_SECRET": secret}

    def export(self) -> None:
        """Put the variables into this process's environment, for the side process that it starts."""
        os.environ.update(self.environment)

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, name="gyeol-demo-receiver", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(receiver: Receiver, webhook: Webhook) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            try:
                webhook.verify(body, dict(self.headers.items()))
                receiver.received.add(self.headers["webhook-id"])
                status = 204
            except WebhookVerificationError:
                receiver.refused += 1
                status = 401
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: the demo has its own progress."""

    return Handler
