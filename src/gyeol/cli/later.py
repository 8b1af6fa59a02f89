"""A group of commands that are imported when they are asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, MutableMapping
from typing import Any, cast

import typer.main
from typer.core import TyperGroup

from gyeol.cli.table import COMMANDS, Entry


class _Commands(MutableMapping[str, Any]):
    """The commands of the table by name; one is imported when it is read."""

    def __init__(self) -> None:
        self.entries = {entry.name: entry for entries in COMMANDS.values() for entry in entries}
        self.read: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.read:
            self.read[name] = _command(self.entries[name])
        return self.read[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self.read[name] = command

    def __delitem__(self, name: str) -> None:
        del self.read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


class Later(TyperGroup):
    """``gyeol``: its help needs no command's module, and a command only its own."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "commands": None})
        self.commands = _Commands()

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The summaries of the table under their headings."""
        widest = max(len(name) for name in self.commands)
        for heading, entries in COMMANDS.items():
            with formatter.section(heading):
                formatter.write_dl([(entry.name.ljust(widest), entry.summary) for entry in entries])


def _command(entry: Entry) -> Any:
    found = getattr(importlib.import_module(f"gyeol.cli.commands.{entry.module}"), entry.attribute)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    # A second command makes it a group, from which the first is taken: what is alone would lose its name.
    alone.command("-")(_command)
    if isinstance(found, typer.Typer):
        alone.add_typer(found, name=entry.name)
    else:
        alone.command(entry.name)(found)
    return cast("TyperGroup", typer.main.get_command(alone)).commands[entry.name]
