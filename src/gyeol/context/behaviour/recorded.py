"""What is kept of a person's actions: the last 32, each with its time, and what it was about. As traits, so that merges, replays, late
events and SQL treat it like everything else that is known of a person.

``moment.action`` is joined with every event: a whole number below 2**51 that holds the time in ms, the number of the action, and which of
product, category, query and price the event says. Each of these four is a list of its own; the k-th newest entry of one belongs to the
k-th newest action that says it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar, cast

import numpy as np
import numpy.typing as npt

from gyeol.context.behaviour.actions import CHAT, NUMBER, action_of, done, searched, shown, written
from gyeol.context.behaviour.by_word import ByWord
from gyeol.context.beside import Beside
from gyeol.events.batch import EventColumnsByPath
from gyeol.events.model import EVENT_TYPES
from gyeol.events.reading import Reading, currency_path
from gyeol.expressions.column import Column, Mask
from gyeol.kernel.instants import Int64
from gyeol.profiles.model import TraitDefinition
from gyeol.profiles.numbers import LARGEST_NUMBER
from gyeol.profiles.rules import ValueType, value_type
from gyeol.profiles.runs import places
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
_ACTING = ("track", "page", "screen")
_ACTS = np.array([name in _ACTING for name in EVENT_TYPES])
_TRACK = EVENT_TYPES.index("track")
PASSIVE = (
    "offer shown", "delivered", "bounced", "email sent", "push sent", "sms sent", "push received", "impression", "experiment viewed",
    "consent changed", "ticket closed", "case closed", "conversation closed",
)  # fmt: skip
"""Names of what was done to a person: no actions."""
T = TypeVar("T")
_NOTHING, _FIRST = np.array(-1, np.int64), np.zeros(1, np.int64)


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
        self._column, self.n, self.beside = column, n, beside
        self._held: dict[str, Column] = {}
        self._histories: dict[bytes, list[list[Step]]] = {}
        self._made: dict[Hashable, object] = {}

    def __call__(self, trait: str, at: Int64 | None = None) -> Column:
        """The trait's column."""
        if at is not None and len(at) < self.n:
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

    @cached_property
    def latest_ms(self) -> int | None:
        """When the one person that is read last did something; None: never."""
        latest = self(LATEST_TRAIT)
        return int(latest.values[0]) >> _BITS + 5 if latest.known[0] else None

    def past(self, now_ms: int) -> list[Step]:
        """The actions up to an instant of the one person that is read, newest first."""
        return self.once(("past", now_ms), lambda: [step for step in self.histories(_FIRST)[0] if step.at_ms <= now_ms])

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What several kinds of facts look at, worked out once.

        Args:
            key: Tells what it is; one key stands for values of one type.
            make: Works it out.
        """
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = make()
        return cast(T, found)


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
    if type not in _ACTING or (type == "track" and event is not None and passive(event)):
        return -1
    action = action_of(type, event if type == "track" else title, path, query)
    return written(text) if text and action == CHAT else action


def passive(event: str) -> bool:
    """Whether a track call of this name tells what was done to a person."""
    lowered = event.lower().replace("_", " ")
    return any(word in lowered for word in PASSIVE)


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
        self._done = ByWord(lambda event: -1 if passive(event) else done(event))
        self._path, self._title, self._query = ByWord(_unless_empty(shown)), ByWord(_unless_empty(shown)), ByWord(_unless_empty(searched))

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
        """(n,) as ``did`` has it, without texts; -1: no action."""
        tracks = types == _TRACK
        found = np.where(_ACTS[types], NUMBER["home"], -1)
        for told in (_told(self._title, "name", part), _told(self._path, self._paths.get("path"), part)):
            np.copyto(found, told, where=(told >= 0) & (found >= 0))
        at = places(tracks)
        found[at] = self._done.of(names.take(at), words)
        typed = _told(self._query, self._paths.get("query"), part)
        np.copyto(found, typed, where=(typed >= 0) & (found >= 0))
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


def _told(by_word: ByWord, path: str | None, part: EventColumnsByPath) -> Int64:
    """(n,) what the texts of a path tell; -1: nothing."""
    column = None if path is None else part.column(path, "text")
    if column is None or column.vocabulary is None:
        return _NOTHING
    known = places(column.known)
    found = np.full(len(column), -1, np.int64)
    found[known] = by_word.of(np.asarray(column.values).take(known), column.vocabulary.words)
    return found


def _unless_empty(tell: Callable[[str], int]) -> Callable[[str], int]:
    return lambda text: tell(text) if text else -1


def _histories(read: Read, at: Int64) -> list[list[Step]]:
    numbers = read(ACTIONS_TRAIT, at)
    columns = [_found(read, f"moment_{key}s", at) for key in CARRIED]
    found: list[list[Step]] = []
    for i in range(len(at)):
        product, category, query, price = (column.values[i] if column is not None and column.known[i] else () for column in columns)
        said = map(str, product), map(str, category), map(str, query), map(_number, price)
        found.append(_steps(map(int, numbers.values[i] if numbers.known[i] else ()), *said))
    return found


def _steps(
    numbers: Iterator[int], products: Iterator[str], categories: Iterator[str], queries: Iterator[str], prices: Iterator[float | None]
) -> list[Step]:
    """Actions, each with the next of what it says to have."""
    found: list[Step] = []
    for number in numbers:
        at_ms, action = divmod(number >> _BITS, _ACTIONS)
        product = next(products, None) if number & 1 else None
        category = next(categories, None) if number & 2 else None
        query = next(queries, None) if number & 4 else None
        price = next(prices, None) if number & 8 else None
        found.append(Step(at_ms, action, product, category, query, price))
    return found


def step_of(number: int, said: Sequence[object]) -> Step:
    """An action by its number (``packed``) and what its event says, one value for each of ``CARRIED``."""
    at_ms, action = divmod(number >> _BITS, _ACTIONS)
    product, category, query = (str(value) if number >> bit & 1 else None for bit, value in enumerate(said[:3]))
    return Step(at_ms, action, product, category, query, _number(said[3]) if number & 8 else None)


def _found(read: Read, trait: str, at: Int64) -> Column | None:
    try:
        return read(trait, at)
    except KeyError:
        return None


def _number(value: object) -> float | None:
    try:
        return float(value if isinstance(value, float) else str(value))
    except ValueError:
        return None


ORDER, ADD, REMOVE = NUMBER["order"], NUMBER["add"], NUMBER["remove"]
