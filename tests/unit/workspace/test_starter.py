"""gyeol init: starter and example work at once; nothing is overwritten, nothing half written."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from gyeol.kernel.errors import BackendUnavailableError, DuplicateError, NotFoundError
from gyeol.workspace.load import load
from gyeol.workspace.starter import examples, init


def keys() -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"generated-key-{next(numbers)}"


@pytest.mark.parametrize("example", [None, *examples()])
def test_a_new_workspace_loads_without_a_warning(tmp_path: Path, example: str | None) -> None:
    made = init(tmp_path / "deep" / "shop", example, keys())
    loaded = load(tmp_path / "deep" / "shop")
    assert loaded.warnings == []
    assert loaded.definitions.audiences and loaded.definitions.offers and loaded.definitions.stages
    assert set(loaded.files) <= set(made.files)


def test_the_starter_gets_keys_of_its_own(tmp_path: Path) -> None:
    init(tmp_path / "shop", None, keys())
    found = {s.name: s.write_key for s in load(tmp_path / "shop").definitions.sources}
    assert found == {"web": "generated-key-1", "server": "generated-key-2"}


def test_files_tell_editors_their_schema(tmp_path: Path) -> None:
    init(tmp_path / "shop", "retailer", keys())
    first = (tmp_path / "shop" / "traits.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=./.gyeol-schema.json"
    first = (tmp_path / "shop" / "maps" / "retailer.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../.gyeol-map-schema.json"
    assert (tmp_path / "shop" / ".gyeol-schema.json").is_file() and (tmp_path / "shop" / ".gyeol-map-schema.json").is_file()
    assert ".gyeol/" in (tmp_path / "shop" / ".gitignore").read_text()


@pytest.mark.parametrize("present", ["workspace.yaml", "my/own.yml", ".gyeol-schema.json"])
def test_it_refuses_to_overwrite_and_to_mix(tmp_path: Path, present: str) -> None:
    path = tmp_path / "shop" / present
    path.parent.mkdir(parents=True)
    path.write_text("mine: 1\n")
    with pytest.raises(DuplicateError) as caught:
        init(tmp_path / "shop", None, keys())
    assert present in caught.value.message
    assert [p for p in (tmp_path / "shop").rglob("*") if p.is_file()] == [path]
    assert path.read_text() == "mine: 1\n"


def test_other_files_in_the_folder_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("hello")
    init(tmp_path, None, keys())
    assert load(tmp_path).definitions.workspace.name == "My shop"


def test_a_file_in_the_way_and_an_unknown_example_are_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DuplicateError):
        init(tmp_path / "file", None, keys())
    with pytest.raises(NotFoundError, match="did you mean 'retailer'"):
        init(tmp_path / "new", "retialer", keys())
    assert not (tmp_path / "new").exists()


def test_a_disk_that_refuses_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if self.name == "people.yaml":
            write(self, data[:10])
            raise OSError(28, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(BackendUnavailableError, match="No space left"):
        init(tmp_path / "a" / "shop", None, keys())
    assert list(tmp_path.iterdir()) == []
