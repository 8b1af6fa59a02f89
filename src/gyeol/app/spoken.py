"""Decisions and messages with labels and sentences, under one set of definitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from gyeol.app.answers import DecisionAnswer, MessageAnswer, RenderedReason, RenderedRefusal
from gyeol.app.core_api import Texts
from gyeol.app.decision_answers import ShownContribution, ShownOutcome, UsedTrait
from gyeol.channels.model import Delivery
from gyeol.channels.outbox import OutboxEntry
from gyeol.context.moment import moment_schema
from gyeol.decisions.catalogue import render
from gyeol.decisions.model import Decision
from gyeol.decisions.wording import Words
from gyeol.engine.definitions import Definitions
from gyeol.engine.grouping import group_schema
from gyeol.expressions.schema import Schema
from gyeol.expressions.wording import value_text
from gyeol.kernel.reason import Reason
from gyeol.profiles.rules import compile_traits


class Spoken:
    """Renders what was kept as codes.

    Args:
        definitions: Those in force: labels of today are used for decisions of yesterday.
    """

    def __init__(self, definitions: Definitions) -> None:
        traits = compile_traits(definitions.traits, definitions.plan, definitions.workspace.currency)
        own = {t.definition.name: t.info() for t in traits}
        self.schema: Schema = {**own, **group_schema(definitions.groups, own), **moment_schema()}
        self._events = {t.name: t for t in definitions.traits}
        self._offers = {offer.name: offer.label for offer in definitions.offers}
        self._placements = {placement.name: placement.label for placement in definitions.placements}
        labels: dict[tuple[str, str], Texts] = {("offer", name): label for name, label in self._offers.items()}
        labels |= {("placement", name): label for name, label in self._placements.items()}
        labels |= {("journey", journey.name): journey.label for journey in definitions.journeys}
        labels |= {("channel", channel.name): channel.label for channel in definitions.channels}
        labels |= {("category", category.name): category.label for category in definitions.categories}
        labels |= {("partner", partner.name): partner.label for partner in definitions.partners}
        labels |= {("policy", policy.name): policy.label for policy in definitions.policies}
        labels |= {("cap_name", cap.name): cap.label for cap in definitions.caps}
        self.words = Words(self.schema, definitions.workspace.zone, labels)

    def label(self, kind: Literal["offer", "placement"], name: str) -> Texts:
        """What an offer or placement is called; nothing when it is no longer defined."""
        return (self._offers if kind == "offer" else self._placements).get(name, {})

    def reason(self, reason: Reason) -> RenderedReason:
        """A reason with its sentences."""
        text = {"ko": render(reason, "ko", self.words), "en": render(reason, "en", self.words)}
        return RenderedReason(code=reason.code, params=reason.params, text=text)

    def used(self, name: str, value: object) -> UsedTrait:
        """A value that a decision read, with its label, its words and where it comes from."""
        info = self.schema.get(name)
        made = self._events.get(name.rpartition(".")[2])
        events = [] if made is None else [event for event in (made.event, made.then, made.then_no) if event is not None]
        return UsedTrait(
            name=name,
            label={} if info is None else info.label,
            value=value,
            text={"ko": value_text(value, "ko", self.schema, name), "en": value_text(value, "en", self.schema, name)},
            source=list(dict.fromkeys(events)),
        )

    def decision(self, decision: Decision, content: dict[str, dict[str, str]] | None = None) -> DecisionAnswer:
        """A decision with labels and sentences."""
        d = decision
        return DecisionAnswer(
            id=d.id,
            placement=d.placement,
            placement_label=self._placements.get(d.placement, {}),
            person=d.person,
            at_ms=d.at_ms,
            chosen=d.chosen,
            chosen_label=self._offers.get(d.chosen or "", {}),
            fallback=d.fallback,
            holdout=d.holdout,
            cause=d.cause,
            reasons=[self.reason(reason) for reason in d.reasons],
            refusals=[
                RenderedRefusal(
                    offer=r.offer,
                    offer_label=self._offers.get(r.offer, {}),
                    gate=r.gate,
                    reason=self.reason(r.reason),
                    score=r.score,
                    creative=r.creative,
                    channel=r.channel,
                    hour=r.hour,
                )
                for r in d.refusals
            ],
            moment=d.moment,
            propensity=d.propensity,
            catalogue=d.catalogue,
            definitions=d.definitions,
            content=content or {},
            creative=d.creative,
            channel=d.channel,
            hour=d.hour,
            policy=d.policy,
            explored=d.explored,
            alone=d.alone,
            features=d.features,
            contributions=[
                ShownContribution(feature=c.feature, value=c.value, chosen=c.chosen, runner_up=c.runner_up) for c in d.contributions
            ],
            used=[self.used(name, value) for name, value in d.used.items()],
            goal_until=d.goal_until_ms or None,
            outcome=None if d.outcome is None else ShownOutcome(at=d.outcome.at_ms, value=d.outcome.value),
            wording=d.wording,
        )

    def message(self, entry: OutboxEntry, deliveries: Sequence[Delivery] = ()) -> MessageAnswer:
        """A message with its address masked; ``deliveries``: what became of it, for the values of its reason."""
        m = entry.message
        told = next((d.detail for d in reversed(deliveries) if (d.state, d.reason) == (entry.state, entry.reason)), "")
        return MessageAnswer(
            send_key=m.send_key,
            journey=m.journey,
            channel=m.channel,
            address=masked(m.address),
            state=entry.state,
            reason=self.reason(Reason(code=entry.reason, params=_params(told))) if entry.reason else None,
            queued_at=m.queued_at_ms,
            changed_at=entry.changed_at_ms,
            expires_at=m.expires_at_ms,
            attempts=entry.attempts,
            offer=m.offer,
            placement=m.placement,
            decision=m.decision,
            message_class=m.message_class,
            purpose=m.purpose,
            content=m.content,
            licence=None if m.licence is None else msgspec.to_builtins(m.licence),
            simulated=m.simulated,
            wording=m.wording,
        )


def _params(detail: str) -> dict[str, object]:
    """The values of a gate's reason as ``journeys.regate`` keeps them; a provider's words are none."""
    try:
        return msgspec.json.decode(detail, type=dict[str, object])
    except msgspec.DecodeError:
        return {}


def masked(address: str) -> str:
    """An address that shows only enough to recognise it: ``m…@example.com``, ``…5678``."""
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}…@{domain}"
    return f"…{address[-4:]}" if len(address) > 4 else "…"
