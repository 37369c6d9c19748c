"""Cookie choices, ready for banners."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import Response, jsonify
from flask.views import MethodView

from suite.consents import cookies, questions
from suite.consents.listing import listing
from suite.consents.questions import QUESTIONS, Chosen
from suite.consents.schemas import AnswersIn, CookieChoicesOut
from suite.kernel import db
from suite.kernel.access import ActorKind, actor, public
from suite.kernel.api import Blueprint
from suite.kernel.errors import SignInNeeded
from suite.kernel.http import language, outside_transaction
from suite.privacy import DataRestricted

blp = Blueprint(
    "cookie_choices",
    __name__,
    url_prefix="/api/v1/cookie-choices",
    description="Which cookies a browser may get: what a banner asks, and what a person answered.",
)


def _person() -> UUID | None:
    """Give the person who is signed in; a credential that opens nothing makes nobody, who may choose as well."""
    try:
        caller = actor()
    except SignInNeeded:
        return None
    return caller.id if caller.kind is ActorKind.ACCOUNT else None


def _choose(person: UUID | None, before: Chosen, said: dict[str, bool]) -> Chosen:
    """Give the choice after these answers; for somebody signed in it stands in the ledger then."""
    if person is None:
        return questions.changed(before, said)
    with db.transaction():
        return questions.choose(person, before, said, language=language())


@blp.route("")
class CookieChoices(MethodView):
    decorators = [outside_transaction]  # reading notes the signal, where there is one

    @public
    @blp.response(200, CookieChoicesOut)
    @blp.called("getCookieChoices")
    def get(self) -> dict[str, Any]:
        """Get the cookie categories and what is allowed

        Everything that is not needed is off until somebody says yes. A browser that sends `Sec-GPC: 1` refuses
        advertising and social networks, whatever was said before; for people who signed in the ledger notes it.
        """
        person, said = _person(), cookies.of_browser()
        if person is None:
            return listing(said, language())
        with db.transaction(reading=not said.signal):
            look = partial(questions.hear_signal, language=language()) if said.signal else questions.of_person
            return listing(look(person, said), language())

    @public
    @blp.arguments(AnswersIn)
    @blp.response(200, CookieChoicesOut)
    @blp.refuses(DataRestricted)
    @blp.called("chooseCookies")
    def put(self, data: dict[str, Any]) -> Response:
        """Choose which cookies may be set

        The choice is kept in a cookie of this server, for people who signed in in the ledger as well. What is no
        longer allowed is taken out of the browser.
        """
        everything = dict.fromkeys(QUESTIONS, data["all"]) if "all" in data else {}
        chosen = _choose(_person(), cookies.of_browser(), everything | data["choices"])
        response = jsonify(listing(chosen, language()))
        cookies.remember(response, chosen)
        return response
