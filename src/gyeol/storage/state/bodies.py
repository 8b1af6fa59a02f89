"""The ``body`` of rows: values as MessagePack, sealed under the data key with the name of their table and row (ADR 0019).

What queries select by stands beside it and says nothing of a person: states, instants, nodes, keyed hashes.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import msgspec
from sqlalchemy import Connection, Table, bindparam, select, text

from gyeol.kernel.errors import BackendTimeoutError
from gyeol.privacy.sealing import PLAIN, Seal, about, key_of
from gyeol.storage.state import tables

SEALED_TABLES: tuple[Table, ...] = (
    tables.dead_letter,
    tables.outbox,
    tables.delivery,
    tables.decision,
    tables.enrolment,
    tables.audit,
)
"""Every table with a body."""
_ROWS = 1_000
_BUSY_S = 10.0
_encode = msgspec.msgpack.Encoder().encode


class Bodies:
    """Makes and reads bodies.

    Args:
        seal: Seals them.
    """

    def __init__(self, seal: Seal = PLAIN) -> None:
        self.seal = seal

    def made(self, table: Table, value: msgspec.Struct, *key: str | int) -> bytes:
        """The body of a row with this primary key."""
        return self.seal.close(_encode(value), about(table.name, *key))

    def read(self, table: Table, body: bytes, *key: str | int) -> bytes:
        """The MessagePack of the body of a row with this primary key."""
        return self.seal.open(body, about(table.name, *key))


def reseal(connection: Connection, seal: Seal) -> int:
    """Seal every body that is plain, or sealed under another key than the one that ``seal`` writes under.

    Args:
        connection: In a transaction.
        seal: Opens what is there; when it seals nothing, nothing is changed.

    Returns:
        How many bodies were changed.
    """
    changed = 0
    for table in SEALED_TABLES if seal.writes else ():
        key = list(table.primary_key.columns)
        query = select(text("rowid"), table.c.body, *key).where(text("rowid > :after")).order_by(text("rowid")).limit(_ROWS)
        change = table.update().where(text("rowid = :at")).values(body=bindparam("fresh"))
        after = -1
        while rows := connection.execute(query, {"after": after}).all():
            after = rows[-1][0]
            stale = [(row[0], row[1], about(table.name, *row[2:])) for row in rows if key_of(row[1]) != seal.writes]
            fresh = [{"at": at, "fresh": seal.close(seal.open(body, what), what)} for at, body, what in stale]
            if fresh:
                connection.execute(change, fresh)
            changed += len(fresh)
    return changed


def scrub(path: Path) -> None:
    """Write the file anew and empty its write-ahead log: no byte of what was changed or deleted stays. Nobody else may be writing.

    Raises:
        BackendTimeoutError: Somebody reads an old state of the file; calling again is safe.
    """
    with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}", uri=True, timeout=_BUSY_S, isolation_level=None)) as connection:
        connection.execute("VACUUM")
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        told = f"{path}: somebody reads an old state of this file, so its write-ahead log could not be emptied; call again"
        raise BackendTimeoutError("state_locked", told, path=str(path))
