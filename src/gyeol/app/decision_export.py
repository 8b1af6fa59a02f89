"""The answer to a request about automated decisions: every decision about one person, in that person's words.

Source: 개인정보 보호법 제37조의2 (criteria and procedure, refusal, explanation); GDPR articles 15(1)(h) and 22 (logic involved, human
intervention). What it says of each decision is read from the decision's record and from the definitions that were in force then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from gyeol.app.core_api import PersonReply
from gyeol.app.decision_answers import FORMAT, DecisionsExport, ExportedDatum, ExportedDecision, ExportedRefusal
from gyeol.app.decision_words import (
    ABOUT,
    CHANCE,
    CONTRIBUTION,
    CRITERION,
    FROM_EVENTS,
    NO_CONTACT,
    NO_CRITERION,
    OF_A_GROUP,
    OF_THE_MOMENT,
    OUTCOMES,
    RANKINGS,
    REACHED,
    RIGHTS,
    RULES,
    TITLE,
)
from gyeol.app.spoken import Spoken
from gyeol.decisions.model import Decision, OfferDefinition
from gyeol.engine.definitions import Definitions
from gyeol.expressions.condition import parse_condition
from gyeol.expressions.formula import parse_formula
from gyeol.expressions.schema import Lang, Schema
from gyeol.expressions.wording import number_text
from gyeol.kernel.errors import InputError, Problem
from gyeol.kernel.instants import Zone, parse_instant
from gyeol.kernel.reason import Reason

MOST_DECISIONS = 10_000
_MOMENT = "moment."


def since_ms(text: str | None, zone: Zone) -> int | None:
    """The instant from which on decisions are exported: a date begins in the workspace's zone.

    Raises:
        InputError: It is neither a date nor an instant.
    """
    if not text:
        return None
    at_ms = parse_instant(text)
    if at_ms is None:
        what = f"{text!r} is no date and no instant"
        raise InputError("bad_since", [Problem(path="since", code="bad_instant", what=what, mend="write 2026-01-01")])
    return at_ms - zone.offset_ms(at_ms) if len(text) == len("2026-01-01") else at_ms


def export(
    person: PersonReply,
    decisions: Sequence[Decision],
    now: Definitions,
    then: Callable[[str], tuple[Definitions, Spoken]],
    *,
    lang: Lang,
    since: str | None,
    as_of_ms: int,
    complete: bool,
) -> DecisionsExport:
    """The export.

    Args:
        person: Whom it is about.
        decisions: Theirs, newest first.
        now: The definitions in force.
        then: Those of a hash, and what renders them.
        lang: The customer's.
        since: As asked for.
        as_of_ms: The log's clock.
        complete: Whether ``decisions`` are all.
    """
    zone = Zone(now.workspace.zone)
    contact = now.workspace.human_contact.get(lang) or next(iter(now.workspace.human_contact.values()), "")
    return DecisionsExport(
        format=FORMAT,
        lang=lang,
        title=TITLE[lang],
        workspace=now.workspace.sender or now.workspace.name,
        person=person.id,
        identifiers=person.identifiers,
        as_of=_local(as_of_ms, zone),
        since=since or None,
        complete=complete,
        about=list(ABOUT[lang]),
        rights=RIGHTS[lang].format(contact=contact or NO_CONTACT[lang]),
        contact=contact,
        decisions=[Told(*then(decision.definitions), lang, zone).decision(decision) for decision in decisions],
    )


class Told:
    """Decisions under one set of definitions, told in one language."""

    def __init__(self, definitions: Definitions, spoken: Spoken, lang: Lang, zone: Zone) -> None:
        self._spoken, self._lang, self._zone = spoken, lang, zone
        self._offers = {offer.name: offer for offer in definitions.offers}
        self._rankings = {placement.name: placement.ranking for placement in definitions.placements}
        self._groups = {f"{group.name}." for group in definitions.groups}

    def decision(self, d: Decision) -> ExportedDecision:
        """One decision."""
        lang, words = self._lang, self._spoken.words
        outcome = "nothing" if d.chosen is None else "fallback" if d.fallback else "offer"
        offer, placement = words.name("offer", d.chosen or "", lang), words.name("placement", d.placement, lang)
        quoted = {"placement": f"‘{placement}’", "offer": f"‘{offer}’"}
        return ExportedDecision(
            id=d.id,
            at=_local(d.at_ms, self._zone),
            placement=d.placement,
            placement_label=placement,
            outcome=outcome,
            what=OUTCOMES[outcome][lang].format(**quoted),
            offer=d.chosen,
            offer_label=offer,
            criteria=self._criteria(d),
            reasons=[self._reason(reason) for reason in d.reasons],
            data=[*self._traits(d), *self._facts(d)],
            refusals=[
                ExportedRefusal(
                    offer=r.offer,
                    offer_label=words.name("offer", r.offer, lang),
                    rule=r.gate,
                    rule_label=RULES.get(r.gate, {}).get(lang, r.gate),
                    reason=self._reason(r.reason),
                )
                for r in d.refusals
            ],
            propensity=d.propensity,
            chance=self._chance(d),
            contributions=[
                CONTRIBUTION[lang].format(
                    feature=c.feature, value=number_text(c.value), chosen=f"{c.chosen:+.3g}", runner_up=f"{c.runner_up:+.3g}"
                )
                for c in d.contributions
            ],
            later="" if d.outcome is None else REACHED[lang].format(at=_local(d.outcome.at_ms, self._zone)),
            catalogue=d.catalogue,
            definitions=d.definitions,
        )

    def _reason(self, reason: Reason) -> str:
        """Its sentence, without values that tell of others."""
        compared = reason.params.get("values")
        if isinstance(compared, dict):
            own = {name: "…" if self._of_others(name) else value for name, value in compared.items()}
            reason = replace(reason, params={**reason.params, "values": own})
        return self._spoken.reason(reason).text[self._lang]

    def _of_others(self, name: str) -> bool:
        return any(name.startswith(prefix) for prefix in self._groups)

    def _criteria(self, d: Decision) -> list[str]:
        lang, offer = self._lang, self._chosen(d)
        if offer is None:
            return [RANKINGS["none"][lang]]
        condition = offer.eligibility
        said = NO_CRITERION[lang] if condition is None else CRITERION[lang].format(condition=self._spoken.words.sentence(condition, lang))
        ranking = self._rankings.get(d.placement, "formula")
        by = ranking if ranking in ("rule", "formula") else "policy" if d.policy else "formula"
        return [said, RANKINGS[by][lang].format(formula=offer.score, policy=d.policy)]

    def _chosen(self, d: Decision) -> OfferDefinition | None:
        """The offer that won; None: a fallback, which passes no rule, or nothing."""
        return None if d.chosen is None or d.fallback else self._offers.get(d.chosen)

    def _chance(self, d: Decision) -> str:
        how = "held_out" if d.holdout else "explored" if d.explored else "drawn" if d.propensity < 1.0 else "none"
        return CHANCE[how][self._lang].format(share=f"{100 * d.propensity:.3g}%")

    def _traits(self, d: Decision) -> list[ExportedDatum]:
        """What is known of the person: what the chosen offer read, and what refused offers were compared with."""
        values = dict(d.used)
        for refusal in d.refusals:
            compared = refusal.reason.params.get("values")
            if isinstance(compared, dict):
                values.update({name: value for name, value in compared.items() if not name.startswith(_MOMENT)})
        told = []
        for name in sorted(values):
            used = self._spoken.used(name, values[name])
            source = FROM_EVENTS[self._lang].format(events=", ".join(used.source))
            value = OF_A_GROUP[self._lang] if self._of_others(name) else used.text[self._lang]
            told.append(ExportedDatum(name=name, label=used.label.get(self._lang, name), value=value, source=source))
        return told

    def _facts(self, d: Decision) -> list[ExportedDatum]:
        """The facts of the situation that the placement's offers read."""
        read = {name for offer in self._offers.values() if d.placement in offer.placements for name in _names(offer, self._spoken.schema)}
        told = []
        for name in sorted(name for name in d.moment if _MOMENT + name in read or name in ("intent", "open_complaint")):
            fact = d.moment[name]
            known = fact if isinstance(fact, dict) else {"value": fact}
            used = self._spoken.used(_MOMENT + name, known.get("value"))
            source, observed = str(known.get("source", "")), known.get("observed_at")
            told.append(
                ExportedDatum(
                    name=_MOMENT + name,
                    label=used.label.get(self._lang, name),
                    value=used.text[self._lang],
                    source=OF_THE_MOMENT[self._lang].format(source=source),
                    observed_at=observed if isinstance(observed, str) else None,
                )
            )
        return told


def _names(offer: OfferDefinition, schema: Schema) -> set[str]:
    """What an offer's condition and score read."""
    try:
        condition = () if offer.eligibility is None else parse_condition(offer.eligibility, schema).names
        return {*condition, *parse_formula(offer.score, schema).names}
    except InputError:
        return set()  # definitions of long ago may name what no longer exists


def _local(at_ms: int, zone: Zone) -> str:
    return zone.local(at_ms).isoformat(timespec="seconds")
