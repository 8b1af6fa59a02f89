"""Frames of the log as rows of the lake's tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from gyeol.channels.model import Delivery
from gyeol.context.record import FactRecord, decode_record
from gyeol.engine.countries import IP, countries_of
from gyeol.engine.definitions import Definitions
from gyeol.engine.effects import Act
from gyeol.engine.state_store import GroupMove, NodeMove
from gyeol.events.columns import ColumnsBatch
from gyeol.events.model import EVENT_TYPES
from gyeol.events.reading import Reading
from gyeol.events.rows import RowsBatch
from gyeol.events.sections import NO_TIME, Commands, Decisions, Deliveries, EventColumns, EventRows, Facts, Frame, section_count
from gyeol.events.values import as_text
from gyeol.kernel.errors import StateError
from gyeol.kernel.instants import Int64
from gyeol.storage.lake import coupon_rows
from gyeol.storage.lake.columns import column_events
from gyeol.storage.lake.schema import arrow_schema
from gyeol.storage.lake.shaping import FIELDS, ROOTS, Shaping

if TYPE_CHECKING:
    import pyarrow as pa

_TRACK = EVENT_TYPES.index("track")
_decode_act = msgspec.msgpack.Decoder(Act).decode
_decode_delivery = msgspec.msgpack.Decoder(Delivery).decode


class RawEvent(msgspec.Struct, frozen=True, gc=False):
    """The parts of an event's JSON that the lake keeps; the three objects unread."""

    event: object = None
    messageId: object = None  # the wire's own names
    name: msgspec.Raw = msgspec.Raw()
    category: msgspec.Raw = msgspec.Raw()
    groupId: msgspec.Raw = msgspec.Raw()
    properties: msgspec.Raw = msgspec.Raw()
    traits: msgspec.Raw = msgspec.Raw()
    context: msgspec.Raw = msgspec.Raw()


_decode_event: Callable[[bytes], RawEvent] = msgspec.json.Decoder(RawEvent).decode


class EventTexts(msgspec.Struct):
    """The text columns of some events: one entry an event."""

    name: list[str]
    message_id: list[str | None]
    roots: dict[str, list[bytes | None]]
    fields: list[bytes | None]


class FrameRows(msgspec.Struct, frozen=True):
    """One frame as rows: Arrow record batches by table. ``end_offset``: the first offset after the frame."""

    first_offset: int
    end_offset: int
    batches: dict[str, list[pa.RecordBatch]]

    @property
    def rows(self) -> int:
        """How many rows it adds to the lake."""
        return sum(batch.num_rows for batches in self.batches.values() for batch in batches)


