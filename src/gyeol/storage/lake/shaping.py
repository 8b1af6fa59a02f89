"""What of an event may lie in the lake, and in what form: no PII, no IP addresses, money as whole minor units with its currency."""

from __future__ import annotations

import msgspec

from gyeol.engine.definitions import Definitions
from gyeol.events.reading import Reading
from gyeol.events.values import as_number, nfc_deep
from gyeol.kernel.money import exponent

ROOTS = ("properties", "traits", "context")
"""The objects of an event that the lake keeps."""

FIELDS = ("name", "category", "groupId")
"""Values of the event itself that the lake keeps, in one more object: a page's or screen's name and category, a group."""

ALWAYS_DROPPED = ("context.ip", "context.request_ip", "properties.ip", "properties.$ip")
"""Addresses of connections, wherever SDKs put them."""

_LARGEST_MINOR = 2**62
_CACHED = 20_000
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Money(msgspec.Struct, frozen=True):
    """Money below some object: the keys of amounts with the currency where the event names none, and the objects or lists further down."""

    amounts: dict[str, str] = {}
    below: dict[str, Money] = {}

    @classmethod
    def of(cls, paths: dict[tuple[str, ...], str]) -> Money:
        """The tree of some paths."""
        heads: dict[str, dict[tuple[str, ...], str]] = {}
        for keys, currency in paths.items():
            if len(keys) > 1:
                heads.setdefault(keys[0], {})[keys[1:]] = currency
        return cls(
            {keys[0]: currency for keys, currency in paths.items() if len(keys) == 1}, {head: cls.of(rest) for head, rest in heads.items()}
        )


