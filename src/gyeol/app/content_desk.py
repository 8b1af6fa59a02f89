"""The desk's operations on contents: looking, previewing, and the way from draft to approved."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from gyeol.app.content_answers import (
    ContentAnswer,
    ContentRow,
    ContentsAnswer,
    CoverageAnswer,
    DiffAnswer,
    FieldDifference,
    PreviewAnswer,
    ShownFactOfContent,
    StandingAnswer,
    VariantAnswer,
)
from gyeol.app.content_asked import ContentsReply, SayRequest
from gyeol.app.content_core import say_to_nobody, schema_of
from gyeol.app.content_saving import ELSEWHERE, ContentFiles, SavedAnswer, SaveRequest
from gyeol.app.core_api import CommandRequest, Core, PersonRequest, StatusReply, StatusRequest, SubmitRequest, Submitted
from gyeol.app.findings import shown
from gyeol.content.approval import DRAFT, ROLES, Standing, overall
from gyeol.content.brand.finding import Finding
from gyeol.content.brand.pictured import lint_variant
from gyeol.content.checking import Known, flaws
from gyeol.content.coverage import Asked, Coverage, Use, coverage
from gyeol.content.equality import IMAGES, Catalogue, facts_of
from gyeol.content.library import Contents
from gyeol.content.model import ContentDefinition, VariantDefinition
from gyeol.decisions.model import OfferDefinition
from gyeol.engine.definitions import Definitions
from gyeol.kernel.errors import InputError, NotFoundError, Problem, StateError
from gyeol.kernel.instants import Zone, parse_instant
from gyeol.privacy.law import LawTable


class PreviewRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of ``POST /v1/contents/preview``.

    Args:
        content: The name of a content, or one as somebody is writing it.
        channel, language, tone, variant: See ``SayRequest``.
        person: Who reads it: id, ``type:value`` or bare value; None: nobody in particular.
    """

    content: str | ContentDefinition
    channel: str = ""
    language: str | None = None
    tone: str | None = None
    variant: str | None = None
    person: str | None = None


