"""Catalogue and contents (``gyeol.content.checking`` says what is wrong with one), and the offers that name one."""

from __future__ import annotations

from gyeol.audiences.model import AudienceDefinition, StageDefinition
from gyeol.content.checking import Known, flaws
from gyeol.content.equality import Catalogue
from gyeol.content.model import ContentDefinition, ProductDefinition
from gyeol.decisions.model import OfferDefinition
from gyeol.engine.definitions import WorkspaceSettings
from gyeol.journeys.model import JourneyDefinition
from gyeol.workspace.findings import Findings
from gyeol.workspace.formats import currency_fault
from gyeol.workspace.names import Names


def check(findings: Findings, names: Names) -> None:
    """Products, contents, offers."""
    pairs = findings.pairs("catalogue", ProductDefinition)
    for entry, product in pairs:
        findings.fault(entry, ("currency",), "unknown_currency", product.currency, currency_fault)
        if not product.name:
            findings.refuse(entry, ("name",), "empty", "a product needs a name", "write name: {ko: …, en: …}")
    settings = next((w for _, w in findings.pairs("workspace", WorkspaceSettings)), None)
    known = Known(
        catalogue=Catalogue([product for _, product in pairs], settings.currency if settings is not None else "KRW"),
        names=None if names.problems else tuple(names.schema),
        stages=[stage.name for _, stage in findings.pairs("stages", StageDefinition)],
        personas=[each.name for _, each in findings.pairs("audiences", AudienceDefinition) if each.of is None],
    )
    for entry, content in findings.pairs("contents", ContentDefinition):
        for name, fact in content.facts.items():
            findings.fault(entry, ("facts", name, "currency"), "unknown_currency", fact.currency, currency_fault)
        for flaw in flaws(content, known):
            findings.refuse(entry, flaw.at, flaw.code, flaw.what, flaw.mend)
    _check_offers(findings, settings)


def _check_offers(findings: Findings, settings: WorkspaceSettings | None) -> None:
    journeys = [j.message for _, j in findings.pairs("journeys", JourneyDefinition)]
    advertised = {message.placement for message in journeys if message.message_class == "advertising"}
    for entry, offer in findings.pairs("offers", OfferDefinition):
        for name, creative in offer.creatives.items():
            if isinstance(creative.content, str):
                findings.reference(entry, ("creatives", name, "content"), creative.content, "contents")
        if isinstance(offer.content, str):
            findings.reference(entry, ("content",), offer.content, "contents")
        elif offer.content and settings is not None and settings.contents_need_approval and advertised.intersection(offer.placements):
            what = "its words stand in the offer, where nobody can approve them; advertising will not say them"
            findings.warn(entry, ("content",), "content_needs_approval", what, "move them under 'contents:' and name that here")
