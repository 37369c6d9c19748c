"""Security questions: chosen from a list, stored as a hash, asked only after the mailed link."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from suite import privacy
from suite.accounts import answers, questions
from suite.accounts.models import Account
from suite.declarations import Part
from suite.kernel import clock, db, passwords
from suite.kernel.db import Base
from suite.kernel.models import AuditEntry
from tests.accounts.recovering import ANSWER, CHOSEN, NEW, QUESTION, Recovering, instant, question
from tests.failures.crowd import at_once
from tests.people import PASSWORD, Outbox, People, SignedIn

SERVICES = "/api/v1/me/services"


@pytest.fixture
def lost(people: People, outbox: Outbox) -> Recovering:
    return Recovering(people, outbox)


@pytest.fixture
def member(people: People) -> SignedIn:
    """Give a member of the Business Hub with a question."""
    one = people.member(service="business-hub")
    assert one.put(QUESTION, json=CHOSEN).status_code == 200
    return one


@pytest.fixture
def switched_off(app: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a switch: SUITE_SECURITY_QUESTIONS=off takes the part away."""
    register = privacy.declared()

    def off() -> None:
        import dataclasses

        privacy.declare(dataclasses.replace(register, parts=register.parts - {Part.SECURITY_QUESTIONS}))

    yield off
    privacy.declare(register)


# --- the list


def test_the_list_is_open_to_everybody_in_three_languages(people: People) -> None:
    lists = [
        people.stranger.get("/api/v1/security-questions", headers={"Accept-Language": tongue}).json["questions"]
        for tongue in ("en", "de", "ru")
    ]

    assert [len(one) for one in lists] == [10, 10, 10]
    assert [one["key"] for one in lists[0]] == list(questions.QUESTIONS)
    assert len({one[0]["sentence"] for one in lists}) == 3
    assert all(one["sentence"].endswith("?") for one in lists[2])


def test_no_key_of_the_list_is_longer_than_its_column() -> None:
    assert max(map(len, questions.QUESTIONS)) <= 40


# --- setting it


@pytest.mark.policy("BUS-3", "SCC-3")
@pytest.mark.parametrize("service", ["business-hub", "cloud-console"])
def test_a_question_is_set_seen_by_its_owner_and_removed(people: People, outbox: Outbox, service: str) -> None:
    one = people.member(service=service)

    before = one.get(QUESTION).json
    put = one.put(QUESTION, json=CHOSEN)
    shown = one.get(QUESTION).json
    removed = one.delete(QUESTION)

    assert before == {"offered": True, "question": None, "set_at": None}
    assert (put.status_code, put.json) == (200, shown)
    assert shown["question"] == {"key": "first_own_book", "sentence": questions.QUESTIONS["first_own_book"]}
    assert removed.status_code == 204
    assert one.get(QUESTION).json == before
    assert [message.letter for message in outbox.sent].count("security_question_changed") == 2


def test_the_question_is_shown_in_the_language_of_the_request(member: SignedIn) -> None:
    shown = member.get(QUESTION, headers={"Accept-Language": "de"}).json

    assert shown["question"]["sentence"].startswith("Wie heißt das erste Buch")


def test_the_answer_is_stored_only_as_a_hash_and_shown_to_nobody(member: SignedIn) -> None:
    stored = question()

    assert stored is not None
    assert stored.answer_hash.startswith(f"test1$argon2id$v=19$m={passwords.MEMORY_KIB},t={passwords.ROUNDS},p=1$")
    assert holding("green tractor") == []
    assert "hash" not in member.get(QUESTION).get_data(as_text=True)


def holding(*words: str) -> list[str]:
    """Give the tables that hold one of the words in the clear."""
    found = []
    with db.transaction(reading=True) as session:
        for table in Base.metadata.sorted_tables:
            rows = repr(session.execute(text(f"SELECT * FROM {table.name}")).all()).casefold()
            found += [table.name for word in words if word in rows]
    return found


