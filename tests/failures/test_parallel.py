"""Limits and single uses hold when many come at once, on both databases."""

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from suite.accounts import signup
from suite.accounts.models import Account, Membership, Registration, Session
from suite.kernel import access, clock, db, limits
from suite.kernel.errors import TooManyAttempts
from suite.kernel.models import IdempotencyKey, Job
from suite.privacy import Person
from tests.failures.crowd import at_once
from tests.people import PASSWORD, PROFILES, Outbox, People, SignedIn

CROWD = 50


def count(table: type, *conditions: Any) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def codes_by_registration(outbox: Outbox) -> dict[str, str]:
    return {
        str(message.person_id): message.subject.rsplit(" ", 1)[1]
        for message in outbox.sent
        if message.letter == "confirm_address"
    }


def confirm(people: People, registration: str, code: str) -> Any:
    return people.stranger.post(f"/api/v1/registrations/{registration}/confirmation", json={"code": code})


def statuses(answers: list[Any]) -> Counter[Any]:
    return Counter((answer.status_code, (answer.json or {}).get("code")) for answer in answers)


def test_fifty_registrations_of_one_address_make_one_account(people: People, outbox: Outbox, generous: None) -> None:
    spellings = ("Ann@Bücher.example", "ann@xn--bcher-kva.example", "ANN@BÜCHER.example", "ann@bücher.EXAMPLE")

    started = at_once(CROWD, lambda which: people.register(spellings[which % len(spellings)]))
    codes = codes_by_registration(outbox)
    confirmed = at_once(
        CROWD, lambda which: confirm(people, started[which].json["id"], codes[started[which].json["id"]])
    )

    assert statuses(started) == {(202, None): CROWD}
    assert statuses(confirmed) == {(201, None): 1, (409, "address_taken"): CROWD - 1}
    assert (count(Account), count(Membership)) == (1, 1)


def test_of_fifty_registrations_of_one_address_only_the_allowed_number_is_taken(people: People) -> None:
    answers = at_once(CROWD, lambda _which: people.register("ann@example.org"))

    assert statuses(answers) == {(202, None): 8, (429, "too_many_attempts"): CROWD - 8}
    assert count(Registration) == count(Person) == 8
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers if answer.status_code == 429)


def test_of_fifty_confirmations_with_one_code_one_succeeds(people: People, outbox: Outbox) -> None:
    registration = people.register().json["id"]
    code = outbox.code()

    answers = at_once(CROWD, lambda _which: confirm(people, registration, code))

    assert statuses(answers) == {(201, None): 1, (404, "registration_gone"): CROWD - 1}
    assert (count(Account), count(Registration)) == (1, 0)


def test_of_fifty_confirmations_with_one_link_one_succeeds(people: People, outbox: Outbox) -> None:
    people.register()
    body = {"token": outbox.link_token(), "password": PASSWORD}

    answers = at_once(CROWD, lambda _which: people.stranger.post("/api/v1/registrations/confirmation", json=body))

    found = statuses(answers)
    assert found[(201, None)] == 1
    assert set(found) <= {(201, None), (404, "registration_gone"), (409, "code_used_up")}
    assert count(Account) == 1


def test_of_fifty_wrong_codes_at_most_five_are_judged(people: People, outbox: Outbox) -> None:
    registration = people.register().json["id"]
    right = outbox.code()
    wrong = [f"{number:06d}" for number in range(CROWD + 1) if f"{number:06d}" != right]

    answers = at_once(CROWD, lambda which: confirm(people, registration, wrong[which]))
    at_last = confirm(people, registration, right)

    assert statuses(answers) == {(422, "wrong_code"): 5, (409, "code_used_up"): CROWD - 5}
    assert at_last.json["code"] == "code_used_up"


def test_of_fifty_wrong_passwords_at_most_ten_are_judged(people: People) -> None:
    people.account()
    body = {"email": "ann@example.org", "password": "not this one"}

    answers = at_once(CROWD, lambda _which: people.stranger.post("/api/v1/sessions", json=body))

    assert statuses(answers) == {(401, "wrong_credentials"): 10, (429, "too_many_attempts"): CROWD - 10}


def test_an_allowance_of_five_lets_exactly_five_of_fifty_through(app: Any) -> None:
    allowance = limits.Allowance("test", times=5, seconds=60)

    def take(_which: int) -> bool:
        try:
            with db.transaction():
                limits.take(allowance, "one")
        except TooManyAttempts:
            return False
        return True

    assert sum(at_once(CROWD, take)) == 5


def test_a_new_window_begins_with_exactly_five_again(app: Any) -> None:
    allowance = limits.Allowance("test", times=5, seconds=60)

    def take(_which: int) -> bool:
        try:
            with db.transaction():
                limits.take(allowance, "one")
        except TooManyAttempts:
            return False
        return True

    at_once(10, take)
    with clock.at(clock.now().replace(microsecond=0) + signup.RESEND_GAP * 2):
        again = sum(at_once(20, take))

    assert again == 5


def test_fifty_posts_with_one_idempotency_key_register_once(people: People, outbox: Outbox, generous: None) -> None:
    body = {"service": "my-account", "email": "ann@example.org", "password": PASSWORD, "profile": {}}
    headers = {"Idempotency-Key": "one-registration"}

    def post(_which: int) -> Any:
        return people.stranger.post("/api/v1/registrations", json=body, headers=headers)

    answers = at_once(CROWD, post)
    later = post(0)

    taken = [answer for answer in answers if answer.status_code == 202]
    rest = [answer for answer in answers if answer.status_code != 202]
    assert {answer.data for answer in taken} == {later.data}
    assert sum("Idempotency-Replayed" not in answer.headers for answer in taken) == 1
    assert {(answer.status_code, answer.json["code"]) for answer in rest} <= {(409, "idempotency_in_progress")}
    assert count(Registration) == 1
    assert len(outbox.sent) == 1