class FrameShaper:
    """Makes rows under one set of definitions.

    Args:
        definitions: Those in force for the frames given (their hash stands in the frames' headers).
    """

    def __init__(self, definitions: Definitions) -> None:
        self._shaping = Shaping(definitions)
        sources = definitions.sources
        self._sources = np.array([source.name for source in sources] or [""], object)
        self._channels = np.array([source.channel for source in sources] or [""], object)
        self._types = np.array(EVENT_TYPES, object)
        self._geoip = definitions.digest(definitions.workspace.geoip)
        self._reading = Reading(definitions.plan, definitions.workspace.currency, [IP])

    def rows(self, frame: Frame, nodes: Int64 | None) -> FrameRows:
        """The rows of a frame.

        Args:
            frame: As read from the log.
            nodes: The node of each of its events; None for a frame without events.

        Raises:
            StateError: The frame has events but their nodes are not known.
        """
        header = frame.header
        batches: dict[str, list[pa.RecordBatch]] = {}
        offset, seen = header.first_offset, 0
        for section in frame.sections:
            count = section_count(section)
            if not count:
                continue  # a group of an import of which every event had come before
            if isinstance(section, EventRows | EventColumns):
                if nodes is None or len(nodes) < seen + count:
                    raise StateError(
                        "nodes_missing",
                        f"state.db lacks the nodes of the frame at offset {header.first_offset}. Restore it, or run `gyeol replay`.",
                    )
                mine = nodes[seen : seen + count]
                batches.setdefault("events", []).append(self._events(section, offset, mine, header.engine_now_ms))
                seen += count
            elif isinstance(section, Decisions):
                acts = [_decode_act(item) for item in section.items]
                batches.setdefault("decisions", []).append(decision_rows(acts, offset))
                batches.setdefault("messages", []).append(message_rows(acts, offset))
                _keep(batches, "coupons", coupon_rows.of_acts(acts, offset))
            elif isinstance(section, Commands):
                _keep(batches, "coupons", coupon_rows.of_commands(section.items, offset))
            elif isinstance(section, Deliveries):
                batches.setdefault("deliveries", []).append(delivery_rows([_decode_delivery(item) for item in section.items], offset))
            elif isinstance(section, Facts):
                batches.setdefault("facts", []).append(fact_rows([decode_record(item) for item in section.items], offset))
            offset += count
        return FrameRows(header.first_offset, header.first_offset + header.count, batches)

    def _events(self, section: EventRows | EventColumns, first_offset: int, nodes: Int64, accepted_ms: int) -> pa.RecordBatch:
        import pyarrow as pa

        kinds = np.frombuffer(section.type_code, np.uint8)
        texts = self._raw_texts(section, kinds) if isinstance(section, EventRows) else self._column_texts(section, kinds)
        source = np.clip(np.frombuffer(section.source, "<i2"), 0, len(self._sources) - 1)
        n = len(kinds)
        arrays: list[pa.Array] = [
            pa.array(np.arange(first_offset, first_offset + n, dtype=np.int64)),
            pa.array(self._sources[source], pa.string()),
            pa.array(self._channels[source], pa.string()),
            pa.array(self._types[kinds], pa.string()),
            pa.array(texts.name, pa.string()),
            pa.array(nodes, pa.int64(), mask=nodes < 0),
            pa.array(texts.message_id, pa.string()),
            pa.array(np.frombuffer(section.id_hash, "<u8")),
            *(_instants(data) for data in (section.time, section.received, section.original, section.sent)),
            *(pa.array(texts.roots[root], pa.string()) for root in ROOTS),
            pa.array(texts.fields, pa.string()),
            pa.array(np.full(n, accepted_ms, np.int64)).cast(pa.timestamp("ms", "UTC")),
            pa.array(self._countries(section), pa.string()) if self._geoip is not None else pa.nulls(n, pa.string()),
        ]
        return pa.record_batch(arrays, schema=arrow_schema("events"))

    def _countries(self, section: EventRows | EventColumns) -> list[str | None]:
        """What the addresses tell, which themselves stay out."""
        reading = self._reading
        batch = RowsBatch(section, 0, reading) if isinstance(section, EventRows) else ColumnsBatch(section, 0, reading)
        return countries_of(batch, self._geoip)

    def _raw_texts(self, section: EventRows, kinds: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> EventTexts:
        events = [_decode(raw) for raw in section.raw]
        names = [_name(kind, event.event) for kind, event in zip(kinds.tolist(), events, strict=True)]
        ids = [event.messageId if isinstance(event.messageId, str) else None for event in events]
        text = self._shaping.text
        roots: dict[str, list[bytes | None]] = {
            root: [text(name, root, bytes(getattr(event, root))) for name, event in zip(names, events, strict=True)] for root in ROOTS
        }
        fields = [self._shaping.fields(tuple(bytes(getattr(event, key)) for key in FIELDS)) for event in events]
        return EventTexts(names, ids, roots, fields)

    def _column_texts(self, section: EventColumns, kinds: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> EventTexts:
        found = column_events(section, self._shaping, kinds.tolist())
        return EventTexts(found.names, found.message_ids, found.roots, found.fields)


def _decode(raw: bytes) -> RawEvent:
    try:
        return _decode_event(raw)
    except msgspec.MsgspecError as error:
        # Ingest accepted it as JSON, so only a changed log can bring this.
        raise StateError("event_unreadable", f"an event of the log is not JSON ({error}): restore the log from a backup") from error


def _name(kind: int, event: object) -> str:
    return str(event) if kind == _TRACK else f"${EVENT_TYPES[kind]}"


def _instants(data: bytes) -> pa.Array:
    import pyarrow as pa

    values = np.frombuffer(data, "<i8")
    return pa.array(values, pa.int64(), mask=values == NO_TIME).cast(pa.timestamp("ms", "UTC"))


def decision_rows(acts: Sequence[Act], first_offset: int) -> pa.RecordBatch:
    """The decisions of acts at consecutive offsets."""
    found = [(first_offset + i, act.decision) for i, act in enumerate(acts) if act.decision is not None]
    return _batch(
        "decisions",
        [
            (
                offset, d.id, d.placement, d.node, d.at_ms, d.chosen, d.fallback, d.holdout, d.propensity, d.cause,
                _json(d.reasons), _json(d.refusals), _json(d.moment), d.catalogue, d.definitions,
            )
            for offset, d in found
        ],
    )  # fmt: skip


def message_rows(acts: Sequence[Act], first_offset: int) -> pa.RecordBatch:
    """The messages that some acts led to. Address and content stay out of the lake."""
    found = [(first_offset + i, act.message) for i, act in enumerate(acts) if act.message is not None]
    return _batch(
        "messages",
        [
            (
                offset, m.send_key, m.journey, m.journey_version, m.channel, m.node, m.decision, m.message_class, m.purpose, m.queued_at_ms,
                m.expires_at_ms, m.simulated,
            )
            for offset, m in found
        ],
    )  # fmt: skip


def delivery_rows(deliveries: Sequence[Delivery], first_offset: int) -> pa.RecordBatch:
    """Deliveries at consecutive offsets."""
    return _batch(
        "deliveries", [(first_offset + i, d.send_key, d.state, d.at_ms, d.reason, d.provider_id) for i, d in enumerate(deliveries)]
    )


def fact_rows(facts: Sequence[FactRecord], first_offset: int) -> pa.RecordBatch:
    """Facts at consecutive offsets. A person is told by the node alone."""
    rows = []
    for i, f in enumerate(facts):
        subject, node = (str(f.node), f.node) if f.kind == "person" else (f.id, None)
        number = None if isinstance(f.value, str) else float(f.value)
        until = f.observed_ms + f.ttl_ms
        rows.append(
            (
                first_offset + i, f.name, f.kind, subject, node, as_text(f.value), number, f.source, f.observed_ms, f.received_ms, until,
                f.confidence, f.origin,
            )
        )  # fmt: skip
    return _batch("facts", rows)


def move_rows(moves: Sequence[NodeMove]) -> pa.RecordBatch:
    """Which person a node belongs to from an offset on."""
    return _batch("node_person", list(moves))


def group_rows(moves: Sequence[GroupMove]) -> pa.RecordBatch:
    """Which group a node's person is in from an offset on."""
    return _batch("node_group", list(moves))


def _keep(batches: dict[str, list[pa.RecordBatch]], table: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        batches.setdefault(table, []).append(_batch(table, rows))


def _batch(table: str, rows: Sequence[tuple[object, ...]]) -> pa.RecordBatch:
    import pyarrow as pa

    schema = arrow_schema(table)
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pa.record_batch([pa.array(list(column), field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
