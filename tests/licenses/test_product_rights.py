"""Who may manage and use a licence: what its product configured, and until it did, its holder (BUS-23, BUS-24)."""

import io
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from suite.accounts.models import Membership
from suite.companies.models import ADMINISTRATOR, EMPLOYEE, Company, CompanyMember
from suite.kernel import clock, db
from suite.kernel.errors import Refusal
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.licenses import (
    Holder,
    hold,
    let_go,
    may_manage,
    may_remove,
    may_use,
    require_manage,
    require_removal,
    require_use,
)
from suite.licenses.models import License, LicenseRight
from suite.privacy import restrict
from tests.licenses.making import issued
from tests.licenses.saying import PRODUCT, Product, connect, held_by, membership_of
from tests.people import Outbox, People, SignedIn

HUB = "business-hub"


@pytest.fixture
def product(app: App) -> Product:
    return connect(app)


@pytest.fixture
def ann(people: People) -> SignedIn:
    return member(people, "ann@example.org")


@pytest.fixture
def bob(people: People) -> SignedIn:
    return member(people, "bob@example.org")


def member(people: People, email: str, service: str = HUB) -> SignedIn:
    account = people.account(email, service)
    client = people.sign_in(email)
    client.person_id = str(account["id"])
    return client


def rights(license_id: UUID, who: SignedIn, instance: str | None = None) -> Any:
    query = {} if instance is None else {"instance": instance}
    return who.get(f"/api/v1/me/licenses/{license_id}/rights", query_string=query)


def shown(license_id: UUID, who: SignedIn, instance: str | None = None) -> tuple[bool, bool, bool]:
    """Give whether the product decides, and whether somebody may manage and use."""
    told = rights(license_id, who, instance).json
    return told["configured"], told["manage"], told["use"]


def said(license_id: UUID) -> list[tuple[str, str, list[str]]]:
    with db.transaction(reading=True) as session:
        rows = session.query(LicenseRight).filter_by(license_id=license_id)
        return sorted((str(row.person_id), row.instance, row.rights) for row in rows)


# --- one person's licence


@pytest.mark.policy("BUS-23", "BUS-24")
def test_until_the_product_says_something_the_holder_manages_and_uses_a_licence(ann: SignedIn, bob: SignedIn) -> None:
    license_id = held_by(ann.person_id)

    assert shown(license_id, ann) == (False, True, True)
    assert rights(license_id, bob).status_code == 404


@pytest.mark.policy("BUS-23")
def test_managing_a_licence_depends_on_what_is_configured_in_the_product(product: Product, ann: SignedIn) -> None:
    license_id = held_by(ann.person_id)

    product.lets(ann.person_id, license_id, "use")
    assert shown(license_id, ann) == (True, False, True)
    product.lets(ann.person_id, license_id, "manage")
    assert shown(license_id, ann) == (True, True, False)


@pytest.mark.policy("BUS-24")
def test_using_an_instance_depends_on_what_is_configured_in_the_product(product: Product, ann: SignedIn) -> None:
    license_id = held_by(ann.person_id)

    product.lets(ann.person_id, license_id, "use", instance="eu-1")
    product.lets(ann.person_id, license_id, instance="eu-2")

    uses = {name: shown(license_id, ann, name)[2] for name in ("eu-1", "eu-2", "eu-3", "")}
    assert uses == {"eu-1": True, "eu-2": False, "eu-3": False, "": False}


def test_what_is_said_of_an_instance_counts_before_what_is_said_of_all(product: Product, ann: SignedIn) -> None:
    license_id = held_by(ann.person_id)

    product.lets(ann.person_id, license_id, "use")
    product.lets(ann.person_id, license_id, "manage", instance="eu-1")

    assert [shown(license_id, ann, name)[2] for name in ("eu-1", "eu-2", "")] == [False, True, True]
    assert shown(license_id, ann) == (True, True, True)


def test_a_product_that_configures_no_rights_leaves_its_licences_to_the_holder(people: People, app: App) -> None:
    cat = member(people, "cat@example.org", "my-account")
    license_id = held_by(cat.person_id, "total-protection", "my-account", "subscription-year")
    connect(app)
    assert shown(license_id, cat) == (False, True, True)


