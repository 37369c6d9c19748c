"""Features that several services offer in the same words."""

from suite.declarations.consents import CONSENTS
from suite.declarations.fields import Part
from suite.declarations.kinds import Kind, kind_named
from suite.declarations.services import Feature


def needs(*names: str) -> tuple[Kind, ...]:
    """Give kinds by their names."""
    return tuple(kind_named(name) for name in names)


NEWS = Feature(
    "news",
    "news about products and services by e-mail",
    Part.MAILINGS,
    needs("email"),
    CONSENTS["news_by_email"],
)
SECURITY_CODES = Feature(
    "security_codes",
    "security codes on your mobile phone as additional protection of your account",
    Part.TEXT_MESSAGES,
    needs("phone"),
)
SECURITY_QUESTION = Feature(
    "security_question",
    "a security question to regain access to your account",
    Part.SECURITY_QUESTIONS,
    needs("security_question", "security_answer"),
)
PREFERENCES = Feature("preferences", "setting your preferences", Part.PREFERENCES, needs("preferences"))
LICENSES = Feature("licenses", "managing licences by their activation codes", Part.LICENSES, needs("license_number"))
LICENSE_REMINDERS = Feature(
    "license_reminders",
    "reminders of expiring licences by e-mail",
    Part.LICENSES,
    needs("email", "license_number"),
    CONSENTS["license_reminders"],
)
SUPPORT = Feature(
    "support",
    "help from Technical Support and the Virus Lab",
    Part.SUPPORT,
    needs("email", "license_number", "support_text"),
)
SUPPORT_WITH_CARD = Feature(SUPPORT.key, SUPPORT.says, SUPPORT.part, SUPPORT.needs + needs("card_last_four"))
SUPPORT_FILES = Feature(
    "support_files",
    "sending files with a support request, if you choose to",
    Part.SUPPORT,
    needs("attachment"),
)
VISIT_STATISTICS = Feature(
    "statistics",
    "statistics on how the service is used",
    Part.STATISTICS,
    needs("client_environment"),
    CONSENTS["statistics"],
)
