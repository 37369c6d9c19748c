"""The work list of privacy officers: by due date, every look and act audited, every step once."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from suite.kernel import clock, db
from suite.kernel.ids import new_id
from suite.staff import Role
from suite.staff.roles import ROLES
from tests.failures.crowd import at_once
from tests.people import Outbox, People, SignedIn
from tests.rights.asking import COMPLAINT, DESK, REQUESTS, act, ask, complaint, later, officer, refused, row


@pytest.mark.policy("REC-2", "REC-3")
def test_requests_are_seen_by_privacy_officers_only_and_the_list_names_nobody(people: People) -> None:
    complaint(people)

    seen = officer(people).get(DESK)

    assert "ann@example.org" not in seen.get_data(as_text=True)
    assert COMPLAINT["text"] not in seen.get_data(as_text=True)
    assert [role for role, allowed in ROLES.items() if "handle_privacy_requests" in allowed] == [Role.PRIVACY_OFFICER]


def test_the_list_is_by_due_date_and_pages_without_loss(people: People) -> None:
    member, now = people.member(), clock.now()
    made = []
    for days in (0, 3, 1, 2, 4):
        with clock.at(now + timedelta(minutes=days)):
            made.append((days, ask(member, **COMPLAINT)["id"]))
    staff = officer(people)

    pages, cursor = [], None
    while True:
        found = staff.get(DESK, query_string={"limit": 2} | ({"cursor": cursor} if cursor else {})).json
        pages.append([one["id"] for one in found["requests"]])
        cursor = found["next_cursor"]
        if cursor is None:
            break

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [one for page in pages for one in page] == [request for _, request in sorted(made)]


@pytest.mark.parametrize("cursor", ["x", "12", "zz.AAAA", "ffffffffffffffffff.AZ2rrwAAcACAAAAAAAAAAA", "."])
def test_a_cursor_that_was_made_up_leads_nowhere(people: People, cursor: str) -> None:
    answer = officer(people).get(DESK, query_string={"cursor": cursor})

    assert refused(answer) == (422, "invalid_cursor")


def test_the_list_can_be_asked_by_state(people: People) -> None:
    _, request = complaint(people)
    staff = officer(people)

    assert staff.get(DESK, query_string={"state": "in_progress"}).json["requests"] == []
    act(staff, request, "take")
    assert [one["id"] for one in staff.get(DESK, query_string={"state": "in_progress"}).json["requests"]] == [request]


def test_a_look_is_audited_and_the_person_sees_it(people: People) -> None:
    member, request = complaint(people)

    seen = act(officer(people), request, "view").json

    assert (seen["email"], seen["text"]) == ("ann@example.org", COMPLAINT["text"])
    events = [one["action"] for one in member.get("/api/v1/me/events").json["events"]]
    assert "request.viewed" in events
    assert "request.viewed" in [one["action"] for one in member.get("/api/v1/me/accesses").json["accesses"]]


@pytest.mark.policy("RIG-6", "RIG-22", "DEC-8")
def test_a_refusal_has_a_reason_and_words_that_the_person_is_told(people: People, outbox: Outbox) -> None:
    member, request = complaint(people)
    staff = officer(people)

    assert act(staff, request, "refusal", text="No.").status_code == 422
    assert act(staff, request, "refusal", reason="legal_duty").status_code == 422
    done = act(staff, request, "refusal", reason="legal_duty", text="Tax law, ten years.")

    assert done.status_code == 200
    shown = member.get(f"{REQUESTS}/{request}").json
    assert (shown["state"], shown["refusal"], shown["answer"]) == ("refused", "legal_duty", "Tax law, ten years.")
    letter = outbox.last("request_refused").text
    assert "the law obliges us to keep the data" in letter
    assert "Tax law, ten years." in letter
    assert "supervisory authority" in letter


def test_a_fulfilled_request_tells_what_was_done(people: People, outbox: Outbox) -> None:
    member, request = complaint(people)

    act(officer(people), request, "fulfilment", text="We changed our practice.", partly=True)

    assert member.get(f"{REQUESTS}/{request}").json["state"] == "partly_fulfilled"
    assert "We changed our practice." in outbox.last("request_partly_fulfilled").text


def test_letters_are_in_the_language_of_the_person(people: People, outbox: Outbox) -> None:
    people.account(language="de")
    made = ask(people.sign_in(), **COMPLAINT)

    act(officer(people), made["id"], "extension", reason="complex", months=1)

    assert "besonders komplex" in outbox.last("request_extended").text


@pytest.mark.policy("RIG-21")
def test_a_fee_needs_one_of_three_reasons_and_is_told(people: People, outbox: Outbox) -> None:
    member, request = complaint(people)
    staff = officer(people)

    assert act(staff, request, "fee", reason="effort", cents=500).status_code == 422
    assert act(staff, request, "fee", cents=500).status_code == 422
    assert act(staff, request, "fee", reason="repetitive", cents=550).status_code == 200
    assert refused(act(staff, request, "fee", reason="repetitive", cents=900)) == (409, "request_not_open")

    assert member.get(f"{REQUESTS}/{request}").json["fee_cents"] == 550
    letter = outbox.last("request_fee").text
    assert "5.50 EUR" in letter
    assert "repeatedly" in letter


@pytest.mark.policy("RIG-23")
def test_the_withdrawal_of_a_consent_can_neither_be_charged_nor_refused(people: People) -> None:
    _, request = complaint(people)
    with db.transaction() as session:
        session.execute(text("UPDATE rights_requests SET kind = 'consent_withdrawal'"))
    staff = officer(people)

    fee = act(staff, request, "fee", reason="repetitive", cents=500)
    refusal = act(staff, request, "refusal", reason="repetitive", text="Again?")

    assert refused(fee) == refused(refusal) == (409, "withdrawal_is_free")


@pytest.mark.policy("RIG-23", "RIG-21", "RIG-22", "RIG-30")
@pytest.mark.parametrize(
    "change",
    [
        "kind = 'consent_withdrawal', fee_cents = 1, fee_reason = 'repetitive'",
        "kind = 'consent_withdrawal', state = 'refused', refusal = 'repetitive', closed_at = received_at",
        "fee_cents = 1",
        "state = 'refused', closed_at = received_at",
        "state = 'fulfilled'",
        "state = 'awaiting_identity'",
        "extended_at = received_at",
    ],
)
def test_the_database_itself_holds_what_no_code_may_get_wrong(people: People, change: str) -> None:
    complaint(people)

    with pytest.raises(IntegrityError), db.transaction() as session:
        session.execute(text(f"UPDATE rights_requests SET {change}"))


@pytest.mark.parametrize("what", ["take", "refusal", "fulfilment", "question", "extension"])
def test_of_many_officers_at_once_one_wins(people: People, outbox: Outbox, what: str) -> None:
    _, request = complaint(people)
    staff = officer(people)
    bodies = {
        "take": {},
        "refusal": {"reason": "legal_duty", "text": "No."},
        "fulfilment": {"text": "Done."},
        "question": {"text": "Which?"},
        "extension": {"reason": "complex", "months": 1},
    }

    def one(_which: int) -> int:
        own = SignedIn(people.stranger, staff.token, staff.session_id)
        return int(act(own, request, what, **bodies[what]).status_code)

    assert sorted(at_once(8, one)) == [200] + [409] * 7
    assert (
        len([one for one in outbox.sent if one.letter.startswith("request_") and one.letter != "request_received"]) <= 1
    )


def test_what_is_not_there_is_not_found(people: People) -> None:
    staff = officer(people)

    assert refused(act(staff, str(new_id()), "view")) == (404, "not_found")
    assert refused(act(staff, str(new_id()), "take")) == (404, "not_found")


def test_an_officer_who_was_not_confirmed_lately_ends_nothing(people: People) -> None:
    _, request = complaint(people)
    staff = officer(people)

    with later(minutes=6):
        answers = [
            act(staff, request, "refusal", reason="legal_duty", text="No."),
            act(staff, request, "fulfilment", text="Done."),
        ]

    assert [refused(answer) for answer in answers] == [(403, "sign_in_again")] * 2


@pytest.mark.policy("RIG-29")
def test_requests_whose_deadline_is_over_are_counted_for_operators(people: People) -> None:
    complaint(people)

    def counted() -> str:
        page = people.stranger.get("/metrics").get_data(as_text=True)
        return next(line for line in page.splitlines() if line.startswith("suite_overdue_requests "))

    assert counted() == "suite_overdue_requests 0.0"
    with later(days=32):
        assert counted() == "suite_overdue_requests 1.0"


def test_an_officer_erases_by_fulfilling(people: People, outbox: Outbox) -> None:
    member = people.member()
    made = ask(member, **COMPLAINT)["id"]
    with db.transaction() as session:
        session.execute(text("UPDATE rights_requests SET kind = 'erasure'"))

    done = act(officer(people), made, "fulfilment", text="Erased.")

    assert done.json["state"] == "in_progress"
    outbox.deliver()
    assert member.get("/api/v1/me").status_code == 401
    assert people.stranger.get("/api/v1/privacy/catalogue").status_code == 200
    with db.transaction(reading=True) as session:
        assert session.execute(text("SELECT count(*) FROM accounts")).scalar() == 0


def test_the_handler_is_stored_as_a_keyed_hash(people: People) -> None:
    _, request = complaint(people)
    staff = officer(people)

    act(staff, request, "take")

    stored = row(request).handler
    assert stored is not None
    assert staff.person_id not in stored
