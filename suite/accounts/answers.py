"""Answers to security questions: which are taken, and how they are judged.

An answer is stored only as a hash, of a form in which capitals, width and blanks make no difference.
"""

import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from importlib.resources import files
from uuid import UUID

from sqlalchemy import case, or_, update

from suite.accounts.errors import AnswerTooEasy, AnswerTooShort, NoQuestion, QuestionClosed, WrongAnswer
from suite.accounts.models import SecurityQuestion
from suite.kernel import audit, clock, db, system
from suite.kernel.passwords import hash_password, verify_password

SHORTEST, LONGEST = 3, 100
MAX_WRONG = 5
CLOSED_FOR = timedelta(hours=24)


def normal(answer: str) -> str:
    """Give the form that is hashed: capitals, width and blanks make no difference."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", answer).casefold())
    return " ".join(folded.split())


def check(answer: str, about: Iterable[str]) -> str:
    """Refuse an answer that is too short or that somebody would try first; give its normal form."""
    plain = normal(answer)
    if len(plain) < SHORTEST:
        raise AnswerTooShort(least=SHORTEST)
    if len(set(plain)) == 1 or plain in _common() or plain in {normal(word) for word in about}:
        raise AnswerTooEasy
    return plain


def judge(account_id: UUID, answer: str) -> None:
    """Judge an answer, counted before it is judged; five wrong ones over all recoveries close the question for a day.

    The commit before the hash is computed keeps the count whatever happens.
    """
    question = _count(account_id)
    stored, left = question.answer_hash, MAX_WRONG - question.wrong
    plain = normal(answer)
    db.settle()
    right = verify_password(plain, stored)
    fresh = hash_password(plain) if right and system.current().hashes.outdated(stored) else stored
    if not right or not _forgive(account_id, stored, fresh):
        audit.write("question.failed", subject=account_id, left=left)
        raise WrongAnswer(left=left)


def _count(account_id: UUID) -> SecurityQuestion:
    """Take one of five tries; the fifth closes the question until its answer turns out to be right."""
    now = clock.now()
    reopened = SecurityQuestion.closed_until <= now
    number = case((reopened, 1), else_=SecurityQuestion.wrong + 1)
    counted = db.session.execute(
        update(SecurityQuestion)
        .where(
            SecurityQuestion.account_id == account_id,
            or_(SecurityQuestion.closed_until.is_(None), reopened),
        )
        .values(wrong=number, closed_until=case((number >= MAX_WRONG, now + CLOSED_FOR), else_=None))
        .execution_options(synchronize_session=False)
    )
    question = db.session.get(SecurityQuestion, account_id, populate_existing=True)
    if question is None:
        raise NoQuestion
    if counted.rowcount != 1:  # type: ignore[attr-defined]
        assert question.closed_until is not None
        raise QuestionClosed(retry_after=int((question.closed_until - now).total_seconds()) + 1)
    return question


def _forgive(account_id: UUID, stored: str, fresh: str) -> bool:
    """Forget the wrong answers, unless the question is another one meanwhile."""
    forgiven = db.session.execute(
        update(SecurityQuestion)
        .where(SecurityQuestion.account_id == account_id, SecurityQuestion.answer_hash == stored)
        .values(wrong=0, closed_until=None, answer_hash=fresh)
        .execution_options(synchronize_session=False)
    )
    return bool(forgiven.rowcount == 1)  # type: ignore[attr-defined]


@cache
def _common() -> frozenset[str]:
    text = files("suite.accounts").joinpath("common_answers.txt").read_text(encoding="utf-8")
    return frozenset(normal(line) for line in text.splitlines())