@pytest.mark.parametrize("instance", ["a b", "x" * 81, "\u00e4", "a\n", "'"])
def test_an_instance_is_named_by_a_code_word(ann: SignedIn, instance: str) -> None:
    answer = rights(held_by(ann.person_id), ann, instance)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")


def test_rights_of_somebody_who_has_nothing_to_do_with_a_licence_open_nothing(
    product: Product, ann: SignedIn, bob: SignedIn
) -> None:
    license_id = held_by(ann.person_id)

    product.lets(bob.person_id, license_id, "manage", "use")

    assert rights(license_id, bob).status_code == 404
    assert shown(license_id, ann) == (True, False, False)
    with db.transaction(reading=True) as session:
        found = session.get_one(License, license_id)
        assert not any(asked(found, UUID(bob.person_id)) for asked in (may_manage, may_use, may_remove))


def test_a_person_is_shown_what_the_product_said(product: Product, ann: SignedIn) -> None:
    license_id = held_by(ann.person_id)
    product.lets(ann.person_id, license_id, "use", "manage", instance="eu-1")

    (row,) = rights(license_id, ann).json["rights"]

    assert (row["instance"], row["rights"]) == ("eu-1", ["manage", "use"])
    assert abs(datetime.fromisoformat(row["said_at"]) - clock.now()) < timedelta(minutes=1)
    happened = ann.get("/api/v1/me/events").json["events"]
    assert "license.rights_changed" in [one["action"] for one in happened]


# --- a company's licence


@pytest.fixture
def team(people: People) -> dict[str, SignedIn]:
    """Make a company with an Administrator, an employee, and somebody who only asked to join."""
    everybody = {name: member(people, f"{name}@example.org") for name in ("root", "emp", "asker", "out")}
    joined = {"root": (ADMINISTRATOR, clock.now()), "emp": (EMPLOYEE, clock.now()), "asker": (EMPLOYEE, None)}
    with db.transaction() as session:
        company = Company(name="Lee Ltd", country="DE", founded_at=clock.now())
        session.add(company)
        session.flush()
        for name, (role, joined_at) in joined.items():
            person = UUID(everybody[name].person_id)
            membership = session.query(Membership).filter_by(account_id=person).one().id
            values = {"company_id": company.id, "membership_id": membership, "person_id": person}
            session.add(CompanyMember(**values, role=role, asked_at=clock.now(), joined_at=joined_at))
    return everybody


def company_license() -> UUID:
    license_id, _ = issued(PRODUCT, "business-year")
    with clock.at(clock.now() - timedelta(hours=1)), db.transaction() as session:
        hold(license_id, Holder(HUB, company_id=session.query(Company).one().id), source="code")
    return license_id


MAY: dict[str, Callable[[License, UUID], bool]] = {"manage": may_manage, "use": may_use, "remove": may_remove}
MUST: dict[str, Callable[[License, UUID], None]] = {
    "manage": require_manage,
    "use": require_use,
    "remove": require_removal,
}
# Who, what the product said about them (None: nothing about the licence, "other": about somebody else), what they may.
TABLE: list[tuple[str, str | None, str]] = [
    ("root", None, "manage use remove"),
    ("emp", None, "use"),
    ("asker", None, ""),
    ("out", None, ""),
    ("root", "other", "remove"),
    ("emp", "other", ""),
    ("root", "", "remove"),
    ("emp", "", ""),
    ("emp", "use", "use"),
    ("emp", "manage", "manage remove"),
    ("emp", "manage use", "manage use remove"),
    ("root", "manage", "manage remove"),
    ("root", "use", "use remove"),
    ("asker", "manage use", ""),
    ("out", "manage use", ""),
]


@pytest.mark.policy("BUS-23", "BUS-24", "COM-35")
@pytest.mark.parametrize(("who", "configured", "allowed"), TABLE)
def test_who_of_a_company_may_do_what_with_its_licence(
    product: Product, team: dict[str, SignedIn], who: str, configured: str | None, allowed: str
) -> None:
    license_id, person = company_license(), UUID(team[who].person_id)
    if configured == "other":
        product.lets(new_id(), license_id, "use")
        product.replaces(license_id, {})
    elif configured is not None:
        product.lets(person, license_id, *configured.split())

    with db.transaction(reading=True) as session:
        found = session.get_one(License, license_id)
        assert " ".join(name for name, asked in MAY.items() if asked(found, person)) == allowed
        assert " ".join(name for name, must in MUST.items() if not _refused(must, found, person)) == allowed
    assert (rights(license_id, team[who]).status_code == 200) == (who in {"root", "emp"})


