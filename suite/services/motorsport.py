"""The motorsport site: news, comments and queries."""

from suite.declarations.consents import CONSENTS
from suite.declarations.fields import EMAIL, FIRST_NAME, LAST_NAME, MESSAGE, PASSWORD, USER_NAME, Part
from suite.declarations.periods import Period
from suite.declarations.purposes import consents, purposes
from suite.declarations.services import Feature, Form, Service, optional, required
from suite.services import features, terms
from suite.services.features import needs

motorsport = Service(
    key="motorsport",
    title="Motorsport Website",
    policy="MOT",
    says="follow motorsport news and talk to other users",
    asks=required(USER_NAME)  # MOT-1
    + required(PASSWORD, purpose="sign_in")  # MOT-2
    + required(FIRST_NAME, LAST_NAME, EMAIL),  # MOT-3, MOT-4, MOT-5
    offers=(
        features.PREFERENCES,  # MOT-6
        Feature("comments", "comments to other users", Part.COMMENTS, needs("user_name", "comment")),  # MOT-7
    ),
    forms=(
        Form(
            "connect",
            "subscribe to motorsport news",
            Part.MAILINGS,
            required(EMAIL, purpose="motorsport_news") + optional(FIRST_NAME, LAST_NAME, purpose="motorsport_news"),
            consent=CONSENTS["motorsport_news"],  # MOT-8, MOT-9
        ),
        Form(
            "contact",
            "ask us something",
            Part.SUPPORT,
            required(EMAIL, MESSAGE, purpose="answer_questions")  # MOT-14, MOT-15
            + optional(FIRST_NAME, LAST_NAME, purpose="answer_questions"),
        ),
    ),
    purposes=terms.WITH_ACCOUNT + purposes("interface", "answer_questions", "motorsport_news"),
    consents=consents("motorsport_news"),
    keep=Period(hours=24),  # MOT-17
    backups=terms.BACKUP_AGE,
    measures=terms.MEASURES,
    restorable=False,  # MOT-17, Amb-8
)