def test_setting_another_one_replaces_it_and_forgets_wrong_answers(lost: Recovering, member: SignedIn) -> None:
    ticket = lost.ticket()
    for _ in range(5):
        lost.post("/answer", ticket=ticket, answer="no idea")

    again = member.put(QUESTION, json={"question": "first_boss", "answer": "Ada King Lovelace"})

    stored = question()
    assert again.status_code == 200
    assert stored is not None
    assert (stored.question, stored.wrong, stored.closed_until) == ("first_boss", 0, None)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"question": "mothers_maiden_name", "answer": ANSWER}, "/question"),
        ({"question": "first_boss", "answer": "   "}, "/answer"),
        ({"question": "first_boss", "answer": "x" * 101}, "/answer"),
        ({"question": "first_boss"}, "/answer"),
        ({"answer": ANSWER}, "/question"),
    ],
)
def test_a_question_off_the_list_and_half_an_entry_are_refused(people: People, body: Any, pointer: str) -> None:
    refused = people.member(service="business-hub").put(QUESTION, json=body)

    assert (refused.status_code, refused.json["code"]) == (422, "invalid_input")
    assert pointer in {one["pointer"] for one in refused.json["errors"]}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("ab", "answer_too_short"),
        (" a  b", None),
        ("a ", "answer_too_short"),
        ("aaaa", "answer_too_easy"),
        ("Harry  POTTER", "answer_too_easy"),
        ("Hauptstrasse", "answer_too_easy"),
        ("hauptstraße", "answer_too_easy"),
        ("МОСКВА", "answer_too_easy"),
        ("ann@Example.org", "answer_too_easy"),
        ("Ann", "answer_too_easy"),
        ("speedy", "answer_too_easy"),
        ("ｓｐｅｅｄｙ", "answer_too_easy"),
        ("kaspersky business hub", "answer_too_easy"),
        ("Ludmila's red bicycle", None),
    ],
)
def test_an_answer_that_is_short_or_easy_to_guess_is_refused(people: People, answer: str, code: str | None) -> None:
    one = people.member(service="business-hub")
    profile = {"user_name": "speedy", "first_name": "Ann", "last_name": "Lee"}
    one.post(SERVICES, json={"service": "motorsport", "profile": profile})

    put = one.put(QUESTION, json={"question": "first_boss", "answer": answer})

    assert put.json.get("code") == code


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("The Little Green Tractor", "  the   LITTLE green\u00a0tractor "),
        ("Straße 7", "STRASSE 7"),
        ("Ångström", "A\u030angstro\u0308m"),
        ("ABC 123", "ａｂｃ　１２３"),
    ],
)
def test_capitals_width_and_blanks_make_no_difference(typed: str, other: str) -> None:
    assert answers.normal(typed) == answers.normal(other)


def test_a_service_that_offers_none_lets_none_be_set(people: People) -> None:
    one = people.member()

    refused = one.put(QUESTION, json=CHOSEN)

    assert (refused.status_code, refused.json["code"]) == (409, "question_not_offered")
    assert one.get(QUESTION).json == {"offered": False, "question": None, "set_at": None}


def test_what_is_not_there_cannot_be_removed(people: People) -> None:
    refused = people.member(service="business-hub").delete(QUESTION)

    assert (refused.status_code, refused.json["code"]) == (404, "no_question")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_question_changes_only_with_a_fresh_sign_in_and_never_while_changes_are_frozen(
    member: SignedIn, method: str
) -> None:
    with clock.at(clock.now() + timedelta(minutes=6)):
        stale = member.request(method, QUESTION, json=CHOSEN)
    with db.transaction() as session:
        session.execute(update(Account).values(frozen_until=clock.now() + timedelta(hours=1)))
    frozen = member.request(method, QUESTION, json=CHOSEN)

    assert (stale.status_code, stale.json["code"]) == (403, "sign_in_again")
    assert (frozen.status_code, frozen.json["code"]) == (409, "changes_frozen")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"frozen_until": clock.now() + timedelta(days=999)}, "changes_frozen"),
        ({"closed_at": clock.now()}, "sign_in_needed"),
        ({"blocked_at": clock.now()}, "sign_in_needed"),
    ],
    ids=["frozen", "closed", "blocked"],
)
def test_what_happened_while_the_answer_was_hashed_counts(
    people: People, monkeypatch: pytest.MonkeyPatch, values: dict[str, Any], code: str
) -> None:
    one = people.member(service="business-hub")
    real = questions.hash_password

    def change() -> None:
        with db.transaction() as session:
            session.execute(update(Account).values(values))

    def slow(plain: str) -> str:
        at_once(1, lambda _which: change())
        return real(plain)

    monkeypatch.setattr(questions, "hash_password", slow)
    refused = one.put(QUESTION, json=CHOSEN)

    assert refused.json["code"] == code
    assert question() is None