def test_a_request_that_was_overtaken_while_it_worked_is_undone(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"service": "my-account", "email": "ann@example.org", "password": PASSWORD, "profile": {}}
    headers = {"Idempotency-Key": "slow"}
    real, overtaking = signup.hash_password, []

    def post() -> Any:
        return people.stranger.post("/api/v1/registrations", json=body, headers=headers)

    def slow(password: str) -> str:
        if not overtaking:
            overtaking.append(None)
            with clock.at(clock.now() + signup.RESEND_GAP * 1.1):
                overtaking[0] = at_once(1, lambda _which: post())[0]
        return real(password)

    monkeypatch.setattr(signup, "hash_password", slow)
    overtaken = post()

    assert overtaking[0].status_code == 202
    assert (overtaken.status_code, overtaken.json["code"]) == (409, "idempotency_in_progress")
    assert (count(Registration), post().data) == (1, overtaking[0].data)


def test_a_key_is_free_again_after_a_refusal(people: People) -> None:
    headers = {"Idempotency-Key": "again"}
    body = {"service": "my-account", "email": "ann@example.org", "password": "short", "profile": {}}

    refused = at_once(8, lambda _which: people.stranger.post("/api/v1/registrations", json=body, headers=headers))

    assert {answer.status_code for answer in refused} <= {409, 422}
    assert count(IdempotencyKey) == 0


def test_of_fifty_closures_one_closes(people: People) -> None:
    member = people.member()

    answers = at_once(CROWD, lambda _which: _copy(people, member).post("/api/v1/me/closure"))

    assert {code for code, _ in statuses(answers)} == {200, 401}
    assert statuses(answers)[(200, None)] == 1
    assert count(Session) == 0
    assert count(Job, Job.name == "messages.deliver") == 1


def test_of_fifty_joins_of_one_service_one_succeeds(people: People) -> None:
    member = people.member()
    body = {"service": "business-hub", "profile": PROFILES["business-hub"]}

    answers = at_once(CROWD, lambda _which: _copy(people, member).post("/api/v1/me/services", json=body))

    assert statuses(answers) == {(201, None): 1, (409, "already_member"): CROWD - 1}
    assert count(Membership) == 2


def test_leaving_the_last_two_services_at_once_leaves_one(people: People) -> None:
    for turn in range(6):
        email = f"ann{turn}@example.org"
        member = people.member(email)
        joined = member.post("/api/v1/me/services", json={"service": "cloud-console", "profile": {}})
        services = ("my-account", "cloud-console")

        answers = at_once(
            8, lambda which, member=member: _copy(people, member).delete(f"/api/v1/me/services/{services[which % 2]}")
        )

        assert joined.status_code == 201
        assert sum(answer.status_code == 200 for answer in answers) == 1
        assert count(Membership, Membership.ended_at.is_(None)) == turn + 1


def test_nobody_joins_a_service_after_the_account_is_closed(people: People) -> None:
    for turn in range(6):
        member = people.member(f"ann{turn}@example.org")
        body = {"service": "cloud-console", "profile": {}}

        def act(which: int, member: SignedIn = member, body: Any = body) -> Any:
            own = _copy(people, member)
            return own.post("/api/v1/me/closure") if which == 0 else own.post("/api/v1/me/services", json=body)

        answers = at_once(4, act)

        assert answers[0].status_code == 200
        assert {answer.status_code for answer in answers[1:]} <= {201, 401, 409}
        late = Membership.account_id.in_(select(Account.id).where(Account.closed_at < Membership.joined_at))
        assert count(Membership, late) == 0


def test_signing_in_while_closing_leaves_no_session(people: People) -> None:
    for turn in range(4):
        email = f"ann{turn}@example.org"
        member = people.member(email)

        def act(which: int, member: SignedIn = member, email: str = email) -> Any:
            if which == 0:
                return _copy(people, member).post("/api/v1/me/closure")
            return people.stranger.post("/api/v1/sessions", json={"email": email, "password": PASSWORD})

        answers = at_once(6, act)

        assert answers[0].status_code == 200
        assert {answer.status_code for answer in answers[1:]} <= {201, 401}
        assert count(Session) == 0


def test_of_many_resends_one_sends(people: People, outbox: Outbox) -> None:
    registration = people.register().json["id"]
    outbox.deliver()

    with clock.at(clock.now() + signup.RESEND_GAP):
        answers = at_once(20, lambda _which: people.stranger.post(f"/api/v1/registrations/{registration}/resend"))
        sent = [message for message in outbox.sent if message.letter == "confirm_address"]

    assert statuses(answers) == {(202, None): 1, (429, "resend_too_soon"): 19}
    assert len(sent) == 2


def test_a_sweep_on_many_machines_at_once_deletes_each_row_once(people: People) -> None:
    from suite.privacy import sweeps

    for number in range(5):
        people.register(f"ann{number}@example.org")
    with clock.at(clock.now() + signup.RESEND_GAP * 60 * 25):

        def sweep(_which: int) -> int:
            access.begin(access.SYSTEM, None)
            return sweeps.sweep()

        at_once(6, sweep)

    assert (count(Registration), count(Person)) == (0, 0)


def _copy(people: People, member: SignedIn) -> SignedIn:
    """Give the same session a client of its own, as another tab or device has."""
    return SignedIn(people.stranger, member.token, member.session_id)
