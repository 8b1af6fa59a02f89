"""What a mail says: the label in its subject, a title that stands in for it, and nothing to send without words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gyeol.decisions.model import OfferDefinition
from gyeol.journeys.saying import said
from gyeol.kernel.reason import Reason

if TYPE_CHECKING:
    from tests.unit.journeys.conftest import World


def offer(**fields: str) -> OfferDefinition:
    return OfferDefinition(name="spring", placements=["note"], content={"ko": fields})


def test_the_label_stands_first_in_the_subject_and_only_there(world: World) -> None:
    found = said(offer(subject="봄 할인", title="봄 할인", html="<p>x</p>"), world.person(), "(광고)", mail=True)
    assert not isinstance(found, Reason)
    assert found.fields == {"language": "ko", "subject": "(광고) 봄 할인", "title": "봄 할인", "html": "<p>x</p>"}


def test_a_label_that_is_written_is_not_written_twice(world: World) -> None:
    found = said(offer(subject="(광고) 봄 할인", body="x"), world.person(), "(광고)", mail=True)
    assert not isinstance(found, Reason)
    assert found.fields["subject"] == "(광고) 봄 할인"


def test_the_title_stands_in_for_a_subject(world: World) -> None:
    found = said(offer(title="주문 {{ orders }}번\r\n감사", body="x"), world.person(orders=3), "", mail=True)
    assert not isinstance(found, Reason)
    assert found.fields["subject"] == "주문 3번 감사"


@pytest.mark.parametrize("fields", [{"subject": "제목뿐"}, {"html": "<p>제목이 없다</p>"}, {"subject": " ", "body": "x"}])
def test_no_mail_without_subject_and_words(world: World, fields: dict[str, str]) -> None:
    found = said(offer(**fields), world.person(), "(광고)", mail=True)
    assert isinstance(found, Reason)
    assert found.code == "no_content"


def test_elsewhere_both_title_and_subject_are_labelled(world: World) -> None:
    found = said(offer(subject="봄", title="여름"), world.person(), "(광고)")
    assert not isinstance(found, Reason)
    assert found.fields == {"language": "ko", "subject": "(광고) 봄", "title": "(광고) 여름"}
