"""Opening what keeps the suggestions of a folder: beside the running pair, or in a process that has the folder to itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gyeol.app.core_api import Core
from gyeol.app.folder import DataFolder
from gyeol.app.settings import Settings
from gyeol.app.suggesting import Suggester, Thresholds
from gyeol.app.suggestion_records import FrameRecords
from gyeol.engine.definitions import Definitions
from gyeol.engine.state_store import StateStore
from gyeol.kernel.instants import Int64
from gyeol.privacy.sealing import Seal
from gyeol.storage.lake.lake import Lake
from gyeol.storage.lake.past import FrameReader
from gyeol.storage.suggesting.store import SuggestionStore


def open_suggester(
    core: Core,
    state: StateStore,
    log: FrameReader,
    folder: DataFolder,
    seal: Seal,
    definitions: Callable[[str], Definitions],
    nodes: Callable[[int, int], Int64 | None],
    settings: Settings,
) -> Suggester:
    """The folder's suggestions.

    Args:
        core: Says whose a node is, and takes commands.
        state: State.db.
        log: Frames.
        folder: Where the file lies.
        seal: What seals the folder's bytes.
        definitions: The definitions of a hash.
        nodes: See ``nodes_of_frame``.
        settings: Thresholds.

    Raises:
        BackendError: The file cannot be opened.
    """
    thresholds = Thresholds(mode=settings.suggest, at_least=settings.suggest_at_least, accept_at_least=settings.suggest_accept_at_least)
    store = SuggestionStore(folder.suggestions, seal)
    key = bytes.fromhex(folder.secrets().identity_key)
    return Suggester(core, state, log, FrameRecords(definitions, nodes), store, key, thresholds)


def nodes_of_frame(state: StateStore, lake: Callable[[], Lake], first: int, end: int) -> Int64 | None:
    """The node of each event of a frame: of state.db until the lake has passed it, then of the lake; None where neither has it yet."""
    kept = state.nodes_of(first)
    if kept is not None:
        return kept
    open_lake = lake()
    if open_lake.offset < end:
        return None
    query = "SELECT coalesce(node, -1) FROM events WHERE log_offset >= ? AND log_offset < ? ORDER BY log_offset"
    return np.array(open_lake.query(query, [first, end]).column(0).to_pylist(), np.int64)
