"""A person adds licences by their activation codes, sees them and removes them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from suite import privacy
from suite.kernel import access, clock, db
from suite.kernel.http import App
from suite.kernel.models import Limit
from suite.licenses import codes
from suite.licenses.models import Activation, License, LicenseHolding
from tests.failures.crowd import at_once
from tests.house_rules.test_statements import counted
from tests.licenses.making import issued, several
from tests.licenses.using import Product, activations
from tests.people import People, SignedIn, profile_of

LICENSES = "/api/v1/me/licenses"


def add(member: SignedIn, code: str, service: str = "my-account", **options: Any) -> TestResponse:
    return member.post(LICENSES, json={"service": service, "code": code}, **options)


def added(member: SignedIn, code: str, service: str = "my-account") -> dict[str, Any]:
    answer = add(member, code, service)
    assert answer.status_code == 201, answer.json
    return dict(answer.json)


def wrong_code() -> str:
    return codes.written(codes.new_code())


@pytest.mark.parametrize(
    ("service", "product", "policy", "title"),
    [
        pytest.param(
            "my-account",
            "total-protection",
            "subscription-year",
            "Total Protection",
            marks=[pytest.mark.policy("MYK-6"), pytest.mark.policy("MYK-45")],
        ),
        pytest.param(
            "business-hub",
            "endpoint-security",
            "business-year",
            "Endpoint Security",
            marks=[pytest.mark.policy("BUS-6"), pytest.mark.policy("BUS-21")],
        ),
        pytest.param(
            "cloud-console",
            "endpoint-security",
            "business-year",
            "Endpoint Security",
            marks=[pytest.mark.policy("SCC-5"), pytest.mark.policy("SCC-20")],
        ),
    ],
)
def test_a_valid_code_adds_the_licence_and_it_is_listed(
    people: People, service: str, product: str, policy: str, title: str
) -> None:
    member = people.member(service=service)
    key, code = issued(product, policy)

    made = added(member, code, service)

    assert made["id"] == str(key)
    assert (made["service"], made["product"], made["title"], made["policy"]) == (service, product, title, policy)
    assert (made["state"], made["code_ends"]) == ("valid", code[-5:])
    assert made["expires_at"] > made["begins_at"]
    assert member.get(LICENSES).json == {"licenses": [made], "next_cursor": None}
    assert member.get(f"{LICENSES}/{key}").json == made


@pytest.mark.policy("MYK-45")
def test_a_code_may_be_typed_in_lower_case_with_blanks_and_dashes(people: People) -> None:
    member = people.member()
    key, code = issued()

    assert added(member, f"  {code.lower().replace('-', ' - ')} ")["id"] == str(key)


def test_adding_a_licence_again_is_answered_the_same_and_costs_nothing(people: People) -> None:
    member = people.member()
    _, code = issued()

    answers = [added(member, code) for _ in range(15)]

    assert all(answer == answers[0] for answer in answers)
    assert len(member.get(LICENSES).json["licenses"]) == 1


@pytest.mark.policy("MYK-45")
def test_a_mistyped_code_is_told_as_such_and_counts_nothing(people: People) -> None:
    member = people.member()
    _, code = issued()
    mistyped = code[:-1] + codes.ALPHABET[codes.ALPHABET.index(code[-1]) - 1]

    answers = [add(member, given) for given in [mistyped, "no code at all", code[:-1]] * 10]

    assert {(one.status_code, one.json["code"]) for one in answers} == {(422, "license_code_mistyped")}
    assert added(member, code)


@pytest.mark.policy("MYK-45")
@pytest.mark.policy("BUS-21")
@pytest.mark.policy("SCC-20")
def test_an_invalid_code_is_refused_and_counted(people: People) -> None:
    member = people.member()
    _, code = issued()

    answers = [add(member, wrong_code()) for _ in range(11)]
    right = add(member, code)

    assert [one.json["code"] for one in answers[:10]] == ["license_not_accepted"] * 10
    assert answers[10].json["code"] == right.json["code"] == "too_many_license_codes"
    assert int(right.headers["Retry-After"]) > 3500


def test_many_people_of_one_network_guess_no_more_than_one_may(people: People) -> None:
    members = [people.member(f"p{number}@example.org") for number in range(4)]

    answers = [add(members[number // 10], wrong_code()).json["code"] for number in range(31)]

    assert answers == ["license_not_accepted"] * 30 + ["too_many_license_codes"]


def bad_codes(people: People) -> dict[str, str]:
    """Give a code for each reason to refuse it."""
    other = people.member("bob@example.org")
    (void, void_code), (over, over_code), (_, taken) = several(3)
    _, elsewhere = issued(product="mail-gateway", policy="business-year")
    added(other, taken)
    with db.transaction() as session:
        session.execute(update(License).where(License.id == void).values(voided_at=clock.now(), void_reason="misused"))
        past = clock.now() - timedelta(days=1)
        session.execute(update(License).where(License.id == over).values(begins_at=past, expires_at=past))
    return {"unknown": wrong_code(), "void": void_code, "over": over_code, "taken": taken, "elsewhere": elsewhere}


def test_whatever_is_wrong_with_a_code_gets_one_answer_at_one_cost(people: People) -> None:
    member = people.member()
    given = bad_codes(people)

    told = {}
    for why, code in given.items():
        with counted() as statements:
            answer = add(member, code)
        said = {name: value for name, value in answer.json.items() if name != "request_id"}
        told[why] = (answer.status_code, said, statements)

    first = told["unknown"]
    assert first[1]["code"] == "license_not_accepted"
    assert all(one == first for one in told.values())


def test_who_is_no_member_of_the_service_learns_nothing_about_codes(people: People) -> None:
    member = people.member()
    _, code = issued("endpoint-security", "business-year")

    answers = [add(member, given, "business-hub") for given in (code, wrong_code())]

    assert [one.json["code"] for one in answers] == ["not_in_service"] * 2


def test_a_licence_of_one_service_is_not_added_to_another(people: People) -> None:
    member = people.member(service="business-hub")
    joined = member.post("/api/v1/me/services", json={"service": "my-account", "profile": {}, "consents": []})
    _, code = issued("endpoint-security", "business-year")

    answer = add(member, code)

    assert joined.status_code == 201
    assert answer.json["code"] == "license_not_accepted"
    assert added(member, code, "business-hub")["service"] == "business-hub"
    assert add(member, code, "cloud-console").json["code"] == "not_in_service"


@pytest.mark.parametrize("extra", ["seats", "expires_at", "role", "company_id", "person_id", "policy"])
def test_a_code_comes_alone(people: People, extra: str) -> None:
    member = people.member()
    _, code = issued()

    answer = member.post(LICENSES, json={"service": "my-account", "code": code, extra: 5})

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")


def test_the_term_of_a_licence_begins_when_it_is_added(people: People) -> None:
    key, code = issued()
    later = clock.now() + timedelta(days=40)

    member = people.member()
    with clock.at(later):
        made = added(people.sign_in(), code)

    assert made["begins_at"].startswith(later.strftime("%Y-%m-%dT%H:%M:%S"))
    assert member.get(f"{LICENSES}/{key}").json["expires_at"][:4] == str(later.year + 1)


@pytest.mark.parametrize(("days", "state"), [(364, "valid"), (366, "grace"), (371, "grace"), (373, "expired")])
def test_a_licence_works_for_its_term_and_its_grace_and_is_over_then(people: People, days: int, state: str) -> None:
    member = people.member()
    _, code = issued()
    begins = datetime.fromisoformat(added(member, code)["begins_at"])

    with clock.at(begins + timedelta(days=days)):
        (shown,) = people.sign_in().get(LICENSES).json["licenses"]

    assert shown["state"] == state


def test_a_removed_licence_is_gone_from_the_list_its_devices_are_released_and_it_is_free(people: People) -> None:
    member, other = people.member(), people.member("bob@example.org")
    key, code = issued()
    added(member, code)
    with db.transaction() as session:
        session.add(Activation(license_id=key, device_hash="a", seat=1, activated_at=clock.now()))

    removed = member.delete(f"{LICENSES}/{key}")

    assert removed.status_code == 204
    assert member.get(LICENSES).json["licenses"] == []
    assert member.get(f"{LICENSES}/{key}").status_code == 404
    assert member.delete(f"{LICENSES}/{key}").status_code == 404
    with db.transaction(reading=True) as session:
        assert session.scalars(select(Activation.released_by)).all() == ["holder"]
    assert added(other, code)["id"] == str(key)


def test_the_history_of_a_removed_licence_stays_seven_months(people: People) -> None:
    member = people.member()
    key, code = issued()
    added(member, code)
    member.delete(f"{LICENSES}/{key}")

    def kept(days: int) -> int:
        with clock.at(clock.now() + timedelta(days=days)):
            privacy.sweep()
        with db.transaction(reading=True) as session:
            return len(session.scalars(select(LicenseHolding)).all())

    assert kept(205) == 1
    assert kept(220) == 0


def test_licences_of_others_are_not_there(people: People) -> None:
    member, other = people.member(), people.member("bob@example.org")
    key, code = issued()
    added(member, code)

    unknown = other.get(f"{LICENSES}/019ab0c2-8a5e-7c3b-9d52-6f1f8a0b7c4d")
    for method in ("GET", "DELETE"):
        answer = other.request(method, f"{LICENSES}/{key}")
        assert (answer.status_code, answer.json["code"]) == (404, unknown.json["code"])
    assert len(member.get(LICENSES).json["licenses"]) == 1


def test_a_restricted_person_changes_no_licences(people: People) -> None:
    member = people.member()
    (key, code), (_, another) = several(2)
    added(member, code)
    me = UUID(member.get("/api/v1/me").json["id"])
    with db.transaction():
        privacy.restrict(me, "accuracy")

    answers = [add(member, another), member.delete(f"{LICENSES}/{key}")]

    assert [one.json["code"] for one in answers] == ["data_restricted"] * 2


def test_a_long_list_comes_in_pages(people: People) -> None:
    member = people.member()
    for _, code in several(5):
        added(member, code)

    first = member.get(LICENSES, query_string={"limit": 3}).json
    rest = member.get(LICENSES, query_string={"limit": 3, "cursor": first["next_cursor"]}).json

    assert len(first["licenses"]) == 3
    assert len(rest["licenses"]) == 2
    assert len({one["id"] for one in first["licenses"] + rest["licenses"]}) == 5
    assert rest["next_cursor"] is None


def test_of_a_hundred_accounts_racing_for_one_code_one_gets_it(app: App, people: People) -> None:
    members = []
    for number in range(100):
        members.append(people.member(f"p{number}@example.org"))
        if number % 20 == 0:
            with db.transaction() as session:
                session.execute(delete(Limit))
    _, code = issued()

    def race(which: int) -> TestResponse:
        from_there = {"REMOTE_ADDR": f"10.0.0.{which}"}
        return add(members[which], code, environ_base=from_there)

    answers = at_once(100, race)

    assert sorted(one.status_code for one in answers) == [201] + [422] * 99
    assert {one.json["code"] for one in answers if one.status_code == 422} == {"license_not_accepted"}
    access.begin(access.SYSTEM, None)
    with db.transaction(reading=True) as session:
        assert len(session.scalars(select(LicenseHolding)).all()) == 1


def test_one_person_who_adds_one_licence_many_times_at_once_has_it_once(people: People) -> None:
    member = people.member()
    _, code = issued()

    answers = at_once(20, lambda _: add(member, code))

    assert {one.status_code for one in answers} == {201}
    assert len({one.json["added_at"] for one in answers}) == 1


def left_cloud_console(people: People) -> tuple[SignedIn, UUID, str]:
    """Give somebody who left the service a licence is used in, its number and code."""
    member = people.member()
    joined = {"service": "cloud-console", "profile": profile_of("cloud-console")}
    assert member.post("/api/v1/me/services", json=joined).status_code == 201
    key, code = issued("endpoint-security", "business-year")
    added(member, code, "cloud-console")
    assert member.delete("/api/v1/me/services/cloud-console").status_code == 200
    return member, key, code


def test_licences_of_a_service_that_was_left_are_there_again_after_the_return(people: People) -> None:
    member, key, _ = left_cloud_console(people)
    path = f"{LICENSES}/{key}"

    listed = member.get(LICENSES).json["licenses"]
    answers = [
        member.get(path),
        member.get(f"{path}/devices"),
        member.get(f"{path}/rights"),
        member.post(f"{path}/devices", json={"device": "laptop"}),
        member.put(f"{path}/renewal", json={"renews": True}),
        member.delete(path),
    ]
    back = member.post("/api/v1/me/services/cloud-console/return")

    assert (listed, [one.status_code for one in answers], back.status_code) == ([], [404] * 6, 200)
    assert [one["id"] for one in member.get(LICENSES).json["licenses"]] == [str(key)]
    assert member.put(f"{path}/renewal", json={"renews": True}).status_code == 200


def test_the_licence_of_who_left_is_nobody_elses_and_its_new_devices_have_no_names(people: People) -> None:
    _, key, code = left_cloud_console(people)
    laptop = Product(people.stranger, code, product="endpoint-security")

    activated = laptop.activate(device_name="Ann's laptop")
    other = add(people.member("bob@example.org", "cloud-console"), code, "cloud-console")

    assert (activated.status_code, other.json["code"]) == (201, "license_not_accepted")
    assert [one.device_name for one in activations(key)] == [None]
