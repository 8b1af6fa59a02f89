"""People who may be one: what is read of records, how it is weighed, and that weights can be learnt without labels."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest

from gyeol.identity.suggesting.attributes import ROLES, Attributes, Stated, form, keys, shown, telling, usable
from gyeol.identity.suggesting.model import LEAST_SHARE, UNKNOWN, Model, names, normalised
from gyeol.identity.suggesting.prior import PRIOR, shipped
from gyeol.identity.suggesting.training import LEAST_PAIRS, trained, with_prior


def _digest(data: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=7).digest(), "big")


def _record(**values: str) -> Attributes:
    return Attributes({role: Stated(value, 1, True) for role, value in values.items()})


def test_the_newest_word_of_a_server_holds_whatever_the_order() -> None:
    said = [("old", 1, True), ("new", 5, True), ("client", 9, False)]
    for order in (said, said[::-1], [said[1], said[2], said[0]]):
        record = Attributes()
        for value, at_ms, server in order:
            record = record.with_("name", Stated(value, at_ms, server))
        assert record.stated["name"].value == "new" and record.trusted
    assert not Attributes().with_("name", Stated("x", 1, False)).trusted


@pytest.mark.parametrize(
    ("role", "value", "good"),
    [
        ("name", "백하나", True),
        ("name", "비회원", False),
        ("phone", "010-2345-6789", True),
        ("phone", "010-1111-1111", False),
        ("email", "hana@example.com", True),
        ("email", "noname@example.com", False),
        ("birth", "no date", False),
        ("address", " ", False),
    ],
)
def test_placeholders_tell_nothing(role: str, value: str, good: bool) -> None:
    assert usable(role, value) is good


def test_spellings_of_one_person_share_a_key_and_strangers_none() -> None:
    hangul = _record(name="백하나", birth="1990-02-03", phone="010-2345-6789")
    latin = _record(name="Hana Baek", birth="19900203", phone="+82 10 2345 6788")
    other = _record(name="김철수", birth="1971-10-12", phone="010-9876-1234")
    assert set(keys(hangul, _digest)) & set(keys(latin, _digest))
    assert not set(keys(hangul, _digest)) & set(keys(other, _digest))
    assert set(telling(hangul, _digest)) == {"name.full", "name.family", "birth.day", "phone.number"}
    assert keys(Attributes(), _digest) == []


def test_personal_values_are_masked() -> None:
    address = "서울특별시 강남구 테헤란로 152, 3층 301호"
    found = {
        "birth": shown("birth", "1990년 2월 3일", str.upper),
        "phone": shown("phone", "010-2345-6789", str.upper),
        "address": shown("address", address, str.upper),
    }
    assert found == {"birth": "1990-**-03", "phone": "***6789", "address": "서울 강남구 ***"}
    assert shown("email", "Hana@Example.com", lambda value: value[:1] + "***") == "h***"


def test_shipped_weights_have_every_level_and_the_signs_that_they_should() -> None:
    model = shipped()
    for role in ROLES:
        shares = model.shares[role]
        assert len(shares) == len(form(role).levels) + 1
        assert sum(share.m for share in shares) == pytest.approx(1) == pytest.approx(sum(share.u for share in shares))
        assert shares[0].bits < 0 < shares[-1].bits, "different speaks against, the best level for"
        assert names(role, len(shares) - 1)[1] == form(role).levels[0].en
    nothing = dict.fromkeys(ROLES, UNKNOWN)
    assert model.weight(nothing, {}) == PRIOR
    assert model.weight({**nothing, "phone": len(form("phone").levels)}, {}) == pytest.approx(
        PRIOR + model.shares["phone"][-1].bits, abs=0.001
    )


def test_agreeing_on_a_rare_value_says_more() -> None:
    counts = {"name.full": {1: 900}}
    model = shipped(10_000, counts, 10_000)
    same = {"name": len(form("name").levels)}
    frequent, rare = (model.weight(same, {"name.full": digest}) for digest in (1, 2))
    assert rare > shipped().weight(same, {}) - 0.001 > frequent
    assert rare - frequent <= 12


def test_a_version_is_that_of_the_weights() -> None:
    one, again = shipped(10, {"a": {2: 3, 1: 2}}), shipped(10, {"a": {1: 2, 2: 3}})
    assert one.version == again.version != shipped(11).version


def _pairs(seed: int, matched: int, pairs: int) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int8]]]:
    """Likenesses of pairs of which the first ``matched`` are one: e-mail agrees for 9 of 10 of them, the address for 6 of 10."""
    random = np.random.default_rng(seed)
    out = {role: np.full(pairs, UNKNOWN, np.int8) for role in ROLES}
    for role, share in (("email", 0.9), ("address", 0.6)):
        best = len(form(role).levels)
        one = np.where(random.random(matched) < share, best, 0)
        two = np.where(random.random(pairs - matched) < 1e-3, best, 0)
        out[role] = np.concatenate([one, two]).astype(np.int8)
    return out


def test_weights_are_learnt_from_pairs_without_labels() -> None:
    by_chance, session = _pairs(1, 0, 20_000), _pairs(2, 800, 2_000)
    base = shipped(5_000)
    # Kind 2 blocks on the telephone number: e-mail and address are taught.
    model = trained(base, by_chance, [(2, session)])
    assert model.trained and model.shares["email"][-1].m == pytest.approx(0.9, abs=0.03)
    assert model.shares["address"][-1].m == pytest.approx(0.6, abs=0.05)
    assert model.shares["email"][-1].u == pytest.approx(1e-3, rel=0.5)
    assert [share.m for share in model.shares["phone"]] == [share.m for share in base.shares["phone"]], (
        "no session taught the telephone number"
    )
    assert model == trained(base, by_chance, [(2, session)])
    few = {role: values[: LEAST_PAIRS - 1] for role, values in session.items()}
    assert trained(base, by_chance, [(2, few)]) is base


def test_the_prior_fits_the_weights() -> None:
    weights = np.array([12.0] * 300 + [-6.0] * 700)
    model = with_prior(shipped(), weights)
    expected = math.log2(0.3 / 0.7)
    assert model.prior == pytest.approx(-2.0) or model.prior == pytest.approx(expected, abs=0.3)
    assert with_prior(shipped(), np.full(50, -40.0)).prior == -16.0


def test_no_level_is_taken_for_impossible() -> None:
    shares = normalised([(0.0, 0.0), (1.0, 1.0)])
    assert shares[0].m >= LEAST_SHARE / 2 and shares[0].u > 0
    assert isinstance(shipped(), Model)
