"""The pictures of contents: each is somewhere, has words for who does not see it, and colours by which it can be chosen."""

from __future__ import annotations

from gyeol.content.brand.guide import guide_of
from gyeol.content.brand.model import BrandDefinition
from gyeol.content.equality import Catalogue
from gyeol.content.model import ContentDefinition, ProductDefinition
from gyeol.content.pictures import Pictures
from gyeol.engine.definitions import WorkspaceSettings
from gyeol.workspace.findings import Entry, Findings
from gyeol.workspace.names import Names
from gyeol.workspace.yaml_source import Path_


def check(findings: Findings, _: Names) -> None:
    """What can never be chosen by colour is a warning: the first picture is shown then."""
    products = [product for _, product in findings.pairs("catalogue", ProductDefinition)]
    pictures = Pictures(Catalogue(products))
    wants_alt = guide_of(next((brand for _, brand in findings.pairs("brand", BrandDefinition)), None)).alt_text
    several = False
    for entry, content in findings.pairs("contents", ContentDefinition):
        for i, variant in enumerate(content.variants):
            several = several or len(variant.images) > 1
            for j, picture in enumerate(variant.images):
                at = ("variants", i, "images", j)
                address = pictures.address(picture)
                if wants_alt and address and not pictures.alt(picture, variant.language):
                    what = f"{variant.key}: {address} has no alternative text"
                    findings.warn(entry, at, "alt_missing", what, "say in alt what it shows")
                _check_colours(findings, entry, at, address, several=len(variant.images) > 1)
    if several:
        _check_settings(findings, products)


def _check_colours(findings: Findings, entry: Entry, at: Path_, address: str, *, several: bool) -> None:
    if several and address and findings.colours is not None and findings.colours.name(address) is None:
        what = f"the file of colours does not know {address}; it is chosen by nobody's liking"
        findings.warn(entry, at, "no_colours", what, "write the file anew: gyeol content colours FOLDER --out FILE")


def _check_settings(findings: Findings, products: list[ProductDefinition]) -> None:
    for entry, value in findings.pairs("workspace", WorkspaceSettings)[:1]:
        if not value.picture_colours:
            mend = "name the file that `gyeol content colours` writes: picture_colours: colours.json"
            what = "contents have several pictures, and 'picture_colours' says nothing; the first is shown"
            findings.warn(entry, (), "no_colours", what, mend)
        elif "product" not in value.moment:
            mend = "add moment: {product: properties.product_id}"
            findings.warn(entry, ("moment",), "products_unseen", "moment: does not say where events name products", mend)
        elif findings.colours is not None and not any(findings.colours.name(each.image) for each in products if each.image):
            mend = "give products image: addresses that end like the names in the file"
            findings.warn(entry, ("picture_colours",), "no_colours", "no product of the catalogue has a picture with colours", mend)
