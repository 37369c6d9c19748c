"""The suppression list: keyed hashes alone, asked when a letter leaves and when a list comes in."""

from hashlib import sha256

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from suite import app as application
from suite.commands.privacy import privacy
from suite.declarations.purposes import CONSENTS
from suite.kernel import db
from suite.kernel.ids import new_id
from suite.messages import Letter
from suite.privacy import declared, filter_allowed, give_consent, suppress, suppressed
from suite.privacy.models import Person, Suppression
from suite.privacy.register import person_of
from tests.consents.letters import ANN, CONSENT, write
from tests.people import Outbox, People

NEWS = "news_by_email"


def on_the_list(address: str = ANN, purpose: str = NEWS) -> bool:
    with db.transaction(reading=True):
        return suppressed(address, purpose)


def put_on_the_list(*addresses: str) -> None:
    with db.transaction():
        for address in addresses:
            suppress(address, NEWS)


@pytest.mark.policy("GEN-24", "GEN-25", "DEC-12")
def test_a_line_holds_a_keyed_hash_a_purpose_and_a_date_and_leads_to_nobody(app) -> None:
    table = Suppression.__table__
    put_on_the_list(ANN)

    with db.transaction(reading=True) as session:
        row = session.execute(select(table)).one()._mapping
    assert set(row) == {"address_hash", "purpose", "since"}
    assert row["address_hash"].startswith("test1.")
    assert "ann" not in row["address_hash"]
    assert person_of(table) is None
    assert table.foreign_keys == set()


@pytest.mark.policy("GEN-25", "DEC-12")
def test_without_the_key_an_address_cannot_be_compared(app) -> None:
    put_on_the_list(ANN)

    with db.transaction(reading=True) as session:
        digits = session.scalars(select(Suppression.address_hash)).one().partition(".")[2]
    plain = [sha256(text.encode()).hexdigest() for text in (ANN, f"{NEWS}\n{ANN}", f"{ANN}{NEWS}")]
    assert not any(one.startswith(digits) for one in plain)


@pytest.mark.policy("GEN-26")
@pytest.mark.parametrize("spelt", ["ann@example.org", "Ann@Example.ORG", " ann@example.org ", "ANN@EXAMPLE.ORG"])
def test_however_an_address_is_spelt_it_is_found(app, spelt: str) -> None:
    put_on_the_list(ANN)

    assert on_the_list(spelt)
    assert not on_the_list("bob@example.org")
    assert not on_the_list(spelt, "newsletter")


@pytest.mark.policy("GEN-26")
def test_who_asked_not_to_be_written_to_gets_nothing_when_the_address_comes_in_by_another_way(
    people: People, outbox: Outbox, news: Letter
) -> None:
    """Somebody else types the address into a form, and even a consent is written there."""
    put_on_the_list(ANN)
    person = new_id()
    with db.transaction() as session:
        session.add(Person(id=person))
        session.flush()
        give_consent(person, CONSENTS[NEWS], service="my-account", language="en", method="import")

    write(news, str(person))
    write(news, str(person), to="Ann@EXAMPLE.org")
    write(news, str(person), to="other@example.org")

    assert [message.recipient for message in outbox.sent if message.letter == "test_news"] == ["other@example.org"]


@pytest.mark.policy("GEN-26", "DEC-12")
def test_the_list_survives_the_erasure_that_caused_it(people: People, outbox: Outbox) -> None:
    member = people.member()
    member.put(CONSENT, json={"given": True})

    closed = member.post("/api/v1/me/closure", json={})
    with db.transaction() as session:
        session.execute(db.Base.metadata.tables["people"].delete())

    assert closed.status_code < 300
    assert on_the_list()


def test_a_withdrawn_marketing_consent_goes_onto_the_list_and_a_new_yes_of_the_owner_takes_it_off(
    people: People, outbox: Outbox, news: Letter
) -> None:
    account = people.account()
    member = people.sign_in()
    steps = []

    for given in (True, False, True):
        member.put(CONSENT, json={"given": given})
        steps.append(on_the_list())
    write(news, account["id"])

    assert steps == [False, True, False]
    assert outbox.last("test_news").recipient == ANN


def test_a_yes_at_registration_counts_when_the_address_is_proven_and_not_before(people: People, outbox: Outbox) -> None:
    put_on_the_list(ANN)
    started = people.register(consents=[NEWS])
    before = on_the_list()

    people.stranger.post(f"/api/v1/registrations/{started.json['id']}/confirmation", json={"code": outbox.code()})

    assert (before, on_the_list()) == (True, False)


def test_as_long_as_another_service_has_the_yes_the_address_stays_off_the_list(people: People) -> None:
    member = people.member()
    member.post("/api/v1/me/services", json={"service": "business-hub", "profile": {"country": "DE"}})
    hub = "/api/v1/me/consents/business-hub/news_by_email"
    for path in (CONSENT, hub):
        member.put(path, json={"given": True})

    member.put(CONSENT, json={"given": False})
    one_left = on_the_list()
    member.put(hub, json={"given": False})

    assert (one_left, on_the_list()) == (False, True)


@pytest.mark.policy("GEN-26")
def test_an_import_gets_back_the_addresses_it_may_use_in_order(app) -> None:
    put_on_the_list("a7@example.org", "a300@example.org")
    given = [f"A{number}@example.org" for number in range(450)]

    with db.transaction(reading=True):
        allowed = list(filter_allowed(given, NEWS))

    assert allowed == [one for one in given if one not in {"A7@example.org", "A300@example.org"}]


def test_twice_the_same_address_in_two_spellings_is_stopped_twice(app) -> None:
    put_on_the_list(ANN)

    with db.transaction(reading=True):
        assert list(filter_allowed([ANN, "b@example.org", "ANN@example.org"], NEWS)) == ["b@example.org"]


def test_the_owner_of_a_list_brings_it_by_a_command(app, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "start", lambda: None)
    monkeypatch.setattr(application, "check_database", lambda _running: None)
    lines = "ann@example.org\n\nbob@example.org\nno address\n"

    done = CliRunner().invoke(privacy, ["suppress", "--purpose", NEWS], input=lines)
    again = CliRunner().invoke(privacy, ["suppress", "--purpose", NEWS], input=lines)

    assert done.exit_code == again.exit_code == 0, done.output
    assert "2 addresses are on the list, 1 line is no address." in done.output
    assert "ann" not in done.output
    assert on_the_list()
    assert on_the_list("bob@example.org")


def test_a_purpose_that_cannot_be_stopped_is_refused(app) -> None:
    refused = CliRunner().invoke(privacy, ["suppress", "--purpose", "sign_in"], input=ANN)

    assert refused.exit_code == 2
    assert "news_by_email" in refused.output


def test_the_table_is_declared_and_kept_until_the_owner_takes_the_request_back() -> None:
    record = Suppression.__privacy__

    assert record.purposes == ("honour_requests",)
    assert declared().metadata.tables["suppressions"].info["privacy"] is record
