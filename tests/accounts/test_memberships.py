"""Joining and leaving services."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from suite.accounts.models import Account, Membership
from suite.kernel import clock, db
from suite.privacy import sweeps
from suite.privacy.models import ConsentEntry
from tests.people import Outbox, People

SERVICES = "/api/v1/me/services"


@pytest.mark.parametrize(
    ("service", "missing"),
    [
        pytest.param("business-hub", "country", marks=pytest.mark.policy("BUS-5")),
        pytest.param("motorsport", "user_name", marks=pytest.mark.policy("MOT-1")),
        pytest.param("motorsport", "first_name", marks=pytest.mark.policy("MOT-3")),
        pytest.param("motorsport", "last_name", marks=pytest.mark.policy("MOT-4")),
        pytest.param("office-365", "company_name", marks=pytest.mark.policy("O365-2")),
        pytest.param("partner-portal", "full_name", marks=pytest.mark.policy("PAR-3")),
    ],
)
def test_a_service_refuses_a_registration_without_what_it_needs(people: People, service: str, missing: str) -> None:
    from tests.people import PROFILES

    profile = {name: value for name, value in PROFILES[service].items() if name != missing}

    answer = people.register("ann@example.org", service, profile=profile)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [f"/profile/{missing}"]


def test_a_service_takes_nothing_it_does_not_ask_for(people: People) -> None:
    answer = people.register("ann@example.org", "my-account", profile={"country": "DE"})

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/profile/country"


def test_a_service_without_accounts_takes_no_registration(people: People) -> None:
    answer = people.register("ann@example.org", "web-forms")

    assert (answer.status_code, answer.json["code"]) == (409, "service_not_open")


def test_a_person_joins_another_service_with_its_own_profile_and_consents(people: People) -> None:
    session = people.member("ann@example.org", "my-account")

    joined = session.post(
        SERVICES, json={"service": "business-hub", "profile": {"country": "DE"}, "consents": ["news_by_email"]}
    )
    listed = session.get(SERVICES).json["services"]

    assert joined.status_code == 201
    assert [(one["service"], one["profile"]) for one in listed] == [
        ("my-account", {}),
        ("business-hub", {"country": "DE"}),
    ]
    with db.transaction(reading=True) as transaction:
        entry = transaction.scalars(select(ConsentEntry)).one()
    assert (entry.purpose, entry.service, entry.state, entry.method) == (
        "news_by_email",
        "business-hub",
        "given",
        "settings",
    )


def test_a_service_is_joined_once(people: People) -> None:
    session = people.member()

    answer = session.post(SERVICES, json={"service": "my-account"})

    assert (answer.status_code, answer.json["code"]) == (409, "already_member")


def test_a_consent_the_service_does_not_ask_for_is_refused(people: People) -> None:
    session = people.member()

    answer = session.post(SERVICES, json={"service": "cloud-console", "consents": ["news_about_cats"]})

    assert (answer.status_code, answer.json["code"]) == (422, "unknown_consent")


def test_leaving_one_service_leaves_the_others_alone(people: People, outbox: Outbox) -> None:
    session = people.member("ann@example.org", "my-account")
    profile = {"user_name": "speedy", "first_name": "Ann", "last_name": "Lee"}
    session.post(SERVICES, json={"service": "motorsport", "profile": profile})
    start = clock.now()

    left = session.delete(f"{SERVICES}/motorsport")
    with clock.at(start + timedelta(hours=24, minutes=1)):
        sweeps.sweep()

    with db.transaction(reading=True) as transaction:
        kept = transaction.scalars(select(Membership)).all()
    assert left.status_code == 200
    assert [membership.service for membership in kept] == ["my-account"]
    assert session.get("/api/v1/me").status_code == 200
    assert outbox.last("service_left").recipient == "ann@example.org"


@pytest.mark.policy("MOT-17")
def test_what_a_left_service_knew_is_there_until_its_deadline_and_not_longer(people: People) -> None:
    session = people.member("ann@example.org", "my-account")
    profile = {"user_name": "speedy", "first_name": "Ann", "last_name": "Lee"}
    session.post(SERVICES, json={"service": "motorsport", "profile": profile})
    start = clock.now()
    with clock.at(start):
        deadline = datetime.fromisoformat(session.delete(f"{SERVICES}/motorsport").json["erased_by"])

    def names() -> list[str | None]:
        with db.transaction(reading=True) as transaction:
            return list(transaction.scalars(select(Membership.user_name).where(Membership.service == "motorsport")))

    with clock.at(deadline - timedelta(seconds=1)):
        sweeps.sweep()
        before = names()
    with clock.at(deadline + timedelta(milliseconds=1)):
        sweeps.sweep()

    assert deadline - start <= timedelta(hours=24)
    assert before == ["speedy"]
    assert names() == []


def test_the_last_service_is_left_by_closing_the_account(people: People) -> None:
    session = people.member()

    answer = session.delete(f"{SERVICES}/my-account")
    unknown = session.delete(f"{SERVICES}/motorsport")

    assert (answer.status_code, answer.json["code"]) == (409, "last_service")
    assert unknown.status_code == 404


def test_a_service_can_be_joined_again_after_leaving_it(people: People) -> None:
    session = people.member("ann@example.org", "my-account")
    session.post(SERVICES, json={"service": "cloud-console"})
    session.delete(f"{SERVICES}/cloud-console")

    again = session.post(SERVICES, json={"service": "cloud-console"})

    assert again.status_code == 201
    assert len(session.get(SERVICES).json["services"]) == 2


def allowed(service: str) -> list[bool]:
    """Ask the ledger about every person, as somebody who is about to send news does."""
    from suite.privacy import may

    with db.transaction(reading=True) as transaction:
        people = transaction.scalars(select(Account.id).order_by(Account.id)).all()
        return [may(person, "news_by_email", service) for person in people]


@pytest.mark.policy("MYK-20", "BUS-12")
def test_a_consent_ends_with_the_membership_and_is_not_there_again_after_joining_anew(people: People) -> None:
    session = people.member("ann@example.org", "my-account")
    ticked = {"service": "business-hub", "profile": {"country": "DE"}, "consents": ["news_by_email"]}
    people.account("bob@example.org", "business-hub", consents=["news_by_email"])

    session.post(SERVICES, json=ticked)
    joined = allowed("business-hub")
    session.delete(f"{SERVICES}/business-hub")
    left = allowed("business-hub")
    session.post(SERVICES, json=ticked | {"consents": []})
    again = allowed("business-hub")
    session.post("/api/v1/me/closure")

    assert joined == [True, True]
    assert left == again == [False, True]


def test_a_consent_ends_with_the_account(people: People) -> None:
    session = people.member("ann@example.org", "business-hub", consents=["news_by_email"])

    before = allowed("business-hub")
    session.post("/api/v1/me/closure")

    assert (before, allowed("business-hub")) == ([True], [False])


def test_a_consent_ticked_when_joining_is_noted_in_the_language_it_was_shown_in(people: People) -> None:
    member = people.member()  # speaks English

    body = {"service": "business-hub", "profile": {"country": "DE"}, "consents": ["news_by_email"]}
    answer = member.post(SERVICES, json=body, headers={"Accept-Language": "de"})

    assert answer.status_code == 201, answer.json
    (entry,) = member.get("/api/v1/me/consents/history").json["entries"]
    assert entry["language"] == "de"
