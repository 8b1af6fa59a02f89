"""Reading in a process of its own: it decodes files on one core while the engine, here, folds on the other.

The process is given one request on its standard input and answers with the import's head, then, once it knows the first group that is
wanted, with the groups: MessagePack, each message behind its length. It reads ahead as far as the pipe and one group hold. PyArrow and
DuckDB, and what they take of memory, stay in it. See docs/adr/0012.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import msgspec

from gyeol.kernel import errors
from gyeol.kernel.errors import GyeolError, InputError, InternalError, Problem
from gyeol.workspace.imports.opening import open_import
from gyeol.workspace.imports.plan import Groups, ImportGroup, ImportPlan, ImportSettings

APART_FROM_BYTES = 8 * 2**20
"""Smaller inputs are read in this process: to start another one takes as long as 30,000 events. Source: docs/adr/0012."""

_LENGTH = struct.Struct("<Q")


class _Request(msgspec.Struct, frozen=True):
    """What is to be opened; arguments as of ``open_import``."""

    path: str | None
    mapping: str | None
    settings: ImportSettings


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    """An opened import, or why it was not opened."""

    label: dict[str, str] = {}
    total: int = 0
    by_source: dict[str, int] = {}
    files: list[str] = []
    content_hash: str = ""
    warnings: list[str] = []
    failure: _Failure | None = None


class _Failure(msgspec.Struct, frozen=True, kw_only=True):
    """An error as it was raised over there."""

    family: str
    code: str
    message: str
    problems: list[Problem] = []


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """One group, or the error that ended the reading."""

    group: ImportGroup | None = None
    failure: _Failure | None = None


_encode = msgspec.msgpack.Encoder().encode
_head = msgspec.msgpack.Decoder(_Head).decode
_part = msgspec.msgpack.Decoder(_Part).decode
_request = msgspec.msgpack.Decoder(_Request).decode
_first = msgspec.msgpack.Decoder(int).decode


def open_apart(path: str | None, mapping: Path | None, settings: ImportSettings) -> ImportPlan:
    """As ``open_import``, read in another process; the groups can be asked for once.

    Raises:
        InputError: As ``open_import``.
        CapabilityMissingError: As ``open_import``.
        InternalError: The process died.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "gyeol.workspace.imports.apart"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=2**20
    )
    assert process.stdin is not None and process.stdout is not None
    into, out = process.stdin, process.stdout

    def read(from_group: int) -> Groups:
        _send(into, _encode(from_group))
        # The next message comes in while the group before it is worked on: to wait and to copy need no interpreter's lock.
        with ThreadPoolExecutor(1, "import-receiver") as receiver:
            coming = receiver.submit(_receive, out)
            while data := coming.result():
                part = _part(data)
                if part.failure is not None:
                    raise _raised(part.failure)
                if part.group is None:
                    return
                coming = receiver.submit(_receive, out)
                yield part.group
        raise InternalError("import_reader_died", "the process that reads the import ended early; its words are on stderr")

    def close() -> None:
        process.kill()
        process.wait()
        into.close()
        out.close()

    try:
        _send(into, _encode(_Request(path, None if mapping is None else str(mapping), settings)))
        data = _receive(out)
        if not data:
            raise InternalError("import_reader_died", "the process that reads the import did not open it; its words are on stderr")
        head = _head(data)
        if head.failure is not None:
            raise _raised(head.failure)
    except BaseException:
        close()
        raise
    return ImportPlan(
        label=head.label,
        total=head.total,
        by_source=head.by_source,
        files=head.files,
        content_hash=head.content_hash,
        group_rows=settings.group_rows,
        warnings=head.warnings,
        read=read,
        close=close,
    )


def _send(into: IO[bytes], data: bytes) -> None:
    into.write(_LENGTH.pack(len(data)) + data)
    into.flush()


def _receive(out: IO[bytes]) -> bytes:
    """The next message; empty when the other side has gone."""
    length = out.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return b""
    size = _LENGTH.unpack(length)[0]
    data = out.read(size)
    return data if len(data) == size else b""


def _told(error: GyeolError) -> _Failure:
    problems = list(error.problems) if isinstance(error, InputError) else []
    return _Failure(family=type(error).__name__, code=error.code, message=error.message, problems=problems)


def _raised(failure: _Failure) -> GyeolError:
    if failure.family == InputError.__name__:
        return InputError(failure.code, failure.problems, failure.message)
    family: type[GyeolError] = getattr(errors, failure.family, InternalError)
    return family(failure.code, failure.message)


def main() -> None:
    """Serve one import over standard input and output."""
    given, out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", 2**20)
    os.dup2(2, 1)  # whatever a library prints must not stand between the messages
    try:
        request = _request(_receive(given))
        try:
            plan = open_import(request.path, request.mapping, request.settings)
        except GyeolError as error:
            _send(out, _encode(_Head(failure=_told(error))))
            return
        with plan:
            _serve(plan, given, out)
    except BrokenPipeError:
        os._exit(0)  # nobody wants the rest


def _serve(plan: ImportPlan, given: IO[bytes], out: IO[bytes]) -> None:
    head = _Head(
        label=plan.label,
        total=plan.total,
        by_source=plan.by_source,
        files=plan.files,
        content_hash=plan.content_hash,
        warnings=plan.warnings,
    )
    _send(out, _encode(head))
    wanted = _receive(given)
    if not wanted:
        return
    try:
        for group in plan.sections(_first(wanted)):
            _send(out, _encode(_Part(group=group)))
    except GyeolError as error:
        _send(out, _encode(_Part(failure=_told(error))))
        return
    _send(out, _encode(_Part()))


if __name__ == "__main__":
    main()
