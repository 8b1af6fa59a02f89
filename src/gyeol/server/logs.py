"""What the two processes say about themselves: one line a happening, for people (text) or for machines (JSON lines).

Never in a log line: values of identifiers, bodies of events, secrets. Ids of events, offsets and codes say where to look.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from datetime import UTC, datetime

import msgspec

from gyeol.kernel.errors import GyeolError

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# At INFO they write every URL that is called, and a webhook's may hold a token.
_QUIET = ("httpx", "httpcore", "alembic")
# Quoted values, addresses, and runs of digits as in phones and ids.
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|[^\s@'"]+@[^\s@'"]+|\+?\d[\d -]{5,}\d""")
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
            line["error"] = told(record.exc_info[1])
        return msgspec.json.encode(line, enc_hook=repr).decode()


class _TextLines(logging.Formatter):
    def __init__(self, process: str) -> None:
        super().__init__(_TEXT, defaults={"process_name": process})

    def formatException(self, ei: object) -> str:
        """Called by the base class."""
        error = ei[1] if isinstance(ei, tuple) else None
        return told(error) if isinstance(error, BaseException) else ""


def told(error: BaseException) -> str:
    """An exception with its trace, as far as it may stand in a log: what it quotes may be somebody's, unless it is an error of our own."""
    parts: list[str] = []
    seen: set[int] = set()
    while id(error) not in seen:
        seen.add(id(error))
        text = str(error) if isinstance(error, GyeolError) else _QUOTED.sub("…", str(error))
        trace = "".join(traceback.format_tb(error.__traceback__))
        parts.append(f"{trace}{type(error).__name__}: {text}")
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if cause is None:
            break
        error = cause
    return "\n\nafter:\n".join(parts)


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
