"""A phone and a security question given at registration, and passwords that are stored as hashes alone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from suite.accounts.models import Account, Registration, SecurityQuestion
from suite.factors.models import Factor
from suite.kernel import clock, db, passwords, sealed, system
from suite.kernel.db import Base
from tests.accounts.recovering import ANSWER, Recovering
from tests.people import PASSWORD, PHONE, PROFILES, Outbox, People

ASKED = {"security_question": "first_own_book", "security_answer": ANSWER}
BOTH = ("business-hub", "cloud-console")


def profile(service: str, **more: str) -> dict[str, str]:
    return PROFILES[service] | more


def one(table: Any) -> Any:
    with db.transaction(reading=True) as session:
        return session.scalars(select(table)).one_or_none()


def everything_stored() -> str:
    """Give every value of the database, as somebody sees who stole it."""
    with db.transaction(reading=True) as session:
        rows = [session.execute(text(f"SELECT * FROM {name}")).all() for name in Base.metadata.tables]
    return repr(rows)


@pytest.mark.parametrize(
    "service",
    [
        pytest.param("my-account", marks=pytest.mark.policy("MYK-3")),
        pytest.param("motorsport", marks=pytest.mark.policy("MOT-2")),
        pytest.param("business-hub", marks=pytest.mark.policy("BUS-2")),
        pytest.param("cloud-console", marks=pytest.mark.policy("SCC-2")),
        pytest.param("partner-portal", marks=pytest.mark.policy("PAR-2")),
    ],
)
def test_a_password_is_taken_at_registration_and_stored_only_as_a_hash(
    people: People, outbox: Outbox, service: str
) -> None:
    without = people.stranger.post(
        "/api/v1/registrations",
        json={"service": service, "email": "ann@example.org", "profile": PROFILES[service]},
    )
    people.register("bob@example.org", service)
    people.member(service=service)
    outbox.deliver()

    assert [one["pointer"] for one in without.json["errors"]] == ["/password"]
    assert PASSWORD not in everything_stored()
    assert one(Account).password_hash.startswith(
        f"test1$argon2id$v=19$m={passwords.MEMORY_KIB},t={passwords.ROUNDS},p=1$"
    )
    assert one(Registration).password_hash.startswith("test1$argon2id$")


@pytest.mark.parametrize(
    "service",
    [
        pytest.param("my-account", marks=pytest.mark.policy("MYK-4", "MYK-21")),
        pytest.param("business-hub", marks=pytest.mark.policy("BUS-4", "BUS-15")),
        pytest.param("cloud-console", marks=pytest.mark.policy("SCC-4", "SCC-14")),
    ],
)
def test_a_phone_may_be_given_at_registration_and_counts_once_its_owner_confirms_a_code(
    people: People, outbox: Outbox, service: str
) -> None:
    people.account("bob@example.org", service)
    without = people.sign_in("bob@example.org").get("/api/v1/me/factors").json["factors"]
    people.account(service=service, profile=profile(service, phone="+49 151 1234-5678"))
    member = people.sign_in()
    waiting = member.get("/api/v1/me/factors").json["factors"]
    unasked = [message.channel for message in outbox.sent]

    path = f"/api/v1/me/factors/{waiting[0]['id']}"
    member.post(f"{path}/code")
    confirmed = member.post(f"{path}/confirmation", json={"code": outbox.texted()})
    challenge = people.challenged()

    assert without == []
    assert [(factor["phone"], factor["confirmed"], factor["name"]) for factor in waiting] == [
        (PHONE, False, "My phone")
    ]
    assert set(unasked) == {"mail"}
    assert confirmed.status_code == 200
    assert challenge["methods"] == ["sms", "recovery_code"]


def test_a_phone_nobody_confirms_is_gone_after_a_week(people: People) -> None:
    from suite.privacy import sweeps

    people.account(profile={"phone": PHONE})

    with clock.at(clock.now() + timedelta(days=7, seconds=1)):
        sweeps.sweep()

    assert one(Factor) is None


@pytest.mark.parametrize(
    "service",
    [
        pytest.param("business-hub", marks=pytest.mark.policy("BUS-3", "BUS-17")),
        pytest.param("cloud-console", marks=pytest.mark.policy("SCC-3", "SCC-16")),
    ],
)
def test_a_question_may_be_given_at_registration_and_lets_its_owner_back_in(
    people: People, outbox: Outbox, service: str
) -> None:
    lost = Recovering(people, outbox)
    people.account("bob@example.org", service)
    without = lost.prove("bob@example.org").json
    people.account(service=service, profile=profile(service, **ASKED))

    step = lost.prove().json
    answered = lost.post("/answer", ticket=step["ticket"], answer="the little green tractor")

    assert without["next"] == "password"
    assert (step["next"], step["question"]["key"]) == ("question", "first_own_book")
    assert (answered.status_code, answered.json["next"]) == (200, "password")


def test_phone_and_answer_wait_encrypted_and_hashed_and_go_with_the_registration(people: People) -> None:
    people.register(service="business-hub", profile=profile("business-hub", phone=PHONE, **ASKED))

    waiting = one(Registration)
    cell = sealed.context("registrations", waiting.id, "phone")
    stored = everything_stored().casefold()

    assert system.current().keys.open(waiting.phone, cell) == PHONE
    assert waiting.security_answer.startswith("test1$argon2id$")
    assert PHONE not in stored
    assert "green tractor" not in stored


def test_known_and_unknown_addresses_cost_the_same_with_phone_and_question(people: People, app: Any) -> None:
    people.account("known@example.org")
    hashes = app.extensions["suite_system"].hashes
    answers, work = [], []

    for address in ("known@example.org", "nobod@example.org"):
        before = hashes.computed
        answers.append(people.register(address, "business-hub", profile=profile("business-hub", phone=PHONE, **ASKED)))
        work.append(hashes.computed - before)

    assert [answer.status_code for answer in answers] == [202, 202]
    assert len({(len(answer.data), tuple(sorted(answer.json))) for answer in answers}) == 1
    assert work == [2, 2]


def test_what_somebody_registers_for_a_known_address_changes_nothing_there(people: People, outbox: Outbox) -> None:
    people.account(service="business-hub")
    people.register(service="business-hub", profile=profile("business-hub", phone=PHONE, **ASKED))
    outbox.deliver()

    assert (one(Factor), one(SecurityQuestion)) == (None, None)


@pytest.mark.parametrize(
    ("service", "given", "wrong"),
    [
        ("my-account", ASKED, {"/profile/security_question", "/profile/security_answer"}),
        ("motorsport", {"phone": PHONE}, {"/profile/phone"}),
        ("business-hub", {"security_question": "first_boss"}, {"/profile/security_question"}),
        ("business-hub", {"security_answer": ANSWER}, {"/profile/security_answer"}),
        ("business-hub", ASKED | {"security_question": "favourite_colour"}, {"/profile/security_question"}),
        ("business-hub", {"phone": "+49 30 1234567"}, {"/profile/phone"}),
        ("business-hub", {"phone": "015112345678"}, {"/profile/phone"}),
    ],
)
def test_what_a_service_does_not_ask_for_and_what_is_no_phone_or_half_a_question_is_refused(
    people: People, service: str, given: dict[str, str], wrong: set[str]
) -> None:
    refused = people.register(service=service, profile=profile(service, **given))

    assert (refused.status_code, refused.json["code"]) == (422, "invalid_input")
    assert {mistake["pointer"] for mistake in refused.json["errors"]} == wrong
    assert one(Registration) is None


@pytest.mark.parametrize(
    ("answer", "code"),
    [("ab", "answer_too_short"), ("qwertz", "answer_too_easy"), ("ann@example.org", "answer_too_easy")],
)
def test_an_answer_at_registration_keeps_the_rules(people: People, answer: str, code: str) -> None:
    refused = people.register(
        service="business-hub", profile=profile("business-hub", **ASKED | {"security_answer": answer})
    )

    assert (refused.status_code, refused.json["code"]) == (422, code)


def test_a_name_given_in_the_same_form_is_no_answer(people: People) -> None:
    """No service asks for names and a question today; whichever does is safe."""
    from suite.accounts import answers
    from suite.accounts.errors import AnswerTooEasy

    with pytest.raises(AnswerTooEasy):
        answers.check("  LEE ", ["Ann", "Lee"])


@pytest.mark.parametrize("service", BOTH)
def test_who_joins_a_service_later_is_sent_to_the_settings(people: People, service: str) -> None:
    member = people.member()

    refused = member.post(
        "/api/v1/me/services", json={"service": service, "profile": profile(service, phone=PHONE, **ASKED)}
    )

    assert refused.status_code == 422
    assert {mistake["pointer"] for mistake in refused.json["errors"]} == {
        "/profile/phone",
        "/profile/security_question",
        "/profile/security_answer",
    }
    assert all("settings" in mistake["message"] for mistake in refused.json["errors"])


def test_a_question_switched_off_before_the_address_was_proven_is_not_kept(people: People, outbox: Outbox) -> None:
    import dataclasses

    from suite import privacy
    from suite.declarations import Part

    started = people.register(service="business-hub", profile=profile("business-hub", **ASKED)).json
    code, register = outbox.code(), privacy.declared()
    privacy.declare(dataclasses.replace(register, parts=register.parts - {Part.SECURITY_QUESTIONS}))
    try:
        confirmed = people.stranger.post(f"/api/v1/registrations/{started['id']}/confirmation", json={"code": code})
    finally:
        privacy.declare(register)

    assert confirmed.status_code == 201
    assert one(SecurityQuestion) is None


def test_the_services_say_what_they_ask(people: People) -> None:
    services = people.stranger.get("/api/v1/services").json["services"]

    asked = {
        name: {one["key"] for one in services if name in {ask["field"] for ask in one["asks"] if not ask["required"]}}
        for name in ("phone", "security_question", "security_answer")
    }
    assert asked["phone"] >= {"my-account", *BOTH}
    assert asked["security_question"] == asked["security_answer"] == set(BOTH)
