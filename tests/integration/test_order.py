"""The same events in another order end with the same people, traits and audiences: on the retailer's year."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.app.embedded import EmbeddedSession
from gyeol.app.folder import DataFolder, Secrets
from gyeol.app.private_files import write_private
from gyeol.app.settings import Settings, data_folder
from gyeol.app.verifying import state_digest
from gyeol.engine.fold import evaluate
from gyeol.engine.jobs import Import
from gyeol.events.sections import EventColumns, PackedColumn
from gyeol.workspace.imports.opening import open_import
from gyeol.workspace.imports.plan import ImportSettings
from gyeol.workspace.starter import init

SECRETS = msgspec.json.encode(Secrets(identity_key="ab" * 32, admin_token="t", decide_key="cd" * 32))
"""The same for both folders: person ids are keyed."""
_ARRAYS = {
    "source": "<i2",
    "time": "<i8",
    "received": "<i8",
    "original": "<i8",
    "sent": "<i8",
    "flags": "<u2",
    "type_code": "u1",
    "id_hash": "<u8",
}


def _permuted(section: EventColumns, order: npt.NDArray[np.int64]) -> EventColumns:
    """The section's events in another order."""
    changes: dict[str, object] = {name: np.frombuffer(getattr(section, name), kind)[order].tobytes() for name, kind in _ARRAYS.items()}
    changes["columns"] = {path: _column(packed, section.count, order) for path, packed in section.columns.items()}
    return msgspec.structs.replace(section, **changes)


def _column(packed: PackedColumn, n: int, order: npt.NDArray[np.int64]) -> PackedColumn:
    known = packed.known
    if known:
        bits = np.unpackbits(np.frombuffer(known, np.uint8), count=n, bitorder="little")
        known = np.packbits(bits[order], bitorder="little").tobytes()
    if packed.kind == "list":
        items = json.loads(packed.values)
        values = json.dumps([items[i] for i in order.tolist()]).encode()
    else:
        values = np.frombuffer(packed.values, packed.dtype)[order].tobytes()
    return msgspec.structs.replace(packed, values=values, known=known)


def _digest(folder: Path, seed: int | None) -> tuple[str, int]:
    """The state after the year, in file order or shuffled by a seed: groups and the events within each."""
    init(folder, "retailer", lambda: "unused")
    DataFolder(data_folder(folder))
    write_private(data_folder(folder) / "secrets.json", SECRETS)
    session = EmbeddedSession(folder, Settings())
    try:
        sources = [s.name for s in session.parts.engine.definitions.sources]
        settings = ImportSettings(sources=sources, group_rows=20_000 if seed is None else 7_000, base=str(folder))
        with open_import(None, folder / "maps" / "retailer.yaml", settings) as plan:
            groups = list(plan)
        rng = np.random.default_rng(seed)
        for index in range(len(groups)) if seed is None else rng.permutation(len(groups)).tolist():
            section = groups[index].events
            order = np.arange(section.count) if seed is None else rng.permutation(section.count)
            session.run(Import(_permuted(section, order), groups[index].rejected))
        session.settle()  # what came too late for a sequence is folded anew from the lake
        state = session.parts.engine.state
        evaluate(state, state.people.all_rows())
        return state_digest(state), state.people.people
    finally:
        session.close()


def test_shuffled_equals_sorted(tmp_path: Path) -> None:
    assert _digest(tmp_path / "sorted", None) == _digest(tmp_path / "shuffled", 11)
