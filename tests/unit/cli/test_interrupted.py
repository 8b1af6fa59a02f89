"""Ctrl-C ends a command with its own exit code, also where it falls into a query of the lake."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import duckdb
import pytest
import typer

from gyeol.cli.context import command
from gyeol.cli.exit_codes import INTERRUPTED


@pytest.fixture(autouse=True)
def _ctrl_c_counts() -> Iterator[None]:
    """A shell that starts the tests in the background has them ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@command
def _asks_too_much() -> None:
    threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    duckdb.sql("SELECT sum(sqrt(i)) FROM range(100000000000) AS t(i)").fetchall()


@command
def _fails() -> None:
    raise RuntimeError("a fault of the program")


def test_a_query_that_is_broken_off_is_no_fault() -> None:
    with pytest.raises(typer.Exit) as ended:
        _asks_too_much()
    assert ended.value.exit_code == INTERRUPTED


def test_a_fault_stays_one() -> None:
    with pytest.raises(RuntimeError, match="a fault"):
        _fails()
