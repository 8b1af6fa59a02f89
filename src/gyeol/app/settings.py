"""Settings of one running Gyeol: where it listens and how much it holds. Everything has a default; the environment overrides.

Definitions (what the marketer writes) live in the workspace's files; settings (what the machine's owner chooses) live here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from gyeol.kernel.errors import InputError, Problem

PREFIX = "GYEOL_"
LOCAL_HOSTS = ("127.0.0.1", "localhost")
"""Where the internal port may listen until sign-in exists."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings; the environment variable of each is ``GYEOL_`` and its name in capitals.

    Args:
        public_host: Address of the public port (collector and decide).
        public_port: Public port.
        public_url: Under which address the public port is reached from outside, such as ``https://events.example.com``: links in messages
            begin with it. Empty: ``http://`` and the public host and port.
        internal_host: Address of the internal port (API, console); anything but 127.0.0.1 is refused without sign-in.
        internal_port: Internal port.
        max_body_bytes: Largest body of a request after decompression. Source: Segment's batch limit of 500 KB.
        max_event_bytes: Largest single event; above it goes to the dead letter. Source: Segment's limit of 32 KB.
        max_queued_events: Events that may wait for the engine before requests are answered 429.
        max_unwritten_frames: Frames that may wait for state.db before requests are answered 503.
        frame_events: A frame closes at so many events.
        dedupe_capacity: How many messageIds are remembered at most, for 7 days.
        snapshot_every_records: A snapshot is taken after so many records …
        snapshot_every_s: … or so many seconds with any (and when the process stops).
        keep_log_days: Days before today of which the log is kept; older files go once snapshots, state.db and lake are past them. 0: all.
        lake_commit_rows: The lake commits after so many events …
        lake_commit_s: … or so many seconds.
        suggest: What becomes of people who look like known ones: ``off``, ``queue`` (they wait for a person), ``accept`` (above
            ``suggest_accept_at_least`` they are joined without one).
        suggest_at_least: Weight in bits from which two people are suggested. Source: 98 of 100 are right on the Korean customers.
        suggest_accept_at_least: Weight in bits from which ``accept`` needs no person. Source: all 4,142 are right on the same.
        send: Whether the sender of messages runs.
        log: How the processes write what they do: ``text`` for people, ``json`` for machines (one object a line).
        log_level: The least level that is written.
    """

    public_host: str = "127.0.0.1"
    public_port: int = 8400
    public_url: str = ""
    internal_host: str = "127.0.0.1"
    internal_port: int = 8401
    max_body_bytes: int = 512_000
    max_event_bytes: int = 32_768
    max_queued_events: int = 200_000
    max_unwritten_frames: int = 2_000
    frame_events: int = 1_000
    dedupe_capacity: int = 200_000_000
    snapshot_every_records: int = 2_000_000
    snapshot_every_s: float = 600.0
    keep_log_days: int = 14
    lake_commit_rows: int = 50_000
    lake_commit_s: float = 30.0
    suggest: Literal["off", "queue", "accept"] = "queue"
    suggest_at_least: float = 4.0
    suggest_accept_at_least: float = 16.0
    send: bool = True
    log: Literal["text", "json"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"


def read_settings(environment: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Settings from the environment, then from ``overrides`` that are not None (command-line options).

    Raises:
        InputError: A variable has a value of the wrong type; every such variable is named.
    """
    env = os.environ if environment is None else environment
    values: dict[str, object] = {}
    problems: list[Problem] = []
    for field in msgspec.structs.fields(Settings):
        name = PREFIX + field.name.upper()
        if name not in env:
            continue
        try:
            values[field.name] = msgspec.convert(env[name], field.type, strict=False)
        except msgspec.ValidationError:
            kind = getattr(field.type, "__name__", str(field.type))
            problems.append(
                Problem(path=name, code="bad_setting", what=f"{env[name]!r} is not a valid {kind}", mend=f"the default is {field.default}")
            )
    values.update({k: v for k, v in overrides.items() if v is not None})
    if problems:
        raise InputError("bad_settings", problems)
    return Settings(**values)  # type: ignore[arg-type]  # each value was converted to its field's type above


def as_environment(settings: Settings) -> dict[str, str]:
    """The variables that give these settings to a child process."""
    return {PREFIX + name.upper(): str(value) for name, value in msgspec.structs.asdict(settings).items()}


def data_folder(workspace: Path) -> Path:
    """Where a workspace keeps its data: an absolute path, since processes with other working folders share it."""
    return workspace.resolve() / ".gyeol"
