"""Reminders of licences that end: who gets one, when, in which words, and what stops it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from suite import reminders
from suite.accounts.models import Account
from suite.kernel import access, clock, db
from suite.kernel.metrics import REMINDERS
from suite.licenses import let_go
from suite.licenses.models import License
from suite.messages.models import InboxMessage, Message
from suite.privacy import release, restrict
from suite.reminders.models import Reminder
from suite.services import SERVICES
from tests.licenses.holding import held, move, person_of
from tests.people import Outbox, People, SignedIn

NOW = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
END = NOW + timedelta(days=45)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
LETTERS = {"license_reminder", "license_notice"}


def ran(at: datetime, outbox: Outbox) -> list[InboxMessage]:
    """Plan and send at an instant; give the reminders that left until then."""
    access.begin(access.SYSTEM, None)
    with clock.at(at):
        reminders.run()
        return [message for message in outbox.sent if message.letter in LETTERS]


def outcomes() -> dict[str, str | None]:
    """Give what became of every planned reminder, by its distance."""
    with db.transaction(reading=True) as session:
        found = session.execute(select(Reminder.kind, Reminder.outcome)).all()
        return {row.kind: row.outcome for row in found}


def choose(member: SignedIn, service: str, *, given: bool) -> None:
    path = f"/api/v1/me/consents/{service}/license_reminders"
    assert member.put(path, json={"given": given}).status_code == 200


def switch(member: SignedIn, *, on: bool) -> None:
    assert member.put("/api/v1/me/notices/license_notices", json={"on": on}).status_code == 200


def reminded(people: People, service: str = "my-account", email: str = "ann@example.org") -> SignedIn:
    """Make a member who wants to be reminded, or is without asking."""
    member = people.member(email, service)
    if service != "business-hub":
        choose(member, service, given=True)
    return member


@pytest.mark.policy("MYK-47", "SCC-21", "BUS-22")
@pytest.mark.parametrize("service", ["my-account", "cloud-console", "business-hub"])
def test_a_person_is_reminded_five_times_before_the_end_and_never_after_it(
    people: People, outbox: Outbox, service: str
) -> None:
    reminded(people, service)
    held(END, service)

    sent, at = [], NOW
    while at < END + 3 * DAY:
        before = len(ran(at, outbox))
        sent.append((at, before))
        at += timedelta(hours=6)

    steps = [at for (at, count), (_, earlier) in zip(sent[1:], sent, strict=False) if count > earlier]
    assert [step.date() - END.date() for step in steps] == [timedelta(days=-days) for days in (30, 14, 7, 1, 0)]
    assert outcomes() == dict.fromkeys(("P30D", "P14D", "P7D", "P1D", "PT0H"), "sent")


@pytest.mark.policy("MYK-49", "SCC-22")
@pytest.mark.parametrize("service", ["my-account", "cloud-console"])
def test_without_a_yes_nothing_is_sent_and_whoever_says_yes_gets_the_next_one(
    people: People, outbox: Outbox, service: str
) -> None:
    member = people.member("ann@example.org", service)
    held(END, service)

    without = ran(END - 30 * DAY, outbox)
    choose(member, service, given=True)
    after_yes = ran(END - 14 * DAY, outbox)
    choose(member, service, given=False)
    after_no = ran(END - 7 * DAY, outbox)

    assert (len(without), len(after_yes), len(after_no)) == (0, 1, 1)
    assert outcomes() == {"P30D": "no_consent", "P14D": "sent", "P7D": "no_consent"}


@pytest.mark.policy("BUS-22")
def test_a_service_message_goes_out_without_asking_until_it_is_switched_off(people: People, outbox: Outbox) -> None:
    member = people.member("ann@example.org", "business-hub")
    held(END, "business-hub")

    first = ran(END - 30 * DAY, outbox)
    switch(member, on=False)
    off = ran(END - 14 * DAY, outbox)
    switch(member, on=True)
    on = ran(END - 7 * DAY, outbox)

    assert (len(first), len(off), len(on)) == (1, 1, 2)
    assert outcomes() == {"P30D": "sent", "P14D": "switched_off", "P7D": "sent"}


@pytest.mark.policy("MYK-47", "SCC-21", "BUS-22")
@pytest.mark.parametrize("service", ["my-account", "cloud-console", "business-hub"])
def test_the_link_in_a_reminder_stops_those_that_are_planned_already(
    people: People, outbox: Outbox, service: str
) -> None:
    reminded(people, service)
    held(END, service)
    held(END + timedelta(hours=3), service)
    (letter,) = ran(END - 30 * DAY, outbox)
    token = letter.text.split("/unsubscribe#")[1].split()[0]

    stopped = people.stranger.post(f"/api/v1/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
    later = ran(END - 30 * DAY + timedelta(hours=3), outbox)

    assert stopped.status_code in {200, 204}
    assert len(later) == 1
    with db.transaction(reading=True) as session:
        assert sorted(session.scalars(select(Reminder.outcome))) in (
            ["no_consent", "sent"],
            ["sent", "switched_off"],
        )


@pytest.mark.parametrize(
    ("language", "subject", "date"),
    [
        ("en", "Your licence for Total Protection ends in 30 days", "15 April 2027"),
        ("de", "Ihre Lizenz für Total Protection endet in 30 Tagen", "15. April 2027"),
        ("ru", "Ваша лицензия на Total Protection истекает через 30 дней", "15 апреля 2027"),
    ],
)
def test_a_reminder_speaks_the_language_of_the_person(
    people: People, outbox: Outbox, language: str, subject: str, date: str
) -> None:
    reminded(people)
    license_id = held(END)
    with db.transaction() as session:
        session.execute(update(Account).values(language=language))
        tail = session.scalar(select(License.code_tail).where(License.id == license_id))

    (letter,) = ran(END - 30 * DAY, outbox)

    assert letter.subject == subject
    assert date in letter.text
    assert tail in letter.text
    assert "http://localhost" in letter.text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["in 21 days", "in 2 days", "tomorrow", "today"]),
        ("de", ["in 21 Tagen", "in 2 Tagen", "morgen", "heute"]),
        ("ru", ["через 21 день", "через 2 дня", "завтра", "сегодня"]),
    ],
)
def test_days_are_counted_in_words(language: str, words: list[str]) -> None:
    from suite.reminders.sending import when

    assert [when(END, END - days * DAY, language) for days in (21, 2, 1, 0)] == words


# --- what stops a reminder that is planned


def renewed(_people: People, license_id: Any) -> None:
    move(license_id, END + 365 * DAY)


def without_end(_people: People, license_id: Any) -> None:
    move(license_id, None)


def shortened(_people: People, license_id: Any) -> None:
    move(license_id, END - 20 * DAY)


def removed(_people: People, license_id: Any) -> None:
    with db.transaction():
        let_go(license_id, why="holder")


def voided(_people: People, license_id: Any) -> None:
    with db.transaction() as session:
        session.execute(update(License).where(License.id == license_id).values(voided_at=NOW))


def left(people: People, _license_id: Any) -> None:
    member = people.sign_in()
    assert member.post("/api/v1/me/services", json={"service": "report-parser"}).status_code == 201
    assert member.delete("/api/v1/me/services/my-account").status_code == 200


def closed(_people: People, _license_id: Any) -> None:
    with db.transaction() as session:
        session.execute(update(Account).values(closed_at=NOW))


def blocked(_people: People, _license_id: Any) -> None:
    with db.transaction() as session:
        session.execute(update(Account).values(blocked_at=NOW, block_reason="misuse"))


def restricted(_people: People, _license_id: Any) -> None:
    person = person_of()
    with db.transaction():
        restrict(person, "accuracy")


HAPPENINGS = [
    (renewed, "renewed"),
    (without_end, "renewed"),
    (shortened, "shortened"),
    (removed, "ended"),
    (voided, "ended"),
    (left, "left"),
    (closed, "left"),
    (blocked, "blocked"),
    (restricted, "restricted"),
]


def names(happening: Any) -> str:
    return getattr(happening, "__name__", str(happening))


@pytest.mark.parametrize(("happening", "outcome"), HAPPENINGS, ids=names)
def test_what_happens_between_plan_and_end_stops_a_reminder(
    people: People, outbox: Outbox, happening: Callable[[People, Any], None], outcome: str
) -> None:
    reminded(people)
    license_id = held(END)
    ran(END - 30 * DAY - timedelta(hours=2), outbox)
    planned = outcomes()

    happening(people, license_id)
    letters = ran(END - 30 * DAY, outbox)

    assert planned == {"P30D": None}
    assert letters == []
    assert outcomes()["P30D"] == outcome


@pytest.mark.parametrize(("happening", "outcome"), HAPPENINGS, ids=names)
def test_what_happens_while_the_letter_waits_in_the_outbox_stops_it(
    people: People, outbox: Outbox, happening: Callable[[People, Any], None], outcome: str
) -> None:
    reminded(people)
    license_id = held(END)
    with clock.at(END - 30 * DAY):
        reminders.run()

        happening(people, license_id)
        left_over = [message for message in outbox.sent if message.letter in LETTERS]

    assert left_over == []
    with db.transaction(reading=True) as session:
        assert session.scalar(select(Message.state).where(Message.letter == "license_reminder")) == "withheld"


def test_a_renewed_licence_is_reminded_of_again_before_its_new_end(people: People, outbox: Outbox) -> None:
    reminded(people)
    license_id = held(END)
    ran(END - 30 * DAY, outbox)

    move(license_id, END + 365 * DAY)
    between = ran(END - 14 * DAY, outbox)
    later = ran(END + 335 * DAY, outbox)

    assert (len(between), len(later)) == (1, 2)


def test_a_person_whose_data_are_free_again_gets_the_next_reminder(people: People, outbox: Outbox) -> None:
    reminded(people)
    held(END)
    restricted(people, None)
    ran(END - 30 * DAY, outbox)
    person = person_of()
    with db.transaction():
        release(person)

    assert len(ran(END - 14 * DAY, outbox)) == 1


def test_a_licence_removed_and_added_again_is_not_reminded_of_twice(people: People, outbox: Outbox) -> None:
    from suite.accounts.models import Membership
    from suite.licenses import Holder, hold

    reminded(people)
    license_id = held(END)
    at = END - 30 * DAY
    ran(at, outbox)
    with clock.at(at + SECOND), db.transaction() as session:
        let_go(license_id, why="holder")
        membership = session.scalar(select(Membership.id))
        hold(license_id, Holder("my-account", person_id=person_of_in(session), membership_id=membership), source="code")

    assert len(ran(at + timedelta(minutes=15), outbox)) == 1


def person_of_in(session: Any) -> Any:
    return session.scalar(select(Account.id))


def test_licences_of_companies_and_licences_without_end_are_nobody_s_to_remind_of(
    people: People, outbox: Outbox
) -> None:
    reminded(people)
    held(None)

    ran(END, outbox)

    assert outcomes() == {}


def test_services_that_do_not_remind_plan_nothing(people: People, outbox: Outbox) -> None:
    people.member("ann@example.org", "office-365")
    held(END, "office-365")

    ran(END - 30 * DAY, outbox)

    assert outcomes() == {}


# --- what a person sees


def test_a_person_sees_what_is_planned_what_was_sent_and_why_not(people: People, outbox: Outbox) -> None:
    member = people.member()
    license_id = held(END)
    ran(END - 30 * DAY - timedelta(hours=2), outbox)

    def listed() -> Any:
        return member.get("/api/v1/me/reminders", headers={"Accept-Language": "de"}).json

    with clock.at(END - 30 * DAY - timedelta(hours=2)):
        planned = people.sign_in().get("/api/v1/me/reminders").json["reminders"]
    ran(END - 30 * DAY, outbox)
    dropped = listed()["reminders"]

    assert [(one["state"], one["before"], one["item"], one["about"]) for one in planned] == [
        ("planned", "P30D", str(license_id), "license")
    ]
    assert dropped[0]["state"] == "no_consent"
    assert dropped[0]["why"].startswith("Sie wurde nicht gesendet")
    assert datetime.fromisoformat(dropped[0]["due_at"]) == END - 30 * DAY


def test_the_list_has_pages_and_shows_nobody_else_s(people: People, outbox: Outbox) -> None:
    reminded(people)
    other = people.member("bob@example.org")
    for hours in range(3):
        held(END + timedelta(hours=hours))
    ran(END - 29 * DAY, outbox)
    ann = people.sign_in()

    first = ann.get("/api/v1/me/reminders?limit=2").json
    second = ann.get(f"/api/v1/me/reminders?limit=2&cursor={first['next_cursor']}").json

    assert (len(first["reminders"]), len(second["reminders"]), second["next_cursor"]) == (2, 1, None)
    assert other.get("/api/v1/me/reminders").json["reminders"] == []
    assert ann.get("/api/v1/me/reminders?cursor=nonsense").json["code"] == "invalid_cursor"


def test_catalogue_and_notice_tell_when_people_are_reminded(people: People) -> None:
    services = {one["key"]: one for one in people.stranger.get("/api/v1/privacy/catalogue").json["services"]}
    page = people.stranger.get("/privacy").text

    assert services["my-account"]["remind_before"] == ["P30D", "P14D", "P7D", "P1D", "PT0H"]
    assert services["office-365"]["remind_before"] == []
    assert "30 days, 14 days, 7 days, 1 day" in page


def test_a_service_can_remind_at_other_times(people: People, outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    from suite.declarations import Period
    from suite.privacy import declare, declared

    before = declared()
    changed = dataclasses.replace(before.services["my-account"], remind=(Period(days=3), Period(hours=12)))
    declare(dataclasses.replace(before, services={**before.services, "my-account": changed}))
    try:
        reminded(people)
        held(END)
        counts = [len(ran(END - ahead, outbox)) for ahead in (30 * DAY, 3 * DAY, timedelta(hours=12))]
    finally:
        declare(before)

    assert counts == [0, 1, 2]


@pytest.mark.parametrize("wrong", [{"days": 1}, {"days": 30}, {"months": 1}])
def test_times_to_remind_are_declared_once_in_days_the_longest_first(wrong: dict[str, int]) -> None:
    import dataclasses

    from suite.declarations import Period

    with pytest.raises(ValueError, match="the longest first"):
        dataclasses.replace(SERVICES["my-account"], remind=(Period(days=1), Period(**wrong)))


def test_outcomes_are_counted(people: People, outbox: Outbox) -> None:
    reminded(people)
    held(END)
    before = REMINDERS.labels("license", "sent")._value.get()

    ran(END - 30 * DAY, outbox)

    assert REMINDERS.labels("license", "sent")._value.get() == before + 1
