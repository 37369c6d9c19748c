"""Staff void, extend and transfer licences; whoever has one can read it, and nobody's change is lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from suite import privacy
from suite.companies.models import Company
from suite.kernel import clock, db
from suite.kernel.ids import new_id
from suite.kernel.models import AuditEntry
from suite.licenses.models import Activation, License, LicenseHolding
from suite.staff import Role
from tests.failures.crowd import at_once
from tests.licenses.making import issued
from tests.people import People, SignedIn

LICENSES, OWN = "/api/v1/staff/licenses", "/api/v1/me/licenses"
BATCHES = "/api/v1/staff/license-batches"


@pytest.fixture
def ada(people: People) -> SignedIn:
    """Give somebody who manages licences."""
    return people.staff(Role.LICENSE_MANAGER)


def with_license(people: People, email: str = "ann@example.org", service: str = "my-account", **term: Any) -> Any:
    """Give somebody and the number of a licence they have."""
    member = people.member(email, service)
    key, code = issued(**term)
    answer = member.post(OWN, json={"service": service, "code": code})
    assert answer.status_code == 201, answer.json
    return member, key


def act(ada: SignedIn, key: object, what: str, **body: Any) -> TestResponse:
    """Do something with a licence as it is now."""
    seen = ada.get(f"{LICENSES}/{key}").headers["ETag"]
    return ada.post(f"{LICENSES}/{key}/{what}", json=body, headers={"If-Match": seen})


def account_of(member: SignedIn) -> str:
    return str(member.get("/api/v1/me").json["id"])


# --- issuing


def test_staff_issue_licences_and_see_their_codes_once(ada: SignedIn, people: People) -> None:
    body = {"product": "total-protection", "policy": "subscription-year", "count": 3, "note": "fair", "seats": 4}

    made = ada.post(BATCHES, json=body, headers={"Idempotency-Key": "one"})
    again = ada.post(BATCHES, json=body, headers={"Idempotency-Key": "one"})

    assert (made.status_code, again.data) == (201, made.data)
    codes = [one["code"] for one in made.json["licenses"]]
    (batch,) = ada.get(BATCHES).json["batches"]
    assert (batch["id"], batch["count"], batch["note"]) == (made.json["batch_id"], 3, "fair")
    member = people.member()
    added = [member.post(OWN, json={"service": "my-account", "code": code}).json for code in codes]
    assert [(one["id"], one["seats"]) for one in added] == [(one["id"], 4) for one in made.json["licenses"]]
    shown = ada.get(LICENSES).data + ada.get(BATCHES).data + ada.get(f"{LICENSES}/{added[0]['id']}").data
    assert not any(code.encode() in shown or code.replace("-", "").encode() in shown for code in codes)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"product": "no-such"}, "unknown_product"),
        ({"policy": "perpetual"}, "not_sold_so"),
        ({"count": 0}, "invalid_input"),
        ({"count": 1001}, "invalid_input"),
        ({"seats": 0}, "invalid_input"),
        ({"source": "store"}, "invalid_input"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "term_impossible"),
        ({"expires_at": "9999-12-31T23:59:59Z"}, "term_impossible"),
        ({"begins_at": "0001-01-01T00:00:00Z"}, "term_impossible"),
        ({"begins_at": "9999-12-31T23:59:59Z"}, "term_impossible"),
    ],
)
def test_what_cannot_be_issued_is_refused(ada: SignedIn, change: dict[str, Any], code: str) -> None:
    body = {"product": "total-protection", "policy": "subscription-year", "count": 1} | change

    answer = ada.post(BATCHES, json=body)

    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert ada.get(BATCHES).json["batches"] == []


# --- finding


def test_a_licence_is_found_by_its_whole_code_alone(ada: SignedIn) -> None:
    key, code = issued()
    other = issued()[1]

    found = ada.post(f"{LICENSES}/search", json={"code": code.lower()})

    assert (found.status_code, found.json["id"]) == (200, str(key))
    assert ada.post(f"{LICENSES}/search", json={"code": other[:-1]}).json["code"] == "license_code_mistyped"
    with db.transaction() as session:
        session.delete(session.get(License, key))
    assert ada.post(f"{LICENSES}/search", json={"code": code}).status_code == 404


def test_who_has_a_licence_is_seen_by_a_look_the_holder_can_read(ada: SignedIn, people: People) -> None:
    member, key = with_license(people)

    seen = ada.post(f"{LICENSES}/{key}/view")

    assert seen.json["holder"]["account_id"] == account_of(member)
    assert seen.headers["ETag"]
    assert "holder" not in ada.get(f"{LICENSES}/{key}").json
    assert [one["action"] for one in member.get("/api/v1/me/accesses").json["accesses"]] == ["license.viewed"]


# --- voiding


def test_a_voided_licence_is_over_at_once_for_whoever_has_it(ada: SignedIn, people: People) -> None:
    member, key = with_license(people)

    done = act(ada, key, "void", reason="code_stolen")

    assert (done.status_code, done.json["state"], done.json["void_reason"]) == (200, "void", "code_stolen")
    mine = member.get(f"{OWN}/{key}").json
    assert mine["state"] == "void"
    assert mine["expires_at"] == done.json["voided_at"] == done.json["expires_at"]
    with db.transaction(reading=True) as session:
        assert session.scalars(select(LicenseHolding.expires_at)).one() <= clock.now()
    happened = member.get("/api/v1/me/events").json["events"]
    assert {"action": "license.voided", "facts": {"reason": "code_stolen", "license": str(key)}, "by": "staff"} in [
        {name: one[name] for name in ("action", "facts", "by")} for one in happened
    ]


def test_a_licence_is_voided_once_and_cannot_be_had_or_extended_any_more(ada: SignedIn, people: People) -> None:
    member = people.member()
    key, code = issued()

    done = act(ada, key, "void", reason="issued_by_mistake")

    assert (done.json["begins_at"], done.json["expires_at"]) == (None, None)
    assert act(ada, key, "void", reason="refunded").json["code"] == "license_void"
    assert act(ada, key, "extend").json["code"] == "license_void"
    to = {"to": "account", "service": "my-account", "id": account_of(member)}
    assert act(ada, key, "transfer", **to).json["code"] == "license_void"
    assert member.post(OWN, json={"service": "my-account", "code": code}).json["code"] == "license_not_accepted"


def test_a_change_of_a_licence_that_somebody_changed_meanwhile_is_refused(ada: SignedIn, people: People) -> None:
    _, key = with_license(people)
    seen = {"If-Match": ada.get(f"{LICENSES}/{key}").headers["ETag"]}

    answers = at_once(12, lambda _: ada.post(f"{LICENSES}/{key}/extend", json={}, headers=seen))

    assert sorted(one.status_code for one in answers) == [200] + [412] * 11
    assert ada.post(f"{LICENSES}/{key}/void", json={"reason": "misused"}, headers=seen).status_code == 412
    assert ada.post(f"{LICENSES}/{key}/void", json={"reason": "misused"}).status_code == 428


# --- extending


@pytest.mark.policy("O365-38")
def test_a_renewal_moves_the_end_and_the_deadline_of_the_data(ada: SignedIn, people: People, outbox: Any) -> None:
    member, key = with_license(people, service="office-365", product="office-365-protection", policy="business-year")
    ends = datetime.fromisoformat(member.get(f"{OWN}/{key}").json["expires_at"])

    with clock.at(ends - timedelta(days=1)):
        renewed = act(people.enter(ada), key, "extend")
    outbox.deliver()

    later = ends.replace(year=ends.year + 1)
    assert datetime.fromisoformat(renewed.json["expires_at"]) == later
    with db.transaction(reading=True) as session:
        assert abs(session.scalars(select(LicenseHolding.expires_at)).one() - later) < timedelta(milliseconds=1)

    def held(at: datetime) -> int:
        with clock.at(at):
            privacy.sweep()
        with db.transaction(reading=True) as session:
            return len(session.scalars(select(LicenseHolding)).all())

    assert held(ends + timedelta(days=190)) == 1
    assert held(later + timedelta(days=170)) == 1
    assert held(later + timedelta(days=190)) == 0


@pytest.mark.parametrize(("days", "from_now"), [(300, False), (370, False), (400, True)])
def test_a_licence_is_extended_from_its_end_and_from_now_where_its_grace_is_over(
    ada: SignedIn, people: People, days: int, from_now: bool
) -> None:
    _, key = with_license(people)
    begins = datetime.fromisoformat(ada.get(f"{LICENSES}/{key}").json["begins_at"])
    now = begins + timedelta(days=days)

    with clock.at(now):
        done = act(people.enter(ada), key, "extend")

    start = now if from_now else begins.replace(year=begins.year + 1)
    assert datetime.fromisoformat(done.json["expires_at"]) - start.replace(year=start.year + 1) < timedelta(seconds=1)
    assert done.json["state"] == "valid"


@pytest.mark.parametrize(
    ("until", "code"),
    [
        ("2020-01-01T00:00:00Z", "term_impossible"),
        ("9999-12-31T23:59:59Z", "term_impossible"),
        ("soon", "invalid_input"),
    ],
)
def test_an_end_nobody_can_mean_is_refused(ada: SignedIn, people: People, until: str, code: str) -> None:
    _, key = with_license(people)

    assert act(ada, key, "extend", expires_at=until).json["code"] == code


def test_what_has_no_end_or_has_not_begun_is_not_extended(ada: SignedIn) -> None:
    endless, _ = issued("password-vault", "perpetual")
    unused, _ = issued()

    assert act(ada, endless, "extend").json["code"] == "license_endless"
    assert act(ada, unused, "extend").json["code"] == "license_unused"


# --- transferring


def test_a_licence_is_given_to_somebody_else_and_the_former_holder_loses_it(ada: SignedIn, people: People) -> None:
    ann, key = with_license(people)
    bob = people.member("bob@example.org")
    with db.transaction() as session:
        session.add(Activation(license_id=key, device_hash="a", seat=1, activated_at=clock.now()))
    term = {name: ann.get(f"{OWN}/{key}").json[name] for name in ("begins_at", "expires_at")}

    done = act(ada, key, "transfer", to="account", service="my-account", id=account_of(bob))

    assert (done.status_code, done.json["holder"]["account_id"]) == (200, account_of(bob))
    assert ann.get(OWN).json["licenses"] == []
    assert {name: bob.get(f"{OWN}/{key}").json[name] for name in term} == term
    with db.transaction(reading=True) as session:
        assert session.scalars(select(Activation.released_by)).one() == "transferred"
    assert "license.removed" in [one["action"] for one in ann.get("/api/v1/me/events").json["events"]]
    assert "license.added" in [one["action"] for one in bob.get("/api/v1/me/events").json["events"]]


def test_a_licence_given_to_nobody_is_free(ada: SignedIn, people: People) -> None:
    ann, key = with_license(people)

    done = act(ada, key, "transfer", to="nobody")

    assert (done.status_code, done.json["holder"]) == (200, None)
    assert ann.get(OWN).json["licenses"] == []


def test_a_licence_is_given_to_a_company_and_the_trail_is_about_nobody(ada: SignedIn) -> None:
    company, (key, _) = new_id(), issued("endpoint-security", "business-year")
    with db.transaction() as session:
        session.add(Company(id=company, name="Acme Ltd", country="DE", founded_at=clock.now()))

    done = act(ada, key, "transfer", to="company", service="company-account", id=str(company))

    assert (done.status_code, done.json["holder"]["company_id"]) == (200, str(company))
    with db.transaction(reading=True) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "license.added")).one()
    assert entry.subject is None


def test_nobody_gets_what_is_not_for_the_service_or_is_no_member(ada: SignedIn, people: People) -> None:
    ann, key = with_license(people)
    bob = account_of(people.member("bob@example.org", "business-hub"))

    answers = [
        act(ada, key, "transfer", to="account", service="my-account", id=bob),
        act(ada, key, "transfer", to="account", service="business-hub", id=bob),
        act(ada, key, "transfer", to="account", service="my-account", id=str(new_id())),
        act(ada, key, "transfer", to="company", service="my-account", id=str(new_id())),
        act(ada, key, "transfer", to="account", service="my-account"),
        act(ada, key, "transfer", to="nobody", id=bob),
        act(ada, key, "transfer", to="nobody", seats=5),
    ]

    assert [one.json["code"] for one in answers] == [
        "holder_unknown",
        "license_not_for_service",
        "holder_unknown",
        "holder_unknown",
        "invalid_input",
        "invalid_input",
        "invalid_input",
    ]
    assert len(ann.get(OWN).json["licenses"]) == 1


def test_whoever_looks_at_licences_alone_changes_none(people: People) -> None:
    support = people.staff(Role.SUPPORT_AGENT)
    key, _ = issued()

    answer = act(support, key, "void", reason="misused")

    assert (answer.status_code, answer.json["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("why", ["blocked_at", "ended_at"])
def test_a_company_that_is_blocked_or_over_gets_no_licence(ada: SignedIn, people: People, why: str) -> None:
    company, (key, _) = new_id(), issued("endpoint-security", "business-year")
    with db.transaction() as session:
        facts = {"name": "Acme Ltd", "country": "DE", "founded_at": clock.now(), why: clock.now()}
        session.add(Company(id=company, **facts))

    done = act(ada, key, "transfer", to="company", service="company-account", id=str(company))

    assert done.json["code"] == "holder_unknown"
    assert ada.post(f"{LICENSES}/{key}/view").json["holder"] is None


def test_a_company_has_licences_in_company_account_alone(ada: SignedIn) -> None:
    company, (key, _) = new_id(), issued("endpoint-security", "business-year")
    with db.transaction() as session:
        session.add(Company(id=company, name="Acme Ltd", country="DE", founded_at=clock.now()))

    done = act(ada, key, "transfer", to="company", service="business-hub", id=str(company))

    assert done.json["code"] == "holder_unknown"


def test_whoever_loses_a_licence_reads_which_one_and_why(ada: SignedIn, people: People) -> None:
    ann, taken = with_license(people)
    voided, code = issued()
    assert ann.post(OWN, json={"service": "my-account", "code": code}).status_code == 201

    act(ada, taken, "transfer", to="nobody")
    act(ada, voided, "void", reason="refunded")

    read = {one["action"]: one["facts"] for one in ann.get("/api/v1/me/events").json["events"]}
    assert read["license.removed"] == {"why": "transferred", "license": str(taken)}
    assert read["license.voided"] == {"reason": "refunded", "license": str(voided)}
    assert [(one["id"], one["state"]) for one in ann.get(OWN).json["licenses"]] == [(str(voided), "void")]
