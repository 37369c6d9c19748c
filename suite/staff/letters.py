"""What staff members are written: the invitation, and what changed about their access."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from suite.kernel import db, jobs, secrets
from suite.kernel.words import marked as _
from suite.messages import Button, Letter, Line, letter, post
from suite.staff.models import StaffInvitation, StaffMember

INVITATION_LIVES = timedelta(hours=72)
_NOT_YOU = Line(_("If it was not you, tell an administrator at once."))


def _newest(person_id: UUID, facts: dict[str, Any]) -> bool:
    """Send an invitation only while its link opens something."""
    known = db.session.scalar(select(StaffInvitation.token_hash).where(StaffInvitation.member_id == person_id))
    return known == secrets.token_hash(facts["token"])


def _works_here(person_id: UUID, _facts: dict[str, Any]) -> bool:
    return (
        db.session.scalar(select(StaffMember.id).where(StaffMember.id == person_id, StaffMember.disabled_at.is_(None)))
        is not None
    )


invitation = letter(
    Letter(
        "staff_invitation",
        _("Your access to the internal tools of {product}"),
        (
            Line(
                _("you have been given access to the internal tools. Choose a password and add an authenticator app:")
            ),
            Button(_("Accept the invitation"), "/staff/invitation#{token}"),
            Line(_("The link works for 72 hours. Have your phone with an authenticator app at hand.")),
            Line(_("If you had access before: the former password, apps and recovery codes do not work any more.")),
            Line(_("If you do not expect this letter, tell an administrator and do not open the link.")),
        ),
        purpose="internal_tools",
        lane=jobs.URGENT,
        expires=INVITATION_LIVES,
        still_wanted=_newest,
    )
)


def _notice(key: str, subject: str, *lines: str) -> Letter:
    return letter(
        Letter(
            key,
            subject,
            (*(Line(line) for line in lines), _NOT_YOU),
            purpose="internal_tools",
            lane=jobs.URGENT,
            expires=timedelta(days=3),
            still_wanted=_works_here,
        )
    )


new_device = _notice(
    "staff_new_device",
    _("New sign-in to the internal tools"),
    _("somebody signed in to the internal tools as you, with a browser or app that was not used for it before:"),
    "{device}",
    _("Time: {time}."),
)
guessed = _notice(
    "staff_second_factor_guessed",
    _("Wrong codes at your sign-in to the internal tools"),
    _("somebody typed your right password and then too many wrong codes. The sign-in did not succeed."),
)
factors_changed = _notice(
    "staff_factors_changed",
    _("Your second factors for the internal tools were changed"),
    _("an authenticator app was added or removed, or new recovery codes were made."),
    _("Time: {time}."),
)
LETTERS = (invitation, new_device, guessed, factors_changed)


def tell(member: StaffMember, about: Letter, **facts: str) -> None:
    """Write to a member."""
    post(about, person_id=member.id, to=member.address, language=member.language, facts=facts)
