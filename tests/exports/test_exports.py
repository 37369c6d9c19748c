"""A person asks for a copy, follows it, fetches it after a confirmation, or hands it to somebody else."""

import hashlib
import io
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import jsonschema
import orjson
import pytest
from sqlalchemy import func, select, text

from suite import exports, privacy
from suite.exports.models import Export
from suite.kernel import clock, db, jobs, system
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.messages.models import Message
from suite.messages.outbox import open_facts
from suite.privacy import sweeps
from suite.staff import Role
from tests.people import PHONE, PROFILES, Outbox, People, SignedIn

EXPORTS = "/api/v1/me/exports"
HANDOVER = "/api/v1/exports/handover"


@pytest.fixture(autouse=True)
def _no_files(app: App) -> None:
    for key in list(system.current().files.keys()):
        system.current().files.delete(key)


def files_there() -> list[str]:
    return list(system.current().files.keys())


def member_id(member: SignedIn) -> str:
    return str(member.get("/api/v1/me").json["id"])


def asked(member: SignedIn, **body: Any) -> str:
    """Ask for a copy; give its number."""
    answer = member.post(EXPORTS, json=body)
    assert answer.status_code == 202, answer.json
    return str(answer.json["id"])


def fetched(member: SignedIn, outbox: Outbox, **body: Any) -> zipfile.ZipFile:
    """Ask for a copy, have it made and fetch it."""
    export = asked(member, **body)
    outbox.deliver()
    answer = member.get(f"{EXPORTS}/{export}/download")
    assert answer.status_code == 200, answer.json
    return zipfile.ZipFile(io.BytesIO(answer.data))


def document_of(archive: zipfile.ZipFile) -> dict[str, Any]:
    return dict(orjson.loads(archive.read("export.json")))


@pytest.mark.policy("RIG-2", "RIG-10")
def test_a_copy_is_a_zip_with_a_document_a_page_and_the_schema(people: People, outbox: Outbox) -> None:
    member = people.member("ann@example.org", "business-hub")

    archive = fetched(member, outbox)

    schema = orjson.loads(archive.read("export.schema.json"))
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(document_of(archive))
    assert archive.testzip() is None
    assert set(archive.namelist()) == {"export.json", "export.schema.json", "index.html"}
    assert b"ann@example.org" in archive.read("index.html")


@pytest.mark.policy("RIG-2", "RIG-3", "DEC-7", "DEC-15")
def test_data_stand_by_service_with_purpose_basis_recipients_and_the_day_they_vanish(
    people: People, outbox: Outbox
) -> None:
    member = people.member("ann@example.org", "business-hub")
    people.with_phone(member)
    member.post("/api/v1/me/services", json={"service": "motorsport", "profile": PROFILES["motorsport"]})
    member.delete("/api/v1/me/services/motorsport")

    document = document_of(fetched(member, outbox))

    groups = {group["service"]: {one["table"]: one for one in group["records"]} for group in document["groups"]}
    factors, left = groups[None]["factors"], groups["motorsport"]["memberships"]
    assert list(groups) == [None, "motorsport", "business-hub"]
    assert factors["rows"][0]["data"]["phone"] == PHONE
    assert {one["column"]: one["recipients"] for one in factors["holds"]}["phone"] == ["sms_provider"]
    assert {(one["key"], one["basis"]) for one in factors["purposes"]} == {
        ("security_codes", "contract"),
        ("sign_in", "contract"),
    }
    assert groups["business-hub"]["memberships"]["rows"][0]["vanishes"] is None
    assert left["rows"][0]["data"] | PROFILES["motorsport"] == left["rows"][0]["data"]
    assert left["rows"][0]["vanishes"]["on"] > left["rows"][0]["about"]["ended_at"]
    assert left["rows"][0]["vanishes"]["because"] == "deleted 24 hours after this: you left the service"
    assert "deleted 24 hours after this: you left the service" in left["retention"]


@pytest.mark.policy("RIG-2")
def test_a_copy_says_what_is_held_and_never_shown_and_keeps_it_back(people: People, outbox: Outbox) -> None:
    member = people.member()
    totp = people.with_app(member)
    with db.transaction(reading=True) as session:
        hashes = session.execute(text("SELECT password_hash FROM accounts")).scalars().all()

    archive = fetched(member, outbox)

    document = document_of(archive)
    accounts = next(one for one in document["groups"][0]["records"] if one["table"] == "accounts")
    withheld = {one["column"]: one["withheld"] for one in accounts["holds"]}
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert (
        withheld["password_hash"]
        == "It opens something or proves who you are, and tells you nothing: it never leaves our systems."
    )
    assert withheld["address"] is None
    assert not any(one in everything for one in (*hashes, totp.secret, member.token, *member.recovery_codes))


