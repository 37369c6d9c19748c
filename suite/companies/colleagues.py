"""What an Administrator may do for a colleague: look at what they told the company's service, change it, have them
choose a new password. Everybody else, and whoever works elsewhere, is not there.
"""

from collections.abc import Mapping
from uuid import UUID

from suite.accounts import stewardship
from suite.companies.errors import CompanyBlocked
from suite.companies.membership import (
    SERVICE,
    Colleague,
    acting_administrator,
    one_member,
    require_administrator,
)
from suite.companies.models import Company
from suite.kernel import versions


def look(person_id: UUID, member_id: UUID) -> tuple[Colleague, stewardship.Colleague]:
    """Give a colleague, with what may be changed."""
    company, _ = require_administrator(person_id)
    return _found(company, member_id)


def change(
    person_id: UUID, member_id: UUID, seen: versions.State, given: Mapping[str, str | None]
) -> tuple[Colleague, stewardship.Colleague]:
    """Change what a colleague told the company's service; the colleague is told which fields."""
    company, _ = acting_administrator(person_id)
    colleague, _now = _found(company, member_id)
    return colleague, stewardship.change(colleague.member.person_id, SERVICE, seen, given)


def send_reset(person_id: UUID, member_id: UUID) -> None:
    """Have a colleague choose a new password, by a link that only the colleague gets."""
    company, _ = acting_administrator(person_id)
    colleague, _now = _found(company, member_id)
    stewardship.send_reset(colleague.member.person_id, SERVICE)


def _found(company: Company, member_id: UUID) -> tuple[Colleague, stewardship.Colleague]:
    if company.blocked_at is not None:
        raise CompanyBlocked
    colleague = one_member(company.id, member_id)
    return colleague, stewardship.look(colleague.member.person_id, SERVICE)
