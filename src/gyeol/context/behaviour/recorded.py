"""What is kept of a person's actions: the last 32, each with its time, and what it was about. As traits, so that merges, replays, late
events and SQL treat it like everything else that is known of a person.

``moment.action`` is joined with every event: a whole number below 2**51 that holds the time in ms, the number of the action, and which of
product, category, query and price the event says. Each of these four is a list of its own; the k-th newest entry of one belongs to the
k-th newest action that says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gyeol.context.behaviour.actions import CHAT, NUMBER, action_of, written
from gyeol.context.beside import Beside
from gyeol.events.batch import EventColumnsByPath
from gyeol.events.model import EVENT_TYPES
from gyeol.events.reading import Reading, currency_path
from gyeol.expressions.column import Column, Mask
from gyeol.kernel.instants import Int64
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.numbers import LARGEST_NUMBER
from gyeol.profiles.rules import ValueType, value_type
from gyeol.profiles.slices import currency_code

ACTION = "moment.action"
"""The name under which the join gives the number."""
LENGTH = 32
"""Actions that are kept. Our own choice: nine of ten sessions of the made-up coffee chain are shorter."""
CARRIED = ("product", "category", "query", "price")
"""What an action may be about; the place of each is its bit."""
KEYS = ("path", "text", *CARRIED)
"""What the workspace's ``moment`` says where to find; without any of them no action is kept."""
ACTIONS_TRAIT, LATEST_TRAIT = "moment_actions", "moment_latest_action"
_BITS, _ACTIONS = len(CARRIED), 32
_ACTING = tuple(EVENT_TYPES.index(name) for name in ("track", "page", "screen"))
PASSIVE = (
    "offer shown", "delivered", "bounced", "email sent", "push sent", "sms sent", "push received", "impression", "experiment viewed",
    "consent changed", "ticket closed", "case closed", "conversation closed",
)  # fmt: skip
"""Names of what was done to a person: no actions."""
_TEXT = ValueType(wanted="text")


class Step(NamedTuple):
    """One action. ``price`` is as events say it, money in minor units."""

    at_ms: int
    action: int
    product: str | None = None
    category: str | None = None
    query: str | None = None
    price: float | None = None


class Read:
    """Reads traits of some people, each once: most facts follow from the same few.

    Args:
        column: A trait over all of them, or over those at some places.
        n: How many they are.
        beside: What else is known; None: nothing.
    """

    def __init__(self, column: Callable[[str, Int64 | None], Column], n: int, beside: Beside | None = None) -> None:
        self._column, self._n, self.beside = column, n, beside
        self._held: dict[str, Column] = {}
        self._histories: dict[bytes, list[list[Step]]] = {}

    def __call__(self, trait: str, at: Int64 | None = None) -> Column:
        """The trait's column."""
        if at is not None and len(at) < self._n:
            return self._column(trait, at)
        found = self._held.get(trait)
        if found is None:
            found = self._held[trait] = self._column(trait, None)
        return found

    def histories(self, at: Int64) -> list[list[Step]]:
        """The actions of those at some places (ascending, distinct), newest first."""
        key = at.tobytes()
        found = self._histories.get(key)
        if found is None:
            found = self._histories[key] = _histories(self, at)
        return found


def wanted(paths: Mapping[str, str]) -> bool:
    """Whether the workspace asks for behaviour."""
    return any(key in paths for key in KEYS)


def carried_trait(key: str, path: str) -> TraitDefinition:
    """The list of one of ``CARRIED``."""
    return TraitDefinition(name=f"moment_{key}s", kind="recent", event="$any", property=path, where=f"{ACTION} IS NOT NULL", size=LENGTH)


def traits_of(paths: Mapping[str, str]) -> list[TraitDefinition]:
    """All that is kept of actions; nothing when the workspace does not ask for it."""
    if not wanted(paths):
        return []
    return [
        TraitDefinition(name=ACTIONS_TRAIT, kind="recent", event="$any", property=ACTION, size=LENGTH, scale=0),
        TraitDefinition(name=LATEST_TRAIT, kind="max", event="$any", property=ACTION, scale=0),
        *(carried_trait(key, paths[key]) for key in CARRIED if key in paths),
    ]


def packed(at_ms: int, action: int, bits: int) -> int:
    """An action as one number."""
    return (at_ms * _ACTIONS + action) << _BITS | bits


def time_of(number: Int64) -> Int64:
    """The times of actions, ms."""
    return number >> _BITS + 5


def did(type: str, event: str | None, path: str | None, title: str | None, query: str | None, text: str | None = None) -> int:
    """The number of the action that an event is; -1: it is none.

    Args:
        type: Of the call.
        event: Of a track call.
        path: Of a page or screen.
        title: The name of a page or screen.
        query: What was searched for.
        text: What was written; only of a chat or an inquiry it says more.
    """
    if type not in ("track", "page", "screen"):
        return -1
    if type == "track" and event is not None and any(word in event.lower().replace("_", " ") for word in PASSIVE):
        return -1
    action = action_of(type, event if type == "track" else title, path, query)
    return written(text) if text and action == CHAT else action


