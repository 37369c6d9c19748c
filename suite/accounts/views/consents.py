"""Consents and notices of the signed-in person."""

from typing import Any

from flask.views import MethodView

from suite.accounts import consents, notices
from suite.accounts.recognition import signed_in_account
from suite.accounts.schemas import consents as s
from suite.kernel.access import Permission, allow, person_id
from suite.kernel.api import Blueprint
from suite.kernel.errors import NotFound
from suite.kernel.http import language

blp = Blueprint(
    "own_consents",
    __name__,
    url_prefix="/api/v1/me",
    description="What your services ask consent for, your answers, and notices you can switch off.",
)


@blp.route("/consents")
class Consents(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.response(200, s.ConsentsOut)
    @blp.called("listConsents")
    def get(self) -> dict[str, Any]:
        """List what your services ask consent for

        Every question of every service you joined, with your answer. None is ticked before you tick it.
        """
        return {"consents": consents.choices(person_id(), language())}


@blp.route("/consents/<service>/<purpose>")
class OneConsent(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.arguments(s.ConsentIn)
    @blp.response(200, s.ConsentOut)
    @blp.refuses(NotFound)
    @blp.called("chooseConsent")
    def put(self, data: dict[str, bool], service: str, purpose: str) -> consents.Choice:
        """Give or withdraw a consent

        It counts from the next moment. Saying the same again changes nothing. The answer to a withdrawal names what
        is not available without it; it is free and never refused.
        """
        return consents.choose(signed_in_account(), service, purpose, given=data["given"], language=language())


@blp.route("/notices")
class Notices(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.response(200, s.NoticesOut)
    @blp.called("listNotices")
    def get(self) -> dict[str, Any]:
        """List the notices you can switch off"""
        return {"notices": notices.notices(person_id(), language())}


@blp.route("/notices/<purpose>")
class OneNotice(MethodView):
    @allow(Permission.OWN_ACCOUNT)
    @blp.arguments(s.NoticeIn)
    @blp.response(200, s.NoticeOut)
    @blp.refuses(NotFound)
    @blp.called("switchNotice")
    def put(self, data: dict[str, bool], purpose: str) -> notices.Notice:
        """Switch a notice off or on

        It counts from the next moment, also for mails that wait already.
        """
        return notices.switch(signed_in_account(), purpose, on=data["on"], language=language())
