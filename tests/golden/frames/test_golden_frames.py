"""Every frame that a release has written can be read for ever."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from gyeol.events.frames import JOINED, SEALED, VERSION, decode_frame, decode_header, opened_frame

HERE = Path(__file__).parent


def _samples() -> ModuleType:
    spec = importlib.util.spec_from_file_location("golden_frame_samples", HERE / "samples.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SAMPLES, SEAL = _samples().SAMPLES, _samples().SEAL
FILES = sorted(HERE.glob("v*.bin"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_an_old_frame_reads_as_the_value_it_was_written_from(path: Path) -> None:
    version, _, name = path.stem.partition("_")
    first_offset, sections = SAMPLES[name]
    data = path.read_bytes()
    frame = decode_frame(opened_frame(data, SEAL.open))
    assert frame.sections == sections
    assert (frame.header.first_offset, frame.header.engine_now_ms) == (first_offset, 1_780_000_123_456)
    assert frame.header == decode_header(data)
    assert data[4:6] == int(version[1:]).to_bytes(2, "little")


def test_every_sample_has_a_file_of_the_present_version() -> None:
    assert {f"v{version}_{name}" for name in SAMPLES for version in (VERSION, SEALED)} <= {path.stem for path in FILES}


def test_this_release_writes_what_it_wrote() -> None:
    samples = _samples()
    for name, (first_offset, sections) in SAMPLES.items():
        written = (HERE / f"v{VERSION}_{name}.bin").read_bytes()
        if written[6] == 0:  # a newer zstd may pack better
            assert samples.encoded(first_offset, sections) == written


def test_a_frame_that_is_folded_with_the_one_before_it() -> None:
    written = (HERE / f"v{JOINED}_rows.bin").read_bytes()
    assert decode_header(written).joined and written[7] == 1
    assert _samples().encoded(*SAMPLES["rows"], joined=True) == written
