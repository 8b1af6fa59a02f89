"""Which picture somebody sees: by what they viewed, added and bought; and what is wrong with pictures before anybody sees one."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest

from gyeol.content.brand.dominant import Dominant, dominant_colours
from gyeol.content.brand.guide import guide_of
from gyeol.content.brand.pictured import lint_variant
from gyeol.content.checking import Known, flaws
from gyeol.content.equality import Catalogue
from gyeol.content.library import Chosen, Contents, pictured, rendered
from gyeol.content.model import ContentDefinition, PictureDefinition, ProductDefinition, VariantDefinition
from gyeol.content.pictures import ColourFile, Looked, looked_at, read_colours
from gyeol.content.variants import Reader
from gyeol.context.behaviour.actions import NUMBER
from gyeol.context.behaviour.recorded import packed
from gyeol.context.data_files import offer
from gyeol.kernel.canonical import digest
from gyeol.kernel.errors import InputError

DAY = 86_400_000
NOW = 1_000 * DAY
RGB = {"red": (200, 30, 40), "blue": (30, 60, 200), "green": (40, 160, 60)}
SHOP = "https://shop.example/pictures"


def flat(rgb: tuple[int, int, int]) -> list[Dominant]:
    return dominant_colours(np.full((16, 3), rgb, np.uint8))


COLOURS = {f"bags/{name}.png": flat(rgb) for name, rgb in RGB.items()} | {f"cup_{name}.png": flat(rgb) for name, rgb in RGB.items()}
CATALOGUE = Catalogue(
    [ProductDefinition(sku=f"bag-{name}", name={"ko": f"{name} 가방"}, image=f"{SHOP}/bags/{name}.png?w=200") for name in RGB]
    + [ProductDefinition(sku="plain", name={"ko": "민무늬"})]
)
CUPS = [PictureDefinition(address=f"{SHOP}/cup_{name}.png", alt=f"{name} 컵") for name in ("red", "blue", "green")]


def variant(**more: object) -> VariantDefinition:
    said: dict[str, object] = {"language": "ko", "fields": {"title": "컵"}, "images": CUPS, **more}
    return VariantDefinition(**said)  # type: ignore[arg-type]  # each test gives what it looks at


def person(*steps: tuple[str, str | None, float]) -> Callable[[str], object]:
    """Somebody who did things, newest first: action, product, days ago."""
    traits: dict[str, object] = {
        "moment_actions": [float(packed(NOW - int(days * DAY), NUMBER[action], 1 if sku else 0)) for action, sku, days in steps] or None,
        "moment_products": [sku for _, sku, _ in steps if sku] or None,
    }
    return traits.__getitem__


@pytest.fixture
def contents() -> Contents:
    offer("colours-of-tests", lambda: ColourFile(COLOURS))
    return Contents([ContentDefinition(name="cups", variants=[variant()])], CATALOGUE, colours="colours-of-tests")


def seen(contents: Contents, value: Callable[[str], object], now_ms: int = NOW) -> Chosen:
    found = contents.choose("cups", Reader(medium="app", language="ko"))
    assert isinstance(found, Chosen)
    return pictured(found, contents.pictures, value, now_ms)


def test_who_looks_at_blue_things_sees_the_blue_picture_and_why(contents: Contents) -> None:
    value = person(("view", "bag-blue", 0), ("view", "bag-red", 1), ("add", "bag-blue", 2), ("view", "bag-blue", 3))
    chosen = seen(contents, value)
    picture = chosen.wording.picture
    assert picture is not None and (picture.image, picture.reason) == (f"{SHOP}/cup_blue.png", "colours_liked")
    assert (picture.colour, picture.liked, picture.distance, picture.looked_at) == ("#1e3cc8", "#1e3cc8", 0.0, ["bag-blue"])
    assert rendered(chosen, value, {}) == {"title": "컵", "image": f"{SHOP}/cup_blue.png", "alt": "blue 컵"}


def test_an_order_counts_for_what_was_added_and_not_taken_out_again() -> None:
    value = person(
        ("order", "bag-red", 0), ("order", None, 1), ("remove", "bag-red", 2), ("add", "bag-red", 3), ("add", "bag-blue", 4),
        ("order", None, 5), ("add", "bag-green", 6), ("search", None, 7), ("view", "bag-green", 8),
    )  # fmt: skip
    assert looked_at(value, NOW) == [
        Looked("bag-red", "bought", NOW),
        Looked("bag-blue", "bought", NOW - DAY),
        Looked("bag-red", "added", NOW - 3 * DAY),
        Looked("bag-blue", "added", NOW - 4 * DAY),
        Looked("bag-green", "bought", NOW - 5 * DAY),
        Looked("bag-green", "added", NOW - 6 * DAY),
        Looked("bag-green", "viewed", NOW - 8 * DAY),
    ]
    assert looked_at(value, NOW - 7 * DAY) == [Looked("bag-green", "viewed", NOW - 8 * DAY)]


@pytest.mark.parametrize(
    ("value", "now_ms"),
    [
        (person(), NOW),
        (person(("view", "bag-blue", 0)), NOW),
        (person(("view", "nowhere", 0), ("order", "plain", 1), ("view", "nowhere", 2), ("view", "nowhere", 2)), NOW),
        (person(*[("view", "bag-blue", 0)] * 6), NOW + 400 * DAY),
        ({}.__getitem__, NOW),
    ],
)
def test_of_whom_too_little_is_known_the_first_picture_is_shown(contents: Contents, value: Callable[[str], object], now_ms: int) -> None:
    picture = seen(contents, value, now_ms).wording.picture
    assert picture is not None and (picture.image, picture.reason) == (f"{SHOP}/cup_red.png", "little_known")


def test_without_a_file_of_colours_or_pictures_nothing_is_chosen() -> None:
    value = person(*[("view", "bag-blue", 0)] * 6)
    one = Contents([ContentDefinition(name="cups", variants=[variant()])], CATALOGUE)
    picture = seen(one, value).wording.picture
    assert picture is not None and picture.image == f"{SHOP}/cup_red.png"
    none = Contents([ContentDefinition(name="cups", variants=[variant(images=[])])], CATALOGUE)
    chosen = seen(none, value)
    assert chosen.wording.picture is None and rendered(chosen, value, {}) == {"title": "컵"}


def test_templates_read_the_picture_and_a_written_field_stays() -> None:
    offer("colours-of-tests", lambda: ColourFile(COLOURS))
    fields = {"html": '<img src="{{ image }}" alt="{{ image_alt }}">', "image": "{{ image }}?w=600"}
    skus = [PictureDefinition(sku="bag-red"), PictureDefinition(sku="bag-green", alt='초록 "가방"')]
    content = ContentDefinition(name="cups", variants=[variant(fields=fields, images=skus)])
    assert flaws(content, Known(catalogue=CATALOGUE, names=())) == []
    contents = Contents([content], CATALOGUE, colours="colours-of-tests")
    value = person(*[("view", "bag-green", 0)] * 5)
    said = rendered(seen(contents, value), value, {})
    assert said["html"] == f'<img src="{SHOP}/bags/green.png?w=200" alt="초록 &#34;가방&#34;">'
    assert said["image"] == f"{SHOP}/bags/green.png?w=200?w=600" and said["alt"] == '초록 "가방"'
    assert rendered(seen(contents, person()), value, {})["alt"] == "red 가방"


def test_a_picture_without_colours_is_shown_first_and_never_chosen(contents: Contents) -> None:
    images = [PictureDefinition(address="https://shop.example/unknown.png", alt="컵"), *CUPS]
    more = Contents([ContentDefinition(name="cups", variants=[variant(images=images)])], CATALOGUE, colours="colours-of-tests")
    unknown, liked = seen(more, person()).wording.picture, seen(more, person(*[("view", "bag-green", 0)] * 5)).wording.picture
    assert unknown is not None and unknown.image == "https://shop.example/unknown.png"
    assert liked is not None and liked.image == f"{SHOP}/cup_green.png"


def test_pictures_do_not_change_the_version_of_words_without_them() -> None:
    content = ContentDefinition(name="cups", variants=[variant(images=[])])
    assert content.version == digest([{}, [{"language": "ko", "fields": {"title": "컵"}}]])[:16], "as before there were pictures"
    assert content.version_of(content.variants[0]) != content.version_of(variant())


def test_what_is_wrong_with_pictures_is_told_at_once() -> None:
    images = [
        PictureDefinition(sku="nowhere"), PictureDefinition(), PictureDefinition(sku="plain"),
        PictureDefinition(sku="bag-red", address="https://a.example/b.png"), PictureDefinition(address="https://a.example/{{ x }}.png"),
        PictureDefinition(address="https://a.example/c.png", alt="단돈 1,000원"), PictureDefinition(sku="bag-red", alt="red 가방"),
    ]  # fmt: skip
    content = ContentDefinition(name="cups", variants=[variant(images=images)])
    assert [(flaw.code, flaw.at[3:]) for flaw in flaws(content, Known(catalogue=CATALOGUE))] == [
        ("unknown_product", (0, "sku")), ("bad_image", (1,)), ("bad_image", (2, "sku")), ("bad_image", (3,)), ("bad_image", (4,)),
        ("undeclared_price", ()),
    ]  # fmt: skip
    unknown = ContentDefinition(name="cups", variants=[variant(images=[], fields={"title": "{{ image }}"})])
    assert [flaw.code for flaw in flaws(unknown, Known(catalogue=CATALOGUE, names=()))] == ["unknown_name"]


def test_the_lint_wants_words_for_every_picture(contents: Contents) -> None:
    images = [CUPS[0], PictureDefinition(address=f"{SHOP}/cup_blue.png"), PictureDefinition(sku="bag-red")]
    found = lint_variant(variant(images=images), contents.pictures, guide_of(), channel="app")
    assert [(one.code, one.field) for one in found] == [("alt_missing", "images.1")]


def test_a_file_of_colours_is_read_or_refused() -> None:
    data = json.dumps({"a/b.png": [{"lab": [1.0, 2.0, 3.0], "share": 1.0, "hex": "#000000"}]}).encode()
    file = read_colours(data, "colours.json")
    assert file.name("https://cdn.example/x/a/b.png?v=1") == "a/b.png" and file.name("https://cdn.example/b.png") is None
    with pytest.raises(InputError) as refused:
        read_colours(b'{"a": 1}', "colours.json")
    assert refused.value.code == "bad_colours"
