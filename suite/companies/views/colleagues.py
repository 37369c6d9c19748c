"""A colleague, as an Administrator looks after them."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from suite.accounts import NotChangeableNow, stewardship
from suite.companies import colleagues
from suite.companies.errors import CompanyBlocked, NotAdministrator
from suite.companies.membership import Colleague
from suite.companies.schemas import colleagues as s
from suite.kernel.access import Permission, allow, fresh, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import InvalidInput, NotFound, TooManyAttempts
from suite.kernel.versions import State, gives_version, takes_version

blp = Blueprint(
    "company-colleagues",
    __name__,
    url_prefix="/api/v1/company/members",
    description="What an Administrator may do for a colleague; the colleague is told of each change.",
)
_NO_COLLEAGUE = (NotFound, NotAdministrator, CompanyBlocked)


@blp.route("/<uuid:member_id>/settings")
class ColleagueSettings(MethodView):
    @allow(Permission.OWN_COMPANY)
    @blp.response(200, s.ColleagueSettingsOut)
    @gives_version
    @blp.refuses(*_NO_COLLEAGUE)
    @blp.called("getSettingsOfColleague")
    def get(self, member_id: UUID) -> tuple[dict[str, Any], State]:
        """Look at the settings of a colleague

        Administrators only.
        """
        return _shown(*colleagues.look(person_id(), member_id))

    @allow(Permission.OWN_COMPANY)
    @blp.arguments(s.ColleagueSettingsPatch)
    @takes_version
    @blp.response(200, s.ColleagueSettingsOut)
    @gives_version
    @blp.refuses(*_NO_COLLEAGUE, NotChangeableNow, InvalidInput, TooManyAttempts)
    @blp.called("changeSettingsOfColleague")
    def patch(self, data: dict[str, Any], member_id: UUID, seen: State) -> tuple[dict[str, Any], State]:
        """Change the settings of a colleague

        Administrators only; field by field. A mail tells the colleague what was changed. Passwords, second factors,
        the e-mail address and what other services know are out of reach.
        """
        return _shown(*colleagues.change(person_id(), member_id, seen, data))


@blp.route("/<uuid:member_id>/password-reset")
class ColleagueReset(MethodView):
    @allow(Permission.OWN_COMPANY)
    @fresh
    @blp.response(204)
    @blp.refuses(*_NO_COLLEAGUE, NotChangeableNow, TooManyAttempts)
    @blp.called("resetPasswordOfColleague")
    def post(self, member_id: UUID) -> None:
        """Have a colleague choose a new password

        Administrators only. The colleague is signed out everywhere and gets a mail with a link, which nobody else
        sees; second factors stay. The present password works until another one is chosen. At most three an hour and
        five a day for a colleague; what the colleague began to recover before ends with it.
        """
        colleagues.send_reset(person_id(), member_id)


def _shown(colleague: Colleague, told: stewardship.Colleague) -> tuple[dict[str, Any], State]:
    member = colleague.member
    names = ("first_name", "last_name", "country")
    shown = {
        "id": member.id,
        "email": told.email,
        "role": member.role,
        "joined_at": member.joined_at,
        "language": told.language,
    }
    return shown | {name: told.profile.get(name) for name in names}, told.seen
