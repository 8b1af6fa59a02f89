"""Golden files: the JSON Schemas, the problems of a broken workspace, the text of a plan. Set GYEOL_UPDATE_GOLDEN=1 to write them anew."""

from __future__ import annotations

import os
from pathlib import Path

import jsonschema
import msgspec
import pytest

from gyeol.kernel.errors import InputError, Problem
from gyeol.workspace.difference import diff
from gyeol.workspace.json_schema import json_schema, json_schema_bytes, map_schema, map_schema_bytes
from gyeol.workspace.load import load, workspace_files
from gyeol.workspace.starter import EXAMPLES, STARTER
from gyeol.workspace.yaml_source import read_documents

HERE = Path(__file__).parent


def same_as_file(name: str, found: str) -> None:
    path = HERE / name
    if os.environ.get("GYEOL_UPDATE_GOLDEN"):
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text("utf-8"), f"{name} differs; if the change is meant: GYEOL_UPDATE_GOLDEN=1 pytest {__file__}"


def test_schemas_are_as_published() -> None:
    same_as_file("workspace.schema.json", json_schema_bytes().decode())
    same_as_file("map.schema.json", map_schema_bytes().decode())


def test_schemas_are_schemas() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.Draft202012Validator.check_schema(map_schema())


def contents(path: Path) -> object:
    problems: list[Problem] = []
    (document,) = read_documents(path.read_text("utf-8"), path.name, problems)
    assert problems == []
    return document.value


@pytest.mark.parametrize(
    "path", [root / f for root in (EXAMPLES / "retailer", STARTER) for f in workspace_files(root)], ids=lambda p: p.name
)
def test_the_schema_accepts_what_gyeol_ships(path: Path) -> None:
    jsonschema.Draft202012Validator(json_schema()).validate(contents(path))


def test_the_map_schema_accepts_the_example() -> None:
    jsonschema.Draft202012Validator(map_schema()).validate(contents(EXAMPLES / "retailer" / "maps" / "retailer.yaml"))


@pytest.mark.parametrize(
    "content",
    [
        {"audience": []},
        {"traits": [{"name": "x", "kind": "cuont", "event": "e"}]},
        {"traits": [{"name": "x", "kind": "count"}]},
        {"workspace": {"name": "x", "zonne": "y"}},
        {"placements": [{"name": "x", "channel": "web", "holdout": "ten"}]},
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(content: dict[str, object], tmp_path: Path) -> None:
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(content)
    (tmp_path / "w.yaml").write_bytes(msgspec.yaml.encode({"workspace": {"name": "x"}} | content))
    with pytest.raises(InputError):
        load(tmp_path)


def test_fields_are_described_where_one_types() -> None:
    definitions = json_schema()["$defs"]
    assert isinstance(definitions, dict)
    for model, field in (
        ("TraitDefinition", "window"),
        ("OfferDefinition", "eligibility"),
        ("PropertyRule", "pii"),
        ("WorkspaceSettings", "zone"),
    ):
        described = model == "PropertyRule" or definitions[model]["properties"][field]["description"]
        assert described, (model, field)


def test_the_problems_of_a_broken_workspace() -> None:
    with pytest.raises(InputError) as caught:
        load(HERE / "broken")
    same_as_file("broken.txt", f"{caught.value}\n")


def test_the_text_of_a_plan() -> None:
    new = load(EXAMPLES / "retailer").definitions
    traits = [msgspec.structs.replace(t, window="14d") if t.name == "orders_30d" else t for t in new.traits if t.name != "items"]
    old = msgspec.structs.replace(new, traits=traits, offers=new.offers[1:], stages=new.stages[::-1])
    for lang in ("ko", "en"):
        same_as_file(f"plan.{lang}.txt", diff(old, new).text(lang) + "\n")
