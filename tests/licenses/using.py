"""A product that uses licences, for tests: it speaks to the routes as a client on a device does."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from suite.accounts.models import Membership
from suite.kernel import access, db
from suite.licenses import Holder, hold
from suite.licenses.models import Activation
from tests.people import People, SignedIn


@dataclass
class Product:
    """A product on one device."""

    client: FlaskClient
    code: str
    device: str = "laptop"
    product: str = "total-protection"

    def on(self, device: str) -> "Product":
        """Give the same on another device."""
        return Product(self.client, self.code, device, self.product)

    def send(self, what: str, **others: Any) -> TestResponse:
        """Ask with the code, the device and the product, but for what a test says otherwise; None leaves out."""
        body = {"license": self.code, "product": self.product, "device": self.device} | others
        sent = {name: value for name, value in body.items() if value is not None}
        return self.client.post(f"/api/v1/licenses/{what}", json=sent)

    def activate(self, **others: Any) -> TestResponse:
        return self.send("activations", **others)

    def release(self, **others: Any) -> TestResponse:
        return self.send("releases", **others)

    def validate(self, **others: Any) -> tuple[bool, str]:
        """Give what the server judges."""
        answer = self.send("validations", **others)
        assert answer.status_code == 200, answer.json
        return answer.json["valid"], answer.json["code"]


def refused(answer: TestResponse) -> tuple[int, str]:
    """Give status and code of a refusal."""
    return answer.status_code, answer.json["code"]


def activations(license_id: UUID) -> list[Activation]:
    """Give what stands in the table about a licence, oldest first."""
    with db.transaction(reading=True) as session:
        return list(
            session.scalars(select(Activation).where(Activation.license_id == license_id).order_by(Activation.id))
        )


def holder(people: People, license_id: UUID, email: str = "ann@example.org") -> SignedIn:
    """Give a signed-in member of My Account who holds a licence."""
    member = people.member(email)
    give(member, license_id)
    return member


def give(member: SignedIn, license_id: UUID) -> None:
    """Let a member of My Account hold a licence."""
    member.person_id = member.get("/api/v1/me").json["id"]
    access.begin(access.SYSTEM, None)
    with db.transaction() as session:
        mine = select(Membership).where(
            Membership.account_id == UUID(member.person_id), Membership.service == "my-account"
        )
        joined = session.scalars(mine).one()
        hold(license_id, Holder("my-account", joined.account_id, joined.id), source="code")
