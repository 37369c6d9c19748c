"""A stranger learns nowhere whether an address has an account: not from the answer, nor from the work it costs."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from suite.accounts.models import Account
from suite.kernel import clock, db
from suite.kernel.http import App
from tests.house_rules.test_statements import counted
from tests.people import PASSWORD, People
from tests.timing import DOORS, KNOWN, UNKNOWN, measure, unlimited

VARYING = {"id", "expires_at", "code_expires_at", "resend_after", "request_id"}
SHORT = 24


def seen(answer: TestResponse) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
    """Give what a stranger sees, without what is another one each time anyway."""
    body = {key: "…" if key in VARYING else value for key, value in answer.json.items()}
    headers = [(name, value if name != "X-Request-ID" else "…") for name, value in answer.headers]
    return answer.status_code, body, headers


def states(people: People) -> dict[str, Callable[[], None]]:
    """Give the states an account may be in."""

    def change(**values: Any) -> None:
        with db.transaction() as session:
            session.execute(update(Account).values(**values))

    return {
        "open": lambda: None,
        "blocked": lambda: change(blocked_at=clock.now()),
        "closed": lambda: change(closed_at=clock.now()),
        "with a second factor": lambda: people.with_app(people.sign_in(KNOWN)) and None,
    }


@pytest.mark.parametrize("state", ["open", "blocked", "closed", "with a second factor"])
@pytest.mark.parametrize("door", DOORS)
def test_a_known_address_is_answered_like_an_unknown_one_at_the_same_cost(
    people: People, app: App, door: str, state: str
) -> None:
    people.account(KNOWN)
    states(people)[state]()
    hashes = app.extensions["suite_system"].hashes
    make, status = DOORS[door]

    answers, costs = [], []
    for email in (KNOWN, UNKNOWN):
        act = make(people, email)
        hashed = hashes.computed
        with counted() as statements:
            answers.append(act())
        costs.append((hashes.computed - hashed, [statement.split("(")[0] for statement in statements]))

    assert seen(answers[0]) == seen(answers[1])
    assert costs[0] == costs[1]
    assert answers[0].status_code == status


def test_the_right_password_is_what_tells_and_nothing_before(people: People) -> None:
    people.account(KNOWN)
    people.with_app(people.sign_in(KNOWN))
    wrong = {"email": KNOWN, "password": "not the one"}

    as_app, as_browser, right = (
        people.stranger.post("/api/v1/sessions", json=body)
        for body in (wrong, wrong | {"client": "browser"}, wrong | {"password": PASSWORD})
    )

    assert seen(as_app) == seen(as_browser)
    assert as_app.json["code"] == "wrong_credentials"
    assert right.status_code == 202


@pytest.mark.parametrize("door", DOORS)
def test_the_time_of_an_answer_does_not_tell_whether_an_address_is_known(people: People, door: str) -> None:
    """The short form of `make timing`, with margins a busy machine keeps: a hash left out would be far beyond them."""
    people.account(KNOWN)

    with unlimited():
        gap = measure(people, door, SHORT)

    assert abs(gap.auc - 0.5) < 0.42
    assert 0.5 < gap.medians[0] / gap.medians[1] < 2
