"""Which definitions were ever applied: a file each, numbered, written before the log's record of it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from gyeol.app.data_files import FOLDER, offer_files
from gyeol.app.private_files import write_private
from gyeol.engine.countries import offer_file
from gyeol.engine.definitions import Definitions
from gyeol.events.frames import decode_header
from gyeol.events.log import Log
from gyeol.kernel.errors import StateError


class Applied:
    """The definitions of a data folder, oldest first.

    Args:
        folder: ``<data>/definitions``.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        for path in self._files():
            self._offer(path.stem.partition("-")[2])

    @property
    def files(self) -> Path:
        """Where the data files that definitions name are kept, each under its digest."""
        return self._folder / FOLDER

    def keep(self, definitions: Definitions) -> None:
        """Write a file for definitions that are about to be applied; nothing if the newest file holds them."""
        files = self._files()
        if files and files[-1].stem.partition("-")[2] == definitions.hash:
            return
        number = int(files[-1].stem.partition("-")[0]) + 1 if files else 1
        write_private(self._folder / f"{number:06d}-{definitions.hash}.json", definitions.as_json())
        self._offer(definitions.hash)

    def get(self, hash_: str) -> Definitions:
        """The definitions of a hash, as frames name them.

        Raises:
            StateError: No file holds them.
        """
        for path in reversed(self._files()):
            if path.stem.partition("-")[2] == hash_:
                found = Definitions.from_json(path.read_bytes(), hash_)
                offer_files(found, self.files)
                return found
        raise StateError(
            "definitions_missing",
            f"{self._folder} lacks the definitions {hash_} that the log names. Put the folder back from a backup.",
            hash=hash_,
        )

    def all(self) -> list[Definitions]:
        """All that were ever applied, oldest first."""
        return [self.get(path.stem.partition("-")[2]) for path in self._files()]

    def in_force(self, log: Log) -> Definitions | None:
        """Those of the log's last frame; None for an empty log."""
        end = log.end_offset()
        if end == 0:
            return None
        last = list(log.read(end - 1))[-1]
        return self.get(decode_header(last).definitions)

    def history(self, log: Log) -> list[Definitions]:
        """All that were applied, oldest first, if their identity rules ever differed; else nothing, for nothing depends on it then."""
        current = self.in_force(log)
        if current is None:
            return []
        hashes = [path.stem.partition("-")[2] for path in self._files()]
        found = [self.get(hash_) for hash_ in hashes[: len(hashes) - hashes[::-1].index(current.hash)]]
        return found if any(each.identity != current.identity for each in found) else []

    def _offer(self, hash_: str) -> None:
        offer_file(hash_, partial(self._addresses, hash_))

    def _addresses(self, hash_: str) -> str | None:
        found = self.get(hash_)
        return found.digest(found.workspace.geoip)

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"))
