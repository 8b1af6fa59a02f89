"""What the two processes say about themselves: one line a happening, for people (text) or for machines (JSON lines).

Never in a log line: values of identifiers, bodies of events, secrets. Ids of events, offsets and codes say where to look.
"""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime

import msgspec

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# At INFO they write every URL that is called, and a webhook's may hold a token.
_QUIET = ("httpx", "httpcore", "alembic")
_TEXT = "%(asctime)s %(levelname)-7s %(process_name)s %(name)s: %(message)s"


class JsonLines(logging.Formatter):
    """One JSON object a line: ``at`` (ISO-8601, UTC), ``level``, ``process``, ``logger``, ``message``, ``error``, whatever ``extra`` gave.

    Args:
        process: ``core`` or ``side``.
    """

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = "".join(traceback.format_exception(record.exc_info[1]))
        return msgspec.json.encode(line, enc_hook=repr).decode()


class _TextLines(logging.Formatter):
    def __init__(self, process: str) -> None:
        super().__init__(_TEXT, defaults={"process_name": process})


def configure(form: str, level: str, process: str) -> None:
    """Send every log line of this process to stderr.

    Args:
        form: ``text`` or ``json``.
        level: Least level that is written: debug, info, warning, error.
        process: ``core`` or ``side``: who speaks, since both write to one terminal.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(process) if form == "json" else _TextLines(process))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
