"""Tables, columns and views of the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

LAKE_FORMAT = 6
"""Grows when a release changes the tables below in a way that an older release cannot write."""

COLUMNS: dict[str, dict[str, str]] = {
    "events": {
        "log_offset": "BIGINT",
        "source": "VARCHAR",
        "channel": "VARCHAR",
        "type": "VARCHAR",
        "name": "VARCHAR",
        "node": "BIGINT",
        "message_id": "VARCHAR",
        "id_hash": "UBIGINT",
        "time": "TIMESTAMPTZ",
        "received": "TIMESTAMPTZ",
        "original": "TIMESTAMPTZ",
        "sent": "TIMESTAMPTZ",
        "properties": "JSON",
        "traits": "JSON",
        "context": "JSON",
        "fields": "JSON",
        "accepted": "TIMESTAMPTZ",
        "ip_country": "VARCHAR",
    },
    "node_person": {"node": "BIGINT", "person": "VARCHAR", "since_offset": "BIGINT", "since": "TIMESTAMPTZ"},
    "node_group": {"node": "BIGINT", "kind": "VARCHAR", "group_id": "VARCHAR", "since_offset": "BIGINT", "since": "TIMESTAMPTZ"},
    "decisions": {
        "log_offset": "BIGINT",
        "id": "VARCHAR",
        "placement": "VARCHAR",
        "node": "BIGINT",
        "time": "TIMESTAMPTZ",
        "chosen": "VARCHAR",
        "fallback": "BOOLEAN",
        "holdout": "BOOLEAN",
        "propensity": "DOUBLE",
        "cause": "VARCHAR",
        "reasons": "JSON",
        "refusals": "JSON",
        "moment": "JSON",
        "catalogue": "VARCHAR",
        "definitions": "VARCHAR",
    },
    "messages": {
        "log_offset": "BIGINT",
        "send_key": "VARCHAR",
        "journey": "VARCHAR",
        "journey_version": "VARCHAR",
        "channel": "VARCHAR",
        "node": "BIGINT",
        "decision": "VARCHAR",
        "message_class": "VARCHAR",
        "purpose": "VARCHAR",
        "queued": "TIMESTAMPTZ",
        "expires": "TIMESTAMPTZ",
        "simulated": "BOOLEAN",
    },
    "deliveries": {
        "log_offset": "BIGINT",
        "send_key": "VARCHAR",
        "state": "VARCHAR",
        "time": "TIMESTAMPTZ",
        "reason": "VARCHAR",
        "provider_id": "VARCHAR",
    },
    "facts": {
        "log_offset": "BIGINT",
        "name": "VARCHAR",
        "about": "VARCHAR",
        "subject": "VARCHAR",
        "node": "BIGINT",
        "value": "VARCHAR",
        "number": "DOUBLE",
        "source": "VARCHAR",
        "observed": "TIMESTAMPTZ",
        "received": "TIMESTAMPTZ",
        "until": "TIMESTAMPTZ",
        "confidence": "DOUBLE",
        "origin": "VARCHAR",
    },
    "coupons": {
        "log_offset": "BIGINT",
        "kind": "VARCHAR",
        "ref": "VARCHAR",
        "pool": "VARCHAR",
        "node": "BIGINT",
        "time": "TIMESTAMPTZ",
        "expires": "TIMESTAMPTZ",
        "offer": "VARCHAR",
        "decision": "VARCHAR",
        "source": "VARCHAR",
        "store": "VARCHAR",
        "till": "VARCHAR",
        "order_id": "VARCHAR",
        "basket_minor": "BIGINT",
        "discount_minor": "BIGINT",
        "currency": "VARCHAR",
        "accepted": "TIMESTAMPTZ",
        "reason": "VARCHAR",
    },
}
"""Columns and their DuckDB types, by table. Money in ``properties`` is whole minor units; what the plan marks as PII is not there.

