"""Registering for a service and proving the address."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from suite.accounts.models import Account, Membership, Registration
from suite.declarations import kind_of
from suite.kernel import clock, db
from tests.people import KEPT_ABOVE, PASSWORD, PROFILES, Outbox, People, profile_of


def count(table: type) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("service", PROFILES)
def test_a_person_registers_proves_the_address_and_signs_in(people: People, service: str) -> None:
    account = people.account("ann@example.org", service)

    me = people.sign_in("ann@example.org").get("/api/v1/me")

    assert me.status_code == 200
    assert me.json == account
    assert me.json["email"] == "ann@example.org"


def test_before_the_address_is_proven_there_is_no_account(people: People) -> None:
    people.register()

    answer = people.stranger.post("/api/v1/sessions", json={"email": "ann@example.org", "password": PASSWORD})

    assert answer.status_code == 401
    assert answer.json["code"] == "wrong_credentials"
    assert count(Account) == 0


def test_a_wrong_code_is_refused_five_times_and_then_the_right_one_too(people: People, outbox: Outbox) -> None:
    started = people.register().json
    path = f"/api/v1/registrations/{started['id']}/confirmation"
    right = outbox.code()
    wrong = "000000" if right != "000000" else "000001"

    codes = [people.stranger.post(path, json={"code": wrong}).json["code"] for _ in range(5)]
    at_last = people.stranger.post(path, json={"code": right})

    assert codes == ["wrong_code"] * 5
    assert (at_last.status_code, at_last.json["code"]) == (409, "code_used_up")


def test_a_code_works_once(people: People, outbox: Outbox) -> None:
    started = people.register().json
    path = f"/api/v1/registrations/{started['id']}/confirmation"
    code = outbox.code()

    first, second = (people.stranger.post(path, json={"code": code}) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 404)
    assert second.json["code"] == "registration_gone"


def test_a_code_is_too_old_after_half_an_hour(people: People, outbox: Outbox) -> None:
    started = people.register().json
    code = outbox.code()

    with clock.at(clock.now() + timedelta(minutes=30)):
        answer = people.stranger.post(f"/api/v1/registrations/{started['id']}/confirmation", json={"code": code})

    assert (answer.status_code, answer.json["code"]) == (409, "code_expired")


def test_the_mailed_link_needs_the_password_that_was_chosen(people: People, outbox: Outbox) -> None:
    people.register()
    token = outbox.link_token()

    foreign = people.stranger.post(
        "/api/v1/registrations/confirmation", json={"token": token, "password": "something else"}
    )
    own = people.stranger.post("/api/v1/registrations/confirmation", json={"token": token, "password": PASSWORD})

    assert (foreign.status_code, foreign.json["code"]) == (422, "wrong_code")
    assert own.status_code == 201


def test_opening_the_link_consumes_nothing(people: People, outbox: Outbox) -> None:
    people.register()
    token = outbox.link_token()

    pages = [people.stranger.get("/confirm") for _ in range(3)]
    own = people.stranger.post("/api/v1/registrations/confirmation", json={"token": token, "password": PASSWORD})

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert own.status_code == 201


def test_another_code_kills_the_older_and_keeps_the_count(people: People, outbox: Outbox) -> None:
    started = people.register().json
    base = f"/api/v1/registrations/{started['id']}"
    old = outbox.code()
    people.stranger.post(f"{base}/confirmation", json={"code": "999999" if old != "999999" else "999998"})

    with clock.at(clock.now() + timedelta(seconds=61)):
        again = people.stranger.post(f"{base}/resend")
        new = outbox.code()
        refused = people.stranger.post(f"{base}/confirmation", json={"code": old}) if new != old else None
        confirmed = people.stranger.post(f"{base}/confirmation", json={"code": new})

    assert again.status_code == 202
    assert refused is None or refused.json["code"] == "wrong_code"
    assert confirmed.status_code == 201


def test_a_second_message_waits_a_minute(people: People) -> None:
    started = people.register().json

    answer = people.stranger.post(f"/api/v1/registrations/{started['id']}/resend")

    assert (answer.status_code, answer.json["code"]) == (429, "resend_too_soon")
    assert 0 < int(answer.headers["Retry-After"]) <= 61


def test_known_and_unknown_addresses_get_the_same_answer_and_the_same_work(people: People, app: object) -> None:
    people.account("known@example.org")
    hashes = app.extensions["suite_system"].hashes  # type: ignore[attr-defined]

    answers, work = [], []
    for address in ("known@example.org", "unknown@example.org"):
        before = hashes.computed
        answers.append(people.register(address))
        work.append(hashes.computed - before)

    known, unknown = answers
    assert known.status_code == unknown.status_code == 202
    assert known.json.keys() == unknown.json.keys()
    assert [name for name, _ in known.headers] == [name for name, _ in unknown.headers]
    assert len(known.data) == len(unknown.data)
    assert work == [1, 1]


def test_the_owner_of_a_known_address_is_told_and_nothing_changes(people: People, outbox: Outbox) -> None:
    people.account("ann@example.org")
    started = people.register("Ann@Example.org", "motorsport").json

    letter = outbox.last("already_registered")
    refused = people.stranger.post(f"/api/v1/registrations/{started['id']}/confirmation", json={"code": "123456"})

    assert letter.recipient == "ann@example.org"
    assert refused.json["code"] == "wrong_code"
    assert count(Account) == 1


@pytest.mark.policy("MYK-20", "BUS-12", "SCC-13")
def test_no_consent_is_given_unless_it_is_ticked(people: People) -> None:
    from suite.privacy.models import ConsentEntry

    people.account("ann@example.org", "business-hub")
    without = count(ConsentEntry)
    people.account("bob@example.org", "business-hub", consents=["news_by_email"])

    assert without == 0
    assert count(ConsentEntry) == 1


def test_a_registration_that_is_not_proven_is_gone_after_a_day(people: People, outbox: Outbox) -> None:
    from suite.privacy import sweeps

    people.register()
    outbox.deliver()
    start = clock.now()

    with clock.at(start + timedelta(hours=23)):
        sweeps.sweep()
        before = count(Registration)
    with clock.at(start + timedelta(hours=24, seconds=1)):
        sweeps.sweep()

    assert (before, count(Registration)) == (1, 0)


def wrong_for(right: str) -> str:
    return "000000" if right != "000000" else "000001"


@pytest.mark.parametrize("known", [False, True])
def test_an_address_gets_eight_messages_an_hour_by_whatever_door_they_are_asked_for(
    people: People, outbox: Outbox, known: bool
) -> None:
    start = clock.now()
    if known:
        with clock.at(start - timedelta(hours=2)):
            people.account()
    outbox.empty()

    answers = []
    for minute in range(5):
        with clock.at(start + timedelta(minutes=minute * 2)):
            started = people.register(["ann@example.org", "ANN@example.org"][minute % 2])
            answers.append(started.json.get("code"))
        with clock.at(start + timedelta(minutes=minute * 2, seconds=61)):
            path = f"/api/v1/registrations/{started.json.get('id')}/resend"
            answers.append(people.stranger.post(path).json.get("code"))
            outbox.deliver()

    assert answers == [None] * 8 + ["too_many_attempts", "not_found"]
    assert len(outbox.sent) == 8


def test_a_resend_that_is_refused_for_the_address_leaves_the_code_as_it_was(people: People, outbox: Outbox) -> None:
    started = people.register().json
    code = outbox.code()
    for _ in range(7):
        people.register()

    with clock.at(clock.now() + timedelta(seconds=61)):
        refused = people.stranger.post(f"/api/v1/registrations/{started['id']}/resend")
        confirmed = people.stranger.post(f"/api/v1/registrations/{started['id']}/confirmation", json={"code": code})

    assert (refused.status_code, refused.json["code"]) == (429, "resend_too_soon")
    assert 3000 < int(refused.headers["Retry-After"]) <= 3600
    assert confirmed.status_code == 201


@pytest.mark.parametrize("known", [False, True])
def test_twenty_codes_a_day_are_judged_for_an_address_over_all_its_registrations(people: People, known: bool) -> None:
    if known:
        people.account()
    spent = int(known)  # the owner typed one, too

    codes = []
    for _ in range(5):
        path = f"/api/v1/registrations/{people.register().json['id']}/confirmation"
        codes += [people.stranger.post(path, json={"code": "000000"}).json["code"] for _ in range(5)]

    assert codes == ["wrong_code"] * (20 - spent) + ["too_many_codes"] * (5 + spent)


def test_who_guesses_codes_for_an_address_cannot_keep_its_owner_from_the_link(people: People, outbox: Outbox) -> None:
    for _ in range(4):
        path = f"/api/v1/registrations/{people.register(password='five small red bottles').json['id']}/confirmation"
        wrong = wrong_for(outbox.code())
        assert {people.stranger.post(path, json={"code": wrong}).json["code"] for _ in range(5)} == {"wrong_code"}
    own = people.register().json["id"]
    code, token = outbox.code(), outbox.link_token()

    refused = [people.stranger.post(f"/api/v1/registrations/{own}/confirmation", json={"code": code}) for _ in range(6)]
    opened = people.stranger.post("/api/v1/registrations/confirmation", json={"token": token, "password": PASSWORD})

    assert {(answer.status_code, answer.json["code"]) for answer in refused} == {(429, "too_many_codes")}
    assert opened.status_code == 201


@pytest.mark.policy(
    "MYK-2", "MYK-17", "BUS-1", "BUS-9", "SCC-1", "SCC-11", "GSI-1", "GSI-11", "O365-1", "O365-7", "PAR-1", "MOT-5"
)
@pytest.mark.parametrize("service", PROFILES)
def test_a_service_is_used_with_a_personal_account_made_of_address_and_password(people: People, service: str) -> None:
    whole = {"service": service, "email": "ann@example.org", "password": PASSWORD, "profile": profile_of(service)}
    told = {name: value for name, value in PROFILES[service].items() if name not in KEPT_ABOVE}

    without = {
        missing: people.stranger.post("/api/v1/registrations", json={k: v for k, v in whole.items() if k != missing})
        for missing in ("email", "password")
    }
    bare = people.stranger.post("/api/v1/registrations", json=whole | {"profile": {}})
    stranger = people.stranger.get(f"/api/v1/me/services/{service}")
    member = people.member(service=service)

    for missing, answer in without.items():
        assert [one["pointer"] for one in answer.json["errors"]] == [f"/{missing}"]
    missing = sorted(one["pointer"] for one in bare.json.get("errors", []))
    assert missing == sorted(f"/profile/{name}" for name in PROFILES[service])
    assert stranger.status_code == 401
    assert member.get(f"/api/v1/me/services/{service}").json["profile"] == told
    with db.transaction(reading=True) as session:
        assert session.scalars(select(Account.address)).one() == "ann@example.org"
    assert kind_of(Account.__table__.c.address).category == "user.contact.email"


@pytest.mark.policy("PAR-4")
def test_a_partner_may_give_a_postal_address_whose_parts_are_declared(people: People) -> None:
    address = {"street": "Main Street 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}

    member = people.member(service="partner-portal", profile={"full_name": "Ann Lee"} | address)

    shown = member.get("/api/v1/me/services/partner-portal").json["profile"]
    assert address.items() <= shown.items()
    for name in address:
        assert kind_of(Membership.__table__.c[name]).category.startswith("user.contact.address.")


@pytest.mark.policy("MOT-6")
def test_a_reader_of_motorsport_sets_preferences_which_are_declared(people: People) -> None:
    member = people.member(service="motorsport")
    version = member.get("/api/v1/me/settings").headers["ETag"]

    changed = member.patch(
        "/api/v1/me/settings", json={"preferences": {"theme": "dark"}}, headers={"If-Match": version}
    )

    assert changed.json["preferences"]["theme"] == "dark"
    assert kind_of(Account.__table__.c.preferences).category == "user.account.settings"
