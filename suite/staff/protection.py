"""The second factors of a member: an authenticator app always, one more if he likes, and recovery codes."""

from uuid import UUID

from suite.factors import Factor, challenges, enrolment
from suite.kernel import audit, clock, db
from suite.kernel.errors import SignInNeeded
from suite.staff import letters
from suite.staff.errors import LastFactor
from suite.staff.models import StaffMember


def add_app(member_id: UUID, *, name: str, issuer: str) -> tuple[Factor, enrolment.Provision]:
    """Add an authenticator app; it counts when a code of it was confirmed."""
    member = _locked(member_id)
    return enrolment.add_app(member.id, name=name, label=member.address, issuer=issuer)


def confirm(member_id: UUID, factor_id: UUID, code: str) -> Factor:
    """Make an authenticator app count from now on."""
    member = _locked(member_id)
    factor, _ = enrolment.confirm(member.id, factor_id, code)
    challenges.forget(member.id)
    audit.write("staff.factor_added", subject=member.id, kind=factor.kind)
    _tell(member)
    return factor


def remove(member_id: UUID, factor_id: UUID) -> None:
    """Remove an authenticator app, unless it is the last one that counts."""
    member = _locked(member_id)
    if [factor.id for factor in challenges.confirmed(member.id)] == [factor_id]:
        raise LastFactor
    factor = enrolment.remove(member.id, factor_id)
    if factor.pending_since is None:
        audit.write("staff.factor_removed", subject=member.id, kind=factor.kind)
        _tell(member)


def new_recovery_codes(member_id: UUID) -> list[str]:
    """Make ten new recovery codes; the older ones stop working."""
    member = _locked(member_id)
    codes = enrolment.new_recovery_codes(member.id)
    audit.write("staff.recovery_codes_made", subject=member.id)
    _tell(member)
    return codes


def _locked(member_id: UUID) -> StaffMember:
    """Load a member and let his changes come one after the other: the last two factors cannot go at once."""
    member = db.session.get(StaffMember, member_id, with_for_update={"key_share": True})
    if member is None or member.disabled_at is not None or member.password_hash is None:
        raise SignInNeeded
    return member


def _tell(member: StaffMember) -> None:
    letters.tell(member, letters.factors_changed, time=clock.written(clock.now()))
