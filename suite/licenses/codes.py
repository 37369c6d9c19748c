"""Activation codes: 120 random bits and a check character, in letters nobody mistakes for others.

The check character is that of the hybrid system MOD 33,32 built as ISO 7064 builds its own for other alphabets: it
finds every single wrong character and nearly every exchange of neighbours, before anything is looked up.
"""

from typing import Final

from suite.kernel import secrets, system

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH: Final = 25
TAIL: Final = 5
_GROUP: Final = 5
_VALUES: Final = {letter: value for value, letter in enumerate(ALPHABET)}
_USE: Final = "license"


def new_code() -> str:
    """Make a code."""
    body = secrets.new_letters(ALPHABET, LENGTH - 1)
    return body + _check(body)


def normal(given: str) -> str:
    """Give a code as it is hashed: capitals, without blanks and dashes; an empty text for what can be no code."""
    text = "".join(given.split()).replace("-", "").upper()
    return text if len(text) == LENGTH and all(letter in _VALUES for letter in text) else ""


def mistyped(code: str) -> bool:
    """Say whether the check character of a normal code is wrong."""
    return _check(code[:-1]) != code[-1]


def written(code: str) -> str:
    """Give a code as people read it, in groups of five."""
    return "-".join(code[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def hash_of(code: str) -> str:
    """Give the hash that is stored, under the newest key."""
    return system.current().keys.keyed_hash(code, _USE)


def hashes_of(code: str) -> tuple[str, ...]:
    """Give the hash under every key, newest first: a code issued before a rotation still works."""
    return system.current().keys.keyed_hashes(code, _USE)


def _check(body: str) -> str:
    size = len(ALPHABET)
    product = size
    for letter in body:
        total = (product + _VALUES[letter]) % size or size
        product = total * 2 % (size + 1)
    return ALPHABET[(size + 1 - product) % size]