def test_a_service_left_while_the_answer_was_hashed_counts_too(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    one = people.member(service="business-hub")
    one.post(SERVICES, json={"service": "my-account"})
    real = questions.hash_password

    def slow(plain: str) -> str:
        own = SignedIn(people.stranger, one.token, one.session_id)
        assert at_once(1, lambda _which: own.delete(f"{SERVICES}/business-hub"))[0].status_code == 200
        return real(plain)

    monkeypatch.setattr(questions, "hash_password", slow)
    refused = one.put(QUESTION, json=CHOSEN)

    assert refused.json["code"] == "question_not_offered"
    assert question() is None


def test_changes_stand_in_the_audit_trail_without_question_or_answer(member: SignedIn) -> None:
    member.delete(QUESTION)

    with db.transaction(reading=True) as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("question."))).all()
    assert sorted((entry.action, entry.facts) for entry in entries) == [
        ("question.chosen", {}),
        ("question.removed", {}),
    ]


def test_the_question_goes_with_the_last_service_that_offers_one(people: People, member: SignedIn) -> None:
    for service in ("cloud-console", "my-account"):
        assert member.post(SERVICES, json={"service": service}).status_code == 201

    member.delete(f"{SERVICES}/business-hub")
    kept = question()
    member.delete(f"{SERVICES}/cloud-console")

    assert kept is not None
    assert question() is None


def test_leaving_a_service_that_offers_none_leaves_the_question(member: SignedIn) -> None:
    member.post(SERVICES, json={"service": "my-account"})

    member.delete(f"{SERVICES}/my-account")

    assert question() is not None


# --- the switch of the operator


def test_where_questions_are_switched_off_none_is_listed_set_or_asked(
    lost: Recovering, member: SignedIn, switched_off: Any
) -> None:
    switched_off()

    listed = lost.people.stranger.get("/api/v1/security-questions").json["questions"]
    refused = member.put(QUESTION, json=CHOSEN)
    step = lost.prove().json

    assert listed == []
    assert refused.json["code"] == "question_not_offered"
    assert step["next"] == "password"


def test_a_question_can_be_removed_where_they_are_switched_off(member: SignedIn, switched_off: Any) -> None:
    switched_off()

    shown, removed = member.get(QUESTION).json, member.delete(QUESTION)

    assert (shown["offered"], shown["question"]["key"], removed.status_code) == (False, "first_own_book", 204)
    assert question() is None


def test_the_switch_takes_the_part_away(tmp_path: Any) -> None:
    from suite.app import _parts
    from tests.conftest import settings_for

    on, off = (
        _parts(settings_for("sqlite:///suite.db", tmp_path, SUITE_SECURITY_QUESTIONS=word))  # type: ignore[arg-type]
        for word in ("on", "off")
    )

    assert on - off == {Part.SECURITY_QUESTIONS}


# --- asked at a recovery, and nowhere else


