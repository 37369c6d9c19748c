"""Licence files: what a licence allows, signed, so that a product can judge it where no server answers.

A file is text between two lines. Between them stands, in base64, JSON of `payload` (itself JSON, as a text), `alg`,
`kid` and `sig`. The signature is over `license-file/v1`, a line feed and the payload. There is one way to write a
file: whatever is not exactly what would be written is no file, so no byte can be changed.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from suite.kernel import clock
from suite.licenses import signing, terms
from suite.licenses.models import License

MOST: Final = 16 * 1024
"""Bytes a file may have at most."""
BEGIN: Final = "-----BEGIN LICENSE FILE-----"
END: Final = "-----END LICENSE FILE-----"
KEY: Final = "key"
DEVICE: Final = "device"
_LINE: Final = 64


def is_one(given: str) -> bool:
    """Say whether a text is meant to be a licence file."""
    return BEGIN in given[:200]


@dataclass(frozen=True)
class LicenseFile:
    """A file for a device, until when it is trusted without asking again, and when the licence works no more."""

    text: str
    trusted_until: datetime
    grace_until: datetime | None


def for_device(found: License, activation_id: UUID, device: str, *, kid: str) -> LicenseFile:
    """Write the file of an activation. It names the device by a hash: a copy tells nobody's serial number."""
    now = clock.now()
    until = min(terms.policy_of(found).offline.after(now), signing.LONGEST.after(now))
    ends = grace_until(found)
    facts = {
        "activation": str(activation_id),
        "device": hashlib.sha256(device.encode()).hexdigest(),
        "expires_at": _written(found.expires_at),
        "grace_until": _written(ends),
    }
    return LicenseFile(_file(DEVICE, found, facts, issued_at=now, trusted_until=until, kid=kid), until, ends)


def for_holder(found: License) -> str:
    """Write the file that stands for the activation code of a licence, for as long as its signature counts."""
    now = clock.now()
    until = signing.LONGEST.after(now)
    return _file(KEY, found, {}, issued_at=now, trusted_until=until, kid=signing.signer())


def read(given: str) -> dict[str, Any] | None:
    """Give the payload of a file that one of our keys signed; None for every other text."""
    text = given.removeprefix("\ufeff").replace("\r\n", "\n").strip(" \n")
    if len(given) > MOST or not text.startswith(BEGIN) or not text.endswith(END):
        return None
    try:
        envelope = orjson.loads(base64.b64decode(text[len(BEGIN) : -len(END)].encode("ascii")))
        payload, kid, signature = envelope["payload"], envelope["kid"], envelope["sig"]
        raw = base64.b64decode(signature.encode("ascii"), validate=True)
        same = text == _envelope(payload, kid, raw).strip()
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if not same or not isinstance(payload, str) or not isinstance(kid, str) or not signing.verify(payload, kid, raw):
        return None
    found: dict[str, Any] = orjson.loads(payload)
    return found


def _file(
    purpose: str, found: License, facts: Mapping[str, Any], *, issued_at: datetime, trusted_until: datetime, kid: str
) -> str:
    payload = {
        "purpose": purpose,
        "license": str(found.id),
        "tail": found.code_tail,
        "product": found.product,
        "policy": found.policy,
        "seats": found.seats,
        "issued_at": _written(issued_at),
        "trusted_until": _written(trusted_until),
        **facts,
    }
    text = orjson.dumps(payload).decode()
    return _envelope(text, kid, signing.sign(text, kid))


def _envelope(payload: str, kid: str, signature: bytes) -> str:
    sig = base64.b64encode(signature).decode()
    whole = orjson.dumps({"payload": payload, "alg": signing.ALGORITHM, "kid": kid, "sig": sig})
    body = base64.b64encode(whole).decode()
    return "\n".join([BEGIN, *(body[at : at + _LINE] for at in range(0, len(body), _LINE)), END, ""])


def grace_until(found: License) -> datetime | None:
    """Give the instant from which a licence works no more; None for one without an end."""
    return None if found.expires_at is None else terms.policy_of(found).grace.after(found.expires_at)


def _written(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat(timespec="seconds").replace("+00:00", "Z")
