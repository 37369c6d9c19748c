"""Encryption, keyed hashes and tokens."""

import math
import random
from collections import Counter

import pytest

from suite.kernel.secrets import CannotOpen, Keyring, new_code, new_token, same, token_hash
from suite.settings import new_key

OLD, NEW = new_key(), new_key()
keys = Keyring(OLD)
CELL = "messages/018f/content"


@pytest.mark.parametrize("plain", ["", "a", "Grüße, привет 👋", "x" * 100_000, "\x00"])
def test_what_is_sealed_opens_again_in_its_own_cell(plain: str) -> None:
    assert keys.open(keys.seal(plain, CELL), CELL) == plain


@pytest.mark.parametrize("cell", ["messages/018e/content", "messages/018f/recipient", "", CELL + " "])
def test_a_value_moved_to_another_cell_cannot_be_opened(cell: str) -> None:
    with pytest.raises(CannotOpen):
        keys.open(keys.seal("secret", CELL), cell)


def test_every_changed_byte_is_noticed() -> None:
    sealed = keys.seal("secret", CELL)
    chance = random.Random(7)

    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= chance.randrange(1, 256)
        with pytest.raises(CannotOpen):
            keys.open(bytes(changed), CELL)


def test_every_shortened_or_lengthened_value_is_refused() -> None:
    sealed = keys.seal("secret", CELL)

    for wrong in [sealed[:length] for length in range(len(sealed))] + [sealed + b"\x00", b"plain text", b"\x01\xff"]:
        with pytest.raises(CannotOpen):
            keys.open(wrong, CELL)


def test_one_text_sealed_twice_looks_different_and_shows_nothing() -> None:
    first, second = (keys.seal("a very secret text", CELL) for _ in range(2))

    assert first != second
    assert b"secret" not in first


def test_after_a_rotation_old_values_open_and_new_ones_carry_the_new_key() -> None:
    sealed = keys.seal("secret", CELL)
    rotated = Keyring(f"{NEW},{OLD}")

    assert rotated.open(sealed, CELL) == "secret"
    assert Keyring.key_id(sealed) == OLD.partition(":")[0]
    assert Keyring.key_id(rotated.seal("secret", CELL)) == NEW.partition(":")[0]


def test_a_value_of_an_unknown_key_says_which_key_is_missing() -> None:
    sealed = Keyring(NEW).seal("secret", CELL)

    with pytest.raises(CannotOpen, match=NEW.partition(":")[0]):
        keys.open(sealed, CELL)


def test_keyed_hashes_differ_by_use_by_value_and_by_key() -> None:
    hashes = [keys.keyed_hash(value, use) for value in ("a", "b", "") for use in ("limit", "audit", "csrf")]
    others = [Keyring(NEW).keyed_hash(value, use) for value in ("a", "b", "") for use in ("limit", "audit", "csrf")]

    assert len({*hashes, *others}) == 18
    assert keys.keyed_hash("a", "limit") == Keyring(OLD).keyed_hash("a", "limit")
    assert {len(one) <= 64 for one in hashes} == {True}


def test_what_was_hashed_before_a_rotation_is_found_after_it() -> None:
    rotated = Keyring(f"{NEW},{OLD}")

    assert keys.keyed_hash("ann", "audit") in rotated.keyed_hashes("ann", "audit")
    assert rotated.keyed_hash("ann", "audit") == rotated.keyed_hashes("ann", "audit")[0]


def test_the_pepper_belongs_to_its_key_and_hides_the_password() -> None:
    key_id = OLD.partition(":")[0]

    assert keys.pepper("password", key_id) != keys.pepper("Password", key_id)
    assert "password" not in keys.pepper("password", key_id)
    with pytest.raises(CannotOpen):
        keys.pepper("password", "gone")


def test_tokens_never_repeat_and_hold_256_bits() -> None:
    tokens = [new_token() for _ in range(20_000)]
    letters = Counter("".join(token[:42] for token in tokens))
    total = letters.total()
    entropy = -sum(count / total * math.log2(count / total) for count in letters.values())

    assert len(set(tokens)) == len(tokens)
    assert {len(token) for token in tokens} == {43}
    assert entropy > 5.999


def test_codes_are_six_ascii_digits_spread_evenly() -> None:
    codes = [new_code() for _ in range(20_000)]
    digits = Counter("".join(codes))

    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes)
    assert max(digits.values()) < 1.06 * min(digits.values())
    assert any(code.startswith("0") for code in codes)


def test_a_stored_token_cannot_be_presented() -> None:
    token = new_token()

    assert token_hash(token) != token
    assert token_hash(token) == token_hash(token) != token_hash(token_hash(token))


def test_comparison_tells_equal_from_unequal() -> None:
    assert same("код", "код")
    assert not same("a", "b")
    assert not same("a", "aa")