@pytest.mark.policy("BUS-17", "SCC-16")
@pytest.mark.parametrize("service", ["business-hub", "cloud-console"])
def test_the_question_is_asked_only_after_the_mailed_proof_of_somebody_who_forgot_the_password(
    lost: Recovering, service: str
) -> None:
    lost.people.member(service=service).put(QUESTION, json=CHOSEN)

    entered = lost.sign_in(PASSWORD)
    step = lost.prove().json
    early = lost.post("/password", ticket=step["ticket"], password=NEW)
    answered = lost.post("/answer", ticket=step["ticket"], answer=" the LITTLE green  tractor")
    done = lost.post("/password", ticket=step["ticket"], password=NEW)

    assert entered == 201
    assert (step["next"], step["challenge"]) == ("question", None)
    assert step["question"] == {
        "key": "first_own_book",
        "sentence": questions.QUESTIONS["first_own_book"],
        "closed_until": None,
    }
    assert (early.json["code"], early.json["next"]) == ("not_this_step", "question")
    assert (answered.status_code, answered.json["next"], done.status_code) == (200, "password", 204)
    assert question() is not None


def test_nobody_without_the_mail_sees_the_question(lost: Recovering, member: SignedIn) -> None:
    asked = lost.post(email="ann@example.org")
    wrong = lost.post(f"/{asked.json['id']}/proof", code="000000")

    assert "question" not in asked.json
    assert "question" not in wrong.json


def test_the_answer_replaces_no_second_factor(lost: Recovering, member: SignedIn) -> None:
    app = lost.people.with_app(member)

    step = lost.prove().json
    too_early = lost.post(
        "/second-factor", ticket=step["ticket"], challenge="A" * 43, method="totp", code=app.at(clock.now())
    )
    answered = lost.post("/answer", ticket=step["ticket"], answer=ANSWER).json
    early = lost.post("/password", ticket=step["ticket"], password=NEW)
    body = {"ticket": step["ticket"], "challenge": answered["challenge"]["challenge"], "method": "totp"}
    passed = lost.post("/second-factor", **body, code=app.at(clock.now()))

    assert (too_early.json["code"], early.json["code"]) == ("not_this_step", "not_this_step")
    assert (answered["next"], early.json["next"]) == ("second_factor", "second_factor")
    assert passed.json["next"] == "password"


def test_the_question_is_asked_once(lost: Recovering, member: SignedIn) -> None:
    ticket = lost.ticket()
    lost.post("/answer", ticket=ticket, answer=ANSWER)

    again = lost.post("/answer", ticket=ticket, answer=ANSWER)

    assert (again.status_code, again.json["code"], again.json["next"]) == (409, "not_this_step", "password")


def test_a_question_of_a_service_that_was_left_is_not_asked(lost: Recovering, member: SignedIn) -> None:
    member.post(SERVICES, json={"service": "my-account"})
    member.delete(f"{SERVICES}/business-hub")

    assert lost.prove().json["next"] == "password"


def test_five_wrong_answers_end_the_recovery_and_close_the_question_for_a_day(
    lost: Recovering, member: SignedIn
) -> None:
    start = clock.now().replace(microsecond=0)
    with clock.at(start):
        ticket = lost.ticket()
        wrong = [lost.post("/answer", ticket=ticket, answer="no idea").json for _ in range(5)]
        dead = lost.post("/answer", ticket=ticket, answer=ANSWER)
        step = lost.prove().json
        closed = lost.post("/answer", ticket=step["ticket"], answer=ANSWER)
        early = lost.post("/password", ticket=step["ticket"], password=NEW)
    with clock.at(start + timedelta(hours=23, minutes=59, seconds=59)):
        ticket = lost.ticket()
        still = lost.post("/answer", ticket=ticket, answer=ANSWER)
    with clock.at(start + timedelta(hours=24)):
        reopened = lost.post("/answer", ticket=ticket, answer=ANSWER)

    assert [(one["code"], one["left"]) for one in wrong] == [("wrong_answer", left) for left in (4, 3, 2, 1, 0)]
    assert (dead.status_code, dead.json["code"]) == (404, "recovery_gone")
    assert (step["next"], instant(step["question"]["closed_until"])) == ("question", start + timedelta(hours=24))
    assert (closed.status_code, closed.json["code"]) == (409, "question_closed")
    assert int(closed.headers["Retry-After"]) == 24 * 3600 + 1
    assert early.json["code"] == "not_this_step"
    assert still.json["code"] == "question_closed"
    assert (reopened.status_code, reopened.json["next"]) == (200, "password")


