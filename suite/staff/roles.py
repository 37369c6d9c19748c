"""Which role allows what: need to know, nothing more (REC-2). No role holds every permission."""

from collections.abc import Iterable
from enum import StrEnum

from suite.kernel.access import Permission


class Role(StrEnum):
    """Roles of staff members; somebody can have several."""

    SUPPORT_AGENT = "support_agent"
    VIRUS_ANALYST = "virus_analyst"
    PRIVACY_OFFICER = "privacy_officer"
    LEGAL_COUNSEL = "legal_counsel"
    LICENSE_MANAGER = "license_manager"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


ROLES: dict[Role, frozenset[Permission]] = {
    Role.SUPPORT_AGENT: frozenset(
        {
            Permission.ANSWER_SUPPORT,
            Permission.VIEW_ACCOUNTS,
            Permission.END_SESSIONS,
            Permission.VIEW_MESSAGES,
            Permission.RESEND_MESSAGES,
            Permission.VIEW_LICENSES,
            Permission.VIEW_COMPANIES,
        }
    ),
    Role.VIRUS_ANALYST: frozenset({Permission.ANALYSE_FILES}),
    Role.PRIVACY_OFFICER: frozenset(
        {Permission.HANDLE_PRIVACY_REQUESTS, Permission.READ_AUDIT, Permission.VIEW_ACCOUNTS}
    ),
    Role.LEGAL_COUNSEL: frozenset({Permission.APPROVE_DISCLOSURES}),
    Role.LICENSE_MANAGER: frozenset(
        {
            Permission.VIEW_LICENSES,
            Permission.MANAGE_LICENSES,
            Permission.VIEW_COMPANIES,
            Permission.RECORD_CONTRACTS,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            Permission.VIEW_MESSAGES,
            Permission.RETRY_MESSAGES,
            Permission.MANAGE_WEBHOOKS,
            Permission.READ_STATISTICS,
            Permission.MANAGE_PRODUCTS,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.MANAGE_STAFF,
            Permission.READ_AUDIT,
            Permission.VIEW_ACCOUNTS,
            Permission.BLOCK_ACCOUNTS,
            Permission.END_SESSIONS,
            Permission.READ_STATISTICS,
        }
    ),
}


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Give what these roles allow together; a role that no longer exists allows nothing."""
    known = {role.value: allowed for role, allowed in ROLES.items()}
    return frozenset[Permission]().union(*(known.get(role, frozenset()) for role in roles))
