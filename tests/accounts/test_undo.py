"""Links that undo: "this was not me", closing and leaving taken back within the grace, and the page behind them."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from suite.accounts.models import Account, AddressChange, Membership, Session, UndoLink
from suite.kernel import clock, db
from suite.kernel.models import AuditEntry, Job
from suite.privacy import declared, may, sweeps
from suite.privacy.models import ConsentEntry, Person
from suite.services import SERVICES
from tests.failures.crowd import at_once
from tests.pages import read
from tests.people import PASSWORD, PROFILES, Outbox, People, SignedIn

UNDO, DETAILS, CLOSURE, SERVICE = "/api/v1/undo", "/api/v1/undo/details", "/api/v1/me/closure", "/api/v1/me/services"
GRACE = timedelta(days=14)
TICK = timedelta(microseconds=1)
CROWD = 50
WITH_GRACE = ["business-hub", "cloud-console", "office-365"]
WITHOUT = [
    "my-account",
    "motorsport",
    pytest.param("partner-portal", marks=pytest.mark.policy("PAR-23")),
    "report-parser",
]


def look(people: People, token: str) -> Any:
    return people.stranger.post(DETAILS, json={"token": token})


def undo(people: People, token: str) -> Any:
    return people.stranger.post(UNDO, json={"token": token})


def signs_in(people: People, email: str = "ann@example.org") -> bool:
    answer = people.stranger.post("/api/v1/sessions", json={"email": email, "password": PASSWORD})
    return bool(answer.status_code == 201)


def change_password(member: SignedIn) -> None:
    assert member.put("/api/v1/me/password", json={"password": PASSWORD}).status_code == 204


def closed(people: People, outbox: Outbox, *services: str) -> str:
    """Close an account in these services; give the token of the farewell letter."""
    first, *others = services or ("business-hub",)
    member = people.member("ann@example.org", first)
    for service in others:
        member.post(SERVICE, json={"service": service, "profile": PROFILES[service]})
    assert member.post(CLOSURE).status_code == 200
    return outbox.undo_token("account_closed_for_now")


def count(table: type, *conditions: Any) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def actions() -> list[str]:
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


# --- this was not me


def test_looking_at_a_link_says_what_it_is_about_and_spends_nothing(people: People, outbox: Outbox) -> None:
    with clock.at(clock.now()):
        change_password(people.member())
        token = outbox.undo_token("password_changed")
        seen = [look(people, token) for _ in range(3)]
        now = clock.now()

    assert {one.status_code for one in seen} == {200}
    assert set(seen[0].json) == {"kind", "made_at", "expires_at"}
    assert seen[0].json["kind"] == "not_me"
    made, until = (datetime.fromisoformat(seen[0].json[key]) for key in ("made_at", "expires_at"))
    assert abs(made - now) < timedelta(milliseconds=2)
    assert until - made == timedelta(days=7)
    assert undo(people, token).status_code == 200


def test_it_was_not_me_ends_sessions_and_stops_changes_for_a_day(people: People, outbox: Outbox) -> None:
    here, elsewhere = people.member(), people.sign_in()
    here.post("/api/v1/me/email", json={"email": "new@example.org"})
    change_password(here)

    with clock.at(clock.now()):
        done = undo(people, outbox.undo_token("password_changed"))
        until = datetime.fromisoformat(done.json["frozen_until"])
        now = clock.now()

    assert done.json["kind"] == "not_me"
    assert abs(until - now - timedelta(hours=24)) < timedelta(milliseconds=2)
    assert [one.get("/api/v1/me").status_code for one in (here, elsewhere)] == [401, 401]
    assert (count(Session), count(AddressChange)) == (0, 0)
    assert "change.undone" in actions()


@pytest.mark.parametrize("token", ["x" * 43, "nonsense" * 4, "\u00e4" * 30])
def test_a_link_that_does_not_exist_is_gone(people: People, token: str) -> None:
    answers = [look(people, token), undo(people, token)]

    assert [(one.status_code, one.json["code"]) for one in answers] == [(404, "undo_gone")] * 2


def test_a_link_is_gone_once_it_was_used_or_is_too_old(people: People, outbox: Outbox) -> None:
    start = clock.now()
    with clock.at(start):
        member = people.member()
        change_password(member)
        first = outbox.undo_token("password_changed")
        change_password(member)
        second = outbox.undo_token("password_changed")

    with clock.at(start + timedelta(days=7)):
        late = [look(people, second), undo(people, second)]
    with clock.at(start + timedelta(days=7) - TICK):
        just = undo(people, second)
        again = [look(people, second), undo(people, second)]

    assert first != second
    assert just.status_code == 200
    assert {(one.status_code, one.json["code"]) for one in (*late, *again)} == {(404, "undo_gone")}


def test_of_fifty_who_open_one_link_one_undoes_it(people: People, outbox: Outbox) -> None:
    change_password(people.member())
    token = outbox.undo_token("password_changed")

    answers = at_once(CROWD, lambda _: undo(people, token))

    assert Counter(one.status_code for one in answers) == {200: 1, 404: CROWD - 1}
    assert actions().count("change.undone") == 1


def test_a_network_tries_sixty_links_in_a_quarter_of_an_hour(people: People) -> None:
    answers = [(look, undo)[which % 2](people, "x" * 43).status_code for which in range(62)]

    assert answers == [404] * 60 + [429] * 2


@pytest.mark.parametrize("path", [UNDO, DETAILS])
def test_a_token_is_taken_from_the_body_alone(people: People, outbox: Outbox, path: str) -> None:
    change_password(people.member())
    token = outbox.undo_token("password_changed")

    answers = [
        people.stranger.post(f"{path}?token={token}", json={}),
        people.stranger.get(f"{path}?token={token}"),
        people.stranger.post(path, data={"token": token}),
    ]

    assert [one.status_code for one in answers] == [422, 405, 415]


def test_the_token_of_a_link_is_stored_as_a_hash_alone(people: People, outbox: Outbox) -> None:
    change_password(people.member())
    token = outbox.undo_token("password_changed")

    with db.transaction(reading=True) as session:
        link = session.scalars(select(UndoLink)).one()
    assert token not in repr(vars(link))


# --- the page


@pytest.mark.parametrize("kind", ["not_me", "address", "closed", "wait"])
def test_the_page_has_words_for_every_kind_of_link_and_acts_on_a_button_alone(people: People, kind: str) -> None:
    html = people.stranger.get("/undo").get_data(as_text=True)

    assert f'"{kind}": {{' in html
    assert 'addEventListener("click", undo)' in html
    assert html.count('send("/api/v1/undo")') == 1
    assert "history.replaceState(null" in html


@pytest.mark.parametrize(
    ("tongue", "title"),
    [("de", "Eine Änderung rückgängig machen"), ("ru", "Отмена изменения"), ("en", "Undo a change")],
)
def test_the_page_speaks_the_language_of_its_reader(people: People, tongue: str, title: str) -> None:
    answer = people.stranger.get("/undo", headers={"Accept-Language": tongue})

    assert f"<title>{title}</title>" in answer.get_data(as_text=True)
    assert read(answer).all("html")[0].attributes["lang"] == tongue


# --- closing, taken back


@pytest.mark.policy("BUS-20", "SCC-19", "O365-19")
@pytest.mark.parametrize("service", WITH_GRACE)
def test_closing_says_until_when_it_can_be_taken_back_in_the_answer_and_the_letter(
    people: People, outbox: Outbox, service: str
) -> None:
    member = people.member("ann@example.org", service)

    with clock.at(clock.now()):
        answer = member.post(CLOSURE).json
        letter = outbox.last("account_closed_for_now")

    until = datetime.fromisoformat(answer["undo_until"])
    assert until - datetime.fromisoformat(answer["closed_at"]) == GRACE
    assert until < datetime.fromisoformat(answer["erased_by"])
    assert f"{until:%Y-%m-%d %H:%M} UTC" in letter.text
    assert f"{datetime.fromisoformat(answer['erased_by']):%Y-%m-%d %H:%M} UTC" in letter.text
    assert not signs_in(people)


@pytest.mark.parametrize("service", WITHOUT)
def test_where_data_go_at_once_or_within_a_day_closing_is_never_taken_back(
    people: People, outbox: Outbox, service: str
) -> None:
    member = people.member("ann@example.org", service)
    member.post(SERVICE, json={"service": "business-hub", "profile": PROFILES["business-hub"]})

    answer = member.post(CLOSURE).json

    assert answer["undo_until"] is None
    assert "/undo#" not in outbox.last("account_closed").text
    assert count(UndoLink, UndoLink.kind == "closed") == 0
    assert SERVICES[service].grace.after(clock.now()) <= clock.now()


def test_a_closed_account_is_open_again_as_it_was_and_nobody_is_signed_in(people: People, outbox: Outbox) -> None:
    member = people.member("ann@example.org", "business-hub", consents=["news_by_email"])
    before = member.get(SERVICE).json
    member.patch(
        "/api/v1/me/settings",
        json={"preferences": {"theme": "dark"}},
        headers={"If-Match": member.get("/api/v1/me/settings").headers["ETag"]},
    )
    member.post(CLOSURE)

    done = undo(people, outbox.undo_token("account_closed_for_now"))

    assert (done.status_code, done.json) == (200, {"kind": "closed", "frozen_until": None})
    assert count(Session) == 0
    assert member.get("/api/v1/me").status_code == 401
    back = people.sign_in()
    assert back.get(SERVICE).json == before
    assert back.get("/api/v1/me/settings").json["preferences"] == {"theme": "dark"}
    assert outbox.last("account_restored").recipient == "ann@example.org"
    assert "account.restored" in actions()


def test_consents_stay_withdrawn_when_an_account_is_opened_again(people: People, outbox: Outbox) -> None:
    people.member("ann@example.org", "business-hub", consents=["news_by_email"]).post(CLOSURE)

    undo(people, outbox.undo_token("account_closed_for_now"))

    with db.transaction(reading=True) as session:
        account = session.scalars(select(Account.id)).one()
        assert not may(account, "news_by_email", "business-hub")
        assert session.scalars(select(ConsentEntry.state).order_by(ConsentEntry.id)).all() == ["given", "withdrawn"]
    consents = people.sign_in().get("/api/v1/me/consents").json["consents"]
    assert {one["given"] for one in consents} == {False}


def test_closing_can_be_taken_back_for_fourteen_days(people: People, outbox: Outbox) -> None:
    start = clock.now()
    with clock.at(start):
        token = closed(people, outbox)

    with clock.at(start + GRACE):
        late = undo(people, token)
    with clock.at(start + GRACE - TICK):
        just = undo(people, token)

    assert (late.status_code, late.json["code"]) == (404, "undo_gone")
    assert just.status_code == 200


def test_of_fifty_who_take_closing_back_one_does(people: People, outbox: Outbox) -> None:
    token = closed(people, outbox)

    answers = at_once(CROWD, lambda _: undo(people, token))

    assert Counter(one.status_code for one in answers) == {200: 1, 404: CROWD - 1}
    assert actions().count("account.restored") == 1
    assert signs_in(people)


def test_closing_is_not_taken_back_when_the_address_has_a_new_account(people: People, outbox: Outbox) -> None:
    token = closed(people, outbox)
    people.account("ann@example.org")

    refused = undo(people, token)

    assert (refused.status_code, refused.json["code"]) == (409, "address_taken")
    assert count(Account, Account.closed_at.is_(None)) == 1
    assert look(people, token).status_code == 200


def test_of_a_new_account_and_the_old_one_at_the_same_moment_one_has_the_address(
    people: People, outbox: Outbox
) -> None:
    token = closed(people, outbox)
    registration = people.register().json["id"]
    code = outbox.code()
    path = f"/api/v1/registrations/{registration}/confirmation"

    answers = at_once(
        2, lambda which: undo(people, token) if which else people.stranger.post(path, json={"code": code})
    )

    assert sorted(one.status_code for one in answers) in ([200, 409], [201, 409])
    assert count(Account, Account.closed_at.is_(None)) == 1


def test_an_old_link_does_not_open_an_account_that_was_closed_anew_without_a_grace(
    people: People, outbox: Outbox
) -> None:
    token = closed(people, outbox)
    with db.transaction() as session:
        account = session.scalars(select(Account)).one()
        session.add(Membership(account_id=account.id, service="motorsport", joined_at=clock.now()))

    refused = undo(people, token)

    assert (refused.status_code, refused.json["code"]) == (404, "undo_gone")


def test_a_blocked_account_stays_blocked_when_its_closing_is_taken_back(people: People, outbox: Outbox) -> None:
    token = closed(people, outbox)
    with db.transaction() as session:
        session.scalars(select(Account)).one().blocked_at = clock.now()

    assert undo(people, token).status_code == 200
    answer = people.stranger.post("/api/v1/sessions", json={"email": "ann@example.org", "password": PASSWORD})
    assert answer.json["code"] == "account_blocked"


# --- what the sweep does then


def sweep_jobs() -> list[datetime]:
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(Job.due_at).where(Job.name == "privacy.sweep").order_by(Job.due_at)))


def test_the_sweep_of_a_closing_that_was_taken_back_takes_nothing(people: People, outbox: Outbox) -> None:
    token = closed(people, outbox, "business-hub", "cloud-console")
    due = sweep_jobs()[-1]
    undo(people, token)

    for instant in (due, due + timedelta(days=400)):
        with clock.at(instant):
            outbox.deliver()
            assert sweeps.sweep() >= 0

    assert sweep_jobs() == []
    assert (count(Account), count(Membership)) == (1, 2)


def test_a_closing_that_was_not_taken_back_is_erased_at_its_deadline(people: People, outbox: Outbox) -> None:
    closed(people, outbox, "business-hub")
    due = sweep_jobs()[-1]
    outbox.empty()

    with clock.at(due - TICK):
        sweeps.sweep()
        before = count(Account)
    with clock.at(due):
        outbox.deliver()

    assert (before, count(Account), count(Person), count(UndoLink)) == (1, 0, 0, 0)


def test_a_closing_taken_back_and_done_again_counts_from_the_second_time(people: People, outbox: Outbox) -> None:
    start = clock.now()
    with clock.at(start):
        token = closed(people, outbox, "business-hub")
    with clock.at(start + timedelta(days=13)):
        undo(people, token)
        again = people.sign_in().post(CLOSURE).json
        outbox.empty()

    with clock.at(start + timedelta(days=32)):
        sweeps.sweep()
        between = count(Account)
    with clock.at(datetime.fromisoformat(again["erased_by"]) + timedelta(milliseconds=1)):
        sweeps.sweep()

    assert (between, count(Account)) == (1, 0)


@pytest.mark.parametrize("service", ["my-account", "motorsport"])
def test_a_service_left_just_before_does_not_hasten_the_end_of_what_can_be_taken_back(
    people: People, outbox: Outbox, service: str
) -> None:
    """The sweep of the left service is late: the account must not go with its shorter period."""
    start = clock.now()
    with clock.at(start):
        member = people.member("ann@example.org", "business-hub")
        member.post(SERVICE, json={"service": service, "profile": PROFILES[service]})
        member.delete(f"{SERVICE}/{service}")
    with clock.at(start + timedelta(seconds=1)):
        member.post(CLOSURE)
        token = farewell(outbox)

    with clock.at(start + timedelta(days=2)):
        sweeps.sweep()
        left = [one.service for one in memberships()]
        done = undo(people, token)

    assert left == ["business-hub"]
    assert done.status_code == 200


def farewell(outbox: Outbox) -> str:
    """Give the token of the farewell letter, without running the sweeps that wait."""
    from suite.kernel import access, jobs

    access.begin(access.SYSTEM, None)
    for claimed in jobs.claim("here", 50, lanes=(0, 8)):
        jobs.run(claimed)
    with db.transaction(reading=True) as session:
        from suite.messages.models import InboxMessage

        text = session.scalars(select(InboxMessage.text).where(InboxMessage.letter == "account_closed_for_now")).one()
    return str(text.split("/undo#")[1].split()[0])


def memberships() -> list[Membership]:
    with db.transaction(reading=True) as session:
        return list(session.scalars(select(Membership).order_by(Membership.id)))


# --- leaving, taken back


def left(people: People, service: str, at: datetime | None = None, **fields: Any) -> tuple[SignedIn, dict[str, Any]]:
    """Make somebody who left a service; give what the answer said."""
    home = "report-parser" if service != "report-parser" else "business-hub"
    with clock.at(at or clock.now()):
        member = people.member("ann@example.org", home)
        joined = member.post(SERVICE, json={"service": service, "profile": PROFILES[service]} | fields)
        assert joined.status_code == 201, joined.json
        return member, dict(member.delete(f"{SERVICE}/{service}").json)


@pytest.mark.parametrize("service", WITH_GRACE)
def test_a_service_is_returned_to_with_all_it_knew_but_its_consents(
    people: People, outbox: Outbox, service: str
) -> None:
    member, answer = left(people, service, consents=["news_by_email"] if service != "cloud-console" else [])

    back = member.post(f"{SERVICE}/{service}/return")

    assert datetime.fromisoformat(answer["undo_until"]) < datetime.fromisoformat(answer["erased_by"])
    assert "Until " in outbox.last("service_left_for_now").text
    assert (back.status_code, back.json["profile"]) == (200, PROFILES[service])
    assert service in [one["service"] for one in member.get(SERVICE).json["services"]]
    given = {one["given"] for one in member.get("/api/v1/me/consents").json["consents"]}
    assert given == {False}
    assert actions()[-1] == "service.returned"


@pytest.mark.parametrize("service", WITHOUT)
def test_a_service_without_a_grace_is_not_returned_to(people: People, outbox: Outbox, service: str) -> None:
    member, answer = left(people, service)

    refused = member.post(f"{SERVICE}/{service}/return")

    assert answer["undo_until"] is None
    assert "Until " not in outbox.last("service_left").text
    assert (refused.status_code, refused.json["code"]) == (409, "no_way_back")


def test_leaving_can_be_taken_back_for_fourteen_days(people: People) -> None:
    start = clock.now()
    left(people, "business-hub", start)

    with clock.at(start + GRACE):
        late = people.sign_in().post(f"{SERVICE}/business-hub/return")
    with clock.at(start + GRACE - TICK):
        just = people.sign_in().post(f"{SERVICE}/business-hub/return")

    assert (late.status_code, late.json["code"]) == (409, "no_way_back")
    assert just.status_code == 200


def test_a_service_that_was_joined_anew_is_not_returned_to(people: People) -> None:
    member, _ = left(people, "business-hub")
    member.post(SERVICE, json={"service": "business-hub", "profile": {"country": "FR"}})

    refused = member.post(f"{SERVICE}/business-hub/return")

    assert (refused.status_code, refused.json["code"]) == (409, "already_member")
    assert member.get(f"{SERVICE}/business-hub").json["profile"] == {"country": "FR"}


def test_what_was_never_joined_is_not_there_to_return_to(people: People) -> None:
    member = people.member()

    answers = [member.post(f"{SERVICE}/{service}/return") for service in ("business-hub", "nothing")]

    assert [(one.status_code, one.json["code"]) for one in answers] == [(404, "not_found")] * 2


def test_of_fifty_returns_at_once_one_brings_the_membership_back(people: People) -> None:
    member, _ = left(people, "business-hub")

    answers = at_once(CROWD, lambda _: member.post(f"{SERVICE}/business-hub/return"))

    assert Counter(one.status_code for one in answers) == {200: 1, 409: CROWD - 1}
    assert count(Membership, Membership.service == "business-hub") == 1


def test_the_sweep_of_a_service_that_was_returned_to_takes_nothing(people: People, outbox: Outbox) -> None:
    member, _ = left(people, "business-hub")
    due = sweep_jobs()[-1]
    member.post(f"{SERVICE}/business-hub/return")

    with clock.at(due):
        outbox.deliver()

    assert [(one.service, one.ended_at) for one in memberships()] == [("report-parser", None), ("business-hub", None)]


def test_who_said_it_was_not_me_can_take_back_what_somebody_left(people: People, outbox: Outbox) -> None:
    member, _ = left(people, "business-hub")
    change_password(member)
    undo(people, outbox.undo_token("password_changed"))

    back = people.sign_in().post(f"{SERVICE}/business-hub/return")

    assert back.status_code == 200


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_the_catalogue_and_the_notice_say_how_long_leaving_can_be_taken_back(people: People, service: str) -> None:
    told = people.stranger.get(f"/api/v1/services/{service}").json
    article = people.stranger.get("/privacy").get_data(as_text=True).split(f'id="{service}"')[1].split("</article>")[0]
    grace = declared().services[service].grace

    with_grace = service in {*WITH_GRACE, "company-account"}
    assert (told["grace"], told["grace_says"]) == (("P14D", "14 days") if with_grace else (None, None))
    assert ("you can take that back" in article) is with_grace
    assert bool(grace.days) is with_grace
