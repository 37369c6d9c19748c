"""What is held about who has a licence: a copy shows it, an erasure takes it, and the licence is free again."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from suite import privacy
from suite.kernel import clock, db
from suite.kernel.models import AuditEntry
from suite.licenses.models import License, LicenseHolding
from tests.exports.test_exports import document_of, fetched
from tests.licenses.making import issued
from tests.people import Outbox, People

LICENSES = "/api/v1/me/licenses"


@pytest.mark.policy("MYK-6")
def test_a_copy_shows_the_licences_in_words_and_no_whole_code(people: People, outbox: Outbox) -> None:
    member = people.member()
    _, code = issued()
    member.post(LICENSES, json={"service": "my-account", "code": code})

    archive = fetched(member, outbox)

    said = archive.read("export.json").decode()
    assert document_of(archive)
    assert f"Total Protection, …{code[-5:]}" in said
    assert "licences you added" in said
    assert code not in said
    assert code.replace("-", "") not in said


def test_the_overview_names_the_licences(people: People) -> None:
    member = people.member()
    _, code = issued()
    member.post(LICENSES, json={"service": "my-account", "code": code})

    groups = member.get("/api/v1/me/data").json["groups"]

    assert [one["entries"] for one in groups if one["key"] == "license_holdings"] == [1]


def test_an_erased_person_has_no_licence_and_somebody_else_may_add_it(people: People) -> None:
    member = people.member()
    key, code = issued()
    member.post(LICENSES, json={"service": "my-account", "code": code})
    assert member.post("/api/v1/me/closure").status_code == 200

    with clock.at(clock.now() + timedelta(days=32)):
        privacy.sweep()

    with db.transaction(reading=True) as session:
        assert session.scalars(select(LicenseHolding)).all() == []
        assert session.get(License, key) is not None
    other = people.member("bob@example.org")
    assert other.post(LICENSES, json={"service": "my-account", "code": code}).json["id"] == str(key)


def test_the_trail_of_a_licence_names_nobody_and_no_code(people: People) -> None:
    member = people.member()
    key, code = issued()
    member.post(LICENSES, json={"service": "my-account", "code": code})
    member.delete(f"{LICENSES}/{key}")

    with db.transaction(reading=True) as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("license"))).all()
    assert {one.action: one.facts for one in found if one.action != "licenses.issued"} == {
        "license.added": {"license": str(key), "source": "code"},
        "license.removed": {"license": str(key), "why": "holder"},
    }
