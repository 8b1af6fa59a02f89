"""Dominant colours in L*a*b*, what somebody likes, and the picture that is chosen for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gyeol.content.brand.contrast import contrast
from gyeol.content.brand.dominant import Dominant, colours_of, dominant_colours
from gyeol.content.brand.lab import differences, lab, rgb_of
from gyeol.content.brand.picture_choice import Met, choose_picture, preference
from gyeol.kernel.errors import InputError

RED, GREEN, BLUE, WHITE = (200, 30, 40), (20, 140, 60), (30, 60, 190), (255, 255, 255)


def picture(*parts: tuple[tuple[int, int, int], int], noise: int = 6, seed: int = 1) -> NDArray[np.uint8]:
    """Pixels of some colours, a little noisy."""
    draw = np.random.default_rng(seed)
    rows = np.concatenate([np.tile(colour, (count, 1)) for colour, count in parts])
    return np.clip(rows + draw.integers(-noise, noise + 1, rows.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("rgb", "wanted"),
    [
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_lab_of_known_colours(rgb: tuple[int, int, int], wanted: tuple[float, float, float]) -> None:
    # Source: Bruce Lindbloom's calculator, sRGB D65.
    assert lab(np.array([rgb], np.uint8))[0] == pytest.approx(wanted, abs=0.05)


def test_lab_and_back() -> None:
    colours = np.array([RED, GREEN, BLUE, WHITE, (1, 2, 3)], np.uint8)
    assert np.abs(rgb_of(lab(colours)).astype(int) - colours).max() <= 1


def test_dominant_colours_are_found_with_their_shares() -> None:
    found = dominant_colours(picture((RED, 600), (WHITE, 300), (BLUE, 100)))
    assert [round(one.share, 1) for one in found] == [0.6, 0.3, 0.1]
    wanted = lab(np.array([RED, WHITE, BLUE], np.uint8))
    assert np.diag(differences(np.array([one.lab for one in found]), wanted)).max() < 4


def test_the_order_of_pixels_does_not_matter() -> None:
    pixels = picture((RED, 500), (GREEN, 300), (BLUE, 200))
    assert dominant_colours(pixels) == dominant_colours(np.random.default_rng(5).permutation(pixels))


def test_what_is_transparent_is_not_seen() -> None:
    alpha = np.concatenate([np.full(500, 255), np.zeros(500)]).astype(np.uint8)
    found = dominant_colours(np.column_stack([picture((RED, 500), (GREEN, 500)), alpha]))
    assert len(found) == 1 and found[0].share == 1.0
    assert dominant_colours(np.zeros((4, 4), np.uint8)) == []


def test_files(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    file = tmp_path / "a.png"
    image.fromarray(picture((RED, 900), (WHITE, 700), noise=0).reshape(40, 40, 3)).save(file)
    (most, second) = colours_of(file)
    assert most.hex == "#c81e28" and second.hex == "#ffffff"
    (tmp_path / "b.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match="cannot be read"):
        colours_of(tmp_path / "b.png")


COLOURS = {
    name: dominant_colours(picture(*parts))
    for name, parts in {
        "red_cup": ((RED, 700), (WHITE, 300)),
        "blue_cup": ((BLUE, 700), (WHITE, 300)),
        "green_cup": ((GREEN, 700), (WHITE, 300)),
        "red_bag": ((RED, 900), (WHITE, 100)),
        "blue_bag": ((BLUE, 900), (WHITE, 100)),
    }.items()
}


def met(name: str, deed: str = "viewed", age_days: float = 0.0, times: int = 1) -> list[Met]:
    return [Met(picture=name, deed=deed, age_days=age_days)] * times  # type: ignore[arg-type]  # the tests' own words


def test_who_looks_at_blue_things_gets_the_blue_picture() -> None:
    liked = preference(met("blue_bag", times=6) + met("red_bag"), COLOURS)
    told = choose_picture(["red_cup", "blue_cup", "green_cup"], liked, COLOURS)
    assert (told.picture, told.reason) == ("blue_cup", "colours_liked")
    assert told.scores["blue_cup"] > told.scores["green_cup"]
    blue = lab(np.array([BLUE], np.uint8))
    shown = lab(np.array([[int(told.colour[i : i + 2], 16) for i in (1, 3, 5)]], np.uint8))
    assert differences(blue, shown)[0, 0] < 6


def test_buying_tells_more_than_looking_and_age_fades() -> None:
    liked = preference(met("red_bag", "bought") + met("blue_bag", times=3), COLOURS)
    assert choose_picture(["green_cup", "blue_cup", "red_cup"], liked, COLOURS).picture == "red_cup"
    faded = preference(met("red_bag", "bought", age_days=360) + met("blue_bag", times=5), COLOURS)
    assert choose_picture(["green_cup", "blue_cup", "red_cup"], faded, COLOURS).picture == "blue_cup"


def test_little_known_and_no_choice() -> None:
    liked = preference(met("blue_bag"), COLOURS)
    assert choose_picture(["red_cup", "blue_cup"], liked, COLOURS).reason == "little_known"
    assert choose_picture([], liked, COLOURS).reason == "nothing_to_choose"
    much = preference(met("blue_bag", times=9), COLOURS)
    assert choose_picture(["unknown", "blue_cup"], much, COLOURS).picture == "unknown"
    assert choose_picture(["red_cup", "red_cup2"], much, {**COLOURS, "red_cup2": COLOURS["red_cup"]}).reason in ("no_lead", "colours_liked")
    assert preference(met("unknown", times=9), COLOURS).weight == 0


def test_the_usual_of_a_catalogue_is_no_liking() -> None:
    brown = [Dominant((40.0, 15.0, 25.0), 1.0, "#000000")]
    blue = COLOURS["blue_cup"]
    shop = {**{f"brown{i}": brown for i in range(20)}, "blue": blue}
    # Half of what they looked at is blue, in a catalogue where hardly anything is.
    liked = preference(met("brown1", times=5) + met("blue", times=5), shop)
    assert choose_picture(["brown2", "blue"], liked, shop).picture == "blue"


def test_contrast_is_that_of_wcag() -> None:
    assert contrast((118, 118, 118), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
