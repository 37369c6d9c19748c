"""Letters that rest on a consent, made for tests: the product itself sends none yet."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from suite.kernel import db
from suite.messages import Letter, Line, letter, post
from suite.messages import letters as known

ANN = "ann@example.org"
CONSENT = "/api/v1/me/consents/my-account/news_by_email"


@pytest.fixture
def news() -> Iterator[Letter]:
    """Give a newsletter of a campaign."""
    before = dict(known._letters)
    text = "New products, cheaper than ever."
    yield letter(Letter("test_news", "News for you", (Line(text),), purpose="news_by_email", campaign="spring"))
    known._letters.clear()
    known._letters.update(before)


@pytest.fixture
def reminder() -> Iterator[Letter]:
    """Give a notice that needs no consent and has an off switch."""
    before = dict(known._letters)
    yield letter(Letter("test_notice", "A licence ends", (Line("It ends."),), purpose="license_notices"))
    known._letters.clear()
    known._letters.update(before)


def write(what: Letter, person_id: str, *, to: str = ANN, service: str | None = "my-account") -> None:
    """Post a letter as a module does."""
    with db.transaction():
        post(what, person_id=UUID(person_id), to=to, language="en", facts={}, service=service)
