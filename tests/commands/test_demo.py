"""`suite demo`: a living system of invented people that obeys the declarations like a real one."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from suite.accounts.models import Account, Membership, Registration, Session
from suite.commands.demo.people import PASSWORD
from suite.companies.models import MemberAddress
from suite.exports.models import Export
from suite.kernel import clock, db, system
from suite.kernel.db import Base
from suite.kernel.http import App
from suite.kernel.models import Job
from suite.licenses.models import Activation, License
from suite.messages.models import FAILED, SENT, InboxMessage, Message
from suite.privacy import Person, declared, sweeps
from suite.privacy.ledger import Disclosure, LegalDisclosure
from suite.privacy.models import ConsentEntry, Objection, Restriction
from suite.reminders.models import Reminder
from suite.rights.models import RightsRequest
from suite.services import open_services
from suite.staff.models import StaffMember
from suite.statistics.grounds import GROUNDS
from suite.statistics.models import DayCount
from suite.statistics.visits import DIMENSIONS
from tests.commands.conftest import Done, Terminal
from tests.people import People

Rows = dict[str, list[dict[str, Any]]]
_made: dict[str, tuple[Done, Rows]] = {}


@pytest.fixture
def done(terminal: Terminal) -> Done:
    """A demo with the same people each time: made once for each database, then its rows are put back."""
    database = system.current().database
    if database.url.database in _made:
        done, rows = _made[database.url.database]
        with database.engine.begin() as connection:
            for table in Base.metadata.sorted_tables:
                if rows[table.name]:
                    connection.execute(table.insert(), rows[table.name])
        return done
    done = terminal("demo", "--people", "80")
    with database.engine.begin() as connection:
        found = {table.name: connection.execute(table.select()).mappings() for table in Base.metadata.sorted_tables}
        rows = {name: [dict(row) for row in some] for name, some in found.items()}
    _made[database.url.database] = done, rows
    return done


def count(table: type, *conditions: object) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def values(column: object) -> set[object]:
    with db.transaction(reading=True) as session:
        return set(session.scalars(select(column)))


def test_there_is_something_of_everything(done: Done) -> None:
    assert done.code == 0, done.err
    assert values(Membership.service) == {service.key for service in open_services(declared().parts)}
    assert values(Account.language) == {"en", "de", "ru"}
    assert values(Session.client) == {"app", "browser"}
    assert values(ConsentEntry.state) == {"given", "withdrawn"}
    assert count(Registration) > 0
    assert count(Account, Account.closed_at.is_not(None)) > 0
    assert count(Membership, Membership.ended_at.is_not(None)) > 0
    assert count(Message, Message.state == SENT) > 0
    assert count(InboxMessage) > 0


def test_people_asked_about_their_data_and_officers_answered(done: Done) -> None:
    states = {"received", "in_progress", "awaiting_information", "fulfilled", "refused"}

    assert values(RightsRequest.state) == states
    assert count(RightsRequest, RightsRequest.extended_at.is_not(None)) > 0
    assert count(RightsRequest, RightsRequest.due_at < clock.now(), RightsRequest.closed_at.is_(None)) == 0
    assert values(Export.state) == {"ready"}
    assert count(Restriction) == count(Objection) == 1
    assert count(LegalDisclosure, LegalDisclosure.carried_out_at.is_not(None)) == 1
    assert count(LegalDisclosure, LegalDisclosure.approved_at.is_(None)) == 1
    assert "mail_provider" in values(Disclosure.recipient)


def test_a_company_has_people_contracts_and_licences_in_every_state(done: Done, people: People) -> None:
    boss = people.sign_in(re.search(r"(\S+) is the Administrator of a company", done.out)[1], PASSWORD)  # type: ignore[index]

    company = {path: boss.get(f"/api/v1/company{path}").json for path in ("", "/licenses", "/members", "/contracts")}

    assert company[""]["role"] == "administrator"
    assert len(company["/members"]["members"]) == 4
    assert {one["state"] for one in company["/licenses"]["licenses"]} == {"valid", "grace", "expired", "void"}
    assert len(company["/contracts"]["contracts"]) == 3
    assert len(boss.get("/api/v1/company/requests").json["requests"]) == 1
    assert len(boss.get("/api/v1/company/invitations").json["invitations"]) == 1
    assert count(License, License.begins_at.is_(None)) == 3
    assert count(Activation) > 3
    assert {"sent", None} <= values(Reminder.outcome)
    assert count(MemberAddress, MemberAddress.verified_at.is_(None)) == 1


def test_the_copy_that_is_ready_can_be_fetched(done: Done, people: People) -> None:
    with db.transaction(reading=True) as session:
        address = session.scalars(select(Account.address).join(Export, Export.person_id == Account.id)).one()
    member = people.sign_in(address, PASSWORD)

    (ready,) = member.get("/api/v1/me/exports").json["exports"]
    copy = member.get(f"/api/v1/me/exports/{ready['id']}/download")

    assert (copy.status_code, copy.data[:2]) == (200, b"PK")


def test_the_officer_that_is_named_can_be_invited(done: Done, terminal: Terminal) -> None:
    named = re.search(r"suite staff invite (\S+)", done.out)

    assert named
    assert "/staff/invitation#" in terminal("staff", "invite", named[1]).out


def test_every_address_belongs_to_nobody(done: Done) -> None:
    addresses = values(Account.address) | values(Registration.address)

    assert all(re.fullmatch(r"[a-z]+\.[a-z]+\d+@example\.(org|com|net)", str(address)) for address in addresses)


def test_the_address_that_is_printed_can_sign_in_with_the_password(done: Done, people: People) -> None:
    address, password = re.search(r'"email": "(.+?)", "password": "(.+?)"', done.out).groups()  # type: ignore[union-attr]

    me = people.sign_in(address, password).get("/api/v1/me")

    assert (me.status_code, me.json["email"]) == (200, address)


def test_nothing_is_overdue_and_no_letter_waits_to_leave(done: Done) -> None:
    with db.transaction(reading=True):
        overdue = sweeps.plan(clock.now())

    assert overdue == []
    assert count(Message, Message.state.in_(["queued", "sending"])) == 0
    assert count(Job, Job.due_at <= clock.now()) == 0


def test_the_past_is_spread_over_weeks_and_never_the_future(done: Done) -> None:
    moments = values(Account.created_at)

    assert max(moments) - min(moments) > timedelta(weeks=3)
    assert max(moments) <= clock.now()
    assert values(Session.seen_at) and max(values(Session.seen_at)) <= clock.now()  # type: ignore[type-var, operator]


def test_a_year_and_a_half_later_only_open_accounts_would_be_left(done: Done, terminal: Terminal) -> None:
    later = clock.now() + timedelta(days=500)
    open_accounts = count(Account, Account.closed_at.is_(None))

    dry = terminal("privacy", "sweep", "--dry-run", "--summary", "--as-of", f"{later:%Y-%m-%d}")
    with clock.at(later):
        sweeps.sweep()

    for name in ("accounts", "memberships", "registrations", "sessions", "messages", "inbox_messages", "audit_entries"):
        assert f"  {name} " in dry.out
    for table in (Registration, Session, Message, InboxMessage, Export):
        assert count(table) == 0
    assert count(Account) == count(Person) - count(StaffMember) == open_accounts
    assert count(Membership, Membership.ended_at.is_not(None)) == 0


def test_the_catalogue_is_the_same_as_before(app: App, terminal: Terminal) -> None:
    before = app.test_client().get("/api/v1/privacy/catalogue").json

    terminal("demo", "--people", "5")

    assert app.test_client().get("/api/v1/privacy/catalogue").json == before


def test_a_database_with_accounts_is_left_alone_unless_more_are_wanted(people: People, terminal: Terminal) -> None:
    people.account("ann@example.org")

    refused = terminal("demo", "--people", "3")
    added = terminal("demo", "--people", "3", "--add")
    again = terminal("demo", "--people", "3", "--add")

    assert (refused.code, "There are 1 accounts already; say --add" in refused.err) == (1, True)
    assert (added.code, again.code) == (0, 0)
    assert count(Account) >= 5


def test_production_is_refused(terminal: Terminal) -> None:
    done = terminal(
        "demo",
        environment="production",
        public_url="https://accounts.example.com",
        mail="smtp",
        mail_from="Accounts <no-reply@example.com>",
        sms="off",
    )

    assert (done.code, "no place in production" in done.err) == (1, True)
    assert count(Account) == 0


def test_no_mail_leaves_even_where_mail_goes_through_smtp(terminal: Terminal) -> None:
    done = terminal("demo", "--people", "5", mail="smtp", smtp_host="127.0.0.1", smtp_port="1")

    assert done.code == 0
    assert count(Message, Message.state == SENT) > 0
    assert count(Message, Message.state == FAILED, Message.problem == "smtp_ConnectionRefusedError") == 0


def test_weeks_of_visits_were_counted(done: Done) -> None:
    days = values(DayCount.day)

    assert len(days) > 30
    assert values(DayCount.dimension) == set(DIMENSIONS)
    assert values(DayCount.service) == set(GROUNDS)
