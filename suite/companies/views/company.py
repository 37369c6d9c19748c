"""Your company, whether you are in one, and blocking it."""

from typing import Any

from flask.views import MethodView

from suite.companies import members, membership, running
from suite.companies.errors import CompanyBlocked, LastAdministrator, NotAdministrator
from suite.companies.models import Company, CompanyMember
from suite.companies.schemas import company as s
from suite.kernel.access import Permission, allow, fresh, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import NotFound
from suite.kernel.versions import State, gives_version, takes_version
from suite.privacy import DataRestricted

blp = Blueprint(
    "company",
    __name__,
    url_prefix="/api/v1/company",
    description="Your company: what it is called, who is in it, and what its Administrators do.",
)


@blp.route("")
class OwnCompany(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.response(200, s.CompanyOut)
    @gives_version
    @blp.refuses(NotFound, CompanyBlocked)
    @blp.called("getCompany")
    def get(self) -> tuple[dict[str, Any], State]:
        """Get your company

        Whoever only asked to join finds nothing here.
        """
        return _shown(*membership.my_company(person_id()))

    @allow(Permission.OWN_COMPANY)
    @blp.arguments(s.CompanyPatch)
    @takes_version
    @blp.response(200, s.CompanyOut)
    @gives_version
    @blp.refuses(NotFound, CompanyBlocked, NotAdministrator, DataRestricted)
    @blp.called("changeCompany")
    def patch(self, data: dict[str, Any], seen: State) -> tuple[dict[str, Any], State]:
        """Change name, country or settings of your company

        Only Administrators. Colleagues see each other's support requests only after `requests_shared` was set.
        """
        running.change(person_id(), seen, **data)
        return _shown(*membership.my_company(person_id()))


@blp.route("/membership")
class Standing(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.response(200, s.StandingOut)
    @blp.called("getCompanyMembership")
    def get(self) -> dict[str, Any]:
        """See whether you are in a company, or wait to be let in"""
        return _standing(running.standing(person_id()))

    @allow(Permission.OWN_COMPANY)
    @fresh
    @blp.response(204)
    @blp.refuses(NotFound, LastAdministrator, DataRestricted)
    @blp.called("leaveCompany")
    def delete(self) -> None:
        """Leave your company, or take back that you asked to join one

        Your account and the service stay. The only Administrator makes a colleague Administrator first; the last member
        ends the company.
        """
        members.leave(person_id())


@blp.route("/block")
class Block(MethodView):
    @allow(Permission.OWN_COMPANY)
    @fresh
    @blp.response(204)
    @blp.refuses(NotFound, CompanyBlocked, NotAdministrator, DataRestricted)
    @blp.called("blockCompany")
    def put(self) -> None:
        """Block your company

        From the next request on nobody uses its licences, contracts and requests, and nobody joins. Personal accounts
        and sessions stay. Administrators still manage it, and can unblock it.
        """
        running.block(person_id())

    @allow(Permission.OWN_COMPANY)
    @fresh
    @blp.response(204)
    @blp.refuses(NotFound, CompanyBlocked, NotAdministrator, DataRestricted)
    @blp.called("unblockCompany")
    def delete(self) -> None:
        """Let your company be used again"""
        running.unblock(person_id())


def _shown(company: Company, member: CompanyMember) -> tuple[dict[str, Any], State]:
    names = ("id", "name", "country", "requests_shared", "founded_at", "blocked_at")
    plain = {name: getattr(company, name) for name in names}
    return plain | {"role": member.role, "members": running.members_of(company)}, State.of(company)


def _standing(member: CompanyMember | None) -> dict[str, Any]:
    if member is None:
        return {"state": "none", "role": None, "asked_at": None, "joined_at": None}
    inside = member.joined_at is not None
    return {
        "state": "inside" if inside else "waiting",
        "role": member.role if inside else None,
        "asked_at": member.asked_at,
        "joined_at": member.joined_at,
    }
