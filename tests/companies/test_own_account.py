"""The own account of somebody who works for a company: looked at, corrected, deleted, and used for nothing else."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from suite.accounts.models import Account, Membership
from suite.companies.models import CompanyMember, ContractPerson, MemberAddress
from suite.declarations.purposes import CONSENTS, PURPOSES
from suite.kernel import clock, db
from suite.messages.letters import letter_named
from suite.privacy import declared, may, sweeps
from suite.privacy.models import Person
from suite.services import SERVICES
from tests.companies.contracting import MINE, STAFF, record, refused, sales, told
from tests.companies.making import SERVICE, Founded, employee, founded, member_of
from tests.companies.test_addresses import verified
from tests.people import PASSWORD, Outbox, People, SignedIn
from tests.rights.asking import act, ask, officer, proven

EMMA, NEW = "emma@acme.example", "five small red kettles"
ME, SESSIONS = "/api/v1/me", "/api/v1/sessions"


def close(somebody: SignedIn) -> Any:
    answer = somebody.post(f"{ME}/closure")
    assert answer.status_code == 200, answer.json
    return answer.json


def members(acme: Founded) -> list[str]:
    return sorted(one["email"] for one in acme.boss.get("/api/v1/company/members").json["members"])


def rows(person: str) -> dict[str, int]:
    """Count what is left of somebody in the tables a company makes use of."""
    me = UUID(person)
    columns = (
        Person.id,
        Account.id,
        Membership.account_id,
        CompanyMember.person_id,
        ContractPerson.person_id,
        MemberAddress.person_id,
    )
    with db.transaction(reading=True) as session:
        return {
            column.class_.__tablename__: session.scalar(select(func.count()).where(column == me)) or 0
            for column in columns
        }


@pytest.mark.policy("COM-19")
def test_the_account_can_be_looked_at_at_any_time(people: People) -> None:
    emma = employee(people, founded(people))

    with clock.at(clock.now() + timedelta(days=3)):
        emma = people.sign_in(EMMA)
        told_before = emma.get(f"{ME}/services/{SERVICE}").json["profile"]
        settings = emma.get(f"{ME}/settings").json

    assert told_before == {"first_name": "Ann", "last_name": "Lee", "country": "DE"}
    assert settings["email"] == EMMA


@pytest.mark.policy("COM-20")
def test_the_account_can_be_corrected_at_any_time(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    where = f"{ME}/services/{SERVICE}"
    tag = {"If-Match": emma.get(where).headers["ETag"]}

    changed = emma.patch(where, json={"profile": {"last_name": "Winter", "country": "AT"}}, headers=tag)

    assert changed.status_code == 200, changed.json
    seen = [one["last_name"] for one in acme.boss.get("/api/v1/company/members").json["members"]]
    assert "Winter" in seen


@pytest.mark.policy("COM-21")
def test_the_password_can_be_changed_at_any_time(people: People) -> None:
    emma = employee(people, founded(people))

    assert emma.put(f"{ME}/password", json={"password": NEW, "current": PASSWORD}).status_code == 204

    assert people.sign_in(EMMA, NEW).get(ME).status_code == 200


@pytest.mark.policy("COM-22", "COM-49")
@pytest.mark.parametrize("how", ["account", "service"])
def test_the_account_can_be_deleted_at_any_time(people: People, how: str) -> None:
    acme = founded(people)
    emma = employee(people, acme)

    if how == "account":
        close(emma)
    else:
        emma.post(f"{ME}/services", json={"service": "my-account", "profile": {}})
        assert emma.delete(f"{ME}/services/{SERVICE}").status_code == 200

    assert members(acme) == ["boss@acme.example"]


@pytest.mark.policy("COM-50")
def test_the_account_can_be_deleted_by_a_request_of_somebody_who_cannot_sign_in(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    person = emma.get(ME).json["id"]
    made = proven(people, outbox, EMMA, "erasure")
    support = officer(people)

    act(support, made["id"], "take")
    done = act(support, made["id"], "fulfilment", text="We erased your account.", partly=False)
    outbox.deliver()

    assert done.status_code == 200, done.json
    assert members(acme) == ["boss@acme.example"]
    assert set(rows(person).values()) == {0}
    assert emma.get(ME).status_code == 401


@pytest.mark.policy("COM-50")
def test_the_account_can_be_deleted_by_a_request_of_somebody_signed_in(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    person = emma.get(ME).json["id"]

    ask(emma, kind="erasure")
    outbox.deliver()

    assert members(acme) == ["boss@acme.example"]
    assert set(rows(person).values()) == {0}


@pytest.mark.policy("COM-51")
def test_from_the_moment_of_deletion_nothing_opens(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    again = people.sign_in(EMMA)
    record(sales(people), acme, emma)

    close(emma)

    for path in (ME, MINE, "/api/v1/company", "/api/v1/company/licenses", "/api/v1/company/members"):
        assert refused(emma.get(path)) == refused(again.get(path)) == (401, "sign_in_needed")
    signing_in = people.stranger.post(SESSIONS, json={"email": EMMA, "password": PASSWORD})
    assert refused(signing_in) == (401, "wrong_credentials")
    people.stranger.post("/api/v1/recoveries", json={"email": EMMA})
    assert "reset_password" not in [one.letter for one in outbox.sent]


@pytest.mark.policy("COM-51")
def test_whoever_left_the_service_alone_has_no_access_to_the_company(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    record(sales(people), acme, emma)
    emma.post(f"{ME}/services", json={"service": "my-account", "profile": {}})

    emma.delete(f"{ME}/services/{SERVICE}")

    for path in (MINE, "/api/v1/company", "/api/v1/company/licenses", "/api/v1/company/members"):
        assert refused(emma.get(path)) == (404, "not_found")


@pytest.mark.policy("COM-52")
def test_what_is_held_until_the_period_is_over_is_used_for_nothing(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma, staff = employee(people, acme), sales(people)
    verified(emma, outbox)
    record(staff, acme, emma, days=8)
    person, member = emma.get(ME).json["id"], member_of(emma).id
    close(emma)
    outbox.deliver()
    before = len(outbox.sent)

    with clock.at(clock.now() + timedelta(days=2)):
        assert told(outbox) == []
        boss = people.sign_in("boss@acme.example")
        assert [one["email"] for one in boss.get("/api/v1/company/members").json["members"]] == ["boss@acme.example"]
        for path in ("", "/settings"):
            assert refused(boss.get(f"/api/v1/company/members/{member}{path}")) == (404, "not_found")
        staff = people.enter(staff)
        search = staff.post(f"{STAFF}/{acme.company_id}/members/search", json={"email": EMMA})
        assert search.json == {"members": []}
        assert staff.get(f"{STAFF}/{acme.company_id}").json["members"] == 1

    assert [one for one in outbox.sent[before:] if one.recipient in {EMMA, "emma@home.example"}] == []
    assert set(rows(person).values()) == {1}


@pytest.mark.policy("COM-53")
def test_a_month_after_the_deletion_nothing_is_left_and_a_day_before_everything_is(
    people: People, outbox: Outbox
) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    verified(emma, outbox)
    record(sales(people), acme, emma)
    person, closed = emma.get(ME).json["id"], clock.now()
    with clock.at(closed):
        close(emma)
    outbox.empty()
    month = SERVICES[SERVICE].keep.after(closed)

    with clock.at(month - timedelta(seconds=1)):
        sweeps.sweep()
    held = rows(person)
    with clock.at(month + timedelta(seconds=1)):
        sweeps.sweep()

    assert str(declared().services[SERVICE].keep) == "1 calendar month"
    assert (set(held.values()), set(rows(person).values())) == ({1}, {0})


@pytest.mark.policy("COM-13")
def test_whatever_is_written_to_somebody_serves_the_service_or_support(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    verified(emma, outbox)
    record(sales(people), acme, emma, days=8)
    told(outbox)
    close(emma)

    theirs = {one.letter for one in outbox.sent if one.recipient in {EMMA, "emma@home.example"}}

    assert len(theirs) >= 5
    purposes = {purpose.key for purpose in SERVICES[SERVICE].purposes}
    assert {letter_named(key).purpose for key in theirs} <= purposes
    assert not any(PURPOSES[key].use.startswith(("marketing", "analytics", "personalize")) for key in purposes)


@pytest.mark.policy("COM-13", "COM-14")
def test_what_a_company_account_is_told_serves_no_purpose_nobody_chose(people: People) -> None:
    emma = employee(people, founded(people))
    person = UUID(emma.get(ME).json["id"])
    chosen = {"service": "my-account", "profile": {}, "consents": ["news_by_email"]}
    assert emma.post(f"{ME}/services", json=chosen).status_code == 201

    with db.transaction(reading=True):
        here = {key for key in CONSENTS if may(person, key, SERVICE)}
        there = {key for key in CONSENTS if may(person, key, "my-account")}

    assert (here, there) == (set(), {"news_by_email"})
    assert [one for one in emma.get(f"{ME}/consents").json["consents"] if one["service"] == SERVICE] == []


@pytest.mark.policy("COM-14")
def test_no_other_purpose_is_chosen_by_registering(people: People) -> None:
    from tests.people import profile_of

    answer = people.register("x@acme.example", SERVICE, profile=profile_of(SERVICE), consents=["news_by_email"])

    assert refused(answer) == (422, "unknown_consent")


@pytest.mark.policy("COM-8")
def test_the_notice_names_what_support_is_told_and_links_the_regulation(people: People) -> None:
    services = people.stranger.get("/api/v1/privacy/catalogue").json["services"]
    (company,) = (one for one in services if one["key"] == SERVICE)
    (support,) = (one for one in company["offers"] if one["key"] == "support")

    assert "regulation_data_provisioning" in company["links"]
    assert "user.content.private.support" in support["needs"]
    page = people.stranger.get("/privacy").get_data(as_text=True)
    assert declared().vendor["links"]["regulation_data_provisioning"]["title"] in page
