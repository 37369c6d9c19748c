"""Notices that services send without asking, each with an off switch (BUS-22)."""

from dataclasses import dataclass
from uuid import UUID

from suite.accounts import memberships
from suite.accounts.models import Account
from suite.declarations import Purpose
from suite.kernel import audit, words
from suite.kernel.errors import NotFound
from suite.privacy import address_hash, declared, objected, switch_off, switch_on


@dataclass(frozen=True)
class Notice:
    """A kind of notice the services of a person send, and whether it is on."""

    purpose: str
    says: str
    on: bool


def notices(account_id: UUID, language: str) -> list[Notice]:
    """Give the notices a person can switch off."""
    return [_notice(account_id, purpose, language) for purpose in _sent_to(account_id).values()]


def switch(account: Account, purpose: str, *, on: bool, language: str) -> Notice:
    """Switch one kind of notice on or off, from the next moment."""
    found = _sent_to(account.id).get(purpose)
    if found is None:
        raise NotFound
    before = _notice(account.id, found, language)
    if before.on != on:
        if on:
            switch_on(account.id, purpose, address=account.address)
        else:
            switch_off(account.id, purpose, hashed=address_hash(account.address, purpose))
        audit.write("notice.switched", subject=account.id, purpose=purpose, on=on)
    return Notice(purpose, before.says, on)


def _sent_to(account_id: UUID) -> dict[str, Purpose]:
    services = declared().services
    return {
        purpose.key: purpose
        for membership in memberships.live(account_id)
        for purpose in services[membership.service].purposes
        if purpose.off_switch
    }


def _notice(account_id: UUID, purpose: Purpose, language: str) -> Notice:
    says = words.in_language(purpose.says, language)
    return Notice(purpose.key, says, not objected(account_id, purpose.key))
