"""`suite keys rotate`: everything moves to the new key, nobody notices, and what still needs the old one is said."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select, text

from suite.accounts.models import Account
from suite.factors import challenges
from suite.factors.models import Factor
from suite.kernel import audit, db, jobs, sealed, system
from suite.kernel.db import Base
from suite.kernel.http import App
from suite.kernel.models import AuditEntry
from suite.kernel.passwords import HashPool
from suite.kernel.secrets import CannotOpen, Keyring
from suite.messages.models import Message
from suite.messages.outbox import open_facts, open_recipient
from suite.settings import new_key
from tests.accounts.recovering import ANSWER, CHOSEN, QUESTION, Recovering, question
from tests.commands.conftest import Terminal
from tests.conftest import KEY
from tests.licenses.making import several
from tests.people import PASSWORD, PHONE, Outbox, People

NEW = "fresh:" + new_key().partition(":")[2]
BOTH = f"{NEW},{KEY}"


@pytest.fixture
def running_with(app: App) -> Iterator[Callable[[str], Keyring]]:
    """Restart the system with other keys."""
    running = system.current()
    pools: list[HashPool] = []

    def restart(keys: str) -> Keyring:
        ring = Keyring(keys)
        pools.append(HashPool(ring, 1, 10))
        system.use(dataclasses.replace(running, keys=ring, hashes=pools[-1]))
        return ring

    yield restart
    system.use(running)
    for pool in pools:
        pool.close()


def places() -> dict[str, sealed.Place]:
    return {place.name: place for place in sealed.places()}


def needing(key_id: str) -> dict[str, int]:
    return {place.name: number for place, number in sealed.needing(key_id).items()}


def message() -> Message:
    with db.transaction(reading=True) as session:
        return session.scalars(select(Message)).one()


def letter_waits(people: People) -> None:
    """Let a letter with a code wait for delivery."""
    people.register("ann@example.org")
    jobs.run(jobs.claim("here", 1, lanes=(0, 9))[0])


def test_the_kinds_of_the_columns_say_what_needs_a_key() -> None:
    uses = {name: place.use for name, place in places().items()}

    assert uses["messages.recipient"] == uses["messages.content"] == uses["idempotency_keys.answer"] == "sealed"
    assert uses["accounts.password_hash"] == uses["registrations.password_hash"] == "password"
    assert uses["security_questions.answer_hash"] == uses["registrations.security_answer"] == "answer"
    assert uses["registrations.phone"] == uses["recoveries.asked_for"] == "sealed"
    assert uses["audit_entries.subject"] == uses["recoveries.address_hash"] == "hash"
    assert not any(name.startswith(("people.", "jobs.")) for name in uses)


def test_every_sealed_column_stands_in_a_table_with_one_key_column() -> None:
    tables = {place.table for place in sealed.places() if place.use is sealed.Use.SEALED}

    assert [len(Base.metadata.tables[table.name].primary_key.columns) for table in tables] == [1] * len(tables)


def test_rotation_moves_every_sealed_value_and_the_new_key_alone_opens_them(
    people: People, terminal: Terminal, running_with: Callable[[str], Keyring]
) -> None:
    people.stranger.post(
        "/api/v1/registrations",
        json={"service": "my-account", "email": "eve@example.org", "password": PASSWORD},
        headers={"Idempotency-Key": "one"},
    )
    letter_waits(people)

    done = terminal("keys", "rotate", secret_keys=BOTH)

    assert done.code == 0, done.err
    assert "Values encrypted again with key fresh: 3." in done.out
    assert {name for name in needing("test1") if places()[name].use == "sealed"} == set()
    running_with(NEW)
    assert open_recipient(message()) in {"ann@example.org", "eve@example.org"}
    assert open_facts(message())["code"].isdigit()


def test_a_second_rotation_finds_nothing_to_do(people: People, terminal: Terminal) -> None:
    letter_waits(people)
    terminal("keys", "rotate", secret_keys=BOTH)
    before = message().content

    again = terminal("keys", "rotate", secret_keys=BOTH)

    assert "Values encrypted again with key fresh: 0." in again.out
    assert message().content == before


def test_a_value_erased_meanwhile_stays_erased(
    people: People, outbox: Outbox, running_with: Callable[[str], Keyring]
) -> None:
    letter_waits(people)
    running_with(BOTH)
    place = places()["messages.content"]
    read = sealed._older(place, None)
    outbox.deliver()

    moved = sealed._move(place, read)

    assert moved.moved == 0
    assert message().content is None


def test_a_rotation_that_was_broken_off_goes_on_where_it_was(
    people: People, terminal: Terminal, running_with: Callable[[str], Keyring]
) -> None:
    letter_waits(people)
    running_with(BOTH)
    batches = sealed.rotate()
    next(batches)
    batches.close()

    done = terminal("keys", "rotate", secret_keys=BOTH)

    assert "Values encrypted again with key fresh: 1." in done.out


def test_sealed_values_are_bound_to_their_cell(people: People, app: App) -> None:
    letter_waits(people)
    found = message()

    with pytest.raises(CannotOpen):
        system.current().keys.open(found.content or b"", sealed.context("messages", found.id, "recipient"))


def test_the_command_says_who_could_not_sign_in_without_the_old_key(people: People, terminal: Terminal) -> None:
    people.account("ann@example.org")

    done = terminal("keys", "rotate", secret_keys=BOTH)

    assert "accounts.password_hash: 1 password hashes need it; each is renewed when its owner signs in next" in done.out
    assert "Keep key test1: without it these people could not sign in." in done.out


def test_the_command_says_which_answers_would_be_judged_wrong_without_the_old_key(
    people: People, terminal: Terminal, running_with: Callable[[str], Keyring]
) -> None:
    people.member(service="business-hub").put(QUESTION, json=CHOSEN)

    both = terminal("keys", "rotate", secret_keys=BOTH)
    running_with(BOTH)
    people.sign_in("ann@example.org")
    answers = terminal("keys", "rotate", secret_keys=BOTH)

    says = "security_questions.answer_hash: 1 answers to security questions need it; each is renewed when its owner"
    lost = "the right answers to these questions would be judged wrong"
    assert says in both.out and says in answers.out
    assert f"Keep key test1: without it these people could not sign in and {lost}" in both.out
    assert f"Keep key test1: without it {lost}" in answers.out


def test_a_right_answer_renews_its_hash_and_works_without_the_old_key(
    people: People, outbox: Outbox, running_with: Callable[[str], Keyring]
) -> None:
    people.member(service="business-hub").put(QUESTION, json=CHOSEN)
    lost = Recovering(people, outbox)
    running_with(BOTH)

    answered = lost.post("/answer", ticket=lost.ticket(), answer=ANSWER)

    stored = question()
    assert answered.status_code == 200
    assert stored is not None and stored.answer_hash.startswith("fresh$")


def test_without_its_key_a_right_answer_is_wrong_and_nothing_breaks(
    people: People, outbox: Outbox, running_with: Callable[[str], Keyring]
) -> None:
    people.member(service="business-hub").put(QUESTION, json=CHOSEN)
    lost = Recovering(people, outbox)
    running_with(NEW)

    answered = lost.post("/answer", ticket=lost.ticket(), answer=ANSWER)

    assert (answered.status_code, answered.json["code"]) == (422, "wrong_answer")


def test_an_address_asked_for_and_a_phone_of_a_registration_move_to_the_new_key(
    people: People, outbox: Outbox, terminal: Terminal, running_with: Callable[[str], Keyring]
) -> None:
    people.account("ann@example.org")
    outbox.deliver()
    lost = Recovering(people, outbox)
    asked = lost.ask()
    started = people.register("bob@example.org", profile={"phone": PHONE}).json

    done = terminal("keys", "rotate", secret_keys=BOTH)
    running_with(NEW)
    proven = lost.post(f"/{asked}/proof", code=lost.code())
    people.stranger.post(f"/api/v1/registrations/{started['id']}/confirmation", json={"code": outbox.code()})

    assert "Values encrypted again with key fresh: 2." in done.out
    assert proven.status_code == 200
    with db.transaction(reading=True) as session:
        assert challenges.phone_of(session.scalars(select(Factor)).one()).number == PHONE


def test_a_code_for_a_new_password_mailed_before_the_rotation_still_works(
    people: People, outbox: Outbox, running_with: Callable[[str], Keyring]
) -> None:
    people.account("ann@example.org")
    lost = Recovering(people, outbox)
    asked = lost.ask()
    code = lost.code()
    running_with(BOTH)

    assert lost.post(f"/{asked}/proof", code=code).status_code == 200


def test_after_the_next_sign_in_only_the_audit_trail_knows_the_old_key(
    people: People, outbox: Outbox, terminal: Terminal, running_with: Callable[[str], Keyring]
) -> None:
    people.account("ann@example.org")
    outbox.deliver()
    running_with(BOTH)
    people.sign_in("ann@example.org")

    done = terminal("keys", "rotate", secret_keys=BOTH)

    assert "password" not in done.out
    assert "audit_entries.subject" in done.out
    assert "12 calendar months after the entry was written" in done.out
    assert "Key test1 can be removed when the look-ups above may end" in done.out


def test_when_nothing_needs_the_old_key_the_command_says_so(terminal: Terminal) -> None:
    done = terminal("keys", "rotate", secret_keys=BOTH)

    assert "Nothing needs key test1 any more: remove it from SUITE_SECRET_KEYS." in done.out


def test_values_whose_key_is_gone_are_left_and_reported(people: People, terminal: Terminal) -> None:
    letter_waits(people)
    before = message().content

    done = terminal("keys", "rotate", secret_keys=NEW)

    assert (done.code, "2 values could not be opened" in done.err) == (1, True)
    assert message().content == before


def test_the_rotation_stands_in_the_audit_trail(people: People, terminal: Terminal) -> None:
    terminal("keys", "rotate", secret_keys=BOTH)

    with db.transaction(reading=True) as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.facts) == ("keys.rotated", {"key": "fresh", "moved": 0, "lost": 0})


def test_a_code_mailed_before_the_rotation_still_works(
    people: People, outbox: Outbox, running_with: Callable[[str], Keyring]
) -> None:
    started = people.register().json
    code = outbox.code()
    running_with(BOTH)

    confirmed = people.stranger.post(f"/api/v1/registrations/{started['id']}/confirmation", json={"code": code})

    assert confirmed.status_code == 201


def test_a_request_repeated_across_the_rotation_is_done_once(
    people: People, running_with: Callable[[str], Keyring]
) -> None:
    def send() -> Any:
        return people.stranger.post(
            "/api/v1/registrations",
            json={"service": "my-account", "email": "ann@example.org", "password": PASSWORD},
            headers={"Idempotency-Key": "the same"},
        )

    first = send()
    running_with(BOTH)
    second = send()

    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json == first.json


def test_sign_in_renews_the_password_hash_and_works_without_the_old_key(
    people: People, running_with: Callable[[str], Keyring]
) -> None:
    people.account("ann@example.org")
    running_with(BOTH)
    people.sign_in("ann@example.org")
    running_with(NEW)

    people.sign_in("ann@example.org")

    with db.transaction(reading=True) as session:
        assert session.scalars(select(Account.password_hash)).one().startswith("fresh$")


def test_a_keyed_hash_names_its_key_and_fits_its_column() -> None:
    ring = Keyring(f"{'a' * 16}:{KEY.partition(':')[2]},{KEY}")

    newest, older = ring.keyed_hashes("somebody", "audit")

    assert newest == ring.keyed_hash("somebody", "audit")
    assert newest.startswith("a" * 16 + ".") and len(newest) == 64
    assert older == Keyring(KEY).keyed_hash("somebody", "audit")


def test_hashes_in_the_database_name_their_key(people: People, app: App) -> None:
    people.account("ann@example.org")

    with db.transaction(reading=True) as session:
        subjects = set(session.scalars(text("SELECT subject FROM audit_entries WHERE subject IS NOT NULL")))
    assert subjects and all(str(subject).startswith("test1.") for subject in subjects)
    assert audit.subject_key("x").startswith("test1.")


def test_the_command_says_that_unused_activation_codes_need_the_old_key(app: App, terminal: Terminal) -> None:
    several(3)

    done = terminal("keys", "rotate", secret_keys=BOTH)

    assert "licenses.code_hash: 3 activation codes need it; each moves to the newest key when" in done.out
    assert "Keep key test1: without it these activation codes would be unknown." in done.out