@pytest.mark.policy("RIG-2")
def test_codes_and_links_of_waiting_mails_stay_out(people: People, outbox: Outbox) -> None:
    """A copy must prove no mailbox and no phone that the person cannot read."""
    member = people.member()
    member.put("/api/v1/me/password", json={"password": "five tall green bottles"})
    export = asked(member)
    with db.transaction() as session:
        session.execute(text("DELETE FROM inbox_messages"))  # not there in production
        session.execute(text("UPDATE jobs SET due_at = '2090-01-01' WHERE name = 'messages.deliver'"))
        waiting = [open_facts(one) for one in session.scalars(select(Message).where(Message.content.is_not(None)))]

    jobs.run_due()

    answer = member.get(f"{EXPORTS}/{export}/download")
    document = zipfile.ZipFile(io.BytesIO(answer.data)).read("export.json").decode()
    assert [sorted(facts) for facts in waiting] == [["time", "undo"]]
    assert waiting[0]["undo"] not in document
    assert waiting[0]["time"] in document


def test_a_copy_does_not_tell_whether_another_address_has_an_account(people: People, outbox: Outbox) -> None:
    people.account("ben@example.org")
    ann, eve = people.member("ann@example.org"), people.member("eve@example.org")
    ann.post("/api/v1/me/email", json={"email": "ben@example.org"})
    eve.post("/api/v1/me/email", json={"email": "new@example.org"})
    outbox.deliver()

    seen = [
        [(one["key"], one["entries"]) for one in who.get("/api/v1/me/data").json["groups"] if one["key"] == "messages"]
        for who in (ann, eve)
    ]

    assert seen[0] == seen[1]


@pytest.mark.policy("RIG-25")
def test_a_copy_is_asked_for_and_fetched_only_after_a_confirmation(people: People, outbox: Outbox) -> None:
    member = people.member()
    export = asked(member)
    outbox.deliver()

    with clock.at(clock.now() + timedelta(minutes=6)):
        answers = [
            member.post(EXPORTS, json={}),
            member.get(f"{EXPORTS}/{export}/download"),
            member.post(f"{EXPORTS}/{export}/link"),
        ]

    assert {answer.json["code"] for answer in answers} == {"sign_in_again"}


