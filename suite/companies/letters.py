"""What companies write: to Administrators, to members, to whoever is invited, to the keepers of a domain."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from suite.accounts import present_members
from suite.companies.models import ADMINISTRATOR, INVITATION_LIVES, CompanyDomain, CompanyInvitation, CompanyMember
from suite.kernel import db, jobs, secrets
from suite.kernel.words import marked as _
from suite.messages import Code, Letter, Line, letter

_PURPOSE = "service_notifications"
_WHO = (Line("{first_name} {last_name}"), Line("{email}"))


def _administers(person_id: UUID, facts: dict[str, Any]) -> bool:
    """Send only while whoever it tells about is there, and the receiver can act as Administrator of that company."""
    theirs = select(CompanyMember.company_id).where(CompanyMember.id == UUID(facts["member"])).scalar_subquery()
    mine = (
        select(CompanyMember.id)
        .join(present_members, present_members.c.membership_id == CompanyMember.membership_id)
        .where(
            CompanyMember.person_id == person_id,
            CompanyMember.role == ADMINISTRATOR,
            CompanyMember.company_id == theirs,
            present_members.c.blocked_at.is_(None),
        )
    )
    return db.session.scalar(mine) is not None


def _newcomer(facts: dict[str, Any]) -> UUID | None:
    return db.session.scalar(select(CompanyMember.person_id).where(CompanyMember.id == UUID(facts["member"])))


def _still_asks(person_id: UUID, facts: dict[str, Any]) -> bool:
    asks = select(CompanyMember.id).where(CompanyMember.id == UUID(facts["member"]), CompanyMember.joined_at.is_(None))
    return db.session.scalar(asks) is not None and _administers(person_id, facts)


def _invited(person_id: UUID, facts: dict[str, Any]) -> bool:
    known = db.session.scalar(select(CompanyInvitation.token_hash).where(CompanyInvitation.id == person_id))
    return known == secrets.token_hash(facts["token"])


def _domain_waits(_person_id: UUID, facts: dict[str, Any]) -> bool:
    waits = select(CompanyDomain.id).where(
        CompanyDomain.id == UUID(facts["domain_id"]), CompanyDomain.code_hash.is_not(None)
    )
    return db.session.scalar(waits) is not None


# COM-16, COM-17: first name, last name and corporate e-mail, and nothing else about the person.
asked = letter(
    Letter(
        "company_join_asked",
        _("Somebody asks to join your company"),
        (
            Line(_("somebody gave a licence of your company and asks to join it:")),
            *_WHO,
            Line(_("Let them in or say no where you manage your company. Until then they see nothing of it.")),
        ),
        purpose=_PURPOSE,
        expires=timedelta(days=7),
        still_wanted=_still_asks,
        names=_newcomer,
    )
)
joined = letter(
    Letter(
        "company_joined",
        _("Somebody joined your company"),
        (
            Line(_("an invitation or a verified domain of your company let somebody in:")),
            *_WHO,
            Line(_("If that is not right, remove them where you manage your company.")),
        ),
        purpose=_PURPOSE,
        expires=timedelta(days=7),
        still_wanted=_administers,
        names=_newcomer,
    )
)


def _notice(key: str, subject: str, *lines: str, purpose: str = _PURPOSE) -> Letter:
    return letter(Letter(key, subject, tuple(Line(line) for line in lines), purpose=purpose, expires=timedelta(days=3)))


accepted = _notice(
    "company_accepted",
    _("Your company let you in"),
    _("an Administrator of {company} let you in: from now on you see what it shares with its employees."),
)
declined = _notice(
    "company_declined",
    _("Your company said no"),
    _("the Administrator of the company whose licence you gave did not let you in."),
    _("Your account stays as it is. If this is a mistake, talk to your colleagues, and ask again with the licence."),
)
removed = _notice(
    "company_removed",
    _("You were removed from a company"),
    _("an Administrator removed you from {company}: its licences, contracts and requests are closed to you now."),
    _("Your personal account stays as it is."),
)
made_administrator = _notice(
    "company_made_administrator",
    _("You are an Administrator now"),
    _("you are an Administrator of {company} from now on: you decide who belongs to it and what they may do."),
)
made_employee = _notice(
    "company_made_employee",
    _("You are no Administrator any more"),
    _("another Administrator of {company} changed your role: you are an employee there from now on."),
)
handed_over = _notice(
    "company_handed_over",
    _("You are an Administrator now"),
    _("{company} had no Administrator any more. You have been there longest, so you are one from now on."),
    _("Make somebody else Administrator if that suits you better."),
)
blocked = _notice(
    "company_blocked",
    _("Your company was blocked"),
    _("an Administrator has blocked {company}: nobody can use its rights until an Administrator unblocks it."),
    _("Personal accounts work as before."),
    _("Time: {time}."),
    purpose="protect_accounts",
)
unblocked = _notice(
    "company_unblocked",
    _("Your company can be used again"),
    _("an Administrator has unblocked {company}."),
    _("Time: {time}."),
    purpose="protect_accounts",
)

invitation = letter(
    Letter(
        "company_invitation",
        _("{company} invites you to {service}"),
        (
            Line(_("an Administrator of {company} invites you to join the company in {service}.")),
            Line(_("Register there with this e-mail address, and give this text where a licence is asked:")),
            Code("token"),
            Line(_("If you have an account already, sign in and accept the invitation with the same text.")),
            Line(_("It works for 48 hours, once, and for nobody else. If you do not want to join, do nothing.")),
        ),
        purpose=_PURPOSE,
        lane=jobs.URGENT,
        expires=timedelta(hours=INVITATION_LIVES.hours),
        still_wanted=_invited,
        unproven=True,
    )
)
DOMAIN_CODE_LIVES = timedelta(hours=24)
domain_code = letter(
    Letter(
        "company_domain_code",
        _("Code for {domain}: {code}"),
        (
            Line(_("somebody who says that {domain} belongs to {company} asks to verify it. The code is:")),
            Code(),
            Line(_("With it, people whose addresses end in {domain} can join {company} without being asked.")),
            Line(_("It works for 24 hours. If {domain} does not belong to that company, tell nobody the code.")),
        ),
        purpose=_PURPOSE,
        lane=jobs.URGENT,
        expires=DOMAIN_CODE_LIVES,
        still_wanted=_domain_waits,
        unproven=True,
    )
)

LETTERS = (
    asked,
    joined,
    accepted,
    declined,
    removed,
    made_administrator,
    made_employee,
    handed_over,
    blocked,
    unblocked,
    invitation,
    domain_code,
)
"""Every letter of the module, for its declaration."""
