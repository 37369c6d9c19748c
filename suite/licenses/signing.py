"""Keys that sign licence files: made when first needed, rotated, published. What a retired key signed proves nothing.

Of many who need the first key at once one makes it, because `serial` is unique. The private half stands sealed in the
database, and only as long as it signs.
"""

import base64
import hashlib
import json
import re
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import ScalarSelect, func, or_, select, update

from suite.declarations import Period
from suite.kernel import audit, clock, db, sealed, system
from suite.licenses.models import LicenseKey

ALGORITHM: Final = "Ed25519"
LONGEST: Final = Period(months=24)
"""How long at most anything signed is trusted, and so how long a key is published after the next one took over."""
_DOMAIN: Final = b"license-file/v1\n"
_KID = re.compile(r"[A-Za-z0-9_-]{43}")
_signers: dict[str, Ed25519PrivateKey] = {}


def newest() -> ScalarSelect[str]:
    """Give the question which key signs, to be asked along with others."""
    highest = select(func.max(LicenseKey.serial)).scalar_subquery()
    return select(LicenseKey.id).where(LicenseKey.serial == highest).scalar_subquery()


def signer(kid: str | None = None) -> str:
    """Give the id of a key that can sign in this process: of the one named, or of the newest, which is made if needed.

    A key named that another one took over from meanwhile gives way to it.
    """
    if kid in _signers:
        return str(kid)
    found = db.session.scalar(select(LicenseKey).order_by(LicenseKey.serial.desc()).limit(1)) or _make(1)
    if found.id not in _signers and found.private_key is not None:
        raw = base64.b64decode(system.current().keys.open(found.private_key, _cell(found.id)))
        _signers[found.id] = Ed25519PrivateKey.from_private_bytes(raw)
    return found.id


def known_here(kid: str | None) -> bool:
    """Say whether this process can sign with a key without asking the database."""
    return kid in _signers


def sign(text: str, kid: str) -> bytes:
    """Sign a text with a key that `signer` gave."""
    return _signers[kid].sign(_DOMAIN + text.encode())


def verify(text: str, kid: str, signature: bytes) -> bool:
    """Say whether a published key signed this; an unknown and a retired one are answered alike."""
    found = db.session.get(LicenseKey, kid) if _KID.fullmatch(kid) else None
    if found is None or (found.retired_at is not None and found.retired_at <= clock.now()):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(found.public_key)).verify(signature, _DOMAIN + text.encode())
    except InvalidSignature:
        return False
    return True


def published() -> list[dict[str, Any]]:
    """Give the keys that count, newest first, as JSON Web Keys (RFC 8037)."""
    live = or_(LicenseKey.retired_at.is_(None), LicenseKey.retired_at > clock.now())
    return [
        {**_public(one.public_key), "kid": one.id, "alg": "EdDSA", "use": "sig"}
        for one in db.session.scalars(select(LicenseKey).where(live).order_by(LicenseKey.serial.desc()))
    ]


def rotate(*, at_once: bool = False) -> LicenseKey:
    """Let a new key sign. What the old ones signed counts until it is over, or no longer from now on.

    Two who rotate in the same moment make one key.
    """
    last = db.session.scalar(select(LicenseKey).order_by(LicenseKey.serial.desc()).limit(1).with_for_update())
    fresh = _make(last.serial + 1 if last else 1)
    now = clock.now()
    before = LicenseKey.serial < fresh.serial
    ends = now if at_once else LONGEST.after(now)
    counts = LicenseKey.retired_at > now if at_once else LicenseKey.retired_at.is_(None)
    db.session.execute(
        update(LicenseKey).where(before, or_(LicenseKey.retired_at.is_(None), counts)).values(retired_at=ends)
    )
    db.session.execute(update(LicenseKey).where(before).values(private_key=None))
    audit.write("license_key.rotated", serial=fresh.serial, at_once=at_once)
    return fresh


def _make(serial: int) -> LicenseKey:
    """Make the key of this serial, unless somebody just did; give the one that signs now."""
    private = Ed25519PrivateKey.generate()
    public = _text(private.public_key().public_bytes_raw())
    kid = _thumbprint(public)
    secret = base64.b64encode(private.private_bytes_raw()).decode()
    db.session.execute(
        system.current()
        .database.insert(LicenseKey)
        .values(
            id=kid,
            serial=serial,
            public_key=public,
            private_key=system.current().keys.seal(secret, _cell(kid)),
            made_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=[LicenseKey.serial])
    )
    return db.session.scalars(select(LicenseKey).order_by(LicenseKey.serial.desc()).limit(1)).one()


def _public(x: str) -> dict[str, str]:
    return {"crv": ALGORITHM, "kty": "OKP", "x": x}


def _thumbprint(x: str) -> str:
    """Name a key by its RFC 7638 thumbprint."""
    canonical = json.dumps(_public(x), separators=(",", ":"), sort_keys=True)
    return _text(hashlib.sha256(canonical.encode()).digest())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


def _cell(kid: str) -> str:
    return sealed.context("license_keys", kid, "private_key")
