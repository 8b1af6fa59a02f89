"""``suggestions.db``: what is known of records, who may be one, and how far the log was read. Derived: it may be deleted, and is made
again from what the log still holds and from the audit trail.

Attributes and waterfalls are sealed; keys are keyed hashes. One process writes.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from gyeol.identity.suggesting.attributes import Attributes
from gyeol.identity.suggesting.model import Model
from gyeol.kernel.errors import BackendError
from gyeol.privacy.sealing import PLAIN, Seal, about

FORMAT = 1
_IN = 500
_SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS record (node INTEGER PRIMARY KEY, attributes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS key (kind INTEGER, digest INTEGER, node INTEGER, PRIMARY KEY (kind, digest, node)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS key_node ON key (node);
CREATE TABLE IF NOT EXISTS changed (node INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS suggestion (
    a INTEGER, b INTEGER, weight REAL, model TEXT, body BLOB, at_ms INTEGER, PRIMARY KEY (a, b)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS suggestion_weight ON suggestion (weight DESC, a, b);
CREATE TABLE IF NOT EXISTS judged (a INTEGER, b INTEGER, verdict TEXT, at_ms INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
"""

Pair = tuple[int, int]
_decode_model = msgspec.msgpack.Decoder(Model).decode
_decode_attributes = msgspec.msgpack.Decoder(Attributes).decode


class Likely(msgspec.Struct, frozen=True):
    """Two nodes that may be one person. ``likeness``: by role; ``bits``: what each role said of them, in the order of ``ROLES``."""

    a: int
    b: int
    weight: float
    model: str
    prior: float
    likeness: dict[str, int]
    bits: dict[str, float]
    at_ms: int


