"""What the law says of a message, as a table: country × channel × message class.

A rule refuses with a reason or lets pass; it also tells the label that must stand before the words. Where the table has no row for
an advertising message nobody knows what is lawful, and the message is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from gyeol.kernel.instants import DAY_MS, Zone
from gyeol.kernel.reason import Reason
from gyeol.privacy.consent import Consent
from gyeol.privacy.model import LawRule

MessageClass = Literal["advertising", "transactional"]
_MINUTE_MS = 60_000


class LawTable:
    """The rows of one workspace.

    Args:
        rules: The workspace's rows and the shipped ones (``workspace/defaults``). A channel ``*`` stands for every channel.
        country: ISO 3166 code of the country whose rows apply when the recipient's is not known.
    """

    def __init__(self, rules: Iterable[LawRule], country: str) -> None:
        self.country = country
        self._rules = tuple(rules)
        self._matched: dict[tuple[str, str, MessageClass], tuple[LawRule, ...]] = {}

    def rules(self, channel: str, message_class: MessageClass, country: str | None = None) -> tuple[LawRule, ...]:
        """The rows that apply, in the table's order."""
        key = (country or self.country, channel, message_class)
        found = self._matched.get(key)
        if found is None:
            found = self._matched[key] = tuple(
                r
                for r in self._rules
                if r.country == key[0] and r.message_class == message_class and (channel in r.channels or "*" in r.channels)
            )
        return found

    def needs_consent(self, channel: str, message_class: MessageClass, country: str | None = None) -> bool:
        """Whether consent must have been granted. Advertising without a row counts as needing it."""
        rules = self.rules(channel, message_class, country)
        return any(r.needs_consent for r in rules) if rules else message_class == "advertising"

    def lawful(
        self,
        now_ms: int,
        zone: Zone,
        channel: str,
        message_class: MessageClass,
        consent: Consent,
        night_consent: Consent,
        country: str | None = None,
    ) -> Reason | None:
        """The first reason why the message may not leave now, or None.

        Args:
            now_ms: When it would leave.
            zone: The recipient's zone: quiet hours are counted in it.
            channel: The medium: email, sms, push, kakao, ….
            message_class: advertising or transactional.
            consent: What the recipient agreed to for this channel and the message's purpose.
            night_consent: The same for the purpose ``night``.
            country: The recipient's country when known.
        """
        rules = self.rules(channel, message_class, country)
        if not rules and message_class == "advertising":
            return Reason(
                code="law_unknown", params={"country": country or self.country, "channel": channel, "message_class": message_class}
            )
        for rule in rules:
            reason = _refusal(rule, now_ms, zone, consent, night_consent)
            if reason is not None:
                return reason
        return None

    def prefix(self, channel: str, message_class: MessageClass, country: str | None = None) -> str:
        """The label that must stand first, such as ``(광고)``; empty when none is asked."""
        return next((r.label_prefix for r in self.rules(channel, message_class, country) if r.label_prefix), "")

    def next_lawful_ms(
        self, now_ms: int, zone: Zone, channel: str, message_class: MessageClass, night_consent: Consent, country: str | None = None
    ) -> int:
        """The first instant from now on that is outside every quiet time: now itself by day or with consent to the night."""
        if night_consent.granted:
            return now_ms
        at_ms = now_ms
        rules = self.rules(channel, message_class, country)
        for _ in range(len(rules) + 1):
            ends = [end for r in rules if (end := quiet_until_ms(r, at_ms, zone)) is not None]
            if not ends:
                break
            at_ms = max(ends)
        return at_ms


def quiet_until_ms(rule: LawRule, now_ms: int, zone: Zone) -> int | None:
    """When the rule's quiet time ends, or None when it is not quiet. Half-open: 21:00 is quiet, 08:00 is not."""
    if rule.quiet_from is None or rule.quiet_until is None:
        return None
    begins, ends = _of_day_ms(rule.quiet_from), _of_day_ms(rule.quiet_until)
    local = zone.local(now_ms)
    now = (now_ms + zone.offset_ms(now_ms)) % DAY_MS
    quiet = begins <= now < ends if begins <= ends else now >= begins or now < ends
    if not quiet:
        return None
    midnight = datetime(local.year, local.month, local.day, tzinfo=local.tzinfo)
    end = midnight + timedelta(days=1 if now >= ends else 0, milliseconds=ends)
    return int(end.timestamp() * 1000)


def _refusal(rule: LawRule, now_ms: int, zone: Zone, consent: Consent, night_consent: Consent) -> Reason | None:
    if rule.needs_consent and not consent.granted:
        return consent_reason(consent)
    if rule.reconfirm_years is not None and consent.granted:
        due_ms = _years_later_ms(consent.at_ms, rule.reconfirm_years, zone)
        if now_ms >= due_ms:
            params = {"rule": rule.name, "granted_at_ms": consent.at_ms, "years": rule.reconfirm_years, "due_ms": due_ms}
            return Reason(code="law_reconfirm", params=params)
    until_ms = quiet_until_ms(rule, now_ms, zone)
    if until_ms is not None and not night_consent.granted:
        params = {
            "rule": rule.name,
            "local_time": zone.local(now_ms).strftime("%H:%M"),
            "zone": zone.name,
            "quiet_from": rule.quiet_from,
            "quiet_until": rule.quiet_until,
            "until_ms": until_ms,
        }
        return Reason(code="quiet_hours", params=params)
    return None


def consent_reason(consent: Consent) -> Reason:
    """Why a consent that was not granted refuses."""
    params: dict[str, object] = {"channel": consent.channel, "purpose": consent.purpose}
    if consent.status == "withdrawn":
        return Reason(code="consent_withdrawn", params={**params, "at_ms": consent.at_ms, "source": consent.source})
    return Reason(code="consent_missing", params=params)


def _of_day_ms(text: str) -> int:
    hours, minutes = text.split(":")
    return (int(hours) * 60 + int(minutes)) * _MINUTE_MS


def _years_later_ms(at_ms: int, years: int, zone: Zone) -> int:
    """The same date and time so many years later; 29 February becomes 28 February."""
    local = zone.local(at_ms)
    day = 28 if (local.month, local.day) == (2, 29) else local.day
    return int(local.replace(year=local.year + years, day=day).timestamp() * 1000)
