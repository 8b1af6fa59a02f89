"""Messages in the words of a content: chosen by channel and language, kept with the message, held back without approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gyeol.content.approval import ContentStep
from gyeol.content.library import Contents
from gyeol.content.model import ContentDefinition, FactDefinition, VariantDefinition
from gyeol.decisions.model import OfferDefinition
from gyeol.decisions.ranking.model import Creative
from gyeol.journeys.enrolment import Enrolment
from gyeol.journeys.regate import regate
from gyeol.journeys.saying import Said, said
from gyeol.journeys.step import Stepped, take_step
from gyeol.kernel.reason import Reason

if TYPE_CHECKING:
    from tests.unit.journeys.conftest import World

NOON = 1_772_420_400_000  # 2026-03-02 12:00 in Seoul
SPRING = ContentDefinition(
    name="spring",
    facts={"off": FactDefinition(type="percent", value=10)},
    variants=[
        VariantDefinition(language="ko", fields={"title": "봄 {{ facts.off }}", "body": "{{ orders }}번째 주문"}),
        VariantDefinition(
            language="ko", channels=["email"], fields={"title": "메일로 봄 {{ facts.off }}", "body": "{{ decision.placement }}"}
        ),
        VariantDefinition(language="en", fields={"title": "Spring {{ facts.off }}"}),
    ],
)
OFFER = OfferDefinition(name="spring", placements=["note"], score="2", content="spring")


def step(world: World, contents: Contents, **person: str) -> Stepped:
    world.consent(1, "email")
    world.placements = world.compile([OFFER, OfferDefinition(name="plain", placements=["note"], content={"ko": {"title": "x"}})])
    journey = world.journeys.get("on_lapse")
    assert journey is not None
    enrolment = Enrolment(journey="on_lapse", version=journey.version, node=1, person="p1", entry_key="k", at_ms=NOON, cause_offset=5)
    one = world.person(1, orders=3, **person)
    return take_step(journey, enrolment, one, world.placements, NOON, {}, contents=contents)


def approve(contents: Contents) -> None:
    versions = {variant.key: SPRING.version_of(variant) for variant in SPRING.variants}
    told = ContentStep(content="spring", role="approver", version=SPRING.version, variants=versions)
    contents.approvals.take("content_submit", told, "kim", 1, "")
    contents.approvals.take("content_approve", told, "lee", 2, "")


def test_the_words_of_the_channel_with_who_they_are(world: World) -> None:
    stepped = step(world, Contents([SPRING]))
    assert stepped.message is not None
    assert stepped.message.content == {"language": "ko", "title": "(광고) 메일로 봄 10%", "body": "note"}
    wording = stepped.message.wording
    assert wording is not None and stepped.decision.wording == wording
    assert (wording.content, wording.variant, wording.version) == ("spring", "email/ko/any", SPRING.version_of(SPRING.variants[1]))


def test_in_the_readers_language(world: World) -> None:
    stepped = step(world, Contents([SPRING]), language="en")
    assert stepped.message is not None and stepped.message.content["title"] == "(광고) Spring 10%"


def test_advertising_waits_for_approval_and_stops_when_it_is_taken_back(world: World) -> None:
    contents = Contents([SPRING], need_approval=True)
    refused = step(world, contents)
    assert refused.message is None and refused.enrolment.reason is not None
    assert refused.enrolment.reason == Reason(code="content_not_approved", params={"content": "spring", "variant": "email/ko/any"})
    approve(contents)
    message = step(world, contents).message
    assert message is not None

    def look() -> object:
        return regate(message, world.person(1), world.journeys, world.placements, world.enrolments, NOON + 1, {}, contents)

    assert not isinstance(look(), Reason)
    assert message.wording is not None
    taken_back = ContentStep(content="spring", role="approver", variants={"email/ko/any": message.wording.version})
    contents.approvals.take("content_return", taken_back, "lee", 3, "")
    found = look()
    assert isinstance(found, Reason) and found.code == "content_not_approved"


def test_words_in_the_offer_cannot_be_approved(world: World) -> None:
    offer = OfferDefinition(name="plain", placements=["note"], content={"ko": {"title": "x"}})
    contents = Contents(need_approval=True)
    found = said(offer, world.person(1), "", contents=contents, advertising=True)
    assert isinstance(found, Reason) and found.code == "content_not_approved"
    assert isinstance(said(offer, world.person(1), "", contents=contents), Said)


def test_a_creative_says_its_own_content(world: World) -> None:
    other = ContentDefinition(name="other", variants=[VariantDefinition(language="ko", fields={"title": "{{ decision.creative }}"})])
    offer = OfferDefinition(
        name="spring", placements=["note"], content="spring", creatives={"b": Creative(content="other"), "c": Creative()}
    )
    contents = Contents([SPRING, other])
    for creative, title in ((None, "봄 10%"), ("b", "b"), ("c", "봄 10%")):
        found = said(offer, world.person(1, orders=1), "", creative=creative, contents=contents, medium="app")
        assert isinstance(found, Said) and found.fields["title"] == title
