"""Codes, signed codes and their picture; a till that was offline, beside the ledger."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gyeol.content.coupons.codes import ALPHABET, check_character, generate, masked, normalised, ref_of, well_formed
from gyeol.content.coupons.model import CouponPool, compile_pools, faults
from gyeol.content.coupons.picture import draw
from gyeol.content.coupons.signed import Signer, verify
from gyeol.content.coupons.till_reference import OfflineTill, good_signature, read_signed
from gyeol.content.coupons.verdicts import SENTENCES, sentence
from gyeol.kernel.errors import InputError
from gyeol.kernel.instants import Zone
from gyeol.kernel.reason import Reason

KEY = b"k" * 32
SIGNER = Signer(KEY)
DAY_S = 86_400


def test_a_code_is_the_same_for_its_number_and_unlike_any_other() -> None:
    codes = [generate(KEY, "welcome", n, 10) for n in range(2_000)]
    assert codes == [generate(KEY, "welcome", n, 10) for n in range(2_000)]
    assert len(set(codes)) == len(codes)
    assert generate(KEY, "other", 0, 10) != codes[0] != generate(b"j" * 32, "welcome", 0, 10)
    assert all(well_formed(code) and set(code) <= set(ALPHABET) for code in codes)
    assert not set("01ILO") & set(ALPHABET)


@pytest.mark.parametrize("length", [8, 10, 30])
def test_every_wrong_character_and_every_two_that_are_swapped_are_told(length: int) -> None:
    code = generate(KEY, "welcome", 7, length)
    for i in range(length):
        for other in ALPHABET.replace(code[i], ""):
            assert not well_formed(code[:i] + other + code[i + 1 :])
        for j in range(i + 1, length):
            swapped = list(code)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            assert well_formed("".join(swapped)) == (code[i] == code[j])
    assert check_character("") == ALPHABET[0]


def test_a_code_is_compared_however_it_is_typed() -> None:
    code = generate(KEY, "welcome", 1, 12)
    typed = f" {code[:4].lower()}-{code[4:8]} {code[8:]} "
    assert normalised(typed) == code and ref_of(KEY, typed) == ref_of(KEY, code)
    assert normalised("ＡＢ１２") == "AB12"
    assert code not in ref_of(KEY, code) and masked(code) == "…" + code[-3:]


def test_a_signed_code_is_read_by_both_verifiers_and_no_changed_one_by_either() -> None:
    text = SIGNER.sign("환영", "KKYM-1", 1_800_000_000_500)
    found = verify(text, SIGNER.public_key)
    assert found is not None and (found.pool, found.code, found.expires_s) == ("환영", "KKYM-1", 1_800_000_001)
    assert read_signed(text.lower(), SIGNER.public_key) == ("환영", "KKYM-1", 1_800_000_001)
    other = Signer(b"o" * 32).public_key
    assert verify(text, other) is None and read_signed(text, other) is None
    for i in range(len(text)):
        changed = text[:i] + ("A" if text[i] != "A" else "B") + text[i + 1 :]
        told = verify(changed, SIGNER.public_key)
        # The last character of Base32 holds spare bits: another one there may stand for the same bytes.
        assert told is None or (i == len(text) - 1 and told == found), changed
        if i % 10 == 0:
            assert (read_signed(changed, SIGNER.public_key) is None) == (told is None)
    for nonsense in ("", "GYC1:", "GYC1:AAAA", "GYC2" + text[4:], text + "A" * 2_000, "GYC1:!" + text[6:], "https://example.com"):
        assert verify(nonsense, SIGNER.public_key) is None and read_signed(nonsense, SIGNER.public_key) is None


def test_plain_ed25519_agrees_with_the_library() -> None:
    for seed in range(5):
        key = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        said, public = f"message {seed}".encode(), key.public_key().public_bytes_raw()
        signature = key.sign(said)
        assert good_signature(public, said, signature)
        assert not good_signature(public, said + b"!", signature)
        assert not good_signature(public, said, signature[:-1] + bytes([signature[-1] ^ 1]))
        assert not good_signature(public, said, signature[:32] + (2**256 - 1).to_bytes(32, "little"))
    assert not good_signature(b"\xff" * 32, b"", bytes(64)) and not good_signature(b"", b"", b"")


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_picture_holds_the_text(kind: str, tmp_path: Path) -> None:
    import zxingcpp
    from PIL import Image

    text = SIGNER.sign("welcome", generate(KEY, "welcome", 3, 10), 0)
    data = draw(text, "png" if kind == "png" else "svg")
    if kind == "svg":
        assert data.lstrip().startswith((b"<?xml", b"<svg")) and b"<path" in data
        return
    path = tmp_path / "code.png"
    path.write_bytes(data)
    with Image.open(path) as image:
        (found,) = zxingcpp.read_barcodes(np.array(image.convert("L")))
    assert found.text == text and verify(found.text, SIGNER.public_key) is not None


def test_an_offline_till_accepts_once_and_remembers_it_after_a_power_cut(tmp_path: Path) -> None:
    journal = tmp_path / "accepted.jsonl"
    till = OfflineTill(SIGNER.public_key, "t1", str(journal), store="gangnam")
    good, ended = SIGNER.sign("w", "AAAA", 2_000_000 * 1000), SIGNER.sign("w", "BBBB", 1_000_000 * 1000)
    assert till.accept(good, 1_500_000, order="A1", basket=9_000) == "accepted"
    assert till.accept(good, 1_500_001) == "accepted_before"
    assert till.accept(ended, 1_500_000) == "expired" and till.accept(ended, 999_999) == "accepted"
    assert till.accept(good[:-3] + "AAA", 1) == "bad_signature"
    with journal.open("a") as file:
        file.write('{"sequence": 3, "code": "CC')  # the power went
    again = OfflineTill(SIGNER.public_key, "t1", str(journal), store="gangnam")
    assert again.accept(good, 1_500_002) == "accepted_before"
    assert again.accept(SIGNER.sign("w", "CCCC", 0), 1_500_003) == "accepted"
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [(line["sequence"], line["code"], line["at"]) for line in lines] == [
        (1, "AAAA", 1_500_000_000), (2, "BBBB", 999_999_000), (3, "CCCC", 1_500_003_000),
    ]  # fmt: skip
    assert lines[0]["order"] == "A1" and lines[0]["basket"] == 9_000 and lines[0]["store"] == "gangnam"


def test_a_discount_is_exact_and_never_more_than_the_basket() -> None:
    zone = Zone("Asia/Seoul")
    pools = compile_pools(
        [CouponPool(name="a", amount=3_000), CouponPool(name="p", percent=15, most=2_000), CouponPool(name="g")], zone, "KRW"
    )
    assert [pools["a"].discount(basket) for basket in (None, 2_000, 9_000)] == [3_000, 2_000, 3_000]
    assert [pools["p"].discount(basket) for basket in (None, 999, 90_000)] == [None, 149, 2_000]
    assert pools["g"].discount(5_000) is None and pools["a"].expires_ms(0) == 0


def test_every_fault_of_a_pool_is_told_at_once() -> None:
    pool = CouponPool(name="x", amount=0, percent=101, days=-1, per_person=0, length=7, valid_from="2026-02-01", valid_until="2026-01-01")
    assert {(field, code) for field, code, _, _ in faults(pool)} >= {
        ("percent", "two_discounts"), ("amount", "out_of_range"), ("percent", "out_of_range"), ("days", "out_of_range"),
        ("per_person", "out_of_range"), ("length", "out_of_range"),
    }  # fmt: skip
    with pytest.raises(InputError) as refused:
        compile_pools([pool], Zone("Asia/Seoul"), "KRW")
    assert len(refused.value.problems) >= 6


def test_every_verdict_is_told_in_both_languages() -> None:
    for code, (korean, english) in SENTENCES.items():
        assert korean and english and korean != english
        assert any("가" <= character <= "힣" for character in korean), code
    told = Reason(code="already_redeemed", params={"at_ms": 0, "store": "강남"})
    assert sentence(told, "ko") == "이미 사용한 쿠폰입니다: 1970-01-01T00:00:00.000Z, 강남."
    assert sentence(Reason(code="held_elsewhere"), "en") == "Another till has reserved this coupon until -."
