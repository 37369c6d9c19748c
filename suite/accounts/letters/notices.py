"""What an owner is told when something changed that guards the account, each with a way to object."""

from datetime import timedelta

from suite.accounts.letters.entry import account_is_open
from suite.kernel import jobs
from suite.kernel.words import marked as _
from suite.messages import Button, Letter, Line, letter

NOT_ME = (
    Line(_("If it was you, nothing needs to be done.")),
    Line(_("If it was not you, open this page at once. It ends every session and stops changes for 24 hours:")),
    Button(_("This was not me"), "/undo#{undo}"),
    Line(_("Then ask for a new password where you sign in.")),
)


def _notice(key: str, subject: str, *lines: str) -> Letter:
    return letter(
        Letter(
            key,
            subject,
            (*(Line(line) for line in lines), *NOT_ME),
            purpose="protect_accounts",
            lane=jobs.URGENT,
            expires=timedelta(days=3),
            still_wanted=account_is_open,
        )
    )


new_device = _notice(
    "new_device",
    _("New sign-in to your account"),
    _("somebody signed in to your account with a browser or app that was not used for it before:"),
    "{device}",
    _("Time: {time}."),
)
guessed = _notice(
    "second_factor_guessed",
    _("Wrong codes at the sign-in to your account"),
    _("somebody typed your right password and then too many wrong codes. The sign-in did not succeed."),
    _("If that was not you, your password is known to somebody: choose another one."),
)
password_changed = _notice(
    "password_changed",
    _("Your password was changed"),
    _("the password of your account was changed."),
    _("Time: {time}."),
)
password_reset = _notice(
    "password_reset",
    _("Your account has a new password"),
    _("a new password was set with the mail you asked for, and every session was ended."),
    _("Time: {time}."),
)
factor_added = _notice(
    "factor_added",
    _("A second factor was added to your account"),
    _("a second factor was added to your account: {factor}."),
    _("Time: {time}."),
)
factor_removed = _notice(
    "factor_removed",
    _("A second factor was removed from your account"),
    _("a second factor was removed from your account: {factor}."),
    _("Time: {time}."),
)
recovery_codes_made = _notice(
    "recovery_codes_made",
    _("New recovery codes for your account"),
    _("new recovery codes were made for your account; the older ones do not work any more."),
    _("Time: {time}."),
)
question_changed = _notice(
    "security_question_changed",
    _("Your security question was changed"),
    _("the security question of your account was set, changed or removed."),
    _("Time: {time}."),
)
LETTERS = (
    new_device,
    guessed,
    password_changed,
    password_reset,
    factor_added,
    factor_removed,
    recovery_codes_made,
    question_changed,
)