class ContentDesk:
    """Part of ``Desk``.

    Args:
        core: The core.
        definitions: The definitions of a hash.
        files: The workspace's files; None: they cannot be written here.
    """

    _core: Core
    _definitions: Callable[[str], Definitions]
    _files: ContentFiles | None

    def contents(self) -> ContentsAnswer:
        """All contents, in the order of the files."""
        looked = self._looked()
        stale = _stale_codes(looked.coverage)
        rows = [looked.row(content, stale.get(content.name, [])) for content in looked.definitions.contents]
        return ContentsAnswer(contents=rows, need_approval=looked.definitions.workspace.contents_need_approval)

    def content(self, name: str, definitions: str | None = None) -> ContentAnswer:
        """One content; as it stood in definitions of a hash (``definitions`` of a decision). Raises NotFoundError."""
        looked = self._looked(definitions)
        content = looked.content(name)
        catalogue = looked.catalogue
        languages = list(dict.fromkeys(variant.language for variant in content.variants))
        written = {language: facts_of(content, language, catalogue) for language in languages}
        facts = [
            ShownFactOfContent(name=fact, declared=told, text={language: written[language][fact] for language in languages})
            for fact, told in content.facts.items()
        ]
        variants = [looked.variant(content, variant) for variant in content.variants]
        row = looked.row(content, _stale_codes(looked.coverage).get(name, []))
        cannot = ELSEWHERE if self._files is None else self._files.cannot
        return ContentAnswer(row=row, facts=facts, variants=variants, definitions=looked.definitions.hash, cannot_save=cannot)

    def content_diff(self, name: str) -> DiffAnswer:
        """What changed since the version that was approved last. Raises NotFoundError."""
        looked = self._looked()
        content = looked.content(name)
        version, hash_ = looked.told.last.get(name, ("", ""))
        before = None if not version else next((c for c in self._definitions(hash_).contents if c.name == name), None)
        was, now = {} if before is None else _texts(before), _texts(content)
        keys = list(dict.fromkeys([*now, *was]))
        differences = [
            FieldDifference(variant=variant, field=field, before=was.get((variant, field)), after=now.get((variant, field)))
            for variant, field in keys
            if was.get((variant, field)) != now.get((variant, field))
        ]
        return DiffAnswer(content=name, before=version or None, after=content.version, differences=differences)

    def content_coverage(self, content: str | None = None) -> CoverageAnswer:
        """Holes and stale contents; of one content, or of all. Raises NotFoundError."""
        looked = self._looked()
        if content is not None:
            looked.content(content)
        found = looked.coverage
        mine = Coverage(
            cells=[cell for cell in found.cells if content in (None, cell.content)],
            stale=[stale for stale in found.stale if content in (None, stale.content)],
        )
        return CoverageAnswer(cells=mine.cells, stale=mine.stale, **mine.counts())

    def content_preview(self, request: PreviewRequest) -> PreviewAnswer:
        """What would be said, to somebody or to nobody in particular; of a text that is not saved, too. Raises NotFoundError."""
        looked = self._looked()
        content = looked.content(request.content) if isinstance(request.content, str) else request.content
        told = {"channel": request.channel, "language": request.language, "tone": request.tone, "variant": request.variant}
        asked = msgspec.convert({"content": msgspec.to_builtins(content), **told}, SayRequest)
        schema = schema_of(looked.definitions)
        stages, personas = [s.name for s in looked.definitions.stages], [a.name for a in looked.definitions.audiences if a.of is None]
        known_names = Known(catalogue=looked.catalogue, names=tuple(schema), stages=stages, personas=personas)
        problems = [flaw.problem(content.name) for flaw in flaws(content, known_names)]
        if request.person is None:
            said = say_to_nobody(asked, Contents(catalogue=looked.catalogue), schema)
        else:
            reply = self._core.person(PersonRequest(id=request.person, say=asked))
            assert reply.said is not None
            said = reply.said
        known = {(problem.code, problem.what) for problem in problems}
        more = [problem for problem in said.problems if (problem.code, problem.what) not in known]
        variant = next((each for each in content.variants if said.wording is not None and each.key == said.wording.variant), None)
        findings = [] if variant is None else _linted(variant, request.channel, looked.definitions)
        return PreviewAnswer(
            fields=said.fields, wording=said.wording, reason=said.reason, problems=[*problems, *more], findings=shown(findings)
        )

    def content_save(self, name: str, request: SaveRequest, by: str) -> SavedAnswer:
        """Write other words into the workspace's files and put them in force. Raises what ``ContentFiles.save`` does."""
        if self._files is None:
            told = "This process has no folder of the workspace: put the words into its file, then run `gyeol apply`."
            raise StateError(ELSEWHERE, told)
        return self._files.save(
            name, request, lambda: self._looked().definitions, lambda definitions: self.apply(definitions, by, request.why)
        )

    def apply(self, definitions: Definitions, by: str, why: str) -> Submitted:
        """Apply definitions: a record of the log."""
        command = CommandRequest(kind="apply", body={"definitions": msgspec.json.decode(definitions.as_json())}, by=by, why=why)
        return self._core.submit(SubmitRequest(commands=[command])).results[0]

    def content_submit(self, name: str, by: str, role: str = "author", why: str = "", version: str | None = None) -> Submitted:
        """Give a content to the reviewers. Refused (a value) when it is approved already."""
        return self._step("content_submit", name, by, role, why, version)

    def content_approve(self, name: str, by: str, role: str = "approver", why: str = "", version: str | None = None) -> Submitted:
        """Approve a content that somebody else submitted. Refused (a value) otherwise."""
        return self._step("content_approve", name, by, role, why, version)

    def content_return(self, name: str, by: str, role: str = "approver", why: str = "", version: str | None = None) -> Submitted:
        """Give a content back to its author, also one that was approved; ``why`` says what to mend."""
        return self._step("content_return", name, by, role, why, version)

    def _step(self, kind: str, name: str, by: str, role: str, why: str, version: str | None) -> Submitted:
        if role not in ROLES:
            what, mend = f"there is no role {role!r}", f"use one of: {', '.join(ROLES)}"
            raise InputError("unknown_role", [Problem(path="role", code="unknown_role", what=what, mend=mend)])
        body: dict[str, object] = {"content": name, "role": role, "version": version or ""}
        command = msgspec.convert({"kind": kind, "body": body, "by": by, "why": why}, CommandRequest)
        return self._core.submit(SubmitRequest(commands=[command])).results[0]

    def _looked(self, hash_: str | None = None) -> _Looked:
        status = self._core.status(StatusRequest(contents=True))
        assert status.contents is not None
        return _Looked(self._definitions(hash_ or status.definitions), status, status.contents)


