"""What an owner is told when staff blocked the account, or opened it again."""

from datetime import timedelta

from suite.accounts.letters.entry import account_is_open
from suite.kernel import jobs
from suite.kernel.words import marked as _
from suite.messages import Letter, Line, letter

REASONS = {
    "taken_over": _("somebody else seems to use it"),
    "misuse": _("it was used against the terms"),
    "owner_asked": _("you asked for it"),
    "legal": _("the law obliges us"),
}
"""Why an account may be blocked, as a code word, and what its owner reads."""


def _about_block(key: str, subject: str, *lines: str) -> Letter:
    return letter(
        Letter(
            key,
            subject,
            tuple(Line(line) for line in lines),
            purpose="protect_accounts",
            lane=jobs.URGENT,
            expires=timedelta(days=7),
            still_wanted=account_is_open,
        )
    )


blocked = _about_block(
    "account_blocked",
    _("Your account is blocked"),
    _("we blocked your account: {reason}. Every session was ended, and nobody can sign in until it is opened again."),
    _("Your data stay as they are. You can ask us to look at it again: please write to us."),
)
unblocked = _about_block(
    "account_unblocked",
    _("Your account is open again"),
    _("we opened your account again. You can sign in as before."),
    _("If you do not know why it was blocked, please write to us."),
)
disclosed = letter(
    Letter(
        "disclosed_by_law",
        _("A law obliged us to hand over data about you"),
        (
            Line(_("a law obliged us to hand over data about you: {law}.")),
            Line(_("They went to {authority}, whose reference is {reference}.")),
            Line(_("What was handed over: {categories}.")),
            Line(_("Two of us checked the demand. You can ask us about it, and complain to a supervisory authority.")),
        ),
        purpose="legal_obligation",
    )
)
LETTERS = (blocked, unblocked, disclosed)
