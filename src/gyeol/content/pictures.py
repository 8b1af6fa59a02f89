"""Which of a variant's pictures somebody sees: by the colours of the products that they viewed, added and bought.

What they did follows from the last 32 actions that the Moment keeps of everybody (``context/behaviour/recorded.py``) as traits, so that
merges, replays and SQL know the same. The colours stand in a data file of the workspace (``gyeol content colours``), frozen by its digest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, cast
from urllib.parse import unquote, urlsplit

import msgspec
import numpy as np

from gyeol.content.brand.dominant import Dominant
from gyeol.content.brand.lab import Floats, differences
from gyeol.content.brand.picture_choice import DEEDS, HALF_LIFE_DAYS, WIDTH, Deed, Met, choose_picture, preference, usual_of
from gyeol.content.equality import Catalogue
from gyeol.content.model import Pictured, PictureDefinition, VariantDefinition
from gyeol.content.rendering import language_order
from gyeol.context.behaviour.actions import NUMBER
from gyeol.context.behaviour.recorded import ADD, ORDER, REMOVE, Read, Step
from gyeol.context.data_files import opened
from gyeol.expressions.column import Column
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.instants import DAY_MS, Int64

Colours = Mapping[str, Sequence[Dominant]]
"""Picture, by its path in the folder that was read, → its colours, the most of it first."""
VIEWED = (NUMBER["view"], NUMBER["compare"])
MOST_TOLD = 5


class Looked(NamedTuple):
    """A product that somebody met, what they did, and when."""

    sku: str
    deed: Deed
    at_ms: int


class Shown(NamedTuple):
    """A picture with its words, and why it is this one."""

    address: str
    alt: str
    why: Pictured


class ColourFile:
    """The colours of pictures, and what is usual among them."""

    def __init__(self, colours: Colours) -> None:
        self.colours = colours
        self.usual: Floats = usual_of(colours)

    def name(self, address: str) -> str | None:
        """Under which name the colours of an address stand: the address itself, else the longest end of its path that is one."""
        if address in self.colours:
            return address
        parts = unquote(urlsplit(address).path).strip("/").split("/")
        return next((name for i in range(len(parts)) if (name := "/".join(parts[i:])) in self.colours), None)


def read_colours(data: bytes, file: str) -> ColourFile:
    """What ``gyeol content colours`` wrote.

    Raises:
        InputError: ``bad_colours``.
    """
    try:
        return ColourFile(msgspec.json.decode(data, type=dict[str, list[Dominant]]))
    except msgspec.MsgspecError as error:
        mend = "write it anew: gyeol content colours FOLDER --out FILE"
        raise InputError("bad_colours", [Problem(path=file, code="bad_colours", what=f"no file of colours: {error}", mend=mend)]) from None


class Pictures:
    """The pictures of a workspace.

    Args:
        catalogue: Its products.
        file: Digest of its file of colours; None: it has none, and the first picture is shown to everybody.
    """

    def __init__(self, catalogue: Catalogue, file: str | None = None) -> None:
        self._catalogue, self._file = catalogue, file

    def address(self, picture: PictureDefinition) -> str:
        """Where it is; empty: nowhere."""
        product = self._catalogue.by_sku.get(picture.sku)
        return picture.address or ("" if product is None else product.image)

    def alt(self, picture: PictureDefinition, language: str) -> str:
        """What it shows."""
        product = self._catalogue.by_sku.get(picture.sku)
        if picture.alt or product is None:
            return picture.alt
        return product.name[language_order(list(product.name), language)[0]] if product.name else ""

    def choose(self, variant: VariantDefinition, value: Callable[[str], object], now_ms: int) -> Shown | None:
        """The picture for a reader; None: the variant has none.

        Args:
            variant: With its pictures.
            value: The value of a trait; raises KeyError for one that nothing defines.
            now_ms: The instant: what somebody looked at fades.
        """
        known = {address: picture for picture in reversed(variant.images) if (address := self.address(picture))}
        addresses = [address for picture in variant.images if (address := self.address(picture))]
        if not addresses:
            return None
        why = Pictured(image=addresses[0], reason="little_known")
        if self._file is not None and len(known) > 1:
            why = self._liked(cast(ColourFile, opened(self._file)), addresses, looked_at(value, now_ms), now_ms)
        return Shown(why.image, self.alt(known[why.image], variant.language), why)

    def _liked(self, file: ColourFile, addresses: Sequence[str], looked: Sequence[Looked], now_ms: int) -> Pictured:
        met: dict[str, float] = {}
        of_sku: dict[str, str] = {}
        deeds: list[Met] = []
        for each in looked:
            product = self._catalogue.by_sku.get(each.sku)
            name = None if product is None else file.name(product.image)
            if name is not None:
                age_days = (now_ms - each.at_ms) / DAY_MS
                deeds.append(Met(picture=name, deed=each.deed, age_days=age_days))
                of_sku[each.sku] = name
                met[each.sku] = met.get(each.sku, 0.0) + DEEDS[each.deed] * 0.5 ** (age_days / HALF_LIFE_DAYS)
        names = {name: address for address in reversed(addresses) if (name := file.name(address)) is not None}
        # A picture without colours can be the first, which is shown when nothing leads.
        shown = list(dict.fromkeys(file.name(address) or address for address in addresses))
        chosen = choose_picture(shown, preference(deeds, file.colours), file.colours, file.usual)
        assert chosen.picture is not None
        image = names.get(chosen.picture, chosen.picture)
        if chosen.reason != "colours_liked":
            return Pictured(image=image, reason=chosen.reason)
        point = np.array([one.lab for one in file.colours[chosen.picture] if one.hex == chosen.colour][:1])
        alike = [
            sku
            for sku, name in of_sku.items()
            if differences(point, np.array([c.lab for c in file.colours[name]])).min(initial=np.inf) <= WIDTH
        ]
        return Pictured(
            image=image,
            reason=chosen.reason,
            colour=chosen.colour,
            liked=chosen.liked,
            distance=chosen.distance,
            looked_at=sorted(alike, key=lambda sku: (-met[sku], sku))[:MOST_TOLD],
        )


def looked_at(value: Callable[[str], object], now_ms: int) -> list[Looked]:
    """What somebody viewed, added and bought, newest first, as far as it is kept.

    An order that does not name its product buys what was added since the order before it and not taken out again.
    """

    def column(trait: str, at: Int64 | None) -> Column:
        found = value(trait)
        held = np.empty(1, object)
        held[0] = found
        return Column("list", held, np.array([found is not None]))

    try:
        history = Read(column, 1).histories(np.array([0]))[0]
    except KeyError:
        return []
    return _deeds([step for step in history if step.at_ms <= now_ms])


def _deeds(history: Sequence[Step]) -> list[Looked]:
    found: list[Looked] = []
    cart: dict[str, int] = {}
    for step in reversed(history):
        sku = step.product
        if step.action == ORDER:
            found += [Looked(each, "bought", step.at_ms) for each in (cart if sku is None else (sku,))]
            cart = {}
        elif sku is None:
            continue
        elif step.action == ADD:
            found.append(Looked(sku, "added", step.at_ms))
            cart[sku] = step.at_ms
        elif step.action == REMOVE:
            cart.pop(sku, None)
        elif step.action in VIEWED:
            found.append(Looked(sku, "viewed", step.at_ms))
    return found[::-1]
