"""What the paths that definitions read mean: compiled once a set of definitions, shared by all its batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from gyeol.events.batch import Vocabularies
from gyeol.events.model import PropertyType, TrackingPlan
from gyeol.events.values import codes_in
from gyeol.expressions.column import Column, Vocabulary, everywhere, known_everywhere

_TEXT_PATHS = ("type", "event", "name", "messageId", "userId", "anonymousId", "groupId", "previousId")
_ALWAYS = ("event",)

Tree = dict[str, "Tree | None"]
"""The keys that are read: None for a value wanted as it is, a tree for an object of which only some keys are wanted."""


class Projection(msgspec.Struct, frozen=True):
    """A decoder that skips all of an event but some paths.

    Args:
        decode: JSON → a struct with nested structs.
        build: A JSON object (a dict) → the same struct, for events whose shape the decoder refuses.
        places: Path → where its value stands.
        branches: Attribute of a nested struct (``f3.f0``) → the shared default that stands for an absent object.
        readers: Path → its value in a decoded event, None where there is none.
    """

    decode: Callable[[bytes], Any]
    build: Callable[[object], Any]
    places: dict[str, Place]
    branches: dict[str, object]
    readers: dict[str, Callable[[Any], object]]


class Place(msgspec.Struct, frozen=True):
    """Where a path's value stands: attribute of the nested struct ("" = the event), attribute in it, keys to dig below that."""

    branch: str
    leaf: str
    rest: list[str]


class Reading:
    """The tracking plan's types, the paths to extract, and the vocabularies.

    Args:
        plan: Types and currencies of paths. One path has one type: where events disagree money wins, then text.
        currency: ISO 4217 code of money without a currency of its own (the workspace's).
        paths: Dotted paths that some definition reads; others can still be asked for, at the price of another decode.
        vocabularies: Shared with the readings before (after an apply); new if None.
        sources: Names of the sources that batches' ``source`` points into. A frame written when there were others is translated by
            name; an unknown name becomes the last index. None: indices are taken as they stand.
    """

    def __init__(
        self,
        plan: TrackingPlan,
        currency: str,
        paths: Iterable[str] = (),
        vocabularies: Vocabularies | None = None,
        sources: Sequence[str] | None = None,
    ) -> None:
        self._sources = list(sources) if sources is not None else None
        self.vocabularies = vocabularies if vocabularies is not None else Vocabularies()
        self.currency = currency
        self.types = _path_types(plan)
        self.currencies = _path_currencies(plan)
        wanted = set(paths)
        wanted |= {currency_path(p) for p in wanted if self.types.get(p) == "money"}
        self.paths = tuple(sorted(wanted | set(_ALWAYS)))

    def currency_codes(self, path: str, own: Column, name: npt.NDArray[np.int32], names: Vocabulary) -> Column:
        """The currency of every event for a money path: its own, else the plan's for its name, else the workspace's.

        Args:
            path: The money path.
            own: Text column of ``currency_path(path)``.
            name: Codes of the events' names.
            names: The vocabulary of ``name``.
        """
        vocabulary = self.vocabularies.of(currency_path(path))
        codes = own.values.astype(np.int32)
        for code in codes_in(codes[own.known]):
            word = vocabulary.words[code]
            if word != word.upper():
                codes[codes == code] = vocabulary.code(word.upper())
        by_name = self.currencies.get(path, {})
        if known_everywhere(own.known):
            return Column(kind="text", values=codes, known=everywhere(len(codes)), vocabulary=vocabulary)
        codes[~own.known] = vocabulary.code(by_name.get("$any", self.currency))
        for event, currency in sorted(by_name.items()):
            code = names.find(event)
            if code >= 0:
                codes[(name == code) & ~own.known] = vocabulary.code(currency)
        return Column(kind="text", values=codes, known=everywhere(len(codes)), vocabulary=vocabulary)

    def source_indices(self, codes: npt.NDArray[np.int16], names: list[str]) -> npt.NDArray[np.int16]:
        """Indices into this reading's sources of indices into a section's.

        Args:
            codes: (n,) of the section.
            names: The section's sources; empty in frames that do not say.
        """
        if self._sources is None or not names or names == self._sources:
            return codes
        places = {name: i for i, name in enumerate(self._sources)}
        return np.array([places.get(name, len(self._sources) - 1) for name in names], np.int16)[codes]

    @property
    def projection(self) -> Projection:
        """The decoder for all declared paths."""
        return projection(self.paths)


