"""The law table: quiet hours are half-open in the recipient's time; what has no row is refused."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from gyeol.kernel.instants import Zone
from gyeol.privacy.consent import Consent, Status
from gyeol.privacy.law import LawTable, MessageClass
from gyeol.privacy.model import LawRule
from gyeol.workspace.defaults import shipped_laws

SEOUL = Zone("Asia/Seoul")
TABLE = LawTable(shipped_laws(), "KR")


def at(text: str, zone: str = "Asia/Seoul") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def consent(status: Status = "granted", at_ms: int | None = None, purpose: str = "marketing") -> Consent:
    return Consent(status=status, channel="sms", purpose=purpose, node=1, at_ms=at("2026-01-01T00:00") if at_ms is None else at_ms)


def code(
    now_ms: int,
    channel: str = "sms",
    message_class: MessageClass = "advertising",
    *,
    given: Consent | None = None,
    night: Consent | None = None,
    zone: Zone = SEOUL,
    country: str | None = None,
    table: LawTable = TABLE,
) -> str | None:
    no_night = consent("unknown", purpose="night")
    reason = table.lawful(now_ms, zone, channel, message_class, given or consent(), night or no_night, country)
    return None if reason is None else reason.code


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("20:59:59.999", None),
        ("21:00", "quiet_hours"),
        ("23:59", "quiet_hours"),
        ("00:00", "quiet_hours"),
        ("07:59:59.999", "quiet_hours"),
        ("08:00", None),
    ],
)
def test_night_in_korea_is_half_open(clock: str, expected: str | None) -> None:
    assert code(at(f"2026-03-02T{clock}")) == expected


def test_consent_to_the_night_lifts_it_and_mail_is_exempt() -> None:
    night = at("2026-03-02T22:00")
    assert code(night, night=consent(purpose="night")) is None
    assert code(night, night=consent("withdrawn", purpose="night")) == "quiet_hours"
    assert code(night, "email") is None
    assert code(night, message_class="transactional") is None


def test_the_hour_is_the_recipients() -> None:
    noon_in_seoul = at("2026-03-02T12:00")
    assert code(noon_in_seoul) is None
    assert code(noon_in_seoul, zone=Zone("America/New_York")) == "quiet_hours"


def test_quiet_reason_tells_when_it_ends() -> None:
    for now, end in (("2026-03-02T22:30", "2026-03-03T08:00"), ("2026-03-03T03:00", "2026-03-03T08:00")):
        reason = TABLE.lawful(at(now), SEOUL, "push", "advertising", consent(), consent("unknown"))
        assert reason is not None
        assert reason.params["until_ms"] == at(end)
        assert TABLE.next_lawful_ms(at(now), SEOUL, "push", "advertising", consent("unknown")) == at(end)
    assert TABLE.next_lawful_ms(at("2026-03-02T12:00"), SEOUL, "push", "advertising", consent("unknown")) == at("2026-03-02T12:00")
    assert TABLE.next_lawful_ms(at("2026-03-02T22:00"), SEOUL, "push", "advertising", consent()) == at("2026-03-02T22:00")


def test_quiet_time_by_day_and_two_rules_one_after_the_other() -> None:
    lunch = LawRule(name="l", country="KR", channels=["*"], message_class="advertising", quiet_from="12:00", quiet_until="13:00")
    nap = LawRule(name="n", country="KR", channels=["sms"], message_class="advertising", quiet_from="13:00", quiet_until="14:30")
    table = LawTable([lunch, nap], "KR")
    assert code(at("2026-03-02T11:59"), table=table) is None
    assert code(at("2026-03-02T12:00"), table=table) == "quiet_hours"
    assert code(at("2026-03-02T13:00"), "email", table=table) is None
    assert table.next_lawful_ms(at("2026-03-02T12:10"), SEOUL, "sms", "advertising", consent("unknown")) == at("2026-03-02T14:30")


def test_quiet_hours_end_on_the_wall_clock_across_daylight_saving() -> None:
    rule = LawRule(name="n", country="US", channels=["sms"], message_class="advertising", quiet_from="21:00", quiet_until="08:00")
    table, zone = LawTable([rule], "US"), Zone("America/New_York")
    evening = at("2026-03-07T22:00", "America/New_York")
    assert table.next_lawful_ms(evening, zone, "sms", "advertising", consent("unknown")) == at("2026-03-08T08:00", "America/New_York")


@pytest.mark.parametrize(("status", "expected"), [("unknown", "consent_missing"), ("withdrawn", "consent_withdrawn"), ("granted", None)])
def test_advertising_needs_consent(status: Status, expected: str | None) -> None:
    assert code(at("2026-03-02T12:00"), given=consent(status)) == expected
    assert code(at("2026-03-02T12:00"), message_class="transactional", given=consent(status)) is None


def test_consent_is_reconfirmed_every_two_years() -> None:
    given = consent(at_ms=at("2024-02-29T10:00"))
    assert code(at("2026-02-28T09:59"), given=given) is None
    assert code(at("2026-02-28T10:00"), given=given) == "law_reconfirm"


def test_no_row_refuses_advertising_only() -> None:
    assert code(at("2026-03-02T12:00"), "pigeon") == "law_unknown"
    assert code(at("2026-03-02T12:00"), country="JP") == "law_unknown"
    assert code(at("2026-03-02T12:00"), "pigeon", "transactional") is None
    assert TABLE.needs_consent("pigeon", "advertising")
    assert not TABLE.needs_consent("pigeon", "transactional")


def test_advertising_is_labelled() -> None:
    assert TABLE.prefix("email", "advertising") == "(광고)"
    assert TABLE.prefix("email", "transactional") == ""
    assert [r.name for r in TABLE.rules("kakao", "advertising")] == ["kr_mobile_advertising"]


def test_a_recipients_country_chooses_the_rows() -> None:
    abroad = LawRule(name="us", country="US", channels=["email"], message_class="advertising")
    table = LawTable([abroad, *shipped_laws()], "US")
    assert table.prefix("email", "advertising") == ""
    assert table.prefix("email", "advertising", "KR") == "(광고)", "a recipient in Korea"
    assert LawTable([abroad], "KR").rules("sms", "advertising") == ()