def _refused(must: Callable[[License, UUID], None], found: License, person: UUID) -> str:
    try:
        must(found, person)
    except Refusal as refusal:
        assert refusal.code == "license_right_missing"
        return refusal.code
    return ""


def test_while_a_company_is_blocked_nobody_may_do_anything_with_its_licences(
    product: Product, team: dict[str, SignedIn]
) -> None:
    license_id = company_license()
    product.lets(team["emp"].person_id, license_id, "manage", "use")
    with db.transaction() as session:
        session.query(Company).update({"blocked_at": clock.now()})

    assert rights(license_id, team["emp"]).status_code == 404
    assert rights(license_id, team["root"]).status_code == 404


# --- one after the other, lost, late and twice


def test_what_was_said_later_counts_in_whichever_order_it_comes(product: Product, ann: SignedIn) -> None:
    license_id, now = held_by(ann.person_id), clock.now()

    product.lets(ann.person_id, license_id, "manage", at=now)
    product.lets(ann.person_id, license_id, "use", at=now - timedelta(seconds=1))
    assert shown(license_id, ann) == (True, True, False)
    product.lets(ann.person_id, license_id, "use", at=now + timedelta(seconds=1))
    assert shown(license_id, ann) == (True, False, True)


@pytest.mark.parametrize("kind", ["rights.replaced", "instance.ended"])
def test_what_was_said_before_the_whole_state_is_in_it_already(
    product: Product, ann: SignedIn, bob: SignedIn, kind: str
) -> None:
    license_id, now = held_by(ann.person_id), clock.now()
    product.lets(bob.person_id, license_id, "use", instance="eu-1", at=now + timedelta(seconds=9))
    whole = {"people": []} if kind == "rights.replaced" else {}
    product.say(kind, license=license_id, instance="eu-1", at=now, **whole)

    product.lets(ann.person_id, license_id, "manage", instance="eu-1", at=now - timedelta(seconds=1))
    product.replaces(license_id, {ann.person_id: ["use"]}, "eu-1", at=now - timedelta(seconds=1))
    product.lets(ann.person_id, license_id, "manage", instance="eu-2", at=now - timedelta(seconds=1))

    assert said(license_id) == sorted([(ann.person_id, "eu-2", ["manage"]), (bob.person_id, "eu-1", ["use"])])


def test_the_whole_state_heals_what_was_lost(product: Product, ann: SignedIn, bob: SignedIn) -> None:
    license_id = held_by(ann.person_id)
    product.lets(bob.person_id, license_id, "manage", instance="eu-1")
    product.lets(bob.person_id, license_id, "manage", instance="eu-2")

    product.replaces(license_id, {ann.person_id: ["manage", "use"]}, "eu-1")

    assert said(license_id) == sorted([(ann.person_id, "eu-1", ["manage", "use"]), (bob.person_id, "eu-2", ["manage"])])


def test_nobody_named_means_that_nobody_has_rights(product: Product, ann: SignedIn) -> None:
    license_id = held_by(ann.person_id)

    product.replaces(license_id, {})

    assert shown(license_id, ann) == (True, False, False)


def test_when_the_last_instance_has_ended_the_holder_manages_again(product: Product, ann: SignedIn) -> None:
    license_id = held_by(ann.person_id)
    for instance in ("eu-1", "eu-2"):
        product.lets(ann.person_id, license_id, "use", instance=instance)

    product.say("instance.ended", license=license_id, instance="eu-1")
    assert shown(license_id, ann) == (True, False, True)
    product.say("instance.ended", license=license_id, instance="eu-2")
    assert shown(license_id, ann) == (False, True, True)


def test_what_was_configured_for_one_holder_is_nothing_to_the_next(
    product: Product, ann: SignedIn, bob: SignedIn
) -> None:
    license_id = held_by(ann.person_id)
    product.lets(bob.person_id, license_id, "use")
    with db.transaction():
        let_go(license_id, why="holder")
    assert said(license_id) == []

    bobs = Holder(HUB, UUID(bob.person_id), membership_of(bob.person_id, HUB))
    with db.transaction():
        hold(license_id, bobs, source="code")
    product.lets(bob.person_id, license_id, "use", at=clock.now() - timedelta(minutes=1))

    assert shown(license_id, bob) == (False, True, True)