class _Looked:
    """The contents of some definitions, with where they stand now."""

    def __init__(self, definitions: Definitions, status: StatusReply, told: ContentsReply) -> None:
        self.definitions, self.told = definitions, told
        self.catalogue = Catalogue(definitions.catalogue, definitions.workspace.currency)
        self._now_ms = status.engine_now_ms
        self._found: Coverage | None = None

    @property
    def coverage(self) -> Coverage:
        """Worked out once."""
        if self._found is None:
            self._found = coverage(self._asked())
        return self._found

    def content(self, name: str) -> ContentDefinition:
        found = next((content for content in self.definitions.contents if content.name == name), None)
        if found is None:
            raise NotFoundError("unknown_content", f"There is no content {name!r}; `gyeol content list` lists them.", content=name)
        return found

    def standings(self, content: ContentDefinition) -> dict[str, Standing]:
        return {v.key: self.told.standing.get(content.version_of(v), DRAFT) for v in content.variants}

    def row(self, content: ContentDefinition, stale: list[str]) -> ContentRow:
        standings, variants = self.standings(content), content.variants
        return ContentRow(
            name=content.name,
            label=content.label,
            message=content.message,
            version=content.version,
            state=overall(standings),
            variants=len(variants),
            approved=sum(each.state == "approved" for each in standings.values()),
            languages=list(dict.fromkeys(v.language for v in variants)),
            channels=list(dict.fromkeys(channel for v in variants for channel in v.channels)),
            tones=list(dict.fromkeys(v.tone for v in variants if v.tone is not None)),
            offers=[offer.name for offer in self.definitions.offers if content.name in names_of(offer)],
            since=self.told.since.get(content.version),
            stale=stale,
        )

    def variant(self, content: ContentDefinition, variant: VariantDefinition) -> VariantAnswer:
        standing = self.standings(content)[variant.key]
        return VariantAnswer(
            key=variant.key,
            version=content.version_of(variant),
            channels=variant.channels,
            language=variant.language,
            tone=variant.tone,
            stage=variant.stage,
            persona=variant.persona,
            fields=variant.fields,
            images=variant.images,
            standing=StandingAnswer(
                state=standing.state,
                by=standing.by,
                submitted_by=standing.submitted_by,
                at=standing.at_ms or None,
                why=standing.why,
            ),
        )

    def _asked(self) -> Asked:
        definitions, now_ms = self.definitions, self._now_ms
        channels = {placement.name: placement.channel for placement in definitions.placements}
        uses = [
            Use(content=name, offer=offer.name, channels=list(dict.fromkeys(channels[p] for p in offer.placements if p in channels)))
            for offer in definitions.offers
            for name in names_of(offer)
        ]
        ends = {offer.name: parse_instant(offer.valid_until) for offer in definitions.offers if offer.valid_until is not None}
        touched: dict[str, int] = {}
        for content in definitions.contents:
            steps = [each.at_ms for each in self.standings(content).values() if each.state == "approved"]
            at_ms = max([self.told.since.get(content.version, 0), *steps])
            touched |= {content.name: at_ms} if at_ms else {}
        return Asked(
            contents=definitions.contents,
            uses=uses,
            ended={name: at_ms for name, at_ms in ends.items() if at_ms is not None and at_ms <= now_ms},
            products=frozenset(product.sku for product in definitions.catalogue),
            stages=[stage.name for stage in definitions.stages],
            standing={content.name: self.standings(content) for content in definitions.contents},
            touched_ms=touched,
            now_ms=now_ms,
            zone=Zone(definitions.workspace.zone),
        )


def _linted(variant: VariantDefinition, channel: str, definitions: Definitions) -> list[Finding]:
    """What the brand guide says of a variant as it is written, as advertising."""
    medium = channel or next(iter(variant.channels), "")
    label = LawTable(definitions.laws, definitions.workspace.country).prefix(medium, "advertising")
    return lint_variant(variant, definitions.pictures, definitions.guide, channel=medium, label=label)


def names_of(offer: OfferDefinition) -> list[str]:
    """The contents that an offer and its creatives name."""
    said = [offer.content, *(creative.content for creative in offer.creatives.values())]
    return list(dict.fromkeys(each for each in said if isinstance(each, str)))


def _stale_codes(found: Coverage) -> dict[str, list[str]]:
    codes: dict[str, list[str]] = {}
    for stale in found.stale:
        codes.setdefault(stale.content, []).append(stale.reason)
    return codes


def _texts(content: ContentDefinition) -> Mapping[tuple[str, str], str]:
    """Every fact and every field, by variant (empty: a fact) and name."""
    facts = {("", name): _fact(told) for name, told in content.facts.items()}
    images = {(variant.key, IMAGES): _fact(variant.images) for variant in content.variants if variant.images}
    return facts | {(variant.key, field): text for variant in content.variants for field, text in variant.fields.items()} | images


def _fact(told: object) -> str:
    return msgspec.json.encode(told).decode()
