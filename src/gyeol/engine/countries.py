"""In which country an event's IP address lies, by the file that was in force when the event's frame was written.

A file of addresses is another one every month, and the lake keeps no address that could be looked up again. So what was told once stays:
a frame's header names the definitions that were in force, and the fold, every replay and the row of the lake read the file that these
name (ADR 0028).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from gyeol.context.data_files import opened
from gyeol.events.batch import EventBatch

IP = "context.ip"
"""Where an event says its address; where it says none, the address of the connection counts."""
_offered: dict[str, Callable[[], str | None]] = {}
_named: dict[str, str | None] = {}


class Countries(Protocol):
    """A file of IP addresses."""

    def country(self, address: str) -> str | None:
        """ISO 3166 code; None: not known."""
        ...


def offer_file(definitions: str, digest: Callable[[], str | None]) -> None:
    """Say which file of addresses some definitions name; it is asked for when a frame under them is read by others.

    Args:
        definitions: Their hash.
        digest: Gives the digest of the file; None: they name none.
    """
    _offered[definitions] = digest


def file_under(definitions: str, otherwise: str | None) -> str | None:
    """The digest of the file that definitions name.

    Args:
        definitions: Their hash, as a frame's header has it.
        otherwise: What counts where nobody knows them.
    """
    if definitions not in _named:
        if definitions not in _offered:
            return otherwise
        _named[definitions] = _offered[definitions]()
    return _named[definitions]


def countries_of(batch: EventBatch, file: str | None) -> list[str | None]:
    """The country of the address of each event (ISO 3166), None where it is not known.

    Args:
        batch: The events.
        file: Digest of the file; None: there is none.

    Raises:
        StateError: The data folder lacks the file (``data_file_missing``).
    """
    if file is None:
        return [None] * batch.n
    said = batch.texts(IP)
    if not any(said):
        return [None] * batch.n
    held = cast(Countries, opened(file))
    known = {text: None if text is None else held.country(text) for text in dict.fromkeys(said)}
    return [known[text] for text in said]
