"""Recipients that keep data and hear of changes from a person only wait in the work list of privacy officers."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from suite.kernel import db
from suite.kernel.ids import new_id
from suite.privacy import Handover, note_disclosure
from suite.privacy.models import Person
from suite.rights import telling
from suite.rights.models import RecipientToTell
from tests.people import Outbox, People
from tests.rights.asking import act, ask, officer, refused

PATH = "/api/v1/staff/privacy/recipients"


@pytest.fixture(autouse=True)
def _a_keeper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be a recipient that keeps data and is reached by letter only."""
    monkeypatch.setattr(telling, "keepers", lambda _person: ["repair_shop"])


@pytest.mark.policy("RIG-33")
def test_corrections_restrictions_and_erasures_are_passed_on_by_an_officer(people: People, outbox: Outbox) -> None:
    member = people.member()
    account = member.get("/api/v1/me").json["id"]
    staff = officer(people)
    made = ask(member, kind="rectification", text="My name is Anne.")
    act(staff, made["id"], "fulfilment", text="Corrected.")
    ask(member, kind="restriction", reason="accuracy")
    ask(member, kind="erasure")
    outbox.empty()

    rows = staff.get(PATH).json["recipients"]

    assert [row["event"] for row in rows] == ["account.closed", "privacy.restricted", "privacy.rectified"]
    assert {(row["recipient"], row["reference"]) for row in rows} == {("repair_shop", account)}


def test_a_row_goes_with_its_number_when_the_recipient_was_told(people: People) -> None:
    ask(people.member(), kind="restriction", reason="accuracy")
    staff = officer(people)
    (row,) = staff.get(PATH).json["recipients"]
    before = count(Person)

    answers = [staff.post(f"{PATH}/{row['id']}/told") for _ in range(2)]

    assert answers[0].status_code == 204
    assert refused(answers[1]) == (404, "not_found")
    assert (count(RecipientToTell), count(Person)) == (0, before - 1)
    assert refused(staff.post(f"{PATH}/{new_id()}/told")) == (404, "not_found")


def count(table: Any) -> int:
    with db.transaction(reading=True) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_only_who_got_data_of_a_person_and_keeps_them_is_told(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    ann, bob = people.member(), people.member("bob@example.org")
    account = ann.get("/api/v1/me").json["id"]
    with db.transaction():
        handed = Handover("authorities", "disclosure_by_law", ("user.contact.email",), "DE")
        note_disclosure(handed, person_id=UUID(account))
    for member in (ann, bob):
        ask(member, kind="restriction", reason="accuracy")

    rows = officer(people).get(PATH).json["recipients"]

    assert [(row["recipient"], row["reference"]) for row in rows] == [("authorities", account)]
