"""What the accounts module writes about registering, leaving and closing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from suite.accounts.models import Account, Registration
from suite.kernel import db, jobs
from suite.kernel.words import marked as _
from suite.messages import Button, Code, Letter, Line, letter

CODE_LIVES = timedelta(minutes=30)


def _registration_waits(person_id: UUID, _facts: dict[str, Any]) -> bool:
    return db.session.scalar(select(Registration.id).where(Registration.id == person_id)) is not None


def account_is_open(person_id: UUID, _facts: dict[str, Any]) -> bool:
    """Send only while the account is there and not closed."""
    return db.session.scalar(select(Account.id).where(Account.id == person_id, Account.closed_at.is_(None))) is not None


confirm_address = letter(
    Letter(
        "confirm_address",
        _("Your code is {code}"),
        (
            Line(_("please confirm your e-mail address for {service}. Type this code where you registered:")),
            Code(),
            Line(_("Or open this page and type the password you chose:")),
            Button(_("Confirm the address"), "/confirm#{link}"),
            Line(
                _("The code works for 30 minutes. If you did not register, do nothing: without it there is no account.")
            ),
        ),
        purpose="sign_in",
        lane=jobs.URGENT,
        expires=CODE_LIVES,
        still_wanted=_registration_waits,
    )
)

already_registered = letter(
    Letter(
        "already_registered",
        _("You have an account already"),
        (
            Line(_("somebody, perhaps you, just tried to register for {service} with this e-mail address.")),
            Line(_("There is an account for it already. Sign in with it and join {service} in your settings.")),
            Line(_("If it was not you, nothing needs to be done: nothing was changed.")),
        ),
        purpose="protect_accounts",
        expires=timedelta(hours=24),
        still_wanted=account_is_open,
    )
)

_LEFT = (
    Line(_("you left {service}. What you told it is not used any more.")),
    Line(_("Everything that {service} holds about you will be deleted by {deadline}.")),
    Line(_("Your account and your other services stay as they are.")),
)


def _service_left(key: str, *more: Line) -> Letter:
    return letter(
        Letter(
            key,
            _("You left {service}"),
            (*_LEFT, *more),
            purpose="service_notifications",
            expires=timedelta(hours=24),
        )
    )


service_left = _service_left("service_left")
service_left_for_now = _service_left(
    "service_left_for_now", Line(_("Until {until} you can take that back in your settings."))
)


service_idle = letter(
    Letter(
        "service_idle",
        _("Do you still use {service}?"),
        (
            Line(_("you last used your account on {since}.")),
            Line(_("We keep what {service} holds about you only while you use it: it will be deleted on {deadline}.")),
            Line(_("If you want to keep it, sign in once before that day. Otherwise nothing needs to be done.")),
            Line(_("If you have no other service, your account is deleted with it.")),
        ),
        purpose="service_notifications",
        expires=timedelta(days=7),
        still_wanted=account_is_open,
    )
)


def _account_closed(key: str, *more: Line | Button) -> Letter:
    return letter(
        Letter(
            key,
            _("Your account is closed"),
            (
                Line(_("your account is closed, and nobody can sign in to it any more.")),
                Line(_("Everything we hold about you will be deleted by {deadline}.")),
                *more,
            ),
            purpose="service_notifications",
            expires=timedelta(hours=24),
            farewell=True,
        )
    )


account_closed = _account_closed("account_closed", Line(_("If it was not you, please write to us at once.")))
account_closed_for_now = _account_closed(
    "account_closed_for_now",
    Line(_("Until {until} you can take that back, also if it was not you who closed it:")),
    Button(_("Open the account again"), "/undo#{undo}"),
)