def test_wrong_answers_are_counted_over_all_recoveries(lost: Recovering, member: SignedIn) -> None:
    codes = []
    for answers_given in (3, 2, 1):
        ticket = lost.ticket()
        codes += [lost.post("/answer", ticket=ticket, answer="no idea").json["code"] for _ in range(answers_given)]

    assert codes == ["wrong_answer"] * 5 + ["question_closed"]


def test_the_fifth_try_may_still_be_right_and_forgets_the_wrong_ones(lost: Recovering, member: SignedIn) -> None:
    ticket = lost.ticket()
    for _ in range(4):
        lost.post("/answer", ticket=ticket, answer="no idea")

    right = lost.post("/answer", ticket=ticket, answer=ANSWER)

    stored = question()
    assert right.status_code == 200
    assert stored is not None
    assert (stored.wrong, stored.closed_until) == (0, None)


def test_after_a_day_there_are_five_tries_again(lost: Recovering, member: SignedIn) -> None:
    start, codes = clock.now(), []
    for hours in (0, 24):
        with clock.at(start + timedelta(hours=hours)):
            ticket = lost.ticket()
            codes += [lost.post("/answer", ticket=ticket, answer="no idea").json["code"] for _ in range(6)]

    assert codes == (["wrong_answer"] * 5 + ["recovery_gone"]) * 2


def test_while_the_question_is_closed_the_wait_is_the_way(lost: Recovering, member: SignedIn) -> None:
    start = clock.now()
    with clock.at(start):
        ticket = lost.ticket()
        for _ in range(5):
            lost.post("/answer", ticket=ticket, answer="no idea")
        begun = lost.post("/wait", ticket=lost.ticket())
    with clock.at(start + timedelta(hours=72)):
        step = lost.prove().json

    assert (begun.status_code, step["next"]) == (202, "password")


def test_an_answer_costs_one_hash_whether_right_or_wrong(lost: Recovering, member: SignedIn, app: Any) -> None:
    hashes = app.extensions["suite_system"].hashes
    ticket, work = lost.ticket(), []

    for answer in ("no idea", ANSWER):
        before = hashes.computed
        lost.post("/answer", ticket=ticket, answer=answer)
        work.append(hashes.computed - before)

    assert work == [1, 1]


def test_an_answer_to_a_question_replaced_meanwhile_counts_as_wrong(
    lost: Recovering, member: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = lost.ticket()
    real = answers.verify_password
    own = SignedIn(lost.people.stranger, member.token, member.session_id)

    def slow(plain: str, stored: str) -> bool:
        body = {"question": "first_boss", "answer": "Ada King Lovelace"}
        assert at_once(1, lambda _which: own.put(QUESTION, json=body))[0].status_code == 200
        return real(plain, stored)

    monkeypatch.setattr(answers, "verify_password", slow)
    refused = lost.post("/answer", ticket=ticket, answer=ANSWER)

    assert (refused.status_code, refused.json["code"]) == (422, "wrong_answer")


def test_no_sign_in_route_knows_the_question(lost: Recovering, member: SignedIn) -> None:
    """Nothing but a proven recovery takes an answer, and an answer alone opens nothing."""
    paths = lost.people.stranger.get("/openapi.json").json["paths"]
    taking = {
        path
        for path, methods in paths.items()
        for operation in methods.values()
        if isinstance(operation, dict) and "AnswerIn" in repr(operation.get("requestBody"))
    }

    assert {path for path in taking if "challenge" not in path} == {
        "/api/v1/recoveries/answer",
        "/api/v1/recoveries/second-factor",
    }
