"""What is sealed says nothing, comes back whole, and passes for nothing else."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gyeol.kernel.errors import ConfigError, StateError
from gyeol.privacy import sealing
from gyeol.privacy.sealing import KEY_BYTES, MARK, OVERHEAD, PLAIN, Vault, about, is_sealed, key_id, key_of

KEY, OLD = bytes(range(32)), bytes(range(32, 64))
VAULT = Vault([KEY, OLD])


@given(st.binary(max_size=2_000), st.binary(max_size=60))
def test_what_was_sealed_comes_back(data: bytes, what: bytes) -> None:
    closed = VAULT.close(data, what)
    assert VAULT.open(closed, what) == Vault([KEY]).open(closed, what) == data
    assert len(closed) == len(data) + OVERHEAD
    assert is_sealed(closed) and key_of(closed) == VAULT.writes == key_id(KEY)


def test_every_changed_byte_is_found() -> None:
    closed = VAULT.close(b"hong@example.com", b"row/1")
    for place in range(1, len(closed)):
        changed = bytearray(closed)
        changed[place] ^= 1
        with pytest.raises((StateError, ConfigError)) as raised:
            VAULT.open(bytes(changed), b"row/1")
        assert raised.value.code == ("data_key_unknown" if 2 <= place < 10 else "seal_broken")
    for cut in (1, 9, OVERHEAD - 1):
        with pytest.raises(StateError):
            VAULT.open(closed[:cut], b"row/1")


def test_a_sealed_value_passes_for_no_other_one() -> None:
    closed = VAULT.close(b"1", about("outbox", "a", 1))
    with pytest.raises(StateError) as raised:
        VAULT.open(closed, about("outbox", "b", 1))
    assert raised.value.code == "seal_broken" and "outbox/b/1" in raised.value.message


def test_an_older_key_still_reads_and_a_lost_one_is_named() -> None:
    closed = Vault([OLD]).close(b"x", b"")
    assert VAULT.open(closed, b"") == b"x"
    for without in (Vault([KEY]), PLAIN):
        with pytest.raises(ConfigError) as raised:
            without.open(closed, b"")
        assert raised.value.code == "data_key_unknown" and key_id(OLD) in raised.value.message


def test_what_never_was_sealed_comes_back_as_it_is() -> None:
    for data in (b"", b"\x80", b"{}", b"GYEO"):
        assert VAULT.open(data, b"") == PLAIN.open(data, b"") == PLAIN.close(data, b"") == data


def test_no_nonce_comes_twice_and_salts_are_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "VALUES_A_SALT", 10)
    vault = Vault([KEY])
    closed = [vault.close(b"x", b"") for _ in range(95)]
    heads = [each[: 2 + 8 + 16] for each in closed]
    assert len({each[26:38] for each in closed}) == 95
    assert len(set(heads)) == 10 and {heads.count(each) for each in set(heads)} == {10, 5}
    assert all(vault.open(each, b"") == b"x" for each in closed)


def test_a_forked_process_draws_nonces_of_its_own() -> None:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, VAULT.close(b"x", b""))
        os._exit(0)
    mine = VAULT.close(b"x", b"")
    os.waitpid(child, 0)
    theirs = os.read(reading, 1_000)
    os.close(reading)
    os.close(writing)
    assert VAULT.open(theirs, b"") == b"x" and theirs[26:38] != mine[26:38]


def test_the_form_is_fixed() -> None:
    """A value of the first release that sealed: it must be read for ever."""
    drawn = iter([b"s" * 16, b"n" * 12])
    closed = Vault([KEY], random=lambda count: next(drawn)).close("결".encode(), b"golden")
    assert closed[0] == MARK
    assert closed.hex() == GOLDEN
    assert VAULT.open(bytes.fromhex(GOLDEN), b"golden") == "결".encode()


GOLDEN = "c10119313226d37bdb9e737373737373737373737373737373736e6e6e6e6e6e6e6e6e6e6e6ea12fa16eec65925488a918a894dc7ea7fa2db1"


def test_a_key_has_32_bytes() -> None:
    for keys in ([], [b"short"], [KEY, bytes(KEY_BYTES + 1)]):
        with pytest.raises(ConfigError):
            Vault(keys)