A fact's ``subject`` is the number of the node for a person, ``*`` for the workspace; ``number`` is NULL for texts, 1 or 0 for flags.
A coupon is named by ``ref``, a keyed hash: its code never reaches the lake. ``kind``: issue, hold, release, redeem, reverse, revoke, doubt.
``fields`` holds what the event itself says beside its three objects (a page's name); ``accepted`` is engine_now of the event's frame;
``ip_country`` is where its IP address lay by the file that was in force then (``engine.countries``): the address itself is not kept.
"""

ADDED: dict[int, tuple[tuple[str, str], ...]] = {2: (("events", "fields"), ("events", "accepted")), 6: (("events", "ip_country"),)}
"""(table, column) that each format brought; what was written before has NULL there."""
NEW_TABLES: dict[int, tuple[str, ...]] = {3: ("facts",), 4: ("node_group",), 5: ("coupons",)}
"""Tables that each format brought."""
_COUNTRIES = 6
"""From this format on ``lake_offset`` says from which offset on events have ``ip_country``."""

VIEWS: dict[str, str] = {
    "person_of": "SELECT node, arg_max(person, since_offset) AS person, max(since_offset) AS since FROM {at}node_person GROUP BY node",
    "group_of": (
        "SELECT node, kind, group_id, since FROM (SELECT node, kind, arg_max(group_id, since_offset) AS group_id, max(since) AS since "
        "FROM {at}node_group GROUP BY node, kind) WHERE group_id <> ''"
    ),
    "group_events": "SELECT g.kind, g.group_id, e.* FROM {at}events e JOIN {at}group_of g ON g.node = e.node",
    "person_events": "SELECT p.person, e.* FROM {at}events e LEFT JOIN {at}person_of p ON p.node = e.node",
}
"""``group_of``: in which group of each kind each node's person is now; ``group_events``: events by group.

``person_of``: whose each node is now. ``person_events``: events with their present person. ``{at}`` is the catalog's prefix."""

PUBLIC_TABLES = (*COLUMNS, *VIEWS)
"""What queries may name."""


def create_statements(catalog: str) -> list[str]:
    """The statements that make an empty lake, in order."""
    at = f"{catalog}.main."
    made = [_create(at, table) for table in COLUMNS]
    made.append(f"ALTER TABLE {at}events SET PARTITIONED BY (year(received), month(received))")
    made += [f"CREATE VIEW {at}{view} AS {text.format(at=at)}" for view, text in VIEWS.items()]
    made.append(f"CREATE TABLE {at}lake_offset (log_offset BIGINT, format INTEGER, countries_from BIGINT)")
    made.append(f"INSERT INTO {at}lake_offset VALUES (0, {LAKE_FORMAT}, 0)")
    return made


def _create(at: str, table: str) -> str:
    return f"CREATE TABLE IF NOT EXISTS {at}{table} ({', '.join(f'{column} {kind}' for column, kind in COLUMNS[table].items())})"


def upgrade_statements(catalog: str, held: int) -> list[str]:
    """The statements that bring a lake of an older format to this one."""
    at = f"{catalog}.main."
    added = [pair for format_ in range(held + 1, LAKE_FORMAT + 1) for pair in ADDED.get(format_, ())]
    made = [_create(at, table) for format_ in range(held + 1, LAKE_FORMAT + 1) for table in NEW_TABLES.get(format_, ())]
    made += [f"ALTER TABLE {at}{table} ADD COLUMN {column} {COLUMNS[table][column]}" for table, column in added]
    if held < _COUNTRIES:
        made.append(f"ALTER TABLE {at}lake_offset ADD COLUMN countries_from BIGINT")
        made.append(f"UPDATE {at}lake_offset SET countries_from = log_offset")
    # A view keeps the columns that its tables had when it was made.
    made += [f"CREATE OR REPLACE VIEW {at}{view} AS {text.format(at=at)}" for view, text in VIEWS.items()]
    return [*made, f"UPDATE {at}lake_offset SET format = {LAKE_FORMAT}"]


def arrow_schema(table: str) -> pa.Schema:
    """What an Arrow table must look like to be written to a table of the lake; instants are milliseconds, JSON is text."""
    import pyarrow as pa

    kinds = {
        "BIGINT": pa.int64(),
        "UBIGINT": pa.uint64(),
        "VARCHAR": pa.string(),
        "JSON": pa.string(),
        "DOUBLE": pa.float64(),
        "BOOLEAN": pa.bool_(),
        "TIMESTAMPTZ": pa.timestamp("ms", "UTC"),
    }
    return pa.schema([(column, kinds[kind]) for column, kind in COLUMNS[table].items()])


def insert_statement(catalog: str, table: str, registered: str) -> str:
    """Insert a registered Arrow table of ``arrow_schema`` into its table."""
    columns = COLUMNS[table]
    values = ", ".join(f"{c}::JSON" if kind == "JSON" else c for c, kind in columns.items())
    return f"INSERT INTO {catalog}.main.{table} ({', '.join(columns)}) SELECT {values} FROM {registered}"