# --- what becomes of rights


def test_rights_go_with_the_membership_and_do_not_make_the_licence_free_for_all(
    product: Product, team: dict[str, SignedIn]
) -> None:
    license_id = company_license()
    product.lets(team["emp"].person_id, license_id, "manage", "use")

    with db.transaction() as session:
        session.query(Membership).filter_by(account_id=UUID(team["emp"].person_id)).delete()

    assert said(license_id) == []
    assert shown(license_id, team["root"]) == (True, False, False)


def test_rights_of_a_member_who_left_are_not_taken_up(product: Product, ann: SignedIn, bob: SignedIn) -> None:
    license_id = held_by(ann.person_id)
    with db.transaction() as session:
        session.query(Membership).filter_by(account_id=UUID(bob.person_id)).update({"ended_at": clock.now()})

    product.lets(bob.person_id, license_id, "use")

    assert said(license_id) == []


def test_while_data_may_only_be_stored_rights_are_taken_and_none_is_given(product: Product, ann: SignedIn) -> None:
    license_id = held_by(ann.person_id)
    product.lets(ann.person_id, license_id, "use")
    with db.transaction():
        restrict(UUID(ann.person_id), "accuracy")

    product.lets(ann.person_id, license_id, "manage", "use")
    assert said(license_id) == [(ann.person_id, "", ["use"])]
    product.lets(ann.person_id, license_id)
    assert said(license_id) == [(ann.person_id, "", [])]


def test_a_copy_of_the_data_holds_what_was_configured(product: Product, ann: SignedIn, outbox: Outbox) -> None:
    product.lets(ann.person_id, held_by(ann.person_id), "use", instance="eu-1")
    export = ann.post("/api/v1/me/exports", json={}).json["id"]
    outbox.deliver()

    archive = zipfile.ZipFile(io.BytesIO(ann.get(f"/api/v1/me/exports/{export}/download").data))

    written = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "what you may do with licences, as configured in the products" in written
    assert "eu-1" in written


# --- the doors

DEVICE = {"device": "a" * 32, "device_name": "laptop"}
DOORS: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "look at it": ("GET", "", {}, 200),
    "list its devices": ("GET", "/devices", {}, 200),
    "connect a device": ("POST", "/devices", {"json": DEVICE}, 201),
    "release a device": ("DELETE", "/devices/{device}", {}, 204),
    "remove it": ("DELETE", "", {}, 204),
}
NOBODY, STRANGER, USER, MANAGER = "nothing said", "a stranger", "may use", "may manage"
WHO_MAY = {NOBODY: True, STRANGER: False, USER: False, MANAGER: True}


@pytest.mark.policy("BUS-23")
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("caller", WHO_MAY)
def test_the_doors_of_a_licence_are_open_to_whom_the_product_lets_manage_it(
    product: Product, ann: SignedIn, bob: SignedIn, door: str, caller: str
) -> None:
    license_id = held_by(ann.person_id)
    method, path, options, status = DOORS[door]
    device = ann.post(f"/api/v1/me/licenses/{license_id}/devices", json=DEVICE).json["id"]
    if caller != NOBODY:
        product.lets(ann.person_id, license_id, "manage" if caller == MANAGER else "use")

    address = f"/api/v1/me/licenses/{license_id}{path.format(device=device)}"
    answer = (bob if caller == STRANGER else ann).request(method, address, **options)

    refused = (404, "not_found") if caller == STRANGER else (403, "license_right_missing")
    if WHO_MAY[caller]:
        assert answer.status_code == status, answer.json
    else:
        assert (answer.status_code, answer.json["code"]) == refused


@pytest.mark.policy("BUS-23")
def test_a_holder_whom_the_product_lets_nothing_still_sees_the_licence_in_the_list(
    product: Product, ann: SignedIn
) -> None:
    license_id = held_by(ann.person_id)
    product.replaces(license_id, {})

    listed = ann.get("/api/v1/me/licenses").json["licenses"]

    assert [one["id"] for one in listed] == [str(license_id)]
