"""Structs made ready for threads, while there is one thread.

At the first use of a struct for reading, msgspec works out the types of its fields. It puts the half-made result where every thread finds
it (``StructInfo_Convert`` of ``_core.c``, up to 0.22 at least), and only in builds of Python without the interpreter's lock does a reader
wait until it is whole; but the lock is given up in between, for annotations are evaluated by Python code. Another thread that reads into
the same struct then follows a null pointer, and the process dies by SIGSEGV. So each process resolves its structs before it starts threads.
"""

from __future__ import annotations

import sys
import threading
from contextlib import suppress

import msgspec

_PACKAGE = "gyeol"
_resolving = threading.Lock()


def resolve_structs() -> int:
    """Resolve the field types of every struct in the modules of Gyeol that are loaded; returns how many can be read into.

    To be called before the first thread that reads. Calling it again looks only at what was loaded since: a few milliseconds.
    """
    count = 0
    with _resolving:
        # A copy, in one piece: a thread may import, or the collector end something that does, while a list of them is made.
        for name, module in sys.modules.copy().items():
            if name.partition(".")[0] != _PACKAGE:
                continue
            for found in list(vars(module).values()):
                if isinstance(found, type) and issubclass(found, msgspec.Struct) and found.__module__ == name:
                    # Some are never read: they hold what JSON cannot say, or name types that only the type checker imports.
                    with suppress(TypeError, NameError):
                        msgspec.json.Decoder(found)
                        count += 1
    return count
