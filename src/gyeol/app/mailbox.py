"""A local mail server for the demo: takes every mail, sends none on, keeps each as a file that any mail program opens."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import threading
from email import message_from_bytes
from email.policy import compat32
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from gyeol.kernel.errors import CapabilityMissingError

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

_SENT_BY = re.compile(r"[A-Za-z0-9_.-]{1,100}")


class Mailbox:
    """Listens on a free port of 127.0.0.1 while the block runs.

    Args:
        folder: Where mails are kept: ``<send key>.eml``; made with the first one.

    Attributes:
        environment: The variable that the demo's workspace reads: where to send.
        received: Send keys of the mails that came. ``again``: how many came a second time.

    Raises:
        CapabilityMissingError: The demo's packages are not installed.
    """

    def __init__(self, folder: Path) -> None:
        try:
            from aiosmtpd.smtp import SMTP
        except ImportError as error:
            told = "the demo's mail server is not installed: pip install 'gyeol[demo]'"
            raise CapabilityMissingError("no_demo_packages", told) from error
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # at INFO it writes every line that is said
        self.folder = folder
        self.received: set[str] = set()
        self.again = 0
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(
            self._loop.create_server(lambda: SMTP(self, hostname="mailbox.localhost", loop=self._loop), "127.0.0.1", 0)
        )
        host, port = self._server.sockets[0].getsockname()[:2]
        self.environment = {"GYEOL_DEMO_SMTP": f"{host}:{port}"}
        self._thread = threading.Thread(target=self._loop.run_forever, name="gyeol-demo-mailbox", daemon=True)

    def export(self) -> None:
        """Put the variable into this process's environment, for the side process that it starts."""
        os.environ.update(self.environment)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep a mail, then say so."""
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        key = str(message_from_bytes(content, policy=compat32).get("X-Gyeol-Send-Key", ""))
        if not _SENT_BY.fullmatch(key):
            return "554 5.6.0 not a mail of Gyeol"
        self.again += key in self.received
        self.received.add(key)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{key}.eml").write_bytes(content)
        return f"250 2.0.0 Ok: queued as {key}"

    def __enter__(self) -> Mailbox:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _close(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
