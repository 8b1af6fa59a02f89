"""Which variant a reader gets, in the documented order."""

from __future__ import annotations

import pytest

from gyeol.content.library import Chosen, Contents
from gyeol.content.model import ContentDefinition, Tone, VariantDefinition
from gyeol.content.variants import INSTEAD, Reader, choose
from gyeol.kernel.reason import Reason


def variant(text: str, language: str = "ko", tone: Tone | None = None, **more: object) -> VariantDefinition:
    return VariantDefinition(language=language, tone=tone, fields={"title": text}, **more)  # type: ignore[arg-type]  # a test's shorthand


CONTENT = ContentDefinition(
    name="ice",
    variants=[
        variant("ko"),
        variant("ko brief", tone="brief"),
        variant("ko warm", tone="warm"),
        variant("ko mail", channels=["email"]),
        variant("ko mail careful", tone="careful", channels=["email", "sms"]),
        variant("ko warm loyal", tone="warm", stage="loyal"),
        variant("ko warm loyal regular", tone="warm", stage="loyal", persona="regulars"),
        variant("en", "en"),
        variant("en cheering", "en", "cheering"),
    ],
)


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (Reader(medium="app", language="ko"), "ko"),
        (Reader(medium="app", language="ko", tone="brief"), "ko brief"),
        (Reader(medium="app", language="ko-KR", tone="warm"), "ko warm"),
        (Reader(medium="app", language="ko", tone="cheering"), "ko"),
        (Reader(medium="app", language="ko", tone="retaining"), "ko warm"),
        (Reader(medium="app", language="ko", tone="apologetic"), "ko"),
        (Reader(medium="email", language="ko", tone="apologetic"), "ko mail careful"),
        (Reader(medium="email", language="ko", tone="warm"), "ko mail"),
        (Reader(medium="sms", language="ko", tone="careful"), "ko mail careful"),
        (Reader(medium="app", language="ko", tone="warm", stage="loyal"), "ko warm loyal"),
        (Reader(medium="app", language="ko", tone="warm", stage="loyal", in_audience=lambda n: n == "regulars"), "ko warm loyal regular"),
        (Reader(medium="app", language="en-GB", tone="cheering"), "en cheering"),
        (Reader(medium="app", language="en", tone="apologetic"), "en"),
        (Reader(medium="app", language="fr", tone="warm"), "ko warm"),
    ],
)
def test_the_order_of_choice(reader: Reader, text: str) -> None:
    found = choose(CONTENT, reader)
    assert found is not None and found.fields["title"] == text


def test_nobody_who_is_to_be_spoken_to_with_care_is_cheered_up() -> None:
    loud = ContentDefinition(name="loud", variants=[variant("jump!", tone="cheering"), variant("hurry", tone="retaining")])
    for tone in ("careful", "apologetic"):
        assert choose(loud, Reader(medium="app", language="ko", tone=tone)) is None
        assert not {"cheering", "warm", "retaining"} & set(INSTEAD[tone])
    assert {tone for tone in INSTEAD if tone} == {"brief", "warm", "cheering", "careful", "apologetic", "retaining"}


def test_why_nothing_is_said() -> None:
    contents = Contents([CONTENT, ContentDefinition(name="loud", variants=[variant("x", tone="cheering", channels=["app"])])])
    for name, reader, code in (
        ("gone", Reader(medium="app", language="ko"), "no_such_content"),
        ("loud", Reader(medium="email", language="ko", tone="cheering"), "no_variant"),
        ("loud", Reader(medium="app", language="ko", tone="apologetic"), "no_variant"),
    ):
        found = contents.choose(name, reader)
        assert isinstance(found, Reason) and found.code == code


def test_advertising_says_only_what_is_approved() -> None:
    contents = Contents([CONTENT], need_approval=True)
    reader = Reader(medium="app", language="ko", tone="warm")
    assert isinstance(contents.choose("ice", reader), Chosen)
    refused = contents.choose("ice", reader, advertising=True)
    assert isinstance(refused, Reason)
    assert (refused.code, refused.params) == ("content_not_approved", {"content": "ice", "variant": "any/ko/warm"})
    contents.approvals.approved.add(CONTENT.version_of(CONTENT.variants[1]))
    found = contents.choose("ice", reader, advertising=True)
    assert isinstance(found, Chosen) and found.variant.fields["title"] == "ko brief"
    assert found.wording.version == CONTENT.version_of(CONTENT.variants[1])


def test_keys_and_versions() -> None:
    assert [each.key for each in CONTENT.variants[3:7]] == [
        "email/ko/any", "email,sms/ko/careful", "any/ko/warm/stage=loyal", "any/ko/warm/stage=loyal/persona=regulars",
    ]  # fmt: skip
    edited = ContentDefinition(name="ice", variants=[variant("KO"), *CONTENT.variants[1:]])
    assert edited.version != CONTENT.version
    before, after = ([c.version_of(v) for v in c.variants] for c in (CONTENT, edited))
    assert [a == b for a, b in zip(before, after, strict=True)] == [False] + [True] * 8
    assert ContentDefinition(name="ice", variants=CONTENT.variants, label={"ko": "얼음"}).version == CONTENT.version
