"""What the accounts module declares."""

from suite.accounts.letters import LETTERS
from suite.accounts.models import (
    account_closed,
    account_used,
    address_change_asked,
    device_used,
    membership_ended,
    recovery_asked,
    registration_started,
    session_over,
    undo_over,
    wait_over,
)
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
    *(
        Cookie(
            name,
            CookieCategory.SECURITY,
            "knows the browser again, so that wrong guesses of strangers never lock you out; replaces no password",
            Period(days=180),
        )
        for name in ("__Host-device", "suite_device")
    ),
)

declaration = Declaration(
    module="accounts",
    cookies=COOKIES,
    announces={
        account_closed: "accounts.closed_at",
        account_used: "accounts.seen_at",
        membership_ended: "memberships.ended_at",
        registration_started: "registrations.started_at",
        session_over: "sessions.expires_at",
        device_used: "known_devices.last_seen",
        recovery_asked: "recoveries.asked_at",
        wait_over: "recovery_waits.opens_at",
        address_change_asked: "address_changes.asked_at",
        undo_over: "undo_links.expires_at",
    },
    letters=tuple(letter.key for letter in LETTERS),
)
