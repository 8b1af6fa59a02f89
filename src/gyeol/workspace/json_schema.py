"""JSON Schema of workspace and mapping files, so that editors complete and check them while one types."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence

import msgspec

from gyeol.kernel.canonical import canonical_json
from gyeol.workspace.imports.mapping import ImportMapping
from gyeol.workspace.sections import SECTIONS, WORKSPACE

FILE_NAME = ".gyeol-schema.json"
MAP_FILE_NAME = ".gyeol-map-schema.json"
"""Where ``gyeol init`` puts them; files point to them in their first line."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_ARGUMENT = re.compile(r"([a-z_]+(?:, [a-z_]+)*): (.+)")


def editor_header(depth: int, *, is_map: bool = False) -> str:
    """The first line of a file that tells editors its schema; ``depth`` is how many folders below the root it stands."""
    return f"# yaml-language-server: $schema={'../' * depth or './'}{MAP_FILE_NAME if is_map else FILE_NAME}\n"


def json_schema() -> dict[str, object]:
    """The schema of one workspace file: every top-level key is optional, since a workspace may be spread over files."""
    sections = (WORKSPACE, *SECTIONS)
    references, definitions = _components([section.model for section in sections])
    properties: dict[str, object] = {}
    for section, reference in zip(sections, references, strict=True):
        many = {"anyOf": [{"type": "array", "items": reference}, {"type": "null"}]}
        properties[section.key] = reference if section.single else many
    return {
        "$schema": DIALECT,
        "title": "Gyeol workspace",
        "description": "Definitions of a Gyeol workspace. Any number of files; each may hold any of these keys.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "$defs": definitions,
    }


def map_schema() -> dict[str, object]:
    """The schema of a file of ``maps/``."""
    (reference,), definitions = _components([ImportMapping])
    return {"$schema": DIALECT, "title": "Gyeol import mapping", **reference, "$defs": definitions}


def json_schema_bytes() -> bytes:
    """The workspace schema as an indented file, the same bytes on every machine."""
    return _file(json_schema())


def map_schema_bytes() -> bytes:
    """The mapping schema as an indented file."""
    return _file(map_schema())


def _file(schema: dict[str, object]) -> bytes:
    return msgspec.json.format(canonical_json(schema), indent=2) + b"\n"


def _components(models: Sequence[type[msgspec.Struct]]) -> tuple[tuple[dict[str, object], ...], dict[str, object]]:
    references, definitions = msgspec.json.schema_components(models, ref_template="#/$defs/{name}")
    structs = {struct.__name__: struct for struct in _structs(models)}
    for name, definition in definitions.items():
        struct = structs.get(name)
        if struct is not None:
            _describe(definition, struct)
    return references, dict(definitions)


def _structs(models: Sequence[type[msgspec.Struct]]) -> list[type[msgspec.Struct]]:
    """The models and every struct inside them."""
    found: list[type[msgspec.Struct]] = []
    open_types: list[object] = [msgspec.inspect.type_info(model) for model in models]
    while open_types:
        at = open_types.pop()
        if isinstance(at, msgspec.inspect.StructType) and at.cls not in found:
            found.append(at.cls)
            open_types.extend(field.type for field in at.fields)
        elif isinstance(at, msgspec.inspect.UnionType):
            open_types.extend(at.types)
        elif isinstance(at, msgspec.inspect.ListType):
            open_types.append(at.item_type)
        elif isinstance(at, msgspec.inspect.DictType):
            open_types.append(at.value_type)
    return found


def _describe(definition: dict[str, object], struct: type[msgspec.Struct]) -> None:
    """The docstring's first sentence describes the struct, its ``Args`` the fields: editors show them."""
    told, _, arguments = inspect.cleandoc(struct.__doc__ or "").partition("\nArgs:\n")
    definition["description"] = told.strip().split("\n\n")[0].replace("\n", " ").replace("``", "`")
    properties = definition.get("properties")
    if not isinstance(properties, dict):
        return
    names = {field.name: field.encode_name for field in msgspec.structs.fields(struct)}
    for entry in re.split(r"\n(?=    \S)", "\n" + arguments):
        found = _ARGUMENT.match(" ".join(entry.split()))
        for name in found.group(1).split(", ") if found else []:
            field = properties.get(names.get(name, name))
            if found and isinstance(field, dict):
                field["description"] = found.group(2).replace("``", "`")
