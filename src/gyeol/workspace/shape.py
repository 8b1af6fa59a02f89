"""Does a value have the shape of its definition model? All differences at once, where msgspec stops at the first."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import msgspec
from msgspec import inspect

from gyeol.kernel.errors import Problem
from gyeol.workspace.formats import suggestion
from gyeol.workspace.yaml_source import Document, Path_


def shape_problems(value: object, model: type[msgspec.Struct], document: Document, path: Path_) -> list[Problem]:
    """What keeps ``value`` (at ``path`` of the document) from being a ``model``; empty when it is one."""
    return list(_check(value, _info(model), document, path))


def without_unknown_keys(value: object, model: type[msgspec.Struct]) -> object:
    """The value with only the keys that its model has: what is right in it can then be checked further."""
    return _known(value, _info(model))


def _known(value: object, want: inspect.Type) -> object:
    if isinstance(want, inspect.UnionType):
        return _known(value, _meant(value, want))
    if isinstance(want, inspect.StructType) and isinstance(value, dict):
        fields = {field.encode_name: field.type for field in want.fields}
        return {key: _known(item, fields[key]) for key, item in value.items() if key in fields}
    if isinstance(want, inspect.ListType) and isinstance(value, list):
        return [_known(item, want.item_type) for item in value]
    if isinstance(want, inspect.DictType) and isinstance(value, dict):
        return {key: _known(item, want.value_type) for key, item in value.items()}
    return value


@cache
def _info(model: type[msgspec.Struct]) -> inspect.Type:
    return inspect.type_info(model)


def _check(value: object, want: inspect.Type, document: Document, path: Path_) -> Iterator[Problem]:
    if isinstance(want, inspect.UnionType):
        yield from _check_union(value, want, document, path)
    elif isinstance(want, inspect.StructType):
        yield from _check_struct(value, want, document, path)
    elif isinstance(want, inspect.ListType):
        if not isinstance(value, list):
            yield _wrong(value, "a list", document, path, "put each entry on its own line after '- '")
            return
        for i, item in enumerate(value):
            yield from _check(item, want.item_type, document, (*path, i))
    elif isinstance(want, inspect.DictType):
        if not isinstance(value, dict):
            yield _wrong(value, "a mapping", document, path, "write 'key: value' lines, for example 'ko: …' and 'en: …'")
            return
        for key, item in value.items():
            yield from _check(item, want.value_type, document, (*path, key))
    elif isinstance(want, inspect.LiteralType):
        if value not in want.values:
            known = [str(v) for v in want.values]
            yield document.problem(
                path,
                "wrong_value",
                f"{_field(path)} cannot be {_shown(value)}",
                suggestion(str(value), known, f"use one of {', '.join(known)}"),
            )
    else:
        yield from _check_scalar(value, want, document, path)


def _check_union(value: object, want: inspect.UnionType, document: Document, path: Path_) -> Iterator[Problem]:
    if value is None and want.includes_none:
        return
    yield from _check(value, _meant(value, want), document, path)


def _meant(value: object, want: inspect.UnionType) -> inspect.Type:
    """The one of several types that a value is a form of; the first where it is of none."""
    others = [t for t in want.types if not isinstance(t, inspect.NoneType)]
    return next((t for t in others if isinstance(value, _FORMS.get(type(t), ())) and not isinstance(value, bool)), others[0])


def _check_struct(value: object, want: inspect.StructType, document: Document, path: Path_) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield _wrong(value, "a mapping", document, path, "write its fields as 'key: value' lines")
        return
    fields = {field.encode_name: field for field in want.fields}
    for key, item in value.items():
        if key == "<<":
            yield document.problem((*path, key), "merge_key", "merge keys (<<) are not read", "write the keys out")
        elif key not in fields:
            yield document.problem((*path, key), "unknown_key", f"unknown key {key!r}", suggestion(key, list(fields), "remove it"))
        else:
            yield from _check(item, fields[key].type, document, (*path, key))
    for key, field in fields.items():
        if field.required and key not in value:
            yield document.problem(path, "missing_key", f"{key!r} is missing", f"add '{key}: …'")


_FORMS: dict[type[inspect.Type], tuple[type, ...]] = {
    inspect.StructType: (dict,),
    inspect.DictType: (dict,),
    inspect.ListType: (list,),
    inspect.StrType: (str,),
    inspect.IntType: (int,),
    inspect.FloatType: (int, float),
}

_SCALARS: tuple[tuple[type[inspect.Type], str, tuple[type, ...]], ...] = (
    (inspect.StrType, "text", (str,)),
    (inspect.BoolType, "true or false", (bool,)),
    (inspect.IntType, "a whole number", (int,)),
    (inspect.FloatType, "a number", (int, float)),
)


def _check_scalar(value: object, want: inspect.Type, document: Document, path: Path_) -> Iterator[Problem]:
    for kind, noun, accepted in _SCALARS:
        if isinstance(want, kind):
            fits = isinstance(value, accepted) and (not isinstance(value, bool) or kind is inspect.BoolType)
            if not fits:
                mend = "put it in quotes" if kind is inspect.StrType and isinstance(value, (int, float)) else f"write {noun}"
                yield _wrong(value, noun, document, path, mend)
            elif isinstance(value, str) and not value.strip() and path[-1] in ("name", "event", "condition"):
                yield document.problem(path, "empty", f"{_field(path)} is empty", "write it, or remove the entry")
            return
    raise TypeError(f"no check for {want!r}: add the kind to shape.py")


def _wrong(value: object, noun: str, document: Document, path: Path_, mend: str) -> Problem:
    return document.problem(path, "wrong_type", f"{_field(path)} must be {noun}, not {_shown(value)}", mend)


def _field(path: Path_) -> str:
    names = [str(p) for p in path if isinstance(p, str)]
    return repr(".".join(names[1:] or names)) if names else "the file"


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…'"
