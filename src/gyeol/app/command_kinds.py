"""The kinds of commands that may be given to the core."""

from __future__ import annotations

from typing import Literal

CommandKind = Literal[
    "merge",
    "cut",
    "release",
    "confirm",
    "move",
    "split",
    "accept",
    "reject",
    "consent",
    "apply",
    "replay_dead_letter",
    "content_submit",
    "content_approve",
    "content_return",
    "policy_switch",
    "policy_warm",
    "refold",
    "backfill",
]
"""What each body holds: ``gyeol.app.core_api.CommandRequest``."""
