"""Secrets: encryption with key ids, keyed hashes, tokens.

Master keys come from the settings, newest first. Each use has its own key, derived by HKDF-SHA256.
"""

import base64
import hashlib
import hmac
import os
import secrets
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from suite.settings import keys_of

_VERSION = b"\x01"
_NONCE = 12
_HASH_LENGTH = 64
SIGNING_PREFIX = "whsec_"


class CannotOpen(Exception):
    """A sealed value was changed, moved to another row, or its key is gone."""


class Keyring:
    """The master keys of an installation."""

    def __init__(self, text: str) -> None:
        self._masters = dict(keys_of(text))
        self.primary = next(iter(self._masters))
        self._derived = cache(self._derive)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the keys, newest first."""
        return tuple(self._masters)

    def _derive(self, key_id: str, use: str) -> bytes:
        master = self._masters.get(key_id)
        if master is None:
            raise CannotOpen(f"Key {key_id} is not among the configured keys.")
        return HKDF(SHA256(), 32, salt=None, info=b"suite/" + use.encode()).derive(master)

    def seal(self, plain: str, context: str) -> bytes:
        """Encrypt with AES-256-GCM; `context` (table, row, column) must be the same when opening."""
        nonce = os.urandom(_NONCE)
        box = AESGCM(self._derived(self.primary, "seal")).encrypt(nonce, plain.encode(), context.encode())
        return self.header(self.primary) + nonce + box

    def open(self, sealed: bytes, context: str) -> str:
        """Decrypt what `seal` made; raise CannotOpen when it does not fit."""
        key_id = self.key_id(sealed)
        start = 2 + len(key_id)
        nonce, box = sealed[start : start + _NONCE], sealed[start + _NONCE :]
        try:
            plain = AESGCM(self._derived(key_id, "seal")).decrypt(nonce, box, context.encode())
        except (InvalidTag, ValueError) as problem:
            raise CannotOpen("The sealed value does not belong here or was changed.") from problem
        return plain.decode()

    @staticmethod
    def header(key_id: str) -> bytes:
        """Give the beginning of every value sealed with this key."""
        return _VERSION + bytes([len(key_id)]) + key_id.encode()

    @staticmethod
    def key_id(sealed: bytes) -> str:
        """Give the id of the key a value was sealed with."""
        if len(sealed) < 2 or sealed[:1] != _VERSION:
            raise CannotOpen("This is no sealed value.")
        return sealed[2 : 2 + sealed[1]].decode("ascii", "replace")

    def keyed_hash(self, value: str, use: str, key_id: str | None = None) -> str:
        """HMAC-SHA256 under the newest key: the key's id, a dot and hex digits, 64 characters at most.

        The digits are at least 188 bits. The id says which key is still needed after a rotation.
        """
        key_id = key_id or self.primary
        digest = hmac.digest(self._derived(key_id, "hash/" + use), value.encode(), "sha256").hex()
        return f"{key_id}.{digest}"[:_HASH_LENGTH]

    def keyed_hashes(self, value: str, use: str) -> tuple[str, ...]:
        """Give the hash under every key, newest first, to look up what may be older than a rotation."""
        return tuple(self.keyed_hash(value, use, key_id) for key_id in self.ids)

    def pepper(self, password: str, key_id: str) -> str:
        """HMAC a password before it is hashed, so that a stolen database alone cannot be attacked."""
        digest = hmac.new(self._derived(key_id, "pepper"), password.encode(), hashlib.sha256).digest()
        return base64.b64encode(digest).decode()


def new_token() -> str:
    """Make a 256-bit token, URL-safe."""
    return secrets.token_urlsafe(32)


def new_signing_secret() -> str:
    """Make a secret for signatures as Standard Webhooks writes it: `whsec_` and 32 bytes in base64."""
    return SIGNING_PREFIX + base64.b64encode(os.urandom(32)).decode()


def new_code(digits: int = 6) -> str:
    """Make a code of ASCII digits from the system's random source."""
    return "".join(secrets.choice("0123456789") for _ in range(digits))


def new_letters(alphabet: str, length: int) -> str:
    """Make a text of random letters."""
    size = len(alphabet)
    if 256 % size == 0:  # each byte means one letter, and each letter comes equally often
        return "".join(alphabet[byte % size] for byte in os.urandom(length))
    return "".join(secrets.choice(alphabet) for _ in range(length))


def token_hash(token: str) -> str:
    """Hash a token for storage: SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare without telling by the time taken where two values differ."""
    return hmac.compare_digest(one.encode(), other.encode())
