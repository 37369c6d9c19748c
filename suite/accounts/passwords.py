"""Which passwords are accepted: long enough, not on a list, not the address or the service's name.

No rules about kinds of characters (NIST SP 800-63B-4); nothing is ever cut.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from sqlalchemy import select

from suite.accounts.errors import PasswordTooCommon, PasswordTooShort
from suite.accounts.models import Account, Membership, profile_of
from suite.kernel import db, system
from suite.privacy import declared

LONGEST = 128
_ENDING = re.compile(r"[\d!?.*#$@_-]{1,4}$")
_DECORATION = re.compile(r"[\d\W_]+")


def normal(password: str) -> str:
    """Give the form that is hashed: NFKC, so that every keyboard types the same password."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, context: Iterable[str]) -> None:
    """Refuse a password that is too short or that an attacker would try first."""
    shortest = system.current().settings.password_min_length
    plain = normal(password)
    if len(plain) < shortest:
        raise PasswordTooShort(least=shortest)
    folded = plain.casefold()
    if len(set(folded)) < 3 or any(guess in _common() for guess in (folded, _ENDING.sub("", folded))):
        raise PasswordTooCommon
    bare = _DECORATION.sub("", folded)
    for word in context:
        if len(word) >= 4 and bare == _DECORATION.sub("", word.casefold()):
            raise PasswordTooCommon


def about(account: Account) -> list[str]:
    """Give the words somebody tries first who knows the person: the address, the services, what they were told."""
    joined = db.session.scalars(
        select(Membership).where(Membership.account_id == account.id, Membership.ended_at.is_(None))
    ).all()
    key, services = account.email_key, declared().services
    told = [value for one in joined for value in (services[one.service].title, *profile_of(one).values())]
    return [key, key.partition("@")[0], *told]


@cache
def _common() -> frozenset[str]:
    text = files("suite.accounts").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split("\n"))
