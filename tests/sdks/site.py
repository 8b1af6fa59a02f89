"""A web site with the browser SDKs as their packages ship them, at http://localhost: the collector is at http://127.0.0.1."""

from __future__ import annotations

import json
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).parent
BROWSER_SDKS = ("segment-browser", "rudderstack-browser")
_PAGES = (*BROWSER_SDKS, "openfeature-web")
# What a bundler does for a site: gives the names in `import` to the packages' own files. Segment's file is a script, not a module.
_MAP = {
    "@segment/analytics-next": "/pages/segment.mjs",
    "@rudderstack/analytics-js/bundled": "/node_modules/@rudderstack/analytics-js/dist/npm/modern/bundled/esm/index.mjs",
    "@openfeature/core": "/node_modules/@openfeature/core/dist/esm/index.js",
    "@openfeature/web-sdk": "/node_modules/@openfeature/web-sdk/dist/esm/index.js",
    "@openfeature/ofrep-web-provider": "/node_modules/@openfeature/ofrep-web-provider/index.esm.js",
    "@openfeature/ofrep-core": "/node_modules/@openfeature/ofrep-web-provider/node_modules/@openfeature/ofrep-core/index.esm.js",
}
_PAGE = """<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><title>우리 가게</title>
<script src="/node_modules/@segment/analytics-next/dist/umd/index.js"></script>
<script type="importmap">{imports}</script>
<script type="module">
{script}
</script></head><body><h1>우리 가게</h1></body></html>
"""


class _Handler(SimpleHTTPRequestHandler):
    """Files of this folder, and pages that tests wrote."""

    def __init__(self, pages: dict[str, str], *arguments: object) -> None:
        self._pages = pages
        super().__init__(*arguments, directory=str(HERE))  # type: ignore[arg-type]  # (request, address, server) of socketserver

    def do_GET(self) -> None:
        body = self._pages.get(self.path.partition("?")[0])
        if body is None:
            super().do_GET()
            return
        data = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


class Site:
    """Serves until it is closed. ``/empty`` is a page without any SDK."""

    def __init__(self) -> None:
        self._pages = {"/empty": "<!doctype html><title>empty</title>"}
        for sdk in _PAGES:
            self.write(sdk, (HERE / "pages" / f"{sdk}.mjs").read_text(encoding="utf-8"))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self._pages))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.url = f"http://localhost:{self._server.server_port}"

    def write(self, name: str, script: str) -> str:
        """Put a page at ``/<name>`` that runs a module; returns its path."""
        self._pages[f"/{name}"] = _PAGE.format(imports=json.dumps({"imports": _MAP}), script=script)
        return f"/{name}"

    def page(self, sdk: str, url: str, key: str, options: dict[str, object]) -> str:
        """Address of the page that starts an SDK with these options."""
        return f"{self.url}/{sdk}?start={quote(json.dumps({'url': url, 'key': key, 'options': options}))}"

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