class SuggestionStore:
    """The file.

    Args:
        path: Made if missing.
        seal: Seals what is personal.

    Raises:
        BackendError: It cannot be read or written.
    """

    def __init__(self, path: Path, seal: Seal = PLAIN) -> None:
        self._path, self._seal = path, seal
        self._lock = threading.RLock()
        with self._told():
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
            path.chmod(0o600)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute("PRAGMA secure_delete = ON")
            with suppress(sqlite3.OperationalError):
                self._connection.execute("PRAGMA wal_autocheckpoint = 1000")
            self._connection.executescript(_SCHEMA)
        if self._kept("format") != str(FORMAT).encode():
            self.clear()

    def close(self) -> None:
        """Let go."""
        with self._lock:
            self._connection.close()

    def clear(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in ("kept", "record", "key", "changed", "suggestion", "judged"):
                self._connection.execute(f"DELETE FROM {table}")
            self._keep("format", str(FORMAT).encode())

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        with self._lock, self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            mend = "delete the file: it is made again from the log"
            raise BackendError("suggestions_failed", f"{self._path}: {error}; {mend}", path=str(self._path)) from error

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with self._lock, self._told():
            return self._connection.execute(query, values).fetchall()

    # ------------------------------------------------------------------ how far, and with what

    @property
    def offset(self) -> int:
        """Everything before it was read; -1: nothing yet."""
        found = self._kept("offset")
        return -1 if found is None else int(found)

    def passed(self, offset: int) -> None:
        """Everything before it was read. In a transaction."""
        self._keep("offset", str(offset).encode())

    @property
    def model(self) -> Model | None:
        """The model in use; None before the first."""
        found = self._kept("model")
        return None if found is None else _decode_model(self._seal.open(found, b"suggestions/model"))

    def use(self, model: Model) -> None:
        """Weigh by another model from now on: everybody is looked at again. In a transaction."""
        self._keep("model", self._seal.close(msgspec.msgpack.encode(model), b"suggestions/model"))
        self._connection.execute("INSERT OR IGNORE INTO changed SELECT node FROM record")

    def _kept(self, name: str) -> bytes | None:
        found = self._rows("SELECT value FROM kept WHERE name = ?", (name,))
        return found[0][0] if found and isinstance(found[0][0], bytes) else None

    def _keep(self, name: str, value: bytes) -> None:
        self._connection.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (name, value))

    # ------------------------------------------------------------------ records

    def count(self) -> int:
        """Records."""
        return _number(self._rows("SELECT count(*) FROM record"))

    def records(self, nodes: Iterable[int]) -> dict[int, Attributes]:
        """The records of some nodes; those that have none are left out."""
        found: dict[int, Attributes] = {}
        for part in _parts(list(dict.fromkeys(nodes))):
            query = f"SELECT node, attributes FROM record WHERE node IN ({','.join('?' * len(part))})"
            for node, body in self._rows(query, part):
                assert isinstance(node, int) and isinstance(body, bytes)
                found[node] = _decode_attributes(self._seal.open(body, about("suggestions", node)))
        return found

    def nodes(self) -> list[int]:
        """All nodes with a record, ascending."""
        return [_int(node) for (node,) in self._rows("SELECT node FROM record ORDER BY node")]

    def keep(self, node: int, attributes: Attributes, keys: Sequence[tuple[int, int]]) -> None:
        """Put a record, which is to be compared again. In a transaction."""
        body = self._seal.close(msgspec.msgpack.encode(attributes), about("suggestions", node))
        self._connection.execute("INSERT OR REPLACE INTO record VALUES (?, ?)", (node, body))
        self._connection.execute("DELETE FROM key WHERE node = ?", (node,))
        self._connection.executemany("INSERT OR IGNORE INTO key VALUES (?, ?, ?)", [(kind, digest, node) for kind, digest in keys])
        self._connection.execute("INSERT OR IGNORE INTO changed VALUES (?)", (node,))

    def refresh(self, node: int, attributes: Attributes) -> None:
        """Put a record of the same values, said later or by somebody else: nothing is compared again. In a transaction."""
        body = self._seal.close(msgspec.msgpack.encode(attributes), about("suggestions", node))
        self._connection.execute("INSERT OR REPLACE INTO record VALUES (?, ?)", (node, body))

    def forget(self, node: int) -> None:
        """Drop a record and what it suggested. In a transaction."""
        for table in ("record", "key", "changed"):
            self._connection.execute(f"DELETE FROM {table} WHERE node = ?", (node,))
        self._connection.execute("DELETE FROM suggestion WHERE a = ? OR b = ?", (node, node))

    def changed(self, limit: int) -> list[int]:
        """Nodes that wait to be compared, ascending."""
        return [_int(node) for (node,) in self._rows("SELECT node FROM changed ORDER BY node LIMIT ?", (limit,))]

    def waiting(self) -> int:
        """How many nodes wait to be compared."""
        return _number(self._rows("SELECT count(*) FROM changed"))

    def compared(self, nodes: Iterable[int]) -> None:
        """These were compared: what was suggested of them before is forgotten. In a transaction."""
        for node in nodes:
            self._connection.execute("DELETE FROM changed WHERE node = ?", (node,))
            self._connection.execute("DELETE FROM suggestion WHERE a = ? OR b = ?", (node, node))

    def near(self, node: int, most: int) -> list[int]:
        """Nodes that share a key with this one, ascending; keys that more than ``most`` nodes share say nothing."""
        query = (
            "SELECT DISTINCT o.node FROM key k JOIN key o ON o.kind = k.kind AND o.digest = k.digest WHERE k.node = ? AND o.node <> k.node "
            "AND (SELECT count(*) FROM (SELECT 1 FROM key c WHERE c.kind = k.kind AND c.digest = k.digest LIMIT ?)) <= ? "
            "ORDER BY o.node LIMIT ?"
        )
        return [_int(other) for (other,) in self._rows(query, (node, most + 1, most, most))]

    def sharing(self, kind: int, most: int, limit: int) -> list[Pair]:
        """Pairs that share a key of a kind (which at most ``most`` nodes share), in a fixed order."""
        query = (
            "SELECT x.node, y.node FROM (SELECT digest FROM key WHERE kind = ? GROUP BY digest HAVING count(*) BETWEEN 2 AND ?) d "
            "JOIN key x ON x.kind = ? AND x.digest = d.digest JOIN key y ON y.kind = ? AND y.digest = d.digest AND y.node > x.node "
            "ORDER BY x.digest, x.node, y.node LIMIT ?"
        )
        return [(_int(a), _int(b)) for a, b in self._rows(query, (kind, most, kind, kind, limit))]

    # ------------------------------------------------------------------ suggestions

    def suggest(self, likely: Likely) -> None:
        """Put a suggestion. In a transaction."""
        body = self._seal.close(msgspec.msgpack.encode(likely), about("suggestion", likely.a, likely.b))
        row = (likely.a, likely.b, likely.weight, likely.model, body, likely.at_ms)
        self._connection.execute("INSERT OR REPLACE INTO suggestion VALUES (?, ?, ?, ?, ?, ?)", row)

    def suggested(self, limit: int, skip: int = 0) -> list[Likely]:
        """The strongest suggestions that nobody has judged, from some place on."""
        query = (
            "SELECT s.a, s.b, s.body FROM suggestion s LEFT JOIN judged j ON j.a = s.a AND j.b = s.b WHERE j.verdict IS NULL "
            "ORDER BY s.weight DESC, s.a, s.b LIMIT ? OFFSET ?"
        )
        return [self._likely(*row) for row in self._rows(query, (limit, skip))]

    def unjudged(self) -> int:
        """How many suggestions nobody has judged."""
        query = "SELECT count(*) FROM suggestion s LEFT JOIN judged j ON j.a = s.a AND j.b = s.b WHERE j.verdict IS NULL"
        return _number(self._rows(query))

    def suggestion(self, a: int, b: int) -> Likely | None:
        """One suggestion, judged or not."""
        found = self._rows("SELECT a, b, body FROM suggestion WHERE a = ? AND b = ?", (min(a, b), max(a, b)))
        return self._likely(*found[0]) if found else None

    def _likely(self, a: object, b: object, body: object) -> Likely:
        assert isinstance(body, bytes)
        return msgspec.msgpack.decode(self._seal.open(body, about("suggestion", _int(a), _int(b))), type=Likely)

    def shorten(self, most: int) -> None:
        """Keep the strongest only. In a transaction."""
        self._connection.execute(
            "DELETE FROM suggestion WHERE (a, b) IN (SELECT a, b FROM suggestion ORDER BY weight DESC, a, b LIMIT -1 OFFSET ?)", (most,)
        )

    def judge(self, a: int, b: int, verdict: str, at_ms: int) -> None:
        """Somebody accepted or rejected two nodes. In a transaction."""
        self._connection.execute("INSERT OR REPLACE INTO judged VALUES (?, ?, ?, ?)", (min(a, b), max(a, b), verdict, at_ms))

    def revoke(self, a: int, b: int, at_ms: int) -> None:
        """Somebody separated two nodes: if that takes back an accepted suggestion, it is a rejected one. In a transaction."""
        query = "UPDATE judged SET verdict = 'rejected', at_ms = ? WHERE a = ? AND b = ? AND verdict = 'accepted'"
        self._connection.execute(query, (at_ms, min(a, b), max(a, b)))

    def judged(self, verdict: str) -> list[Pair]:
        """All pairs with a verdict: ``accepted`` | ``rejected``."""
        return [(_int(a), _int(b)) for a, b in self._rows("SELECT a, b FROM judged WHERE verdict = ? ORDER BY a, b", (verdict,))]


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _number(rows: list[tuple[object, ...]]) -> int:
    return _int(rows[0][0])


def _parts(nodes: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(nodes), _IN):
        yield nodes[start : start + _IN]