def currency_path(path: str) -> str:
    """Where the currency of a money path stands: beside it."""
    parent, _, _ = path.rpartition(".")
    return f"{parent}.currency" if parent else "currency"


def _path_types(plan: TrackingPlan) -> dict[str, PropertyType]:
    types: dict[str, PropertyType] = dict.fromkeys(_TEXT_PATHS, "text")
    rank: tuple[PropertyType, ...] = ("any", "object", "list", "flag", "time", "number", "text", "money")
    for _, rule in sorted(plan.rules.items()):
        for path, property_rule in sorted(rule.properties.items()):
            before = types.get(path, "any")
            types[path] = max(before, property_rule.type, key=rank.index)
    return {path: kind for path, kind in types.items() if kind != "any"}


def _path_currencies(plan: TrackingPlan) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, rule in sorted(plan.rules.items()):
        for path, property_rule in rule.properties.items():
            if property_rule.currency is not None:
                found.setdefault(path, {})[name] = property_rule.currency
    return found


@lru_cache(maxsize=256)
def projection(paths: tuple[str, ...]) -> Projection:
    """The projection onto some paths (sorted, unique)."""
    tree: Tree = {}
    for path in paths:
        _grow(tree, path.split("."))
    made = _struct(tree, "Event")
    places = {path: _place(tree, path.split(".")) for path in paths}
    empty = made()
    branches = {place.branch: attrgetter(place.branch)(empty) for place in places.values() if place.branch}
    decode = msgspec.json.Decoder(made).decode
    readers = {path: _reader(place) for path, place in places.items()}
    return Projection(decode=decode, build=lambda value: _build(tree, made, value), places=places, branches=branches, readers=readers)


def _reader(place: Place) -> Callable[[Any], object]:
    read = attrgetter(f"{place.branch}.{place.leaf}" if place.branch else place.leaf)
    rest = place.rest
    return (lambda event: dig(read(event), rest)) if rest else read


def _grow(tree: Tree, keys: list[str]) -> None:
    head, rest = keys[0], keys[1:]
    if not rest:
        tree[head] = None
    elif head not in tree:
        branch: Tree = {}
        tree[head] = branch
        _grow(branch, rest)
    else:
        below = tree[head]
        if below is not None:  # else the whole object is wanted, and the rest of the path is dug out of it
            _grow(below, rest)


def _struct(tree: Tree, name: str) -> type[msgspec.Struct]:
    fields: list[tuple[str, Any, Any]] = []
    for index, (key, below) in enumerate(tree.items()):
        if below is None:
            fields.append((f"f{index}", Any, msgspec.field(default=None, name=key)))
        else:
            inner = _struct(below, f"{name}_{index}")
            fields.append((f"f{index}", inner, msgspec.field(default=inner(), name=key)))
    # Frozen so that an absent object can share one empty default; gc=False because JSON has no cycles.
    return msgspec.defstruct(name, fields, frozen=True, gc=False)


def _place(tree: Tree, keys: list[str], branch: str = "") -> Place:
    leaf = f"f{list(tree).index(keys[0])}"
    below = tree[keys[0]]
    if below is not None:
        return _place(below, keys[1:], f"{branch}.{leaf}" if branch else leaf)
    return Place(branch, leaf, keys[1:])


def dig(value: object, keys: list[str]) -> object:
    """The value under nested keys; None where something on the way is no object."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _build(tree: Tree, made: type[msgspec.Struct], value: object) -> Any:
    if not isinstance(value, dict):
        return made()
    arguments: dict[str, Any] = {}
    for index, (key, below) in enumerate(tree.items()):
        if key in value:
            arguments[f"f{index}"] = value[key] if below is None else _build(below, _inner(made, index), value[key])
    return made(**arguments)


def _inner(made: type[msgspec.Struct], index: int) -> type[msgspec.Struct]:
    inner: type[msgspec.Struct] = made.__annotations__[f"f{index}"]
    return inner
