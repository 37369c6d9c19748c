"""What people are told when an address changes, and when something is taken back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from suite.accounts.letters.entry import CODE_LIVES, account_is_open
from suite.accounts.models import AddressChange
from suite.kernel import db, jobs
from suite.kernel.words import marked as _
from suite.messages import Button, Code, Letter, Line, letter

UNDO_LIVES = timedelta(hours=72)


def _change_waits(_person_id: UUID, facts: dict[str, Any]) -> bool:
    """Send a code only while the change it proves is still wanted."""
    found = select(AddressChange.id).where(AddressChange.id == UUID(facts["change"]))
    return db.session.scalar(found) is not None


confirm_new_address = letter(
    Letter(
        "confirm_new_address",
        _("Your code is {code}"),
        (
            Line(_("somebody, perhaps you, wants to use this e-mail address for an account. Type this code there:")),
            Code(),
            Line(_("The code works for 30 minutes. If it was not you, do nothing: without it nothing changes.")),
        ),
        purpose="protect_accounts",
        lane=jobs.URGENT,
        expires=CODE_LIVES,
        still_wanted=_change_waits,
        unproven=True,
    )
)

address_wanted = letter(
    Letter(
        "address_wanted",
        _("Your e-mail address is in use already"),
        (
            Line(_("somebody, perhaps you, just tried to use this e-mail address for another account.")),
            Line(_("There is an account for it already, and it keeps it. Close that one first to free the address.")),
            Line(_("If it was not you, nothing needs to be done: nothing was changed.")),
        ),
        purpose="protect_accounts",
        expires=timedelta(hours=24),
        still_wanted=account_is_open,
    )
)

# It is sent even when the account is closed by now: whoever took it over may have done that, too.
address_changed = letter(
    Letter(
        "address_changed",
        _("The e-mail address of your account was changed"),
        (
            Line(_("your account has another e-mail address now; this one is not used for it any more.")),
            Line(_("Time: {time}.")),
            Line(_("If it was you, nothing needs to be done.")),
            Line(_("If it was not you, open this page within 72 hours to bring this address back:")),
            Button(_("Bring the address back"), "/undo#{undo}"),
            Line(_("It also ends every session and stops changes for 24 hours.")),
            Line(_("Then ask for a new password where you sign in.")),
        ),
        purpose="protect_accounts",
        lane=jobs.URGENT,
        expires=UNDO_LIVES,
    )
)

address_confirmed = letter(
    Letter(
        "address_confirmed",
        _("Your account has this e-mail address now"),
        (
            Line(_("this is the e-mail address of your account from now on: sign in with it.")),
            Line(_("The earlier address was told, and can take that back for 72 hours.")),
        ),
        purpose="protect_accounts",
        expires=timedelta(hours=24),
        still_wanted=account_is_open,
    )
)

address_restored = letter(
    Letter(
        "address_restored",
        _("The earlier e-mail address of your account is back"),
        (
            Line(_("somebody opened the link that was sent to the earlier e-mail address of your account.")),
            Line(_("The account has that address again, every session was ended, and changes are stopped for a day.")),
            Line(_("Time: {time}.")),
            Line(_("If it was not you, please write to us at once.")),
        ),
        purpose="protect_accounts",
        lane=jobs.URGENT,
        expires=UNDO_LIVES,
    )
)

account_restored = letter(
    Letter(
        "account_restored",
        _("Your account is open again"),
        (
            Line(_("the closing of your account was taken back with the link in our letter. Sign in as before.")),
            Line(_("Consents you had given stay withdrawn.")),
            Line(_("If it was not you, ask for a new password where you sign in.")),
        ),
        purpose="protect_accounts",
        expires=timedelta(hours=24),
        still_wanted=account_is_open,
    )
)

changed_by_steward = letter(
    Letter(
        "changed_by_administrator",
        _("The Administrator of your company changed your settings"),
        (
            Line(_("the Administrator of your company changed what {service} knows about you: {fields}.")),
            Line(_("You can look at it in your settings, and change it. Your password was neither seen nor changed.")),
        ),
        purpose="protect_accounts",
        expires=timedelta(days=3),
        still_wanted=account_is_open,
    )
)

LETTERS = (
    changed_by_steward,
    confirm_new_address,
    address_wanted,
    address_changed,
    address_confirmed,
    address_restored,
    account_restored,
)
