"""An enrolment becomes a decision, and the decision a message or a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from gyeol.decisions.model import OfferDefinition, Reason
from gyeol.decisions.person import PersonView
from gyeol.journeys.enrolment import Enrolment
from gyeol.journeys.step import Stepped, send_key, take_step
from gyeol.journeys.trigger import Journey
from gyeol.kernel.instants import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from tests.unit.journeys.conftest import World

NOON = 1_772_420_400_000  # 2026-03-02 12:00 in Seoul
NIGHT = NOON + 10 * HOUR_MS


def journey_of(world: World, name: str) -> Journey:
    found = world.journeys.get(name)
    assert found is not None
    return found


def entered(world: World, journey: str = "on_lapse", at_ms: int = NOON, node: int = 1) -> Enrolment:
    version = journey_of(world, journey).version
    return Enrolment(journey=journey, version=version, node=node, person="p1", entry_key="k", at_ms=at_ms, cause_offset=5)


def step(world: World, person: PersonView, journey: str = "on_lapse", at_ms: int = NOON) -> Stepped:
    enrolment = entered(world, journey, at_ms, person.node)
    return take_step(journey_of(world, journey), enrolment, person, world.placements, at_ms, {"weather": "rain"})


def reason_of(stepped: Stepped) -> Reason:
    assert stepped.message is None
    assert stepped.enrolment.outcome == "refused"
    assert stepped.enrolment.reason is not None
    return stepped.enrolment.reason


def test_a_message_with_its_licence(world: World) -> None:
    world.consent(1, "email")
    stepped = step(world, world.person(1, 2))
    message = stepped.message
    assert message is not None
    assert (message.channel, message.address, message.person, message.node) == ("mailer", "a@example.invalid", "p1", 1)
    assert message.content == {"language": "ko", "title": "(광고) 봄 할인", "body": "10 % 할인", "link": "https://example.invalid"}
    assert (message.offer, message.placement, message.decision) == ("spring", "note", stepped.decision.id)
    assert (message.queued_at_ms, message.not_before_ms, message.expires_at_ms) == (NOON, NOON, NOON + DAY_MS)
    assert message.simulated, "its consent is simulated"
    licence = message.licence
    assert licence is not None
    assert (licence.consent["status"], licence.consent["channel"], licence.consent["purpose"]) == ("granted", "email", "marketing")
    assert (licence.rules, licence.label, licence.local_hour) == (["kr_email_advertising"], "(광고)", "2026-03-02 12:00 Asia/Seoul")
    assert licence.caps == {"offer_cap": {"count": 0, "cap": 2, "window": "7d"}}
    assert licence.checked_at_ms == NOON
    assert (stepped.enrolment.outcome, stepped.enrolment.send_key) == ("queued", message.send_key)
    assert (stepped.decision.cause, stepped.decision.moment) == ("journey:on_lapse", {"weather": "rain"})


def test_the_same_enrolment_makes_the_same_message(world: World) -> None:
    world.consent(1, "email")
    assert step(world, world.person()) == step(world, world.person())


def test_send_keys_differ_by_everything_that_makes_another_intent(world: World) -> None:
    base = entered(world)
    others = [msgspec.structs.replace(base, **change) for change in ({"journey": "x"}, {"version": "x"}, {"node": 2}, {"cause_offset": 6})]
    assert len({send_key(e) for e in [base, *others]}) == 5
    assert send_key(base) == send_key(msgspec.structs.replace(base, person="renamed", at_ms=0, entry_key="other"))


def test_no_consent_no_message(world: World) -> None:
    assert reason_of(step(world, world.person())) == Reason(code="consent_missing", params={"channel": "email", "purpose": "marketing"})
    world.consent(1, "email")
    world.consent(2, "email", granted=False)
    assert reason_of(step(world, world.person(1, 2))).code == "consent_withdrawn"
    assert step(world, world.person(1)).message is not None


def test_a_fallback_is_not_sent(world: World) -> None:
    world.consent(1, "email")
    stepped = step(world, world.person(orders=0))
    assert (stepped.decision.chosen, stepped.decision.fallback) == ("plain", True)
    assert reason_of(stepped).code == "not_eligible"


def test_the_decisions_own_reason_when_gates_differ(world: World) -> None:
    world.consent(1, "email")
    shy = OfferDefinition(name="shy", placements=["note"], purpose="gossip", content={"ko": {"title": "쉿"}})
    world.placements = world.compile([*(o for o in map(world.placements.offer, ("spring", "plain")) if o is not None), shy])
    assert reason_of(step(world, world.person(orders=0))).code == "all_refused"


def test_held_out_people_get_nothing(world: World) -> None:
    world.consent(1, "email")
    world.placements = world.compile(holdout=0.9999999)
    stepped = step(world, world.person())
    assert stepped.decision.holdout
    assert reason_of(stepped).code == "holdout"


def test_no_address_no_message(world: World) -> None:
    world.consent(1, "email")
    world.addresses = {}
    assert reason_of(step(world, world.person())) == Reason(code="no_address", params={"medium": "email"})


def test_languages(world: World) -> None:
    world.consent(1, "email")
    for spoken, title in (
        (None, "(광고) 봄 할인"),
        ("en", "(광고) Spring sale"),
        ("en-US", "(광고) Spring sale"),
        ("fr", "(광고) 봄 할인"),
    ):
        message = step(world, world.person(language=spoken)).message
        assert message is not None
        assert message.content["title"] == title


def test_an_offer_without_words_is_not_sent(world: World) -> None:
    world.consent(1, "email")
    contents: list[dict[str, dict[str, str]]] = [{}, {"ko": {}}, {"ko": {"title": " ", "link": "https://example.invalid"}}]
    for content in contents:
        world.placements = world.compile([OfferDefinition(name="mute", placements=["note"], content=content)])
        assert reason_of(step(world, world.person())).code == "no_content"


def test_the_label_stands_once_before_what_is_read_first(world: World) -> None:
    world.consent(1, "email")
    for content, field, words in (
        ({"title": "(광고) 이미", "body": "본문"}, "title", "(광고) 이미"),
        ({"body": "본문"}, "body", "(광고) 본문"),
    ):
        world.placements = world.compile([OfferDefinition(name="o", placements=["note"], content={"ko": content})])
        message = step(world, world.person()).message
        assert message is not None
        assert message.content[field] == words


def test_placeholders_hold_the_persons_values(world: World) -> None:
    world.consent(1, "email")
    content = {"ko": {"title": "{{ orders }}번째 주문 감사합니다", "body": "{{ language | default: '한국어' }}"}}
    world.placements = world.compile([OfferDefinition(name="o", placements=["note"], content=content)])
    message = step(world, world.person(orders=3)).message
    assert message is not None
    assert message.content == {"language": "ko", "title": "(광고) 3번째 주문 감사합니다", "body": "한국어"}


def test_a_placeholder_without_a_value_is_not_sent(world: World) -> None:
    world.consent(1, "email")
    for text in ("{{ language }}님", "{{ nobody_defines_this }}", "{{ orders"):
        world.placements = world.compile([OfferDefinition(name="o", placements=["note"], content={"ko": {"title": text}})])
        reason = reason_of(step(world, world.person()))
        assert (reason.code, reason.params["offer"]) == ("content_failed", "o")
        assert reason.params["problem"]


def test_at_night_a_text_waits_for_the_morning(world: World) -> None:
    world.consent(1, "sms")
    message = step(world, world.person(), "by_phone", NIGHT).message
    assert message is not None
    assert message.not_before_ms == NIGHT + 10 * HOUR_MS
    assert message.licence is not None
    assert message.licence.local_hour == "2026-03-03 08:00 Asia/Seoul"
    world.consent(1, "sms", purpose="night")
    lifted = step(world, world.person(), "by_phone", NIGHT).message
    assert lifted is not None
    assert lifted.not_before_ms == NIGHT


def test_a_text_that_would_be_too_late_in_the_morning_is_refused(world: World) -> None:
    world.consent(1, "sms")
    journey = msgspec.structs.replace(journey_of(world, "by_phone"), expires_ms=10 * HOUR_MS)
    stepped = take_step(journey, entered(world, "by_phone", NIGHT), world.person(), world.placements, NIGHT, {})
    assert reason_of(stepped).code == "quiet_hours"