@pytest.mark.policy("RIG-25")
def test_nobody_else_sees_or_fetches_a_copy(people: People, outbox: Outbox) -> None:
    export = asked(people.member("ann@example.org"))
    other = people.member("ben@example.org")
    outbox.deliver()

    answers = [
        other.get(f"{EXPORTS}/{export}"),
        other.get(f"{EXPORTS}/{export}/download"),
        other.post(f"{EXPORTS}/{export}/link"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert other.get(EXPORTS).json["exports"] == []


def test_how_far_a_copy_is_can_be_seen_and_a_mail_says_when_it_is_ready(people: People, outbox: Outbox) -> None:
    member = people.member()
    export = asked(member)
    before = member.get(f"{EXPORTS}/{export}").json

    mail = outbox.last("export_ready")

    after = member.get(f"{EXPORTS}/{export}").json
    assert (before["state"], before["done"], before["size"]) == ("making", 0, None)
    assert after["state"] == "ready"
    assert after["done"] == after["of"] > 10
    assert after["sha256"] == hashlib.sha256(member.get(f"{EXPORTS}/{export}/download").data).hexdigest()
    assert "ann@example.org" not in mail.text.replace("used there", "")


def test_one_copy_is_made_at_a_time_and_so_many_a_day(people: People, outbox: Outbox) -> None:
    member = people.member()
    asked(member)

    second = member.post(EXPORTS, json={})
    outbox.deliver()
    for _ in range(9):
        asked(member)
        outbox.deliver()
    one_more = member.post(EXPORTS, json={})

    assert second.json["code"] == "export_running"
    assert one_more.json["code"] == "too_many_exports"


def test_a_copy_that_was_never_made_stands_in_nobodys_way_for_long(people: People, outbox: Outbox) -> None:
    member = people.member()
    stuck = asked(member)

    with clock.at(clock.now() + timedelta(hours=1, minutes=1)):
        member = people.sign_in()
        asked(member)

        assert member.get(f"{EXPORTS}/{stuck}").json["state"] == "failed"


def test_after_24_hours_row_and_file_are_gone(people: People, outbox: Outbox) -> None:
    member = people.member()
    export = asked(member)
    outbox.deliver()
    (key,) = files_there()

    with clock.at(clock.now() + timedelta(hours=24)):
        member = people.sign_in()
        assert member.get(f"{EXPORTS}/{export}/download").status_code == 404
        assert member.get(EXPORTS).json["exports"] == []
        sweeps.sweep()
        outbox.deliver()

        assert not system.current().files.exists(key)
        with db.transaction(reading=True) as session:
            assert session.scalar(select(func.count()).select_from(Export)) == 0


@pytest.mark.policy("RIG-11")
def test_a_link_hands_the_copy_over_once(people: People, outbox: Outbox) -> None:
    member = people.member()
    export = asked(member, recipient="Other Provider Ltd")
    outbox.deliver()
    made = member.post(f"{EXPORTS}/{export}/link")

    first = people.stranger.post(HANDOVER, json={"token": made.json["token"]})
    second = people.stranger.post(HANDOVER, json={"token": made.json["token"]})

    assert made.status_code == 201
    assert made.json["url"].endswith(f"/export#{made.json['token']}")
    assert first.mimetype == "application/zip"
    assert first.headers["Content-Disposition"].startswith("attachment;")
    assert document_of(zipfile.ZipFile(io.BytesIO(first.data)))["person"] == member_id(member)
    assert (second.status_code, second.json["code"]) == (404, "link_used")
    told = {one["recipient"]: one for one in member.get("/api/v1/me/disclosures").json["disclosures"]}
    assert (told["chosen_by_you"]["categories"], told["chosen_by_you"]["times"]) == (["user"], 1)


@pytest.mark.policy("RIG-11")
def test_a_new_link_replaces_the_old_one_and_none_outlives_the_copy(people: People, outbox: Outbox) -> None:
    member = people.member()
    export = asked(member)
    outbox.deliver()
    old, new = (member.post(f"{EXPORTS}/{export}/link").json["token"] for _ in range(2))

    replaced = people.stranger.post(HANDOVER, json={"token": old})
    with clock.at(clock.now() + timedelta(hours=24)):
        late = people.stranger.post(HANDOVER, json={"token": new})

    assert [replaced.status_code, late.status_code] == [404, 404]


def test_somebody_whose_data_are_restricted_still_gets_a_copy(people: People, outbox: Outbox) -> None:
    member = people.member()
    person = UUID(member_id(member))
    with db.transaction():
        privacy.restrict(person, "accuracy")

    archive = fetched(member, outbox)

    assert "restrictions" in {one["table"] for one in document_of(archive)["groups"][0]["records"]}
    assert outbox.last("export_ready")


def test_what_waits_for_a_copy_is_told_in_the_same_transaction(people: People, outbox: Outbox) -> None:
    person, request, told = UUID(people.account()["id"]), new_id(), []
    exports.READY.append(lambda *facts: told.append(facts))
    try:
        with db.transaction():
            export = exports.begin(person, language="de", request_id=request)
        outbox.deliver()
    finally:
        exports.READY.pop()

    assert told == [(export, person, request)]


def test_the_page_of_a_copy_escapes_what_people_wrote(people: People, outbox: Outbox) -> None:
    wild = {"user_name": "speedy", "first_name": "<script>alert(1)</script>", "last_name": "Lee"}
    member = people.member("ann@example.org", "motorsport", profile=wild)

    page = fetched(member, outbox, language="ru").read("index.html").decode()

    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert '<html lang="ru">' in page
    assert "Копия Ваших данных" in page


@pytest.mark.policy("DEC-15")
def test_the_clock_says_what_is_held_why_and_when_it_vanishes(people: People, outbox: Outbox) -> None:
    member = people.member("ann@example.org", "business-hub")
    member.post("/api/v1/me/services", json={"service": "motorsport", "profile": PROFILES["motorsport"]})
    left = member.delete("/api/v1/me/services/motorsport").json

    groups = {(one["service"], one["key"]): one for one in member.get("/api/v1/me/data").json["groups"]}

    gone, stays = groups["motorsport", "memberships"], groups["business-hub", "memberships"]
    sessions = groups[None, "sessions"]
    assert gone["vanishes"] == {
        "on": left["erased_by"],
        "because": "deleted 24 hours after this: you left the service",
    }
    assert gone["all_gone_by"] == left["erased_by"]
    assert stays["vanishes"] is None
    assert "deleted 1 calendar month after this: you left the service" in stays["retention"]
    assert sessions["vanishes"]["on"] > "2026"
    assert {one["says"]: one["shown"] for one in sessions["holds"]}["browser or application used"] is True
    assert False in {one["shown"] for one in sessions["holds"]}
    assert {one["key"] for one in sessions["purposes"]} == {"sign_in", "protect_accounts"}


@pytest.mark.parametrize("end", ["block", "close"])
def test_a_link_hands_nothing_over_once_the_account_is_blocked_or_closed(
    people: People, outbox: Outbox, end: str
) -> None:
    member = people.member()
    account, export = member_id(member), asked(member)
    outbox.deliver()
    token = member.post(f"{EXPORTS}/{export}/link").json["token"]
    if end == "block":
        staff = people.staff(Role.ADMINISTRATOR)
        assert staff.post(f"/api/v1/staff/accounts/{account}/block", json={"reason": "taken_over"}).status_code == 200
    else:
        assert member.post("/api/v1/me/closure").status_code == 200

    answer = people.stranger.post(HANDOVER, json={"token": token})

    assert (answer.status_code, answer.json["code"]) == (404, "link_used")
