"""What a person may give at registration to guard the account: a phone, a security question and its answer.

A phone given here is a number nobody proved: it becomes a second factor when its owner confirms a code.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from suite.accounts import answers, questions
from suite.accounts.joints import NOT_ASKED
from suite.accounts.models import Account, Registration
from suite.declarations import Service
from suite.declarations.fields import SECURITY, SECURITY_ANSWER, SECURITY_QUESTION
from suite.factors import enrolment, phones
from suite.factors.errors import PhoneNotUsable
from suite.kernel import sealed, system
from suite.kernel.errors import InvalidInput
from suite.kernel.passwords import hash_password
from suite.kernel.words import in_language
from suite.kernel.words import marked as _
from suite.privacy import declared

FIELDS = tuple(field.name for field in SECURITY)
_TOGETHER = _("Question and answer are given together.")
_NAME = _("My phone")


@dataclass(frozen=True)
class Safeguards:
    """What was given; the answer in the form that is hashed."""

    phone: str | None = None
    question: str | None = None
    answer: str | None = None


def read(service: Service, given: Mapping[str, str], about: list[str]) -> Safeguards:
    """Refuse what the service does not ask for, half a question, an easy answer and what is no mobile number."""
    asked = {ask.field.name for ask in service.asked(declared().parts)}
    wrong = [(name, NOT_ASKED) for name in given if name not in asked]
    pair = [name for name in (SECURITY_QUESTION.name, SECURITY_ANSWER.name) if name in given]
    wrong += [(name, _TOGETHER) for name in pair if len(pair) == 1 and name in asked]
    phone = _number(given.get("phone"))
    if "phone" in given and phone is None:
        wrong.append(("phone", PhoneNotUsable.title))
    if wrong:
        raise InvalidInput(errors=[{"pointer": f"/profile/{name}", "message": message} for name, message in wrong])
    answer = answers.check(given[SECURITY_ANSWER.name], about) if pair else None
    return Safeguards(phone, given.get(SECURITY_QUESTION.name), answer)


def note(registration: Registration, given: Safeguards) -> None:
    """Keep on the registration what was given; outside a transaction, because the answer is hashed."""
    if given.phone is not None:
        cell = sealed.context("registrations", registration.id, "phone")
        registration.phone = system.current().keys.seal(given.phone, cell)
    if given.question is not None and given.answer is not None:
        registration.security_question = given.question
        registration.security_answer = hash_password(given.answer)


def hand_over(account: Account, registration: Registration) -> None:
    """Give the new account what its registration held: a phone that waits for its code, and the question."""
    if registration.phone is not None:
        cell = sealed.context("registrations", registration.id, "phone")
        phone = phones.stored(system.current().keys.open(registration.phone, cell))
        enrolment.note_phone(account.id, phone, name=in_language(_NAME, account.language))
    question, answer = registration.security_question, registration.security_answer
    if question is not None and answer is not None and questions.offered_by(declared().services[registration.service]):
        questions.keep(account.id, question, answer)


def _number(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return str(phones.read(text).number)
    except PhoneNotUsable:
        return None
