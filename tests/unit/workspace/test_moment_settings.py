"""What a workspace asks of the Moment: checked, and its data files named by content."""

from __future__ import annotations

from pathlib import Path

import pytest

from gyeol.context.emotion.settings import USUAL
from gyeol.kernel.errors import InputError
from gyeol.kernel.hashing import content_digest
from gyeol.workspace.difference import diff
from gyeol.workspace.load import load


def workspace(folder: Path, settings: str, more: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "workspace.yaml").write_text(f"workspace:\n  name: Shop\n{settings}\n{more}", encoding="utf-8")
    return folder


def codes(folder: Path) -> set[str]:
    with pytest.raises(InputError) as refused:
        load(folder)
    return {problem.code for problem in refused.value.problems}


def test_files_are_named_by_their_content_and_a_change_is_planned(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "shop", "  regions: korea.regions\n  geoip: country.mmdb")
    (folder / "korea.regions").write_bytes(b"one")
    (folder / "country.mmdb").write_bytes(b"two")
    before = load(folder).definitions
    assert before.files == {"korea.regions": content_digest(b"one"), "country.mmdb": content_digest(b"two")}
    (folder / "korea.regions").write_bytes(b"other")
    after = load(folder).definitions
    assert before.hash != after.hash
    (change,) = diff(before, after).changes
    assert (change.kind, [field.field for field in change.fields]) == ("workspace", ["files.korea.regions"])
    assert load(workspace(tmp_path / "plain", "")).definitions.files == {}


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert codes(workspace(tmp_path / "shop", "  regions: data/korea.regions")) == {"no_file"}


def test_texts_and_catalogue_have_good_defaults(tmp_path: Path) -> None:
    settings = load(workspace(tmp_path / "shop", "  texts: {}\n  supply: {}\n  trends: {}")).definitions.workspace
    assert settings.texts is not None and list(settings.texts.read) == [each.event for each in USUAL]
    assert settings.supply is not None and "Product Updated" in settings.supply.read
    assert settings.trends is not None and settings.trends.rise == 3


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ("  texts: {events: [{event: A, text: body}]}", "bad_path"),
        ("  texts: {events: [{event: A, text: properties.t}, {event: A}]}", "duplicate_name"),
        ("  texts: {events: [{event: A, source: radio}]}", "wrong_value"),
        ("  supply: {sku: sku}", "bad_path"),
        ("  trends: {rise: 1}", "out_of_range"),
        ("  trends: {least: 0}", "out_of_range"),
        ("  moment: {nps: score}", "bad_path"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, settings: str, code: str) -> None:
    assert codes(workspace(tmp_path / "shop", settings)) == {code}


def test_what_is_asked_for_in_vain_is_warned_of(tmp_path: Path) -> None:
    warned = load(workspace(tmp_path / "shop", "  trends: {}\n  usual_places: true")).warnings
    assert {warning.code for warning in warned} == {"trends_unseen", "places_unseen"}


@pytest.mark.parametrize(
    ("zone", "code"),
    [
        ("{name: bar}", "no_place"),
        ("{name: bar, lat: 37}", "half_a_place"),
        ("{name: bar, corners: [[37, 127], [37, 128]]}", "too_few_corners"),
        ("{name: bar, corners: [[37, 127], [37, 128], [370, 128]]}", "bad_corner"),
        ("{name: bar, beacon: b, radius_m: 0}", "out_of_range"),
        ("{name: bar, beacon: b}, {name: bar, beacon: c}", "duplicate_name"),
    ],
)
def test_a_part_of_a_store_needs_a_name_and_a_place(tmp_path: Path, zone: str, code: str) -> None:
    stores = f"stores:\n  - {{name: S1, lat: 37.5, lon: 127.0, zones: [{zone}]}}\n"
    assert code in codes(workspace(tmp_path / "shop", "  moment: {cell: context.location}", stores))
