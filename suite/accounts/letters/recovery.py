"""What is written to somebody who forgot the password, or lost what a recovery asks for."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from suite.accounts.letters.entry import account_is_open
from suite.accounts.letters.notices import NOT_ME
from suite.accounts.models import Account, Recovery, RecoveryWait
from suite.kernel import db, jobs, secrets
from suite.kernel.words import marked as _
from suite.messages import Button, Code, Letter, Line, letter

LIVES = timedelta(minutes=30)
"""How long the mailed code and link work."""


def _still_works(person_id: UUID, facts: dict[str, Any]) -> bool:
    """Send a link only while it opens something: a newer one ends it."""
    found = (
        select(Recovery.id)
        .join(Account, Account.id == Recovery.account_id)
        .where(
            Recovery.link_hash == secrets.token_hash(facts["link"]),
            Account.id == person_id,
            Account.closed_at.is_(None),
            Account.blocked_at.is_(None),
        )
    )
    return db.session.scalar(found) is not None


def _waits(person_id: UUID, _facts: dict[str, Any]) -> bool:
    """Send word of a wait only while it is there."""
    return db.session.scalar(select(RecoveryWait.account_id).where(RecoveryWait.account_id == person_id)) is not None


reset_password = letter(
    Letter(
        "reset_password",
        _("A new password for your account"),
        (
            Line(_("somebody, perhaps you, asked for a new password. Type this code where you asked for it:")),
            Code(),
            Line(_("Or open this page and go on there:")),
            Button(_("Choose a new password"), "/recover#{link}"),
            Line(_("Code and page work for 30 minutes, and once. Never tell the code to anybody.")),
            Line(_("If you did not ask, do nothing: nothing was changed.")),
        ),
        purpose="regain_access",
        lane=jobs.URGENT,
        expires=LIVES,
        still_wanted=_still_works,
    )
)

reset_by_steward = letter(
    Letter(
        "reset_by_administrator",
        _("Please choose a new password"),
        (
            Line(_("the Administrator of your company wants you to choose a new password for {service}.")),
            Line(_("You were signed out everywhere. Open this page and go on there:")),
            Button(_("Choose a new password"), "/recover#{link}"),
            Line(_("The page works for 30 minutes, and once. Later, ask for a new password where you sign in.")),
            Line(_("The Administrator knows neither this page nor your password, and your second factors stay.")),
        ),
        purpose="regain_access",
        lane=jobs.URGENT,
        expires=LIVES,
        still_wanted=_still_works,
    )
)

_STOP = (
    Line(_("If it was not you, stop it with one click. Signing in stops it, too:")),
    Button(_("Stop this"), "/undo#{undo}"),
)

recovery_wait = letter(
    Letter(
        "recovery_wait",
        _("Somebody wants to get into your account without its second factor"),
        (
            Line(
                _("somebody who can read your mail says that the second factor or the answer to the question is lost.")
            ),
            Line(_("Time: {time}.")),
            Line(_("Nothing is changed yet. From {opens} until {closes} a new password can be set without them.")),
            *_STOP,
        ),
        purpose="regain_access",
        lane=jobs.URGENT,
        expires=timedelta(days=3),
        still_wanted=_waits,
    )
)

recovery_open = letter(
    Letter(
        "recovery_open",
        _("You can set a new password without your second factor now"),
        (
            Line(_("the three days of waiting are over.")),
            Line(_("Until {closes} a new password can be set with a mail alone.")),
            Line(_("Second factors, recovery codes and the security question are removed with it.")),
            Button(_("Ask for a new password"), "/recover"),
            *_STOP,
        ),
        purpose="regain_access",
        lane=jobs.URGENT,
        expires=timedelta(days=3),
        still_wanted=_waits,
    )
)

reset_after_wait = letter(
    Letter(
        "password_reset_after_wait",
        _("Your account has a new password and no second factor"),
        (
            Line(_("a new password was set after three days of waiting, and every session was ended.")),
            Line(_("Second factors, recovery codes and the security question of your account were removed.")),
            Line(_("Time: {time}.")),
            *NOT_ME,
        ),
        purpose="protect_accounts",
        lane=jobs.URGENT,
        expires=timedelta(days=3),
        still_wanted=account_is_open,
    )
)

LETTERS = (reset_password, reset_by_steward, recovery_wait, recovery_open, reset_after_wait)
