"""Products for tests: they sign what they say as any library of Standard Webhooks does."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from suite.kernel import access, clock, db
from suite.kernel.access import Permission
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.licenses import Holder, hold
from tests import callers
from tests.licenses.making import issued

CONNECTIONS = "/api/v1/staff/product-connections"
PRODUCT = "endpoint-security"


@dataclass
class Product:
    """A system of a product as it knows itself."""

    app: App
    id: str
    secret: str
    product: str = PRODUCT

    @property
    def path(self) -> str:
        return f"/api/v1/products/{self.product}/events"

    def post(self, body: bytes, headers: dict[str, str], **options: Any) -> TestResponse:
        client = self.app.test_client(use_cookies=False)
        return client.post(self.path, **{"content_type": "application/json"} | options, data=body, headers=headers)

    def send(self, body: bytes, *, name: str = "", at: datetime | None = None) -> TestResponse:
        """Send any bytes, signed."""
        return self.post(body, signed(self.secret, body, name=name, at=at))

    def say(
        self, kind: str, *, at: datetime | None = None, name: str = "", event: dict[str, Any] | None = None, **data: Any
    ) -> TestResponse:
        """Say something that was so at that time."""
        said_at = (at or clock.now()).isoformat()
        body = {"type": kind, "timestamp": said_at, "data": data} | (event or {})
        return self.send(json.dumps(body, default=str).encode(), name=name)

    def lets(self, account: object, license_id: UUID, *rights: str, instance: str = "", **said: Any) -> None:
        """Say which rights an account has."""
        told = self.say(
            "rights.changed", license=license_id, account=account, rights=list(rights), instance=instance, **said
        )
        assert told.status_code == 204, told.json

    def replaces(self, license_id: UUID, people: dict[Any, list[str]], instance: str = "", **said: Any) -> None:
        """Say which rights everybody has."""
        named = [{"account": account, "rights": rights} for account, rights in people.items()]
        told = self.say("rights.replaced", license=license_id, people=named, instance=instance, **said)
        assert told.status_code == 204, told.json


def signed(secret: str, body: bytes, *, name: str = "", at: datetime | None = None) -> dict[str, str]:
    """Give the headers of Standard Webhooks."""
    name, seconds = name or f"msg_{new_id().hex}", str(int((at or clock.now()).timestamp()))
    digest = hmac.new(base64.b64decode(secret[6:]), f"{name}.{seconds}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": name, "webhook-timestamp": seconds, "webhook-signature": signature}


def connect(app: App, product: str = PRODUCT) -> Product:
    """Connect a product as the operator does."""
    staff = callers.staff(app, Permission.MANAGE_PRODUCTS)
    made = staff.post(CONNECTIONS, json={"product": product, "note": "Console"})
    assert made.status_code == 201, made.json
    access.begin(access.SYSTEM, None)
    return Product(app, made.json["connection"]["id"], made.json["secret"], product)


def membership_of(account: object, service: str) -> UUID:
    """Give the membership of somebody."""
    from suite.accounts.models import Membership

    with db.transaction(reading=True) as session:
        return session.query(Membership).filter_by(account_id=UUID(str(account)), service=service).one().id


def held_by(account: str, product: str = PRODUCT, service: str = "business-hub", policy: str = "business-year") -> UUID:
    """Issue a licence that somebody added an hour ago."""
    license_id, _ = issued(product, policy)
    holder = Holder(service, person_id=UUID(account), membership_id=membership_of(account, service))
    with clock.at(clock.now() - timedelta(hours=1)), db.transaction():
        hold(license_id, holder, source="code")
    return license_id
