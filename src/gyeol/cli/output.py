"""How commands speak: tables for people, one JSON value with ``--json``, errors on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

out = Console()
err = Console(stderr=True)
MOST_WHOLE = 40
"""Characters of a name that is still kept on one line."""


def as_json(value: object) -> None:
    """One JSON value on stdout, Hangul as it is."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def title(text: str) -> None:
    """A heading."""
    out.print(Text(text, style="bold"))


def line(text: str, style: str = "") -> None:
    """A line of text, never read as markup."""
    out.print(Text(text, style=style), soft_wrap=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = (), whole: Sequence[str] = ()) -> None:
    """A plain table.

    Args:
        columns: The headings.
        rows: A cell for each.
        right: Headings of the columns that end on the right.
        whole: Headings of further columns that are not broken over lines; the first, which names a row, is not unless it is long.
    """
    cells = [[shown(cell) for cell in row] for row in rows]
    named = max((len(row[0]) for row in cells if row), default=0) <= MOST_WHOLE
    unbroken = {*whole, *(columns[:1] if named else ())}
    made = Table(*(), box=None, pad_edge=False, header_style="dim")
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left", overflow="fold", no_wrap=name in unbroken)
    for row in cells:
        made.add_row(*[Text(cell) for cell in row])
    out.print(made)


def shown(value: Any) -> str:
    """A value as a person reads it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if isinstance(value, dict) and set(value) == {"minor", "currency"}:
        return money(value["minor"], value["currency"])
    if isinstance(value, list):
        return ", ".join(shown(v) for v in value) or "–"
    return str(value)


def span(seconds: float) -> str:
    """A length of time in its two greatest units: ``3 d 4 h``, ``1 h 56 min``, ``40 s``."""
    left, said = int(seconds), []
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        number, left = divmod(left, length)
        if number:
            said.append(f"{number:,} {unit}")
    return " ".join(said[:2]) or "0 s"


def money(minor: int, currency: str) -> str:
    """An amount with its currency: ``1,234.50 USD``, ``1,234 KRW``."""
    from gyeol.kernel.money import exponent

    digits = exponent(currency)
    return f"{minor / 10**digits:,.{digits}f} {currency}"


def failure(message: str, code: str) -> None:
    """An error, for people."""
    err.print(Text.assemble(("error ", "bold red"), (f"[{code}] ", "red"), message), soft_wrap=True)
