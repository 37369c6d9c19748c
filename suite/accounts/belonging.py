"""Who belongs to a service just now, for modules that build on memberships: one table to join, nothing to guess."""

from sqlalchemy import select

from suite.accounts.models import Account, Membership

present_members = (
    select(
        Membership.id.label("membership_id"),
        Membership.account_id.label("person_id"),
        Membership.service.label("service"),
        Membership.first_name.label("first_name"),
        Membership.last_name.label("last_name"),
        Membership.country.label("country"),
        Account.address.label("address"),
        Account.email_key.label("email_key"),
        Account.language.label("language"),
        Account.blocked_at.label("blocked_at"),
    )
    .join(Account, Account.id == Membership.account_id)
    .where(Membership.ended_at.is_(None), Account.closed_at.is_(None))
    .subquery("present")
)
"""Members who neither left their service nor closed the account; a blocked account is among them, with `blocked_at`."""
