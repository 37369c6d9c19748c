"""What an Administrator may do for a colleague: change what the company's service knows, have a password chosen."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from suite.accounts.models import Account
from suite.kernel import clock, db
from suite.kernel.ids import new_id
from suite.kernel.models import AuditEntry
from suite.staff import Role
from tests.accounts.recovering import NEW, RECOVERIES
from tests.companies.making import BOSS, SERVICE, employee, founded, member_of
from tests.failures.crowd import at_once
from tests.people import PASSWORD, Outbox, People, SignedIn
from tests.rights.asking import REQUESTS

MEMBERS = "/api/v1/company/members"
EMMA = "emma@acme.example"


def path(somebody: SignedIn, more: str = "/settings") -> str:
    return f"{MEMBERS}/{member_of(somebody).id}{more}"


def change(by: SignedIn, of: SignedIn, **given: Any) -> Any:
    """Read a colleague and change them as they were read."""
    tag = by.get(path(of)).headers["ETag"]
    return by.patch(path(of), json=given, headers={"If-Match": tag})


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["code"]


def facts(action: str) -> list[dict[str, Any]]:
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(AuditEntry.facts).where(AuditEntry.action == action)))


def restrict(somebody: SignedIn) -> None:
    assert somebody.post(REQUESTS, json={"kind": "restriction", "reason": "accuracy"}).status_code == 201


@pytest.mark.policy("COM-23", "COM-25")
def test_an_administrator_changes_settings_of_a_colleague_who_is_told_which(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma = employee(people, acme)

    done = change(acme.boss, emma, last_name="Winter", country="AT", language="de")

    assert done.status_code == 200, done.json
    assert (done.json["last_name"], done.json["country"], done.json["language"]) == ("Winter", "AT", "de")
    told = emma.get(f"/api/v1/me/services/{SERVICE}").json["profile"]
    assert (told["last_name"], told["country"]) == ("Winter", "AT")
    letter = outbox.last("changed_by_administrator")
    assert (letter.recipient, letter.subject) == (
        EMMA,
        "Der Administrator Ihres Unternehmens hat Ihre Einstellungen geändert",
    )
    assert "Land, Sprache, Nachname" in letter.text
    assert "Winter" not in letter.text


@pytest.mark.policy("COM-25")
def test_every_colleague_can_be_edited_the_administrator_too(people: People) -> None:
    acme = founded(people)
    everybody = [acme.boss, employee(people, acme), employee(people, acme, "otto@acme.example")]

    answers = [change(acme.boss, one, first_name="Kim").status_code for one in everybody]

    assert answers == [200, 200, 200]


@pytest.mark.policy("COM-28")
def test_an_employee_can_edit_nobody_and_somebody_elsewhere_does_not_exist(people: People) -> None:
    acme, other = founded(people), founded(people, "boss@other.example", company="Other Ltd")
    emma, otto = employee(people, acme), employee(people, other, "otto@other.example")
    tag = {"If-Match": acme.boss.get(path(emma)).headers["ETag"]}

    for number in (member_of(otto).id, member_of(other.boss).id, new_id()):
        for answer in (
            acme.boss.get(f"{MEMBERS}/{number}/settings"),
            acme.boss.patch(f"{MEMBERS}/{number}/settings", json={"first_name": "X"}, headers=tag),
            acme.boss.post(f"{MEMBERS}/{number}/password-reset"),
        ):
            assert refused(answer) == (404, "not_found")
    for of in (acme.boss, emma):
        assert refused(emma.get(path(of))) == (403, "not_administrator")
        assert refused(emma.patch(path(of), json={"first_name": "X"}, headers=tag)) == (403, "not_administrator")
        assert refused(emma.post(path(of, "/password-reset"))) == (403, "not_administrator")


@pytest.mark.parametrize("field", ["role", "company_id", "email", "password", "joined_at", "company_name", "street"])
def test_nothing_but_the_named_settings_can_be_changed(people: People, field: str) -> None:
    acme = founded(people)
    emma = employee(people, acme)

    assert refused(change(acme.boss, emma, **{field: "x"})) == (422, "invalid_input")
    assert refused(change(acme.boss, emma, first_name=None)) == (422, "invalid_input")
    assert refused(change(acme.boss, emma)) == (422, "invalid_input")


def test_what_another_service_knows_is_neither_shown_nor_changed(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    emma.post("/api/v1/me/services", json={"service": "business-hub", "profile": {"country": "FR"}})

    seen = acme.boss.get(path(emma))
    change(acme.boss, emma, country="AT")

    assert set(seen.json) == {
        "id", "email", "role", "joined_at", "first_name", "last_name", "country", "language",
    }  # fmt: skip
    assert "FR" not in seen.get_data(as_text=True)
    assert emma.get("/api/v1/me/services/business-hub").json["profile"] == {"country": "FR"}


def test_a_change_that_crossed_with_one_of_the_colleague_is_refused(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    tag = acme.boss.get(path(emma)).headers["ETag"]
    own = emma.get("/api/v1/me/settings").headers["ETag"]
    assert emma.patch("/api/v1/me/settings", json={"language": "ru"}, headers={"If-Match": own}).status_code == 200

    crossed = acme.boss.patch(path(emma), json={"language": "de"}, headers={"If-Match": tag})
    without = acme.boss.patch(path(emma), json={"language": "de"})

    assert refused(crossed) == (412, "changed_meanwhile")
    assert refused(without) == (428, "if_match_needed")
    assert emma.get("/api/v1/me/settings").json["language"] == "ru"


def test_of_many_changes_of_one_state_one_is_made_and_one_mail_sent(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    where, tag = path(emma), acme.boss.get(path(emma)).headers["ETag"]

    def edit(number: int) -> int:
        given = {"first_name": f"Emma {number}"}
        return int(acme.boss.patch(where, json=given, headers={"If-Match": tag}).status_code)

    answers = at_once(12, edit)

    assert sorted(answers) == [200] + [412] * 11
    assert [one.letter for one in outbox.sent].count("changed_by_administrator") == 1


def test_changes_are_audited_by_field_names_and_the_colleague_reads_them(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)

    change(acme.boss, emma, last_name="Winter", language="de")

    assert facts("profile.changed_by_steward") == [{"service": SERVICE, "fields": ["language", "last_name"]}]
    acts = [one["action"] for one in emma.get("/api/v1/me/events").json["events"]]
    assert "profile.changed_by_steward" in acts


@pytest.mark.policy("COM-52")
def test_data_that_may_only_be_stored_are_not_changed_and_why_is_not_told(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    tag = {"If-Match": acme.boss.get(path(emma)).headers["ETag"]}
    restrict(emma)

    changed = acme.boss.patch(path(emma), json={"first_name": "X"}, headers=tag)
    reset = acme.boss.post(path(emma, "/password-reset"))

    assert refused(changed) == refused(reset) == (409, "not_changeable_now")


def test_a_colleague_blocked_by_staff_is_answered_the_same(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    where, tag = path(emma), {"If-Match": acme.boss.get(path(emma)).headers["ETag"]}
    person = emma.get("/api/v1/me").json["id"]
    admin = people.staff(Role.ADMINISTRATOR)
    assert admin.post(f"/api/v1/staff/accounts/{person}/block", json={"reason": "misuse"}).status_code == 200

    assert refused(acme.boss.patch(where, json={"first_name": "X"}, headers=tag)) == (409, "not_changeable_now")
    assert refused(acme.boss.post(f"{where.removesuffix('/settings')}/password-reset")) == (409, "not_changeable_now")


def test_mails_about_changes_cannot_flood_a_colleague(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma = employee(people, acme)

    answers = [change(acme.boss, emma, first_name=f"Emma {number}") for number in range(8)]

    assert [one.status_code for one in answers] == [200] * 6 + [429] * 2
    assert [one.letter for one in outbox.sent].count("changed_by_administrator") == 6


@pytest.mark.policy("COM-24")
def test_a_reset_ends_the_sessions_and_the_link_goes_to_the_colleague_alone(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    where = path(emma, "/password-reset")

    done = acme.boss.post(where)

    assert (done.status_code, done.data) == (204, b"")
    assert emma.get("/api/v1/me").status_code == 401
    letter = outbox.last("reset_by_administrator")
    assert letter.recipient == EMMA
    ticket = proven(people, letter.text)
    assert people.stranger.post(f"{RECOVERIES}/password", json={"ticket": ticket, "password": NEW}).status_code == 204
    assert people.sign_in(EMMA, NEW).get("/api/v1/me").status_code == 200
    assert outbox.last("password_reset").recipient == EMMA


def proven(people: People, text: str) -> str:
    """Follow the mailed link; give the ticket."""
    token = text.split("/recover#")[1].split(maxsplit=1)[0]
    answer = people.stranger.post(f"{RECOVERIES}/proof", json={"token": token})
    assert answer.status_code == 200, answer.json
    return str(answer.json["ticket"])


@pytest.mark.policy("COM-24")
def test_the_present_password_works_until_another_one_is_chosen_and_is_told_to_nobody(
    people: People, outbox: Outbox
) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    with db.transaction(reading=True) as session:
        before = session.scalars(select(Account.password_hash).where(Account.address == EMMA)).one()

    acme.boss.post(path(emma, "/password-reset"))

    with db.transaction(reading=True) as session:
        assert session.scalars(select(Account.password_hash).where(Account.address == EMMA)).one() == before
    assert people.sign_in(EMMA, PASSWORD).get("/api/v1/me").status_code == 200
    assert all(PASSWORD not in one.text for one in outbox.sent)


def test_second_factors_stay_and_are_asked_for(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    people.with_app(emma)
    where = path(emma, "/password-reset")

    acme.boss.post(where)
    token = outbox.last("reset_by_administrator").text.split("/recover#")[1].split(maxsplit=1)[0]
    step = people.stranger.post(f"{RECOVERIES}/proof", json={"token": token}).json

    assert step["next"] == "second_factor"


def test_a_reset_needs_a_fresh_confirmation(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    where = path(emma, "/password-reset")

    with clock.at(clock.now() + timedelta(minutes=6)):
        assert refused(acme.boss.post(where)) == (403, "sign_in_again")


def test_resets_cannot_flood_a_colleague(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    where = path(emma, "/password-reset")

    answers = [acme.boss.post(where).status_code for _ in range(5)]

    assert answers == [204] * 3 + [429] * 2
    assert [one.letter for one in outbox.sent].count("reset_by_administrator") == 1  # the earlier links are dead


def test_resets_do_not_keep_a_colleague_out_the_whole_day(people: People) -> None:
    acme = founded(people)
    where = path(employee(people, acme), "/password-reset")
    begin, answers = clock.now(), []

    for hour in range(0, 8, 2):
        with clock.at(begin + timedelta(hours=hour)):
            boss = people.sign_in(BOSS)
            answers += [boss.post(where).status_code for _ in range(2)]

    assert answers == [204] * 5 + [429] * 3


def test_a_reset_ends_what_the_colleague_began_and_its_own_link_leads_on(people: People, outbox: Outbox) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    begun = people.stranger.post("/api/v1/recoveries", json={"email": "emma@acme.example"})
    code = outbox.code("reset_password")

    acme.boss.post(path(emma, "/password-reset"))

    late = people.stranger.post(f"/api/v1/recoveries/{begun.json['id']}/proof", json={"code": code})
    link = outbox.last("reset_by_administrator").text.split("/recover#")[1].split()[0]
    own = people.stranger.post("/api/v1/recoveries/proof", json={"token": link})
    assert (begun.status_code, late.status_code) == (202, 422), (begun.json, late.json)
    assert own.status_code in {200, 201}, own.json


def test_a_reset_is_audited_and_the_colleague_reads_it(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)

    acme.boss.post(path(emma, "/password-reset"))

    assert facts("password.reset_by_steward") == [{"service": SERVICE}]
    acts = [one["action"] for one in people.sign_in(EMMA).get("/api/v1/me/events").json["events"]]
    assert "password.reset_by_steward" in acts


def test_somebody_who_left_the_service_is_no_colleague_any_more(people: People) -> None:
    acme = founded(people)
    emma = employee(people, acme)
    where, tag = path(emma), {"If-Match": acme.boss.get(path(emma)).headers["ETag"]}
    emma.post("/api/v1/me/services", json={"service": "my-account", "profile": {}})
    assert emma.delete(f"/api/v1/me/services/{SERVICE}").status_code == 200

    assert refused(acme.boss.get(where)) == (404, "not_found")
    assert refused(acme.boss.patch(where, json={"first_name": "X"}, headers=tag)) == (404, "not_found")
    assert refused(acme.boss.post(f"{where.removesuffix('/settings')}/password-reset")) == (404, "not_found")
