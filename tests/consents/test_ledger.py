"""The consent ledger: nothing is ever changed, a withdrawal says what stops, a new text ends the old yes."""

import ast
import dataclasses
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from suite.declarations.purposes import CONSENTS
from suite.kernel import clock, db, jobs, words
from suite.messages import Letter
from suite.privacy import catalogue, declared, may, restrict, tombstones
from suite.privacy import content as published
from suite.privacy.models import ConsentEntry, Tombstone
from tests import source
from tests.consents.letters import CONSENT, write
from tests.people import Outbox, People, SignedIn

HISTORY = "/api/v1/me/consents/history"


def in_german(monkeypatch: pytest.MonkeyPatch, translations: dict[str, str]) -> None:
    monkeypatch.setattr(words, "_catalogue", lambda tongue: translations if tongue == "de" else {})
    monkeypatch.setattr(words, "_patterns", lambda _tongue: ())


def entries(member: SignedIn) -> list[dict]:
    return member.get(HISTORY).json["entries"]


@pytest.mark.policy("DEC-5", "GEN-27")
def test_an_entry_says_who_what_which_text_in_which_language_how_and_when(people: People) -> None:
    member = people.member()

    member.put(CONSENT, json={"given": True})
    member.put(CONSENT, json={"given": False})
    withdrawn, given = entries(member)

    text_shown = CONSENTS["news_by_email"].text
    assert given["service"] == "my-account"
    assert given["purpose"] == "news_by_email"
    assert given["text_version"] == "1"
    assert given["text_sha256"] == sha256(text_shown.encode()).hexdigest()
    assert (given["language"], given["method"]) == ("en", "settings")
    assert given["notice_version"] == catalogue()["version"]
    assert (given["state"], withdrawn["state"]) == ("given", "withdrawn")
    assert given["at"] <= withdrawn["at"]


