"""What members are told besides: that a contract ends, and the code that proves an additional address."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from suite.companies.models import MemberAddress
from suite.kernel import db, jobs
from suite.kernel.words import marked as _
from suite.messages import Code, Letter, Line, letter
from suite.reminders import still_wanted

ADDRESS_CODE_LIVES = timedelta(minutes=30)


def _address_waits(_person_id: UUID, facts: dict[str, Any]) -> bool:
    """Send a code only while the address it proves is still wanted and not proven."""
    waits = (MemberAddress.id == UUID(facts["address"]), MemberAddress.verified_at.is_(None))
    return db.session.scalar(select(MemberAddress.id).where(*waits)) is not None


verify_address = letter(
    Letter(
        "verify_additional_address",
        _("Your code is {code}"),
        (
            Line(_("somebody, perhaps you, added this e-mail address to what they use at work. Type this code there:")),
            Code(),
            Line(_("The code works for 30 minutes. If it was not you, do nothing: nothing else is sent here then.")),
        ),
        purpose="protect_accounts",
        lane=jobs.URGENT,
        expires=ADDRESS_CODE_LIVES,
        still_wanted=_address_waits,
        unproven=True,
    )
)


def _still_told(person_id: UUID, facts: dict[str, Any]) -> bool:
    """Send word of a contract while that is so, and to an additional address while it is one."""
    if "copy" in facts:
        mine = (MemberAddress.id == UUID(facts["copy"]), MemberAddress.verified_at.is_not(None))
        if db.session.scalar(select(MemberAddress.id).where(*mine)) is None:
            return False
    return still_wanted(person_id, facts)


contract_ending = letter(
    Letter(
        "contract_ending",
        _("The contract {contract} ends {when}"),
        (
            Line(_("the contract {contract} ({title}) ends {when}: on {date}.")),
            Line(_("You get this mail because you were designated as authorised to use it when it was bought.")),
            Line(_("If it was extended already, nothing needs to be done.")),
        ),
        purpose="service_notifications",
        lane=jobs.BULK,
        expires=timedelta(days=1),
        still_wanted=_still_told,
    )
)

LETTERS = (verify_address, contract_ending)
