"""The security question: chosen from a list, its answer stored only as a hash, asked only after the mailed link.

It is no factor and replaces none. Questions with few possible answers, such as colours, pets and makes of cars, and
questions whose answers stand in public registers or profiles are not on the list. A key stays for good: people
chose it.
"""

from uuid import UUID

from sqlalchemy import delete, select

from suite.accounts import answers, letters, passwords, undo
from suite.accounts.errors import NoQuestion, QuestionNotOffered
from suite.accounts.models import Account, Membership, SecurityQuestion
from suite.declarations import Part, Service
from suite.declarations.fields import SECURITY_QUESTION
from suite.kernel import audit, clock, db, system
from suite.kernel.errors import SignInNeeded
from suite.kernel.passwords import hash_password
from suite.kernel.words import marked as _
from suite.privacy import declared

QUESTIONS = {
    "first_teacher": _("What was the full name of your first teacher?"),
    "desk_neighbour": _("What was the full name of the child who sat next to you in your first year at school?"),
    "first_boss": _("What was the full name of your first boss?"),
    "best_friend_street": _("In which street did your best friend live when you were a child?"),
    "grandparents_street": _("In which street did your grandparents live when you were a child?"),
    "family_licence_plate": _("What was the licence plate of the first car of your family that you remember?"),
    "childhood_phone": _("What was the phone number of the home you grew up in?"),
    "first_own_book": _("What is the title of the first book you bought with your own money?"),
    "story_read_aloud": _("What is the title of the story that was read to you most often?"),
    "first_trip_alone": _("To which place did you travel the first time without your family?"),
}


def available() -> dict[str, str]:
    """Give the questions there are, by key; none where the operator switched them off."""
    return QUESTIONS if Part.SECURITY_QUESTIONS in declared().parts else {}


def offered_by(service: Service) -> bool:
    """Say whether a service offers a security question here."""
    return any(ask.field is SECURITY_QUESTION for ask in service.asked(declared().parts))


def offered(account_id: UUID) -> bool:
    """Say whether one of the services a person is a member of offers a security question."""
    joined = db.session.scalars(
        select(Membership.service).where(Membership.account_id == account_id, Membership.ended_at.is_(None))
    )
    return any(offered_by(declared().services[key]) for key in joined)


def own(account_id: UUID) -> SecurityQuestion | None:
    """Give the question of a person as it is now."""
    return db.session.get(SecurityQuestion, account_id, populate_existing=True)


def asked(account_id: UUID) -> SecurityQuestion | None:
    """Give the question a recovery asks: there is one, and a service the person is a member of offers it."""
    question = own(account_id)
    return question if question is not None and offered(account_id) else None


def choose(account: Account, question: str, answer: str) -> SecurityQuestion:
    """Set or replace the security question; it is told by mail."""
    undo.may_change(account)
    if not offered(account.id):
        raise QuestionNotOffered
    plain = answers.check(answer, passwords.about(account))
    db.settle()
    answer_hash = hash_password(plain)
    # Meanwhile the account may have been closed or frozen, or the service left.
    account = _still(account.id)
    undo.may_change(account)
    if not offered(account.id):
        raise QuestionNotOffered
    keep(account.id, question, answer_hash)
    _tell(account, "question.chosen")
    found = own(account.id)
    assert found is not None
    return found


def keep(account_id: UUID, question: str, answer_hash: str) -> None:
    """Store a question whose answer is hashed already; wrong answers to the one before are forgotten."""
    values = {
        "question": question,
        "answer_hash": answer_hash,
        "wrong": 0,
        "closed_until": None,
        "set_at": clock.now(),
    }
    db.session.execute(
        system.current()
        .database.insert(SecurityQuestion)
        .values(account_id=account_id, **values)
        .on_conflict_do_update(index_elements=[SecurityQuestion.account_id], set_=values)
    )


def remove(account: Account) -> None:
    """Remove the security question; also where it is switched off, so that what is held can always go."""
    undo.may_change(account)
    if not forget(account.id):
        raise NoQuestion
    _tell(account, "question.removed")


def forget(account_id: UUID) -> bool:
    """Delete the question of a person, and say whether there was one."""
    gone = db.session.execute(delete(SecurityQuestion).where(SecurityQuestion.account_id == account_id))
    return bool(gone.rowcount == 1)  # type: ignore[attr-defined]


def forget_unless_offered(account_id: UUID) -> None:
    """Delete the question of somebody who left the last service that offers one."""
    if not offered(account_id) and forget(account_id):
        audit.write("question.removed", subject=account_id)


def _still(account_id: UUID) -> Account:
    account = db.session.get(Account, account_id, with_for_update={"key_share": True}, populate_existing=True)
    if account is None or account.closed_at is not None or account.blocked_at is not None:
        raise SignInNeeded
    return account


def _tell(account: Account, action: str) -> None:
    audit.write(action, subject=account.id)
    undo.tell(account, letters.notices.question_changed)
