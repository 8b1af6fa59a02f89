"""Reading into a struct from several threads: whole, whoever reads first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROBE = '''
"""A struct whose inner struct takes as long to resolve as the test likes."""
from __future__ import annotations
import threading
import msgspec

begun, go_on = threading.Event(), threading.Event()

def whole_number():
    begun.set()
    assert go_on.wait(10)
    return int

class Inner(msgspec.Struct):
    x: whole_number()

class Outer(msgspec.Struct):
    inner: Inner | None = None
    last: int = 0
'''

READ = """
import resource, sys, threading, types
import msgspec
from gyeol.kernel.structs import resolve_structs

resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no core dump, should it crash
probe = types.ModuleType("gyeol.probe")
sys.modules["gyeol.probe"] = probe
exec(compile(open(sys.argv[1]).read(), sys.argv[1], "exec"), vars(probe))
probe.go_on.set()
resolve_structs()
probe.go_on.clear()
first = threading.Thread(target=msgspec.json.decode, args=(b'{"inner": {"x": 1}}',), kwargs={"type": probe.Outer})
first.start()
assert probe.begun.wait(10)  # set by whoever resolved it: this process before, or the first thread now
print(msgspec.json.decode(b'{"last": 7}', type=probe.Outer).last)
probe.go_on.set()
first.join()
"""
"""Without ``resolve_structs`` the first thread waits in the inner struct's annotations while the second reads, and the process dies."""


def test_a_struct_that_was_resolved_is_read_by_two_threads_at_once(tmp_path: Path) -> None:
    (tmp_path / "probe.py").write_text(PROBE)
    done = subprocess.run([sys.executable, "-c", READ, str(tmp_path / "probe.py")], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.split()) == (0, ["7"]), done.stderr