class Recorder:
    """Reads actions of events.

    Args:
        paths: ``moment`` of the workspace.
        reading: Types by the tracking plan.

    Attributes:
        values: The carried keys that have a path, and how their values are kept.
    """

    def __init__(self, paths: Mapping[str, str], reading: Reading) -> None:
        self._paths, self._reading = paths, reading
        self.values: dict[str, ValueType] = {}
        for key in CARRIED:
            if key in paths:
                found = value_type(carried_trait(key, paths[key]), reading)
                assert found is not None
                self.values[key] = found

    @property
    def paths(self) -> set[str]:
        """All paths that are read."""
        found = {self._paths[key] for key in KEYS if key in self._paths} | {"name"}
        return found | {currency_path(path) for path in found if self._reading.types.get(path) == "money"}

    @property
    def carried(self) -> dict[str, tuple[str, ValueType]]:
        """The carried keys that have a path: the path, and how its values are kept."""
        return {key: (self._paths[key], value) for key, value in self.values.items()}

    def path(self, key: str) -> str | None:
        """The path of a key."""
        return self._paths.get(key)

    def column(
        self,
        types: npt.NDArray[np.uint8],
        names: npt.NDArray[np.int32],
        words: Sequence[str],
        times: Int64,
        part: EventColumnsByPath,
        texts: Callable[[str], Sequence[str | None]],
    ) -> Column:
        """``moment.action`` over some events.

        Args:
            types: (n,) index into ``EVENT_TYPES``.
            names: (n,) code into ``words``.
            words: What events are called.
            times: (n,) ms.
            part: Their columns.
            texts: What they say under a path; asked only where there are chats, so that no text gets into a vocabulary that stays.
        """
        actions = self._actions(types, names, words, part)
        chats = np.flatnonzero(actions == CHAT).tolist() if "text" in self._paths else []
        if chats:
            said = texts(self._paths["text"])
            actions[chats] = [written(text) if (text := said[i]) else CHAT for i in chats]
        bits = np.zeros(len(times), np.int64)
        for key in self.values:
            bits |= self._says(key, part).astype(np.int64) << CARRIED.index(key)
        numbers = (times * _ACTIONS + np.maximum(actions, 0)) << _BITS | bits
        return Column("number", numbers.astype(np.float64), actions >= 0)

    def _actions(self, types: npt.NDArray[np.uint8], names: npt.NDArray[np.int32], words: Sequence[str], part: EventColumnsByPath) -> Int64:
        shown = [_coded(path, part, len(types)) for path in (self._paths.get("path"), "name", self._paths.get("query"))]
        memo: dict[tuple[int, int, int, int, int], int] = {}
        found = np.full(len(types), -1, np.int64)
        keys = zip(types.tolist(), names.tolist(), *(codes for codes, _ in shown), strict=True)
        for i, key in enumerate(keys):
            number = memo.get(key)
            if number is None:
                texts = (None if code < 0 else held[code] for code, (_, held) in zip(key[2:], shown, strict=True))
                number = memo[key] = did(EVENT_TYPES[key[0]], words[key[1]], *texts)
            found[i] = number
        return found

    def _says(self, key: str, part: EventColumnsByPath) -> Mask:
        """The events whose value counts for the list; as ``EventSlice`` has it."""
        path, value = self._paths[key], self.values[key]
        column = part.column(path, value.wanted)
        if not value.is_number:
            return column.known
        if column.kind != "number":
            return np.zeros(len(column), np.bool_)
        known = column.known & (np.abs(np.where(column.known, column.values, 0).astype(np.float64)) * 10.0**value.scale <= LARGEST_NUMBER)
        if value.currency is not None:
            own = part.currency(path)
            known &= own.values == currency_code(own, value.currency)
        return known


def _coded(path: str | None, part: EventColumnsByPath, n: int) -> tuple[list[int], Sequence[str]]:
    column = None if path is None else part.column(path, "text")
    if column is None or column.vocabulary is None:
        return [-1] * n, []
    return np.where(column.known, column.values, -1).tolist(), column.vocabulary.words


def _histories(read: Read, at: Int64) -> list[list[Step]]:
    numbers = read(ACTIONS_TRAIT, at)
    columns = [_found(read, f"moment_{key}s", at) for key in CARRIED]
    found: list[list[Step]] = []
    for i in range(len(at)):
        whole = numbers.values[i] if numbers.known[i] else []
        queues = [iter(column.values[i]) if column is not None and column.known[i] else iter(()) for column in columns]
        found.append([_step(int(number), queues) for number in whole])
    return found


def _found(read: Read, trait: str, at: Int64) -> Column | None:
    try:
        return read(trait, at)
    except KeyError:
        return None


def _step(number: int, queues: Sequence[Iterator[object]]) -> Step:
    said = [next(queue, None) if number >> place & 1 else None for place, queue in enumerate(queues)]
    product, category, query = (None if value is None else str(value) for value in said[:3])
    at_ms, action = divmod(number >> _BITS, _ACTIONS)
    return Step(at_ms, action, product, category, query, _number(said[3]))


def _number(value: object) -> float | None:
    if value is None:
        return None
    try:
        return float(str(value))
    except ValueError:
        return None


ORDER, ADD, REMOVE = NUMBER["order"], NUMBER["add"], NUMBER["remove"]
