"""The one text message of the product."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from suite.factors.models import Challenge
from suite.kernel import db, system
from suite.messages import CodeText, code_text

CODE_LIVES = timedelta(minutes=5)


def _newest(person_id: UUID, facts: dict[str, Any]) -> bool:
    """Send a code only while it is the one that will be judged."""
    known = db.session.scalar(
        select(Challenge.code_hash).where(
            Challenge.id == UUID(facts["challenge"]), Challenge.person_id == person_id, Challenge.passed_at.is_(None)
        )
    )
    made = system.current().keys.keyed_hashes(f"{facts['challenge']}/{facts['code']}", "challenge")
    return known in made


security_code = code_text(CodeText("security_code", expires=CODE_LIVES, still_wanted=_newest))
