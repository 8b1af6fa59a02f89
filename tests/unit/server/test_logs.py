"""What a log collector reads."""

from __future__ import annotations

import logging
import sys

import msgspec
import pytest

from gyeol.kernel.errors import BackendError
from gyeol.server.logs import JsonLines, _TextLines, configure, told


def _record(message: str, *args: object, **extra: object) -> logging.LogRecord:
    record = logging.makeLogRecord({"name": "gyeol.core", "levelno": logging.WARNING, "levelname": "WARNING", "msg": message, "args": args})
    vars(record).update(extra)
    return record


def test_a_line_is_one_json_object_with_its_extras() -> None:
    line = JsonLines("core").format(_record("the lake is %s records behind\nand more", 12, offset=7, code="lake_behind"))

    assert "\n" not in line
    told = msgspec.json.decode(line)
    assert told["message"] == "the lake is 12 records behind\nand more"
    assert (told["level"], told["process"], told["logger"]) == ("warning", "core", "gyeol.core")
    assert (told["offset"], told["code"]) == (7, "lake_behind")
    assert told["at"].endswith("+00:00")


def test_an_error_comes_with_its_traceback_and_an_odd_value_does_not_break_the_line() -> None:
    try:
        raise ValueError("torn frame")
    except ValueError:
        record = _record("failed", thing=object())
        record.exc_info = sys.exc_info()
    told = msgspec.json.decode(JsonLines("side").format(record))
    assert "ValueError: torn frame" in told["error"]
    assert told["thing"].startswith("<object")


@pytest.mark.parametrize("form", ["text", "json"])
def test_both_forms_reach_stderr_and_respect_the_level(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    try:
        configure(form, "warning", "side")
        logging.getLogger("gyeol.side.lake").info("too quiet")
        logging.getLogger("gyeol.side.lake").warning("heard")
        logging.getLogger("httpx").info("https://example.invalid/?token=secret")
    finally:
        root.handlers[:], root.level = before[0], before[1]
        logging.captureWarnings(False)
    written = capsys.readouterr().err
    assert "heard" in written and "side" in written
    assert "too quiet" not in written and "secret" not in written


def test_what_an_exception_quotes_is_left_out_and_its_trace_stays(capsys: pytest.CaptureFixture[str]) -> None:
    # A trace shows lines of code, such as these: what is somebody's must not stand in one.
    address, phone = "@".join(("kim.minji", "example.com")), "-".join(("+82 10", "8765", "4321"))

    def fail() -> None:
        try:
            {"x": 1}[address]
        except KeyError as error:
            raise ValueError(f"no such person {address} phone {phone} at offset 7") from error

    for form in ("json", "text"):
        try:
            fail()
        except ValueError:
            record = _record("failed")
            record.exc_info = sys.exc_info()
        line = (JsonLines("core") if form == "json" else _TextLines("core")).format(record)
        assert address not in line and phone not in line
        assert "ValueError: no such person … phone … at offset 7" in line and "KeyError: …" in line
        assert "test_logs.py" in line and "in fail" in line


def test_an_error_of_our_own_is_told_in_full() -> None:
    assert told(BackendError("log_unwritable", "'shop/log': the disk is full")).endswith("'shop/log': the disk is full")
