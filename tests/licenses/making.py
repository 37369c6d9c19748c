"""Licences for tests, issued as whoever sells does it."""

from typing import Any
from uuid import UUID

from suite.kernel import access, db
from suite.licenses import issue


def issued(product: str = "total-protection", policy: str = "subscription-year", **term: Any) -> tuple[UUID, str]:
    """Issue a licence; give its number and its code."""
    ((license_id, code),) = several(1, product, policy, **term)
    return license_id, code


def several(
    count: int, product: str = "total-protection", policy: str = "subscription-year", **term: Any
) -> list[tuple[UUID, str]]:
    """Issue licences together; give their numbers and codes."""
    access.begin(access.SYSTEM, None)
    with db.transaction():
        return [(one.license_id, one.code) for one in issue(product, policy, count, source="staff", **term)]
