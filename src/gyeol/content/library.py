"""All contents of a workspace, compiled: which variant a reader gets, and what it says to them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from gyeol.content.approval import Approvals
from gyeol.content.equality import Catalogue, facts_of, values_of
from gyeol.content.liquid import TemplateError, is_template, reads, template
from gyeol.content.mjml import MJML
from gyeol.content.model import ContentDefinition, VariantDefinition, Wording
from gyeol.content.pictures import Pictures
from gyeol.content.rendering import render
from gyeol.content.variants import Reader, choose, fitting
from gyeol.kernel.reason import Reason

OURS = ("facts.", "catalogue.", "catalogue[")
Value = Callable[[str], object]
"""The value of a name; raises KeyError for one that nothing defines."""


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """A variant with the names that it reads, and the values that are the same for everybody."""

    content: ContentDefinition
    variant: VariantDefinition
    names: tuple[str, ...]
    values: Mapping[str, object]
    wording: Wording


class Contents:
    """What can be said.

    Args:
        contents: By the files.
        catalogue: Products that they may speak of.
        need_approval: Whether advertising messages may only use approved variants.
        colours: Digest of the file of the colours of pictures; None: there is none.

    Attributes:
        approvals: Which versions are approved; the engine's state keeps it.
    """

    def __init__(
        self,
        contents: Sequence[ContentDefinition] = (),
        catalogue: Catalogue | None = None,
        *,
        need_approval: bool = False,
        colours: str | None = None,
    ) -> None:
        self._by_name = {content.name: content for content in contents}
        self.catalogue = Catalogue() if catalogue is None else catalogue
        self.need_approval, self.colours = need_approval, colours
        self.pictures = Pictures(self.catalogue, colours)
        self.approvals = Approvals()
        self._read: dict[tuple[str, str], tuple[tuple[str, ...], Mapping[str, object], str]] = {}

    def get(self, name: str) -> ContentDefinition | None:
        """A content by name."""
        return self._by_name.get(name)

    def allowed(self, advertising: bool) -> Collection[str] | None:
        """The versions of variants that a message may use; None: all."""
        return self.approvals.approved if advertising and self.need_approval else None

    def choose(self, name: str, reader: Reader, *, advertising: bool = False) -> Chosen | Reason:
        """The variant for a reader; or ``no_such_content``, ``no_variant``, ``content_not_approved``."""
        content = self._by_name.get(name)
        if content is None:
            return Reason(code="no_such_content", params={"content": name})
        allowed = self.allowed(advertising)
        variant = choose(content, reader, allowed)
        if variant is None:
            wanted = fitting(content, reader)
            if wanted and allowed is not None:
                return Reason(code="content_not_approved", params={"content": name, "variant": wanted[0].key})
            told: dict[str, object] = {"content": name, "channel": reader.medium, "language": reader.language, "tone": reader.tone or "–"}
            return Reason(code="no_variant", params=told)
        return self._chosen(content, variant, reader.tone or "")

    def very(self, name: str, key: str, tone: str = "") -> Chosen | Reason:
        """A variant by its key, whoever reads it; or ``no_such_content``."""
        content = self._by_name.get(name)
        variant = None if content is None else next((each for each in content.variants if each.key == key), None)
        if content is None or variant is None:
            return Reason(code="no_such_content", params={"content": f"{name} {key}"})
        return self._chosen(content, variant, tone)

    def _chosen(self, content: ContentDefinition, variant: VariantDefinition, tone: str) -> Chosen:
        names, values, version = self._known(content, variant)
        wording = Wording(content=content.name, variant=variant.key, version=version, tone=tone)
        return Chosen(content=content, variant=variant, names=names, values=values, wording=wording)

    def _known(self, content: ContentDefinition, variant: VariantDefinition) -> tuple[tuple[str, ...], Mapping[str, object], str]:
        key = content.name, variant.key
        found = self._read.get(key)
        if found is None:
            names = tuple(name for name in names_in(variant.fields) if not name.startswith(OURS) and name != "catalogue")
            values = values_of(facts_of(content, variant.language, self.catalogue), variant.language, self.catalogue)
            found = self._read[key] = names, values, content.version_of(variant)
        return found

    def prepare(self) -> None:
        """Read all templates now, so that the first reader does not wait for them."""
        for content in self._by_name.values():
            for variant in content.variants:
                try:
                    self._known(content, variant)
                    for field, text in variant.fields.items():
                        if is_template(text):
                            template(text, field in ("html", MJML))
                except (TemplateError, ValueError):
                    continue


def names_in(fields: Mapping[str, str]) -> list[str]:
    """The names that placeholders read, sorted; templates that cannot be read are reported where they are rendered."""
    names: set[str] = set()
    for text in fields.values():
        try:
            names.update(reads(text) if is_template(text) else ())
        except TemplateError:
            continue
    return sorted(names)


def values_for(names: Sequence[str], value: Value) -> dict[str, object]:
    """The values of names; a list's parts are read through it: ``recent_products.first``, ``recent_products[0]``."""
    values: dict[str, object] = {}
    for name in names:
        parts = name.replace("[", ".[").split(".")
        for length in range(len(parts), 0, -1):
            known = ".".join(parts[:length])
            try:
                values[known] = value(known)
            except KeyError:
                continue
            break
    return values


def pictured(chosen: Chosen, pictures: Pictures, value: Value, now_ms: int) -> Chosen:
    """A variant with the picture that a reader sees; as it is, when it has none to choose from."""
    shown = pictures.choose(chosen.variant, value, now_ms) if chosen.variant.images else None
    if shown is None:
        return chosen
    values = {**chosen.values, "image": shown.address, "image_alt": shown.alt}
    return msgspec.structs.replace(chosen, values=values, wording=msgspec.structs.replace(chosen.wording, picture=shown.why))


def rendered(chosen: Chosen, value: Value, decision: Mapping[str, object]) -> dict[str, str]:
    """The fields of a variant.

    Args:
        chosen: The variant.
        value: The person's traits and ``moment.*``.
        decision: ``decision.…`` by its name without that.

    Raises:
        InputError: ``bad_content``: every field that cannot be rendered.
    """
    values = {**values_for(chosen.names, value), **chosen.values, **{f"decision.{name}": each for name, each in decision.items()}}
    language = chosen.variant.language
    fields = render({language: chosen.variant.fields}, language, values, path=f"contents.{chosen.content.name}.{chosen.variant.key}")
    if chosen.wording.picture is not None:
        fields = {**fields, "image": fields.get("image") or str(values["image"]), "alt": fields.get("alt") or str(values["image_alt"])}
    return fields
