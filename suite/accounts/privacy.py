"""What the accounts module declares."""

from suite.accounts.models import account_closed, membership_ended, registration_started, session_over
from suite.declarations import Cookie, CookieCategory, Declaration, Period

COOKIES = (
    Cookie(
        "__Host-session",
        CookieCategory.AUTHENTICATION,
        "keeps you signed in; deleted when the browser closes",
        Period(hours=12),
    ),
    Cookie(
        "suite_session",
        CookieCategory.AUTHENTICATION,
        "keeps you signed in on an installation without TLS, for development",
        Period(hours=12),
    ),
)

declaration = Declaration(
    module="accounts",
    cookies=COOKIES,
    announces={
        account_closed: "accounts.closed_at",
        membership_ended: "memberships.ended_at",
        registration_started: "registrations.started_at",
        session_over: "sessions.expires_at",
    },
    letters=("confirm_address", "already_registered", "service_left", "account_closed"),
)
