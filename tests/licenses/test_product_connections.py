"""The operator connects products: a secret is shown once, renewed with a day of overlap, and erased at the end."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import LargeBinary

from suite.kernel import access, clock, db, jobs
from suite.kernel.access import Permission
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.licenses.models import ProductConnection
from tests import callers
from tests.licenses.saying import CONNECTIONS, PRODUCT, Product, connect
from tests.people import SignedIn

A_DAY = timedelta(hours=24)


@pytest.fixture
def staff(app: App) -> SignedIn:
    return callers.staff(app, Permission.MANAGE_PRODUCTS)


@pytest.fixture
def product(app: App) -> Product:
    return connect(app)


def heard(product: Product, secret: str) -> int:
    """Try a secret; give the status."""
    product.secret = secret
    return product.say("instance.ended", license=new_id()).status_code


def row() -> ProductConnection:
    with db.transaction(reading=True) as session:
        return session.query(ProductConnection).one()


def renew(staff: SignedIn, product: Product) -> Any:
    answer = staff.post(f"{CONNECTIONS}/{product.id}/secret")
    access.begin(access.SYSTEM, None)
    return answer


def test_a_secret_is_shown_once_and_stored_sealed(staff: SignedIn, product: Product) -> None:
    listed = staff.get(CONNECTIONS)

    assert [one["id"] for one in listed.json["connections"]] == [product.id]
    assert product.secret.startswith("whsec_")
    assert "whsec" not in listed.text
    columns = [column.name for column in ProductConnection.__table__.columns if isinstance(column.type, LargeBinary)]
    assert columns == ["secret", "old_secret"]
    assert product.secret.encode() not in (row().secret or b"")


@pytest.mark.parametrize("name", ["total-protection", "no-such-product", "ENDPOINT-SECURITY"])
def test_a_product_that_configures_no_rights_cannot_be_connected(staff: SignedIn, name: str) -> None:
    answer = staff.post(CONNECTIONS, json={"product": name, "note": "Console"})

    assert (answer.status_code, answer.json["code"]) == (422, "product_without_rights")


def test_for_a_day_the_secret_before_counts_too(staff: SignedIn, product: Product) -> None:
    old = product.secret

    new = renew(staff, product).json["secret"]

    assert new != old
    assert [heard(product, secret) for secret in (old, new)] == [204, 204]
    with clock.at(clock.now() + A_DAY + timedelta(seconds=1)):
        assert [heard(product, secret) for secret in (old, new)] == [403, 204]


def test_the_secret_before_is_erased_after_that_day(staff: SignedIn, product: Product) -> None:
    renew(staff, product)
    assert row().old_secret is not None

    with clock.at(clock.now() + A_DAY):
        jobs.run_due()

    assert (row().old_secret, row().old_secret_until) == (None, None)


def test_a_secret_just_renewed_is_not_renewed_again(staff: SignedIn, product: Product) -> None:
    renew(staff, product)

    again = renew(staff, product)

    assert (again.status_code, again.json["code"]) == (409, "connection_secret_just_renewed")
    assert int(again.headers["Retry-After"]) > 86000


def test_an_ended_connection_has_no_secret_and_is_not_heard(staff: SignedIn, product: Product) -> None:
    old = product.secret
    new = renew(staff, product).json["secret"]

    answers = [staff.delete(f"{CONNECTIONS}/{product.id}").status_code for _ in range(2)]

    access.begin(access.SYSTEM, None)
    assert answers == [204, 204]
    assert [heard(product, secret) for secret in (old, new)] == [403, 403]
    assert (row().secret, row().old_secret, row().old_secret_until) == (None, None, None)
    refused = renew(staff, product)
    assert (refused.status_code, refused.json["code"]) == (409, "connection_ended")


def test_each_connection_of_a_product_has_a_secret_of_its_own(app: App, product: Product) -> None:
    other = connect(app)

    assert other.secret != product.secret
    assert [heard(product, secret) for secret in (other.secret, product.secret)] == [204, 204]


@pytest.mark.parametrize("path", ["/{}", "/{}/secret"])
def test_a_connection_that_is_not_there_is_not_found(staff: SignedIn, path: str) -> None:
    method = "POST" if path.endswith("secret") else "DELETE"

    assert staff.request(method, CONNECTIONS + path.format(UUID(int=1))).status_code == 404


def test_nobody_says_when_a_connection_ends_or_which_secret_it_has(staff: SignedIn) -> None:
    for extra in ({"secret": "whsec_"}, {"ended_at": None}, {"id": str(new_id())}):
        answer = staff.post(CONNECTIONS, json={"product": PRODUCT, "note": "Console"} | extra)

        assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
