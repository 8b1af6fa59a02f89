"""What a record holds that people can be recognised by, and the keys by which two records find each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import msgspec

from gyeol.identity.matching.form import Derived, Form
from gyeol.identity.matching.forms import FORMS
from gyeol.identity.matching.forms.email import FORM as EMAIL
from gyeol.identity.normalise import PLACEHOLDERS

ROLES = ("name", "birth", "phone", "email", "address")
"""In the order in which they are shown."""
_SURE = re.compile("|".join(f"(?:{pattern})" for pattern in PLACEHOLDERS), re.IGNORECASE).fullmatch


class Stated(msgspec.Struct, frozen=True, array_like=True):
    """A value as it was sent, the time of its event, and whether a source of trust ``server`` said so."""

    value: str
    at_ms: int
    server: bool


class Attributes(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one node: role → the newest value. A server's word is not replaced by a client's."""

    stated: dict[str, Stated] = {}

    @property
    def trusted(self) -> bool:
        """Whether servers alone said all of it."""
        return all(each.server for each in self.stated.values())

    def with_(self, role: str, said: Stated) -> Attributes:
        """With one more statement; the same object when it changes nothing. The order in which statements come does not show."""
        before = self.stated.get(role)
        if before is not None and (before.server, before.at_ms, before.value) >= (said.server, said.at_ms, said.value):
            return self
        return Attributes({**self.stated, role: said})


def usable(role: str, value: str) -> bool:
    """Whether a value tells anything: no placeholder (홍길동, noname@…, 010-1111-1111), and of its kind."""
    text = value.strip()
    return bool(text) and _SURE(text) is None and form(role).derive(_raw(role, text)) is not None


def form(role: str) -> Form:
    """How the values of a role are compared."""
    return FORMS[role]


def derived(role: str, value: str | None) -> Derived:
    """The parts of a value, None each where nothing is known."""
    nothing: Derived = (None,) * len(form(role).parts)
    return nothing if value is None else form(role).derive(_raw(role, value)) or nothing


def _raw(role: str, value: str) -> tuple[str | None, ...]:
    if role == "name":
        return value, None, None
    return (None, value) if role == "address" else (value,)


@cache
def _place(role: str, part: str) -> int:
    return form(role).parts.index(part)


_KEYS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("email", "address"),),
    (("email", "local"),),
    (("phone", "number"),),
    (("phone", "local"),),
    (("name", "full"), ("birth", "day")),
    (("name", "sound"), ("birth", "day")),
    (("name", "full"), ("birth", "month_day")),
    (("birth", "day"), ("address", "site")),
    (("name", "family"), ("address", "start")),
    (("name", "given"), ("address", "whole")),
    (("name", "full"), ("address", "region")),
    (("name", "full"), ("phone", "tail")),
)
"""Two records are compared when they agree on all parts of one of these; a slip in one part leaves the others."""

BLOCKED_ON: tuple[tuple[str, ...], ...] = tuple(tuple(dict.fromkeys(role for role, _ in key)) for key in _KEYS)
"""Roles that each kind of key is made of: training learns nothing of them from pairs that it found."""


def keys(attributes: Attributes, digest: Callable[[bytes], int]) -> list[tuple[int, int]]:
    """The blocking keys of a record: (kind, digest of its values).

    Args:
        attributes: The record.
        digest: A keyed hash, so that a key tells nothing to who does not hold the key.
    """
    parts = {role: derived(role, said.value) for role, said in attributes.stated.items()}
    found = []
    for kind, wanted in enumerate(_KEYS):
        values = [parts[role][_place(role, part)] if role in parts else None for role, part in wanted]
        if all(values):
            found.append((kind, digest("\0".join((str(kind), *map(str, values))).encode())))
    return found


def telling(attributes: Attributes, digest: Callable[[bytes], int]) -> Mapping[str, int]:
    """Digest by part (``name.full``) of the values whose rarity counts."""
    found = {}
    for role, said in attributes.stated.items():
        parts = derived(role, said.value)
        for part in rarities(role):
            value = parts[_place(role, part)]
            if value is not None:
                found[f"{role}.{part}"] = digest(f"{role}.{part}\0{value}".encode())
    return found


@cache
def rarities(role: str) -> tuple[str, ...]:
    """The parts whose rarity some level of a role counts."""
    return tuple(dict.fromkeys(level.rarity for level in form(role).levels if level.rarity))


def shown(role: str, value: str, mask: Callable[[str], str]) -> str:
    """A value for people who judge: names whole, the rest masked."""
    if role == "name":
        return value
    if role == "birth":
        day = str(derived(role, value)[0] or "")
        return f"{day[:4]}-**-{day[6:8]}" if len(day) == 8 else mask(value)
    if role == "address":
        region = derived(role, value)[_place("address", "region")]
        return f"{region} ***" if region else mask(value)
    if role == "phone":
        return f"***{derived(role, value)[_place('phone', 'tail')] or ''}"
    return mask(str(EMAIL.derive((value,)) and value.strip().lower()))


def roles_of(records: Iterable[Attributes]) -> tuple[str, ...]:
    """The roles that some record has, in their order."""
    there = {role for record in records for role in record.stated}
    return tuple(role for role in ROLES if role in there)
