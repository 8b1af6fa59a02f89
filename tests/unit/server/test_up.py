"""The side process as a child: started again when it dies, and told how it died."""

from __future__ import annotations

import logging
import sys
import time

import pytest

from gyeol.server.up import Side, ending


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (0, "ended with code 0"),
        (1, "ended with code 1"),
        (-11, "was ended by SIGSEGV"),
        (-9, "was ended by SIGKILL"),
        (-99, "was ended by signal 99"),
    ],
)
def test_how_it_ended_in_words(code: int, told: str) -> None:
    assert ending(code) == told


def test_a_child_that_dies_by_a_signal_is_told_by_its_name(caplog: pytest.LogCaptureFixture) -> None:
    side = Side([sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"], {})
    with caplog.at_level(logging.WARNING, "gyeol.core"):
        side.start()
        deadline = time.monotonic() + 20
        while not caplog.records and time.monotonic() < deadline:
            time.sleep(0.01)
        side.stop()
    first = caplog.records[0]
    assert first.getMessage() == "the side process was ended by SIGKILL; it starts again in 1 s"
    assert (vars(first)["code"], vars(first)["exit_code"]) == ("side_ended", -9)
