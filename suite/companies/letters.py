"""What the companies module writes to people."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from suite.companies.models import MemberAddress
from suite.kernel import db, jobs
from suite.kernel.words import marked as _
from suite.messages import Code, Letter, Line, letter

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

LETTERS = (verify_address,)
