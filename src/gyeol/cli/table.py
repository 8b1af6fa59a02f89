"""Every command: what it is called, where it is written, what it does in a line, and the heading it stands under.

The module of a command is imported when the command is asked for: ``gyeol --help`` and a command that reads a file need not wait
until the engine, the store and the benchmarks have been read.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A command of ``gyeol``.

    Args:
        name: What is typed.
        module: Of ``gyeol.cli.commands``; where several files add to one group, the last of them.
        attribute: The function, or the Typer with commands of its own.
        summary: What it does, for ``gyeol --help``.
    """

    name: str
    module: str
    attribute: str
    summary: str


COMMANDS: dict[str, tuple[Entry, ...]] = {
    "Begin": (
        Entry("demo", "running", "demo", "A company's year through the whole loop, then its console"),
        Entry("init", "workspace", "init", "Make a workspace: a folder of YAML files that works at once"),
        Entry("up", "running", "up", "Run a workspace until Ctrl-C: collector, decisions, console"),
        Entry("import", "data", "import_", "Import a file or folder of events"),
        Entry("plan", "workspace", "plan", "What applying the files would change, and for how many people"),
        Entry("apply", "workspace", "apply", "Put the workspace's files in force"),
    ),
    "Who": (
        Entry("profile", "people", "profile", "Everything known of a person, and where it comes from"),
        Entry("audience", "people", "audience", "Audiences, their members, and why a person is in or out"),
        Entry("groups", "groups", "groups", "Households and accounts: kinds, or the groups of one"),
        Entry("group", "groups", "group", "Everything known of a group"),
        Entry("merge", "people", "merge", "Say that two people are one"),
        Entry("cut", "people", "cut", "Say that two identifiers belong to two people"),
        Entry("identity", "identity", "app", "Match messy records; judge what waits"),
        Entry("user-token", "people", "user_token", "The token with which a page proves who is signed in"),
    ),
    "Now": (
        Entry("moment", "facts", "moment", "What is true of a person now, or was at a time"),
        Entry("facts", "facts", "app", "Weather, stock and whatever else is observed"),
        Entry("place", "place", "app", "Regions: which one a point lies in"),
        Entry("emotion", "emotion", "app", "Emotion from text, Korean and English"),
    ),
    "Say": (
        Entry("decide", "people", "decide", "What to say to a person, and why"),
        Entry("decisions", "decisions", "app", "Decisions that were taken, with their reasons"),
        Entry("policy", "policy_warm", "app", "Try another policy or rule set on what was logged"),
        Entry("content", "brand", "app", "What is said, in which words, and who approved them"),
        Entry("coupons", "coupon_tills", "app", "Pools of codes, and what became of each"),
        Entry("partners", "partners", "partners", "Partners' offers: shown, clicked, what is left"),
    ),
    "Look after": (
        Entry("sql", "data", "sql", "Ask the lake"),
        Entry("dead-letter", "data", "dead_letter", "Read rejected events, mend them, send them again"),
        Entry("doctor", "data", "doctor", "Everything that can be wrong or slow, and how to mend it"),
        Entry("check", "check", "app", "Compare two ways to the same answer"),
        Entry("replay", "data", "replay", "Fold the whole log anew and compare"),
        Entry("backup", "backup", "backup", "Copy a workspace with its data, also while it runs"),
        Entry("restore", "backup", "restore", "Put a backup into a workspace"),
        Entry("keys", "keys", "app", "The data key: which one writes, a new one"),
        Entry("bench", "bench", "bench", "How fast this machine is, with the counts checked"),
    ),
}
"""By heading, in the order of ``gyeol --help``."""
