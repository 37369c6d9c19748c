"""Password hashes: argon2id with a pepper, computed in a bounded pool and never inside a transaction."""

import base64
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, TypeVar

from suite.kernel import db, system
from suite.kernel.errors import Busy
from suite.kernel.secrets import CannotOpen, Keyring

if TYPE_CHECKING:
    from passlib.context import CryptContext

T = TypeVar("T")

MEMORY_KIB = 19456
ROUNDS = 2


@cache
def _context() -> "CryptContext":
    from passlib.context import CryptContext

    return CryptContext(
        ["argon2"],
        argon2__type="ID",
        argon2__memory_cost=MEMORY_KIB,
        argon2__time_cost=ROUNDS,
        argon2__parallelism=1,
    )


def _random(size: int) -> str:
    return base64.b64encode(os.urandom(size)).decode().rstrip("=")


class HashPool:
    """Computes hashes on a few threads; more than `queue` waiting are refused with 503.

    For addresses nobody registered it checks against a hash no password fits, so that the work is the same.
    """

    def __init__(self, keys: Keyring, threads: int, queue: int) -> None:
        self._keys = keys
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="hash")
        self._room = BoundedSemaphore(threads + queue)
        self._nobody = f"{keys.primary}$argon2id$v=19$m={MEMORY_KIB},t={ROUNDS},p=1${_random(16)}${_random(32)}"
        self.computed = 0

    def hash(self, password: str) -> str:
        """Hash a new password; the result begins with the id of the pepper."""
        return self._run(self._hash, password)

    def verify(self, password: str, stored: str | None) -> bool:
        """Check a password; with no stored hash the same work is done and the answer is no."""
        return self._run(self._verify, password, stored)

    def outdated(self, stored: str) -> bool:
        """Say whether a hash was made with older parameters or an older pepper."""
        key_id, _, digest = stored.partition("$")
        return key_id != self._keys.primary or _context().needs_update("$" + digest)

    def close(self) -> None:
        """Let running hashes finish and take no more."""
        self._pool.shutdown(wait=True)

    def _run(self, work: Callable[..., T], *args: object) -> T:
        if not db.holds_nothing():
            raise RuntimeError("A password is never hashed inside a transaction; call db.settle() first.")
        if not self._room.acquire(blocking=False):
            raise Busy(retry_after=2)
        try:
            self.computed += 1
            return self._pool.submit(work, *args).result()
        finally:
            self._room.release()

    def _hash(self, password: str) -> str:
        key_id = self._keys.primary
        return key_id + str(_context().hash(self._keys.pepper(password, key_id)))

    def _verify(self, password: str, stored: str | None) -> bool:
        key_id, _, digest = (stored or self._nobody).partition("$")
        try:
            peppered = self._keys.pepper(password, key_id)
        except CannotOpen:
            peppered = self._keys.pepper(password, self._keys.primary)
            stored = None
        return bool(_context().verify(peppered, "$" + digest)) and stored is not None


def hash_password(password: str) -> str:
    """Hash a new password in the pool of the running system."""
    return system.current().hashes.hash(password)


def verify_password(password: str, stored: str | None) -> bool:
    """Check a password in the pool of the running system."""
    return system.current().hashes.verify(password, stored)