@pytest.mark.policy("DEC-5")
def test_the_hash_is_that_of_the_text_in_the_language_it_was_shown_in(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, english = people.member(), CONSENTS["news_by_email"].text
    in_german(monkeypatch, {english: "Neuigkeiten"})

    member.put(CONSENT, json={"given": True}, headers={"Accept-Language": "de"})

    assert entries(member)[0]["language"] == "de"
    assert entries(member)[0]["text_sha256"] == sha256(b"Neuigkeiten").hexdigest()


@pytest.mark.policy("DEC-5")
def test_the_database_itself_refuses_to_change_an_entry(people: People) -> None:
    member = people.member()
    member.put(CONSENT, json={"given": True})

    with pytest.raises(DBAPIError, match="never changed"), db.transaction() as session:
        session.execute(text("UPDATE consent_entries SET state = 'withdrawn'"))

    assert [one["state"] for one in entries(member)] == ["given"]


@pytest.mark.policy("DEC-5")
def test_no_code_deletes_entries_they_go_with_their_person_alone() -> None:
    deleting = [
        place
        for place, nodes in source.nodes().items()
        for node in nodes
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "delete"
        and any(getattr(argument, "id", "") == "ConsentEntry" for argument in node.args)
    ]
    key = next(iter(ConsentEntry.__table__.c.person_id.foreign_keys))

    assert deleting == []
    assert key.ondelete == "CASCADE"


def test_the_version_of_the_notice_is_made_once(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    member = people.member()
    member.put(CONSENT, json={"given": True})
    monkeypatch.setattr(published, "facts", lambda _register: pytest.fail("computed again"))

    assert member.put(CONSENT, json={"given": False}).status_code == 200


@pytest.mark.policy("GEN-27")
def test_a_new_version_of_the_text_ends_the_old_yes_until_the_person_renews_it(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = people.member()
    member.put(CONSENT, json={"given": True})
    newer = dataclasses.replace(CONSENTS["news_by_email"], version=2)
    change_text(monkeypatch, newer)

    before = one(member)
    allowed_before = allowed(member)
    renewed = member.put(CONSENT, json={"given": True}).json
    allowed_after = allowed(member)

    assert (before["given"], before["renewal_needed"], before["version"]) == (False, True, "2")
    assert (renewed["given"], renewed["renewal_needed"]) == (True, False)
    assert (allowed_before, allowed_after) == (False, True)
    assert [entry["text_version"] for entry in entries(member)] == ["2", "1"]


def test_a_yes_to_an_old_text_can_be_withdrawn(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    member = people.member()
    member.put(CONSENT, json={"given": True})
    change_text(monkeypatch, dataclasses.replace(CONSENTS["news_by_email"], version=2))

    withdrawn = member.put(CONSENT, json={"given": False}).json

    assert (withdrawn["given"], withdrawn["renewal_needed"]) == (False, False)
    assert entries(member)[0]["state"] == "withdrawn"


def change_text(monkeypatch: pytest.MonkeyPatch, newer) -> None:
    service = declared().services["my-account"]
    asked = tuple(newer if one.key == newer.key else one for one in service.consents)
    monkeypatch.setitem(CONSENTS, newer.key, newer)
    monkeypatch.setitem(declared().services, "my-account", dataclasses.replace(service, consents=asked))


def one(member: SignedIn) -> dict:
    found = member.get("/api/v1/me/consents").json["consents"]
    listed = next(choice for choice in found if choice["purpose"] == "news_by_email")
    assert listed == member.get(CONSENT).json
    return dict(listed)


def allowed(member: SignedIn) -> bool:
    person = UUID(member.get("/api/v1/me").json["id"])
    with db.transaction(reading=True):
        return may(person, "news_by_email", "my-account")


@pytest.mark.policy("RIG-14", "RIG-15")
def test_a_withdrawal_is_answered_with_what_is_not_available_any_more(people: People) -> None:
    member = people.member()
    given = member.put(CONSENT, json={"given": True}).json

    withdrawn = member.put(CONSENT, json={"given": False}).json

    assert given["unavailable"] == []
    assert withdrawn["given"] is False
    assert withdrawn["stops"] == CONSENTS["news_by_email"].stops
    assert withdrawn["unavailable"] == ["news about products and services by e-mail"]


@pytest.mark.policy("RIG-15")
def test_what_stops_is_said_in_the_language_of_the_person(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    member, stops = people.member(), CONSENTS["news_by_email"].stops
    in_german(monkeypatch, {stops: "Keine Neuigkeiten"})

    withdrawn = member.put(CONSENT, json={"given": False}, headers={"Accept-Language": "de"}).json

    assert withdrawn["stops"] == "Keine Neuigkeiten"


@pytest.mark.policy("RIG-14", "RIG-16")
def test_a_letter_that_waits_is_not_sent_after_the_withdrawal(people: People, outbox: Outbox, news: Letter) -> None:
    account = people.account()
    member = people.sign_in()
    member.put(CONSENT, json={"given": True})
    write(news, account["id"])

    member.put(CONSENT, json={"given": False})

    assert "test_news" not in {message.letter for message in outbox.sent}


def test_with_the_consent_the_letter_is_sent(people: People, outbox: Outbox, news: Letter) -> None:
    account = people.account()
    people.sign_in().put(CONSENT, json={"given": True})

    write(news, account["id"])

    assert outbox.last("test_news").subject == "News for you"


@pytest.mark.policy("RIG-23")
def test_a_withdrawal_is_free_and_nothing_stands_in_its_way(people: People) -> None:
    """Not a sign-in long ago, not a restriction, not that it was done a hundred times."""
    member = people.member()
    person = UUID(member.get("/api/v1/me").json["id"])
    member.put(CONSENT, json={"given": True})
    with db.transaction():
        restrict(person, "accuracy")

    with clock.at(clock.now() + timedelta(hours=1)):
        answers = [member.put(CONSENT, json={"given": False}) for _ in range(100)]

    assert {answer.status_code for answer in answers} == {200}
    assert entries(member)[0]["state"] == "withdrawn"


def test_the_history_comes_in_pages(people: People) -> None:
    member = people.member()
    for given in (True, False, True):
        member.put(CONSENT, json={"given": given})

    first = member.get(f"{HISTORY}?limit=2").json
    second = member.get(f"{HISTORY}?limit=2&cursor={first['next_cursor']}").json

    assert [len(page["entries"]) for page in (first, second)] == [2, 1]
    assert second["next_cursor"] is None


def test_a_restored_ledger_hears_of_the_withdrawal_again(people: People) -> None:
    member = people.member()
    person = UUID(member.get("/api/v1/me").json["id"])
    member.put(CONSENT, json={"given": True})
    member.put(CONSENT, json={"given": False})
    with db.transaction() as session:
        stone = session.scalars(select(Tombstone).where(Tombstone.kind == "consent.withdrawn")).one()
    as_before_the_withdrawal(person)

    for _ in range(2):
        with db.transaction():
            tombstones.REPLAYS[stone.kind](person, stone.at, stone.facts)

    assert [one["state"] for one in entries(member)] == ["withdrawn", "given"]
    assert entries(member)[0]["method"] == "restore"
    assert not allowed(member)


def as_before_the_withdrawal(person: UUID) -> None:
    """Make the ledger as a backup from before has it."""
    with db.transaction() as session:
        session.execute(text("DELETE FROM consent_entries WHERE state = 'withdrawn'"))


def test_a_later_yes_survives_the_replay_of_an_earlier_withdrawal(people: People) -> None:
    member = people.member()
    for given in (True, False, True):
        member.put(CONSENT, json={"given": given})
    jobs.run_due()

    tombstones.replay(tombstones.unknown(datetime.min.replace(tzinfo=UTC)))

    assert entries(member)[0]["state"] == "given"


def test_a_tombstone_of_a_withdrawal_names_nobody(people: People) -> None:
    member = people.member()
    member.put(CONSENT, json={"given": True})
    member.put(CONSENT, json={"given": False})

    with db.transaction() as session:
        stone = session.scalars(select(Tombstone).where(Tombstone.kind == "consent.withdrawn")).one()
    assert "ann" not in str(stone.facts)
    assert member.get("/api/v1/me").json["id"] not in f"{stone.subject}{stone.facts}"