class RootShape(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to one root object of one event name.

    Args:
        drops: Keys of what may not be kept, from the root down.
        money: What is money.
        touched: Keys of the root under which something may change.
        marks: For each of ``touched``, how it stands in JSON that has no escapes.
    """

    drops: tuple[tuple[str, ...], ...]
    money: Money | None
    touched: frozenset[str]
    marks: tuple[bytes, ...]

    @classmethod
    def of(cls, drops: list[tuple[str, ...]], money: Money | None) -> RootShape:
        """The shape of some rules."""
        keys = {keys[0] for keys in drops} | (set() if money is None else {"currency", *money.amounts, *money.below})
        marks = tuple(sorted(msgspec.json.encode(key) for key in keys))
        return cls(drops=tuple(drops), money=money, touched=frozenset(keys), marks=marks)


class Shaping:
    """Compiled from one set of definitions.

    PII is what a rule of the event's name (or ``$any``) marks, and every path of an identifier type or golden attribute marked PII in all
    events. A mark
    on ``traits.x`` holds for ``context.traits.x`` too: SDKs send the same traits in both places.
    """

    def __init__(self, definitions: Definitions) -> None:
        plan = definitions.plan
        reading = Reading(plan, definitions.workspace.currency)
        self._currency = definitions.workspace.currency
        self._money = [path for path, kind in sorted(reading.types.items()) if kind == "money"]
        self._currencies = reading.currencies
        everywhere = [path for kind in definitions.identifiers if kind.pii for path in kind.paths]
        everywhere += [path for each in definitions.golden if each.pii for path in each.paths]
        everywhere += [rule.address for rule in definitions.consent_events if rule.address is not None]
        marked = {name: [path for path, rule in rules.properties.items() if rule.pii] for name, rules in plan.rules.items()}
        everywhere += marked.get("$any", [])
        everywhere += [path for paths in marked.values() for path in paths if path.startswith(("traits.", "context."))]
        self._everywhere = _with_context_traits([*ALWAYS_DROPPED, *everywhere])
        self._marked = marked
        self._shapes: dict[tuple[str, str], RootShape] = {}
        self._texts: dict[tuple[str, str, bytes], bytes | None] = {}
        self._fields: dict[tuple[bytes, ...], bytes | None] = {}
        self._tables: dict[str, _MinorTable] = {}

    def shape(self, name: str, root: str) -> RootShape:
        """The rules for one root object of an event name."""
        found = self._shapes.get((name, root))
        if found is None:
            paths = _with_context_traits([*self._everywhere, *self._marked.get(name, [])])
            drops = sorted({tuple(path.split(".")[1:]) for path in paths if path.startswith(root + ".")})
            money = {tuple(p.split(".")[1:]): self._fallback(p, name) for p in self._money if p.startswith(root + ".")}
            found = self._shapes[name, root] = RootShape.of(drops, Money.of(money) if money else None)
        return found

    def _fallback(self, path: str, name: str) -> str:
        by_name = self._currencies.get(path, {})
        return by_name.get(name) or by_name.get("$any") or self._currency

    def text(self, name: str, root: str, raw: bytes) -> bytes | None:
        """One root object as JSON for the lake; None when it is no object, or holds nothing that may be kept."""
        shape = self.shape(name, root)
        if raw[:1] != b"{" or raw == b"{}":
            return None
        plain = raw.isascii() and b"\\u" not in raw
        if plain and not any(mark in raw for mark in shape.marks):
            return raw
        if root == "properties":
            return self._shaped(shape, raw, plain)
        # Contexts and traits repeat from event to event, properties do not.
        key = (name, root, raw)
        if key not in self._texts:
            if len(self._texts) >= _CACHED:
                self._texts.clear()
            self._texts[key] = self._shaped(shape, raw, plain)
        return self._texts[key]

    def fields(self, raws: tuple[bytes, ...]) -> bytes | None:
        """The values of ``FIELDS`` (empty: absent) as one JSON object; None when there is none that may be kept."""
        if not any(raws):
            return None
        if raws not in self._fields:
            if len(self._fields) >= _CACHED:
                self._fields.clear()
            found = {key: msgspec.json.decode(raw) for key, raw in zip(FIELDS, raws, strict=True) if raw and key not in self._everywhere}
            self._fields[raws] = self.encoded_fields(found)
        return self._fields[raws]

    def encoded_fields(self, values: dict[str, object]) -> bytes | None:
        """Values of ``FIELDS`` as the JSON that the lake keeps."""
        held = {key: nfc_deep(value) for key, value in values.items() if value is not None and key not in self._everywhere}
        return msgspec.json.encode(held) if held else None

    def hides(self, name: str, path: str) -> bool:
        """Whether events of a name (``$any``: of some name) lie in the lake without a path, because it is personal data or an address."""
        root, _, rest = path.partition(".")
        if root not in ROOTS:
            return path in self._everywhere
        names = [name] if name != "$any" else ["$any", *sorted(self._marked)]
        keys = tuple(rest.split("."))
        drops = [drop for each in names for drop in self.shape(each, root).drops]
        return any(drop[: len(keys)] == keys[: len(drop)] for drop in drops)

    def _shaped(self, shape: RootShape, raw: bytes, plain: bool) -> bytes | None:
        if not plain:
            value = nfc_deep(msgspec.json.decode(raw))
            return self.encode(shape, value) if isinstance(value, dict) else None
        # Only what a rule touches is decoded; the rest, such as long lists of products, is copied as it came.
        decoded = _decode_fields(raw)
        fields: dict[str, object] = {**decoded}
        for key in shape.touched & decoded.keys():
            fields[key] = msgspec.json.decode(decoded[key])
        return self.encode(shape, fields)

    def encode(self, shape: RootShape, value: dict[str, object]) -> bytes | None:
        """A root object as JSON for the lake. It is changed in place; values that no rule touches may be ``msgspec.Raw``."""
        for keys in shape.drops:
            _drop(value, keys)
        if shape.money is not None:
            self._convert(value, shape.money)
        return msgspec.json.encode(value) if value else None

    def _convert(self, value: dict[str, object], money: Money) -> None:
        """Make the amounts of an object and of what lies below it minor units, and see that their currency is said."""
        used = self._convert_amounts(value, money.amounts, _currency_of(value))
        for key, inner in money.below.items():
            below = value.get(key)
            if isinstance(below, dict):
                self._convert(below, inner)
            elif isinstance(below, list):
                used = _agreed(used, self._convert_items(below, inner, _currency_of(value)))
        if used and "currency" not in value:
            value["currency"] = used

    def _convert_items(self, items: list[object], money: Money, owner: str | None) -> str | None:
        """As ``_convert`` for the objects of a list; the list's owner names the currency of those that name none."""
        used = None
        # Millions of order lines go through here: one look-up an amount, in a table of the owner's currency.
        pairs = [(key, self._minor(owner or fallback)) for key, fallback in money.amounts.items()]
        for item in items:
            if type(item) is not dict:
                continue
            own = item.get("currency")
            if own is not None:
                self._convert_amounts(item, money.amounts, _currency_of(item) or owner)
            else:
                for key, table in pairs:
                    amount = item.get(key)
                    if amount is not None:
                        item[key] = table[amount] if type(amount) is float or type(amount) is int else self._converted(amount, table)
                        used = _agreed(used, table.currency)
            for key, inner in money.below.items():
                below = item.get(key)
                if isinstance(below, dict):
                    self._convert(below, inner)
                elif isinstance(below, list):
                    used = _agreed(used, self._convert_items(below, inner, owner))
        return used

    def _convert_amounts(self, value: dict[str, object], amounts: dict[str, str], own: str | None) -> str | None:
        used = None
        for key, fallback in amounts.items():
            amount = value.get(key)
            if amount is not None:
                table = self._minor(own or fallback)
                value[key] = self._converted(amount, table)
                used = _agreed(used, table.currency)
        return used

    def _converted(self, amount: object, table: _MinorTable) -> object:
        if isinstance(amount, list):
            return [self._converted(one, table) for one in amount]
        number = as_number(amount)
        return None if number is None else table[number]

    def _minor(self, currency: str) -> _MinorTable:
        found = self._tables.get(currency)
        if found is None:
            found = self._tables[currency] = _MinorTable(currency)
        return found


class _MinorTable(dict[float, "int | None"]):
    """Amounts of one currency in minor units; prices repeat, so most are looked up."""

    def __init__(self, currency: str) -> None:
        super().__init__()
        self.currency = currency

    def __missing__(self, amount: float) -> int | None:
        if len(self) >= 10 * _CACHED:
            self.clear()
        found = self[amount] = minor_units(amount, self.currency)
        return found


def _agreed(one: str | None, other: str | None) -> str | None:
    """The currency of two amounts side by side; empty when they differ: then none is said, and the plan's holds for each."""
    return other if one is None else one if other in (None, one) else ""


def _currency_of(value: dict[str, object]) -> str | None:
    own = value.get("currency")
    return own.upper() if isinstance(own, str) and own else None


def minor_units(amount: float, currency: str) -> int | None:
    """One amount as ``kernel.money.to_minor`` makes it of many; None beyond 2**62, as in columns."""
    scaled = amount * 10.0 ** exponent(currency)
    return round(round(scaled * 1e6) / 1e6) if abs(scaled) < _LARGEST_MINOR else None


def _drop(value: object, keys: tuple[str, ...]) -> None:
    if isinstance(value, list):
        for item in value:
            _drop(item, keys)
    elif isinstance(value, dict):
        if len(keys) == 1:
            value.pop(keys[0], None)
        elif keys[0] in value:
            _drop(value[keys[0]], keys[1:])


def _with_context_traits(paths: list[str]) -> list[str]:
    return sorted({*paths, *("context." + path for path in paths if path.startswith("traits."))})
