"""What an owner can read about the account: what happened to it, and what staff looked at or did.

Both are read from the audit trail, under every key of the ring. Names of staff are not in it.
"""

from uuid import UUID

from sqlalchemy import select

from suite.kernel import audit
from suite.kernel.access import ActorKind
from suite.kernel.models import AuditEntry
from suite.kernel.paging import Page, page

SHOWN: dict[str, tuple[str, ...]] = {
    "account.opened": ("service",),
    "account.blocked": ("reason",),
    "account.unblocked": ("reason",),
    "account.closed": (),
    "account.restored": (),
    "address.changed": (),
    "address.not_restored": (),
    "address.restored": (),
    "address_change.asked": (),
    "address_change.cancelled": (),
    "change.undone": ("kind",),
    "company.asked": (),
    "company.blocked": (),
    "company.changed": (),
    "company.declined": (),
    "company.domain_added": (),
    "company.domain_removed": (),
    "company.domain_verified": (),
    "company.founded": (),
    "company.joined": (),
    "company.left": (),
    "company.removed": (),
    "company.role_changed": ("role",),
    "company.unblocked": (),
    "company_address.added": (),
    "company_address.removed": (),
    "company_address.verified": (),
    "confirmation.failed": (),
    "consent.changed": ("service", "purpose", "given"),
    "contract.designated": (),
    "disclosure.told": (),
    "export.asked": (),
    "export.handed_over": (),
    "export.link_made": (),
    "export.made": (),
    "export.written": (),
    "password.changed": (),
    "password.reset": (),
    "password.reset_by_steward": ("service",),
    "profile.changed": ("service",),
    "profile.changed_by_steward": ("service",),
    "license.added": ("source", "license"),
    "license.extended": ("license",),
    "license.removed": ("why", "license"),
    "license.renewal_chosen": ("on", "license"),
    "license.voided": ("reason", "license"),
    "letters.unsubscribed": ("purpose",),
    "license.activated": ("license",),
    "license.released": ("license", "why"),
    "license.rights_changed": ("rights", "license"),
    "notice.switched": ("purpose", "on"),
    "objection.ended": ("purpose",),
    "objection.made": ("purpose",),
    "question.chosen": (),
    "question.failed": (),
    "question.removed": (),
    "recovery.mailed": (),
    "recovery.proven": (),
    "recovery_codes.made": (),
    "recovery_wait.begun": (),
    "recovery_wait.stopped": (),
    "recipient.told": ("recipient", "event"),
    "request.asked": ("request", "kind"),
    "request.erasing": ("request",),
    "request.extended": ("request", "kind", "reason"),
    "request.fee": ("request", "kind", "reason"),
    "request.fulfilled": ("request", "kind"),
    "request.informed": ("request",),
    "request.made": ("request", "kind"),
    "request.partly_fulfilled": ("request", "kind"),
    "request.refused": ("request", "kind"),
    "request.taken": ("request", "kind"),
    "request.viewed": ("request", "kind"),
    "request.withdrawn": ("request", "kind"),
    "restriction.begun": ("reason",),
    "restriction.ended": (),
    "second_factor.added": ("kind",),
    "second_factor.failed": ("use", "method"),
    "second_factor.passed": ("use", "method"),
    "second_factor.removed": ("kind",),
    "service.ended": ("service",),
    "service.joined": ("service",),
    "service.left": ("service",),
    "service.returned": ("service",),
    "session.opened": ("client",),
    "session.ended": (),
    "sessions.ended": ("sessions",),
    "settings.changed": (),
    "sign_in.failed": (),
}
"""The acts an owner sees, each with the facts that are shown; all are code words and counts."""


def happened(person_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """Give what happened to an account, newest first."""
    entries = select(AuditEntry).where(audit.about(person_id), AuditEntry.action.in_(SHOWN))
    return page(entries, AuditEntry.id, cursor=cursor, limit=limit)


def facts_of(entry: AuditEntry) -> dict[str, str]:
    """Give the facts of an entry that its owner may read."""
    return {name: str(entry.facts[name]) for name in SHOWN.get(entry.action, ()) if name in entry.facts}


def accesses(person_id: UUID, *, cursor: str | None, limit: int) -> Page:
    """Give every look and act of staff, newest first."""
    entries = select(AuditEntry).where(audit.about(person_id), AuditEntry.actor_kind == ActorKind.STAFF)
    return page(entries, AuditEntry.id, cursor=cursor, limit=limit)
