"""Every metric: its name by the conventions of Prometheus (base units, ``_total`` for what only grows), what it says, its labels.

Source: https://prometheus.io/docs/practices/naming/. Labels are names out of the definitions or codes out of this code, never what a
sender chose: their number is bounded. ``docs/metrics.md`` lists them for people; a test holds the two together.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["counter", "gauge", "histogram"]


class Metric(NamedTuple):
    """One metric."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


BOTH = (
    Metric("gyeol_build_info", "gauge", "1; the release and the process are labels.", ("version", "process")),
    Metric("gyeol_problem", "gauge", "1 while this problem exists; `gyeol doctor` says how to mend it.", ("code",)),
    Metric(
        "gyeol_refused_requests_total",
        "counter",
        "Requests that this port answered with 400 or more, by status and error code.",
        ("status", "code"),
    ),
)
CORE = (
    *BOTH,
    Metric(
        "gyeol_events_total",
        "counter",
        "Events judged: accepted and rejected since the log began, duplicates since the process began.",
        ("verdict",),
    ),
    Metric("gyeol_frames_total", "counter", "Frames made since the process began."),
    Metric("gyeol_log_end_offset", "gauge", "The offset after the last durable record of the log."),
    Metric("gyeol_acted_offset", "gauge", "Everything before this offset is folded and in state.db."),
    Metric("gyeol_backlog_events", "gauge", "Events that wait for the engine."),
    Metric("gyeol_backlog_age_seconds", "gauge", "How long what waits longest has waited, for the engine or for the disk."),
    Metric("gyeol_undurable_frames", "gauge", "Frames that wait for the disk."),
    Metric("gyeol_unwritten_frames", "gauge", "Frames that wait for state.db."),
    Metric("gyeol_fold_lag_seconds", "histogram", "Receipt to fold of events over HTTP; a request counts as its oldest event."),
    Metric("gyeol_decide_seconds", "histogram", "Request to durable answer of decisions."),
    Metric("gyeol_people", "gauge", "People with events."),
    Metric("gyeol_ready", "gauge", "1 while events are taken, 0 while they are answered 429 or 503."),
    Metric("gyeol_connections", "gauge", "Open connections of the public port."),
    Metric("gyeol_snapshot_age_seconds", "gauge", "How old the newest snapshot is: a start folds the log from there."),
    Metric("gyeol_snapshot_seconds", "gauge", "How long writing the last snapshot took, beside the engine."),
    Metric("gyeol_snapshot_pause_seconds", "gauge", "How long the engine stood still for the last snapshot."),
    Metric("gyeol_log_bytes", "gauge", "Size of the log's files."),
    Metric("gyeol_disk_free_bytes", "gauge", "Free space on the disk of the data folder."),
)
SIDE = (
    *BOTH,
    Metric("gyeol_core_answers", "gauge", "1 when the core answered this scrape within two seconds."),
    Metric("gyeol_identified_people", "gauge", "People with an identifier that is not anonymous."),
    Metric("gyeol_doubtful_sequences", "gauge", "Sequences of people that late events made doubtful and that are still to be folded anew."),
    Metric("gyeol_unready_traits", "gauge", "Traits whose past is still being brought in."),
    Metric("gyeol_lake_offset", "gauge", "Everything before this offset is in the lake."),
    Metric("gyeol_lake_behind_records", "gauge", "Records of the log that the lake does not hold yet."),
    Metric("gyeol_events_rejected_total", "counter", "Rejected events by code, of the log that is kept.", ("code",)),
    Metric("gyeol_dead_letters", "gauge", "Rejected events that wait to be corrected, by code.", ("code",)),
    Metric(
        "gyeol_decisions_total",
        "counter",
        "Decisions by placement and outcome (chosen, fallback, nothing; a holdout counts as what it was shown).",
        ("placement", "outcome"),
    ),
    Metric("gyeol_refusals_total", "counter", "Candidates that a gate refused, by gate and reason.", ("gate", "code")),
    Metric(
        "gyeol_messages", "gauge", "Messages by channel and state, as of the lake's offset, at most a minute old.", ("channel", "state")
    ),
)

EVERY = {metric.name: metric for metric in (*CORE, *SIDE)}
