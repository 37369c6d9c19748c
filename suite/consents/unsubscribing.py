"""One-click unsubscribe (RFC 8058): a sealed token in every letter that can be stopped, for as long as it is read.

The token holds the number of the person, the service, the purpose and the line of the suppression list, so that it
works without signing in, and still when the account is gone. Without our keys nothing in it can be read or made.
"""

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

from suite.consents.errors import LinkDamaged
from suite.declarations import Basis
from suite.declarations.purposes import CONSENTS, PURPOSES
from suite.kernel import audit, system
from suite.kernel.secrets import CannotOpen
from suite.privacy import address_hash, can_be_suppressed, stop_consent, switch_off

PAGE, API = "/unsubscribe", "/api/v1/unsubscribe"
METHOD = "one_click"
_CONTEXT = "unsubscribe"


@dataclass(frozen=True)
class Link:
    """What a letter can be unsubscribed from, and for whom."""

    person_id: UUID
    service: str
    purpose: str
    hashed: str


def token_for(person_id: UUID, *, service: str, purpose: str, address: str) -> str:
    """Make the token of a letter, empty for one that cannot be stopped because a contract or the law demands it."""
    if not can_be_suppressed(purpose):
        return ""
    plain = "|".join((person_id.hex, service, purpose, address_hash(address, purpose)))
    sealed = system.current().keys.seal(plain, _CONTEXT)
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def unsubscribe(token: str) -> None:
    """Stop the letters a token stands for, at once and for good; doing it again changes nothing.

    Whether the person still has an account makes no difference to whoever asks.
    """
    link = _open(token)
    if PURPOSES[link.purpose].basis is Basis.CONSENT:
        consent = CONSENTS[link.purpose]
        stopped = stop_consent(link.person_id, consent, service=link.service, method=METHOD, hashed=link.hashed)
    else:
        stopped = switch_off(link.person_id, link.purpose, hashed=link.hashed)
    if stopped:  # whoever has the letter can call as often as they like, and fills no trail by it
        audit.write("letters.unsubscribed", subject=link.person_id, purpose=link.purpose)


def _open(token: str) -> Link:
    try:
        sealed = base64.urlsafe_b64decode(f"{token}==".encode("ascii"))
        person, service, purpose, hashed = system.current().keys.open(sealed, _CONTEXT).split("|")
    except (ValueError, binascii.Error, CannotOpen):
        raise LinkDamaged from None
    if purpose not in PURPOSES:  # a purpose we have given up needs no unsubscribing; its letters are no more
        raise LinkDamaged
    return Link(UUID(person), service, purpose, hashed)
