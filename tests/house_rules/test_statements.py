"""How many SQL statements each endpoint sends: a table that says so when one more creeps in, or one less is needed.

BEGIN, COMMIT, pragmas and PostgreSQL's wake-up of the workers are not counted; limits, kept in the database, are.
"""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from suite import privacy
from suite.consents import unsubscribing
from suite.kernel import clock, db, system
from suite.kernel.access import Permission
from suite.kernel.db import Base
from suite.kernel.http import App
from suite.kernel.ids import new_id
from suite.kernel.models import Limit
from suite.messages import CodeText, PhoneNumber, text
from suite.messages import letters as known_letters
from suite.messages.models import Message
from suite.privacy import Person
from suite.privacy.register import person_of, record_of
from suite.staff import Role
from suite.webhooks.models import Delivery
from tests import callers
from tests.accounts.recovering import ANSWER, CHOSEN, NEW, QUESTION, Recovering
from tests.companies import contracting, making
from tests.companies.making import asking, employee, founded, member_of
from tests.failures.peers import report, status_form
from tests.licenses import saying
from tests.licenses.making import issued
from tests.licenses.using import Product, holder
from tests.people import PASSWORD, PHONE, Outbox, People, new_license_code, profile_of

SESSIONS, ME, REGISTRATIONS = "/api/v1/sessions", "/api/v1/me", "/api/v1/registrations"


WEBHOOKS = "/api/v1/staff/webhooks"


STAFF = "/api/v1/staff"


CREDENTIALS = {"email": "ann@example.org", "password": PASSWORD}


DEMAND = {
    "law": "§ 100j StPO",
    "authority": "Staatsanwaltschaft Ingolstadt",
    "reference": "12 Js 3456/26",
    "country": "DE",
    "categories": ["user.contact.email"],
}


STAFF_CREDENTIALS = {"email": "ada@example.org", "password": PASSWORD}


VISIT = {"service": "business-hub", "consent": True, "events": [{"page": "/", "seconds": 9}, {"page": "/licenses"}]}


Act = Callable[[People, Outbox], Callable[[], TestResponse]]


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that reach the database."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "NOTIFY")):
            sent.append(statement)

    database = system.current().database
    engine = database.engine if database.sqlite else database.reading
    prepared = db._Ready.first

    def first(self: Any, values: Any) -> Any:
        sent.append(self._sql)
        return prepared(self, values)

    event.listen(engine, "before_cursor_execute", note)
    db._Ready.first = first  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
        db._Ready.first = prepared  # type: ignore[method-assign]


def get(path: str) -> Act:
    """Ask as a stranger."""
    return lambda people, _outbox: lambda: people.stranger.get(path)


def published(path: str) -> Act:
    """Ask as a stranger for the version of the notice that was published at the start."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        privacy.publish_notice()
        address = path.format(privacy.catalogue()["version"])
        return lambda: people.stranger.get(address)

    return prepare


def signed_in(method: str, path: str, **options: object) -> Act:
    """Ask as a member."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        member = people.member()
        return lambda: member.request(method, path, **options)

    return prepare


def register(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    return people.register


def confirm(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    path = f"{REGISTRATIONS}/{people.register().json['id']}/confirmation"
    code = outbox.code()
    return lambda: people.stranger.post(path, json={"code": code})


def confirm_by_link(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    people.register()
    body = {"token": outbox.link_token(), "password": PASSWORD}
    return lambda: people.stranger.post(f"{REGISTRATIONS}/confirmation", json=body)


def sign_in(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    people.account()
    return lambda: people.stranger.post(SESSIONS, json=CREDENTIALS)


def sign_in_of_nobody(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    return lambda: people.stranger.post(SESSIONS, json=CREDENTIALS)


def sign_in_again(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    people.account()
    body = CREDENTIALS | {"device_token": people.sign_in().device_token}
    return lambda: people.stranger.post(SESSIONS, json=body)


def sign_in_wrongly(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    people.account()
    return lambda: people.stranger.post(SESSIONS, json=CREDENTIALS | {"password": "not the one"})


def sign_in_with_factor(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    people.with_app(people.member())
    return lambda: people.stranger.post(SESSIONS, json=CREDENTIALS)


def answer_with_app(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    app = people.with_app(people.member())
    body = {"challenge": people.challenged()["challenge"], "method": "totp", "code": app.at(clock.now())}
    return lambda: people.stranger.post(f"{SESSIONS}/challenge", json=body)


def answer_wrongly(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    people.with_app(people.member())
    body = {"challenge": people.challenged()["challenge"], "method": "totp", "code": "000000"}
    return lambda: people.stranger.post(f"{SESSIONS}/challenge", json=body)


def answer_of_nobody(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    body = {"challenge": "A" * 43, "method": "totp", "code": "000000"}
    return lambda: people.stranger.post(f"{SESSIONS}/challenge", json=body)


def text_a_code(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    body = {"factor": people.with_phone(people.member()), "challenge": people.challenged()["challenge"]}
    with db.transaction() as session:
        session.query(Limit).delete()  # a minute passes
    return lambda: people.stranger.post("/api/v1/challenges/code", json=body)


def text_too_soon(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    body = {"factor": people.with_phone(people.member()), "challenge": people.challenged()["challenge"]}
    return lambda: people.stranger.post("/api/v1/challenges/code", json=body)


def step_up(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member()
    people.with_app(member)
    return lambda: member.post(f"{SESSIONS}/current/challenge")


def answer_step_up(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member()
    app = people.with_app(member)
    asked = member.post(f"{SESSIONS}/current/challenge").json["challenge"]
    body = {"challenge": asked, "method": "totp", "code": app.at(clock.now())}
    return lambda: member.post(f"{SESSIONS}/current/challenge/answer", json=body)


def confirm_factor(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member()
    added = member.post(f"{ME}/factors/apps", json={"name": "app"}).json
    path = f"{ME}/factors/{added['factor']['id']}/confirmation"
    body = {"code": pyotp.TOTP(added["secret"]).at(clock.now())}
    return lambda: member.post(path, json=body)


def text_again(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member()
    added = member.post(f"{ME}/factors/phones", json={"name": "phone", "phone": PHONE}).json["factor"]["id"]
    with db.transaction() as session:
        session.query(Limit).delete()  # a minute passes
    return lambda: member.post(f"{ME}/factors/{added}/code")


def factor(method: str, **options: object) -> Act:
    """Do something with the only factor of a member."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        member = people.member()
        path = f"{ME}/factors/{people.with_phone(member)}"
        return lambda: member.request(method, path, **options)

    return prepare


def new_recovery_codes(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member()
    people.with_app(member)
    return lambda: member.post(f"{ME}/factors/recovery-codes")


def ask_for_a_password(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    people.account()
    return lambda: Recovering(people, outbox).post(email="ann@example.org")


def ask_for_a_password_of_nobody(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    return lambda: Recovering(people, outbox).post(email="ann@example.org")


def prove_by_code(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    people.account()
    lost = Recovering(people, outbox)
    asked, code = lost.ask(), lost.code()
    return lambda: lost.post(f"/{asked}/proof", code=code)


def prove_wrongly(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    lost = Recovering(people, outbox)
    asked = lost.ask()
    return lambda: lost.post(f"/{asked}/proof", code="000000")


def prove_by_link(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    people.with_app(people.member())
    lost = Recovering(people, outbox)
    lost.ask()
    token = lost.token()
    return lambda: lost.post("/proof", token=token)


def answer_the_question(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    people.member(service="business-hub").put(QUESTION, json=CHOSEN)
    lost = Recovering(people, outbox)
    ticket = lost.ticket()
    return lambda: lost.post("/answer", ticket=ticket, answer=ANSWER)


def answer_recovery_factor(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    app = people.with_app(people.member())
    lost = Recovering(people, outbox)
    step = lost.prove().json
    body = {"ticket": step["ticket"], "challenge": step["challenge"]["challenge"], "method": "totp"}
    return lambda: lost.post("/second-factor", **body, code=app.at(clock.now()))


def set_new_password(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    people.account()
    lost = Recovering(people, outbox)
    ticket = lost.ticket()
    return lambda: lost.post("/password", ticket=ticket, password=NEW)


def wait(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    people.with_app(people.member())
    lost = Recovering(people, outbox)
    ticket = lost.ticket()
    return lambda: lost.post("/wait", ticket=ticket)


def choose_question(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member(service="business-hub")
    return lambda: member.put(QUESTION, json=CHOSEN)


def remove_question(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member(service="business-hub")
    member.put(QUESTION, json=CHOSEN)
    return lambda: member.delete(QUESTION)


def confirm_with_safeguards(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    given = {"country": "DE", "phone": PHONE, "security_question": "first_own_book", "security_answer": ANSWER}
    path = f"{REGISTRATIONS}/{people.register(service='business-hub', profile=given).json['id']}/confirmation"
    code = outbox.code()
    return lambda: people.stranger.post(path, json={"code": code})


def leave(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member()
    member.post(f"{ME}/services", json={"service": "cloud-console"})
    return lambda: member.delete(f"{ME}/services/cloud-console")


def report_a_text(status: str, **headers: str) -> Act:
    """Report on a text that has left, as Twilio does."""

    def prepare(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
        sid, kind = "SM" + "0" * 32, CodeText("counted_code", expires=timedelta(minutes=5))
        known_letters._letters[kind.key] = kind
        with db.transaction() as session:
            person = Person(id=new_id())
            session.add(person)
            session.flush()
            number = PhoneNumber("+4915112345678")
            written = text(kind, number, person_id=person.id, language="en", facts={"code": "123456"})
        outbox.deliver()
        with db.transaction() as session:
            session.get_one(Message, written).provider_id = sid
        running, account = system.current(), {"sms": "twilio", "twilio_auth_token": "secret"}
        system.use(dataclasses.replace(running, settings=dataclasses.replace(running.settings, **account)))
        url = f"{running.settings.public_url}/api/v1/callbacks/twilio/{written}"
        return lambda: report(people.stranger, url, status_form(sid, status), **headers)

    return prepare


def accept(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    _, token = people.invite("ada@example.org")
    body = {"token": token, "password": PASSWORD}
    return lambda: people.stranger.post(f"{STAFF}/invitations/acceptance", json=body)


def staff_sign_in(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    people.staff()
    return lambda: people.stranger.post(f"{STAFF}/sessions", json=STAFF_CREDENTIALS)


def staff_sign_in_of_nobody(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    return lambda: people.stranger.post(f"{STAFF}/sessions", json=STAFF_CREDENTIALS)


def staff_second_step(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    ada = people.staff()
    body = {"challenge": people.staff_challenge()["challenge"], "method": "totp"}

    def act() -> TestResponse:
        with clock.at(clock.now() + timedelta(seconds=31)):
            return people.stranger.post(f"{STAFF}/sessions/challenge", json=body | {"code": ada.code()})

    return act


def as_staff(method: str, path: str, **options: object) -> Act:
    """Ask as a staff member of every role, about an account where the path has a place for its number."""

    def prepare(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
        account = people.account()["id"]
        ada = people.staff(*Role)
        outbox.deliver()
        return lambda: ada.request(method, f"{STAFF}{path.format(account)}", **options)

    return prepare


def with_license(method: str, path: str = "", **options: object) -> Act:
    """Do something with a licence one has."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        member = people.member()
        license_id, code = issued()
        body = {"service": "my-account", "code": code}
        if path != "new":
            member.post(f"{ME}/licenses", json=body)
        address = f"{ME}/licenses" + ("" if path == "new" else path.format(license_id))
        return lambda: member.request(method, address, **({"json": body} if method == "POST" else {}), **options)

    return prepare


def staff_license(method: str, path: str, **options: object) -> Act:
    """Do something with a licence somebody has, as a staff member of every role."""

    def prepare(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
        member, ada = people.member(), people.staff(*Role)
        license_id, code = issued()
        member.post(f"{ME}/licenses", json={"service": "my-account", "code": code})
        shown = ada.get(f"{STAFF}/licenses/{license_id}")
        outbox.deliver()
        seen = {"If-Match": shown.headers["ETag"]}
        return lambda: ada.request(method, f"{STAFF}/licenses{path.format(license_id)}", headers=seen, **options)

    return prepare


def transfer_license(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    to = people.account("bob@example.org")["id"]
    body = {"to": "account", "service": "my-account", "id": to}
    return staff_license("POST", "/{}/transfer", json=body)(people, outbox)


def propose_disclosure(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    body = DEMAND | {"account_id": people.account()["id"]}
    officer = callers.staff(people._app, Permission.HANDLE_PRIVACY_REQUESTS)
    return lambda: officer.post(f"{STAFF}/disclosures", json=body)


def demand(path: str, *, approved: bool = False) -> Act:
    """Ask as staff about a demand by law that somebody else proposed, and perhaps a third one approved."""

    def prepare(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
        body = DEMAND | {"account_id": people.account()["id"]}
        officer = callers.staff(people._app, Permission.HANDLE_PRIVACY_REQUESTS)
        counsel = callers.staff(people._app, Permission.APPROVE_DISCLOSURES)
        made = officer.post(f"{STAFF}/disclosures", json=body).json["id"]
        if approved:
            counsel.post(f"{STAFF}/disclosures/{made}/approval")
        outbox.deliver()
        return lambda: (officer if approved else counsel).post(f"{STAFF}/disclosures/{made}/{path}")

    return prepare


def webhook(method: str, path: str, **options: object) -> Act:
    """Ask as staff who connected a system; `{}` is its number and `{test}` that of a test event that failed."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        staff = callers.staff(people._app, Permission.MANAGE_WEBHOOKS)
        made = staff.post(WEBHOOKS, json=WEBHOOK).json["endpoint"]["id"]
        test = staff.post(f"{WEBHOOKS}/{made}/test").json["id"]
        with db.transaction() as session:
            session.query(Delivery).update({"state": "failed"})
        return lambda: staff.request(method, WEBHOOKS + path.format(made, test=test), **options)

    return prepare


def changed(path: str, body: dict[str, object]) -> Act:
    """Change what stands there, as somebody who just looked at it."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        member = people.member("ann@example.org", "business-hub")
        headers = {"If-Match": member.get(path).headers["ETag"]}
        return lambda: member.patch(path, json=body, headers=headers)

    return prepare


WEBHOOK = {"url": "https://example.org/hooks", "events": ["account.closed"]}


def confirm_email(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member()
    member.post(f"{ME}/email", json={"email": "new@example.org"})
    code = outbox.code("confirm_new_address")
    return lambda: member.post(f"{ME}/email/confirmation", json={"code": code})


def undo_link(path: str, letter: str) -> Act:
    """Send the token of a letter: about a new password, a new address, a closed account."""

    def prepare(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
        member = people.member("ann@example.org", "business-hub")
        if letter == "account_closed_for_now":
            member.post(f"{ME}/closure")
        elif letter == "address_changed":
            member.post(f"{ME}/email", json={"email": "new@example.org"})
            member.post(f"{ME}/email/confirmation", json={"code": outbox.code("confirm_new_address")})
        else:
            member.put(f"{ME}/password", json={"password": PASSWORD})
        token = outbox.undo_token(letter)
        return lambda: people.stranger.post(path, json={"token": token})

    return prepare


def come_back(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member()
    member.post(f"{ME}/services", json={"service": "cloud-console"})
    member.delete(f"{ME}/services/cloud-console")
    return lambda: member.post(f"{ME}/services/cloud-console/return")


def copied(method: str, path: str) -> Act:
    """Do something with a copy that is ready."""

    def prepare(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
        member = people.member()
        export = member.post(f"{ME}/exports", json={}).json["id"]
        outbox.deliver()
        return lambda: member.request(method, f"{ME}/exports/{export}{path}")

    return prepare


def hand_over(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    body = {"token": copied("POST", "/link")(people, outbox)().json["token"]}
    return lambda: people.stranger.post("/api/v1/exports/handover", json=body)


ABOUT_PEOPLE = sum(person_of(table) is not None for table in Base.metadata.sorted_tables)


ENDING_PEOPLE = sum(record_of(table).ends_person for table in Base.metadata.sorted_tables)  # type: ignore[union-attr]


def withdraw(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member()
    member.put(CONSENT, json={"given": True})
    return lambda: member.put(CONSENT, json={"given": False})


def receipt(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member()
    entry = member.put(CONSENT, json={"given": True}).json["receipt"]
    return lambda: member.get(f"{ME}/consents/receipts/{entry}")


def switch_off(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    member = people.member("ann@example.org", "business-hub")
    return lambda: member.put(f"{ME}/notices/license_notices", json={"on": False})


def unsubscribe(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    token = unsubscribing.token_for(
        UUID(people.account()["id"]), service="my-account", purpose="news_by_email", address="ann@example.org"
    )
    return lambda: people.stranger.post(f"/api/v1/unsubscribe/{token}")


def choose_cookies(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    return lambda: people.stranger.put("/api/v1/cookie-choices", json={"all": True})


def request_of_mine(method: str, path: str, **options: object) -> Act:
    """Do something with the only request of a member."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        member = people.member()
        made = member.post(REQUESTS, json=COMPLAINT).json["id"]
        return lambda: member.request(method, f"{REQUESTS}/{made}{path}", **options)

    return prepare


def at_the_desk(method: str, path: str, **options: object) -> Act:
    """Ask as a privacy officer, about a complaint where the path has a place for its number."""

    def prepare(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
        made = people.member().post(REQUESTS, json=COMPLAINT).json["id"]
        ada = people.staff(Role.PRIVACY_OFFICER)
        outbox.deliver()
        return lambda: ada.request(method, f"{STAFF}/privacy{path.format(made)}", **options)

    return prepare


def restricted(method: str, path: str, **options: object) -> Act:
    """Ask as somebody whose data are only stored."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        member = people.member()
        assert member.post(REQUESTS, json={"kind": "restriction", "reason": "accuracy"}).status_code == 201
        return lambda: member.request(method, path, **options)

    return prepare


def prove_a_request(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    people.account()
    people.stranger.post("/api/v1/privacy/requests", json=OUTSIDE)
    token = outbox.last("request_prove").text.split("/privacy/request#")[1].split()[0]
    return lambda: people.stranger.post("/api/v1/privacy/requests/proof", json={"token": token})


def licensed(what: str, how: str = "license", **others: object) -> Act:
    """Ask as a product on a device on which a licence is in use, naming it by its code, its activation or its file."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        laptop = Product(people.stranger, issued()[1])
        made = laptop.activate().json
        meant = {"license": {}, "activation": {"license": None, "activation": made["id"]}}
        meant["file"] = {"license": made["license_file"]}
        return lambda: laptop.send(what, **meant[how], **others)

    return prepare


def first_use(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    people.stranger.get("/api/v1/licenses/keys")
    laptop = Product(people.stranger, issued()[1])
    return laptop.activate


def devices_of_mine(method: str, **options: object) -> Act:
    """Do something with the devices of a licence of a member, which is in use on one already."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        license_id, code = issued(seats=2)
        member = holder(people, license_id)
        path = f"{ME}/licenses/{license_id}/devices"
        made = Product(people.stranger, code).activate().json["id"]
        return lambda: member.request(method, path + (f"/{made}" if method == "DELETE" else ""), **options)

    return prepare


def licensed_keys(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    people.stranger.get("/api/v1/licenses/keys")
    return lambda: people.stranger.get("/api/v1/licenses/keys")


def make_key_file(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    license_id, _ = issued()
    people.stranger.get("/api/v1/licenses/keys")
    manager = callers.staff(people._app, Permission.MANAGE_LICENSES)
    return lambda: manager.post(f"{STAFF}/licenses/{license_id}/key-file")


def told_by_product(kind: str, times: int = 1, **data: object) -> Act:
    """Say something as a product about the licence of somebody."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        account, product = people.account(service="business-hub")["id"], saying.connect(people._app)
        about = {"license": saying.held_by(account)} | {
            name: account if one == "ann" else one for name, one in data.items()
        }
        if kind == "rights.replaced":
            about["people"] = [{"account": account, "rights": ["use"]}]
        for _ in range(times - 1):
            product.say(kind, name="msg_1", **about)
        return lambda: product.say(kind, name="msg_1", **about)

    return prepare


def forged_by_product(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    product = saying.connect(people._app)
    product.secret = "whsec_" + "A" * 43 + "="
    return lambda: product.say("instance.ended", license=new_id())


def my_rights(*, configured: bool) -> Act:
    """Ask what I may do with a licence."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        account, product = people.account(service="business-hub")["id"], saying.connect(people._app)
        license_id = saying.held_by(account)
        if configured:
            product.lets(account, license_id, "use")
        member = people.sign_in()
        return lambda: member.get(f"{ME}/licenses/{license_id}/rights")

    return prepare


def connection(method: str, path: str, **options: object) -> Act:
    """Ask as staff who connected a product."""

    def prepare(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
        made = saying.connect(people._app).id
        staff = callers.staff(people._app, Permission.MANAGE_PRODUCTS)
        return lambda: staff.request(method, saying.CONNECTIONS + path.format(made), **options)

    return prepare


def at_work(method: str, path: str, **options: object) -> Act:
    """Ask as the Administrator of a company with a licence, a contract, an additional address and one employee."""

    def prepare(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
        acme = making.founded(people)
        emma = making.member_of(making.employee(people, acme)).id
        license_id = acme.boss.get(f"{COMPANY}/licenses").json["licenses"][0]["id"]
        at_desk = callers.staff(people._app, Permission.RECORD_CONTRACTS, Permission.VIEW_COMPANIES)
        contract = contracting.record(at_desk, acme, acme.boss)["id"]
        address = acme.boss.post(f"{COMPANY}/addresses", json={"email": "boss@home.example"}).json["id"]
        caller = at_desk if path.startswith("/staff") else acme.boss
        where = f"/api/v1{path}".format(
            company=acme.company_id, emma=emma, license=license_id, contract=contract, address=address
        )
        sent = {
            "add": {"json": {"code": issued("mail-gateway", "business-year")[1]}},
            "confirm": {"json": {"code": outbox.code("verify_additional_address")}},
            "record": {"json": contracting.body(emma, number="S-2")},
            "extend": {"json": {"ends_at": (clock.now() + timedelta(days=800)).isoformat()}},
        }.get(str(options.get("what")), {"json": options["json"]} if "json" in options else {})
        if method == "PATCH":
            sent["headers"] = {"If-Match": caller.get(where).headers["ETag"]}
        return lambda: caller.request(method, where, **sent)

    return prepare


def in_company(method: str, path: str, **options: object) -> Act:
    """Ask as the Administrator of a company with an employee, somebody who asks, an invitation and a domain."""

    def prepare(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
        at = founded(people)
        emma, asks = employee(people, at), asking(people, at, "asks@acme.example")
        invited = at.boss.post(f"{COMPANY}/invitations", json={"email": "bob@acme.example"}).json["id"]
        domain = at.boss.post(f"{COMPANY}/domains", json={"domain": "acme.example", "mailbox": "admin"}).json["id"]
        places = {"member": member_of(emma).id, "asks": member_of(asks).id, "invited": invited, "domain": domain}
        address = f"{COMPANY}{path.format(**places)}"
        if method == "PATCH":
            options["headers"] = {"If-Match": at.boss.get(address).headers["ETag"]}
        if path.endswith("/confirmation"):
            options["json"] = {"code": outbox.code("company_domain_code")}
        return lambda: at.boss.request(method, address, **options)

    return prepare


def accept_company_invitation(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
    at = founded(people)
    emma = asking(people, at)
    at.boss.post(f"{COMPANY}/invitations", json={"email": "emma@acme.example"})
    text = outbox.last("company_invitation").text
    token = next(line.strip() for line in text.splitlines() if line.startswith("    "))
    return lambda: emma.post(f"{COMPANY}/invitations/acceptance", json={"token": token})


def confirm_with_license(license: str) -> Act:  # noqa: A002 - the word of the API
    """Prove the address of a registration that founds a company, or asks the one that is there."""

    def prepare(people: People, outbox: Outbox) -> Callable[[], TestResponse]:
        code = founded(people).license if license == "of a company" else new_license_code()
        profile = profile_of("company-account") | {"license": code}
        path = f"{REGISTRATIONS}/{people.register(service='company-account', profile=profile).json['id']}/confirmation"
        mailed = outbox.code()
        return lambda: people.stranger.post(path, json={"code": mailed})

    return prepare


def enter_company(people: People, _outbox: Outbox) -> Callable[[], TestResponse]:
    at = founded(people)
    at.boss.delete(f"{COMPANY}/membership")
    body = {"license": new_license_code(), "company": "Acme"}
    return lambda: at.boss.post(f"{COMPANY}/entry", json=body)


COMPANY = "/api/v1/company"


CHANGED = {"account": "ann", "rights": ["use"]}


REQUESTS, COMPLAINT = f"{ME}/requests", {"kind": "complaint", "text": "Your practice is not fair."}


OUTSIDE = {"email": "ann@example.org", "kind": "access", "text": "Please send me what you hold."}


UNDO, HUB, CONSENT = "/api/v1/undo", f"{ME}/services/business-hub", f"{ME}/consents/my-account/news_by_email"


ENDPOINTS: dict[str, tuple[Act, int, int]] = {
    "healthz": (get("/healthz"), 200, 0),
    "services": (get("/api/v1/services"), 200, 0),
    "one service": (get("/api/v1/services/my-account"), 200, 0),
    "catalogue": (get("/api/v1/privacy/catalogue"), 200, 0),
    "privacy notice": (get("/privacy"), 200, 1),
    "versions of the notice": (get("/api/v1/privacy/versions"), 200, 1),
    "a version of the notice": (published("/api/v1/privacy/versions/{}"), 200, 1),
    "page of a version": (published("/privacy/versions/{}"), 200, 2),
    "authority": (get("/api/v1/privacy/authority?country=DE"), 200, 0),
    "API description": (get("/openapi.json"), 200, 0),
    "who am I": (signed_in("GET", ME), 200, 1),
    "who am I, a stranger": (get(ME), 401, 0),
    "register": (register, 202, 5),
    "confirm by code": (confirm, 201, 10),
    "confirm by link": (confirm_by_link, 201, 10),
    "confirm with phone and question": (confirm_with_safeguards, 201, 14),
    "ask for a new password": (ask_for_a_password, 202, 4),
    "ask for a new password, unknown address": (ask_for_a_password_of_nobody, 202, 4),
    "prove the mailbox by code": (prove_by_code, 200, 10),
    "prove the mailbox by code, wrong code": (prove_wrongly, 422, 3),
    "prove the mailbox by link, second factor asked": (prove_by_link, 200, 9),
    "answer the security question": (answer_the_question, 200, 10),
    "answer with the second factor": (answer_recovery_factor, 200, 18),
    "set the new password": (set_new_password, 204, 25),
    "wait": (wait, 202, 12),
    "security questions": (get("/api/v1/security-questions"), 200, 0),
    "my security question": (signed_in("GET", QUESTION), 200, 3),
    "set my security question": (choose_question, 200, 12),
    "remove my security question": (remove_question, 204, 7),
    "sign in": (sign_in, 201, 13),
    "sign in with a known device": (sign_in_again, 201, 10),
    "sign in, unknown address": (sign_in_of_nobody, 401, 5),
    "sign in, wrong password": (sign_in_wrongly, 401, 5),
    "sign in, second factor asked": (sign_in_with_factor, 202, 9),
    "sign in, second factor given": (answer_with_app, 201, 16),
    "how to confirm": (signed_in("GET", f"{SESSIONS}/current/confirmation"), 200, 2),
    "list factors": (signed_in("GET", f"{ME}/factors"), 200, 3),
    "add an app": (signed_in("POST", f"{ME}/factors/apps", json={"name": "app"}), 201, 6),
    "add a phone": (signed_in("POST", f"{ME}/factors/phones", json={"name": "phone", "phone": PHONE}), 201, 22),
    "sign in, wrong code of a second factor": (answer_wrongly, 422, 8),
    "sign in, unknown challenge": (answer_of_nobody, 404, 1),
    "text a code": (text_a_code, 202, 16),
    "text a code, too soon": (text_too_soon, 429, 8),
    "text another code for enrolment": (text_again, 202, 19),
    "ask to confirm with a second factor": (step_up, 201, 3),
    "confirm with a second factor": (answer_step_up, 204, 14),
    "confirm a factor": (confirm_factor, 200, 23),
    "rename a factor": (factor("PATCH", json={"name": "other"}), 200, 4),
    "remove a factor": (factor("DELETE"), 204, 11),
    "make recovery codes": (new_recovery_codes, 201, 9),
    "list sessions": (signed_in("GET", SESSIONS), 200, 2),
    "sign out": (signed_in("DELETE", f"{SESSIONS}/current"), 204, 3),
    "sign out elsewhere": (signed_in("DELETE", SESSIONS), 200, 4),
    "confirm the password": (
        signed_in("POST", f"{SESSIONS}/current/confirmation", json={"password": PASSWORD}),
        204,
        6,
    ),
    "my services": (signed_in("GET", f"{ME}/services"), 200, 2),
    "join a service": (signed_in("POST", f"{ME}/services", json={"service": "cloud-console"}), 201, 7),
    "leave a service": (leave, 200, 16),
    "status of a text": (report_a_text("sent"), 204, 2),
    "forged status of a text": (report_a_text("sent", **{"X-Twilio-Signature": "forged"}), 403, 0),
    "delivery of a text": (report_a_text("delivered"), 204, 2),
    "close the account": (signed_in("POST", f"{ME}/closure"), 200, 18),
    "what is held about me": (signed_in("GET", f"{ME}/data"), 200, 1 + ABOUT_PEOPLE + ENDING_PEOPLE),
    "ask for a copy": (signed_in("POST", f"{ME}/exports", json={}), 202, 7),
    "one copy": (copied("GET", ""), 200, 2),
    "fetch a copy": (copied("GET", "/download"), 200, 2),
    "make a link to a copy": (copied("POST", "/link"), 201, 4),
    "hand a copy over": (hand_over, 200, 5),
    "connected systems": (webhook("GET", ""), 200, 1),
    "connect a system": (webhook("POST", "", json=WEBHOOK), 201, 2),
    "one connected system": (webhook("GET", "/{}"), 200, 1),
    "change a connected system": (webhook("PATCH", "/{}", json={"description": "Billing"}), 200, 3),
    "disable a connected system": (webhook("PATCH", "/{}", json={"enabled": False}), 200, 3),
    "disconnect a system": (webhook("DELETE", "/{}"), 204, 4),
    "renew a secret": (webhook("POST", "/{}/secret"), 200, 4),
    "send a test event": (webhook("POST", "/{}/test"), 202, 4),
    "what a system was told": (webhook("GET", "/{}/deliveries"), 200, 2),
    "send an event again": (webhook("POST", "/{}/deliveries/{test}/replay"), 202, 7),
    "send failed events again": (webhook("POST", "/{}/replay", json={"since": "2026-01-01T00:00:00Z"}), 202, 5),
    "return to a service": (come_back, 200, 10),
    "my settings": (signed_in("GET", f"{ME}/settings"), 200, 5),
    "change my settings": (changed(f"{ME}/settings", {"language": "de"}), 200, 8),
    "one of my services": (signed_in("GET", f"{ME}/services/my-account"), 200, 2),
    "change what it was told": (changed(HUB, {"profile": {"country": "AT"}}), 200, 7),
    "my consents": (signed_in("GET", f"{ME}/consents"), 200, 3),
    "give a consent": (signed_in("PUT", CONSENT, json={"given": True}), 200, 8),
    "give no consent": (signed_in("PUT", CONSENT, json={"given": False}), 200, 4),
    "change the password": (
        signed_in("PUT", f"{ME}/password", json={"password": "five small red kettles", "current": PASSWORD}),
        204,
        13,
    ),
    "change the address": (signed_in("POST", f"{ME}/email", json={"email": "new@example.org"}), 202, 9),
    "confirm the address": (confirm_email, 200, 18),
    "give up the change": (signed_in("DELETE", f"{ME}/email"), 404, 3),
    "look at an undo link": (undo_link(f"{UNDO}/details", "password_changed"), 200, 2),
    "undo a password": (undo_link(UNDO, "password_changed"), 200, 13),
    "undo an address": (undo_link(UNDO, "address_changed"), 200, 25),
    "undo a closing": (undo_link(UNDO, "account_closed_for_now"), 200, 13),
    "what happened": (signed_in("GET", f"{ME}/events"), 200, 2),
    "who looked": (signed_in("GET", f"{ME}/accesses"), 200, 2),
    "accept an invitation": (accept, 200, 13),
    "staff sign in": (staff_sign_in, 202, 9),
    "staff sign in, unknown address": (staff_sign_in_of_nobody, 401, 5),
    "staff sign in, second factor": (staff_second_step, 201, 17),
    "staff, who am I": (as_staff("GET", "/me"), 200, 1),
    "find an account": (as_staff("POST", "/accounts/search", json={"email": "ann@example.org"}), 200, 4),
    "look at an account": (as_staff("POST", "/accounts/{}/view"), 200, 7),
    "block an account": (as_staff("POST", "/accounts/{}/block", json={"reason": "misuse"}), 200, 10),
    "end the sessions of an account": (as_staff("DELETE", "/accounts/{}/sessions"), 200, 5),
    "messages of an account": (as_staff("POST", "/accounts/{}/messages/list", json={}), 200, 4),
    "trail of an account": (as_staff("POST", "/accounts/{}/audit", json={}), 200, 4),
    "audit trail": (as_staff("GET", "/audit"), 200, 2),
    "troubled messages": (as_staff("GET", "/messages"), 200, 3),
    "staff members": (as_staff("GET", "/members"), 200, 2),
    "make a staff member": (
        as_staff("POST", "/members", json={"email": "bea@example.org", "roles": ["operator"]}),
        201,
        9,
    ),
    "one of my consents": (signed_in("GET", CONSENT), 200, 3),
    "who received data": (signed_in("GET", f"{ME}/disclosures"), 200, 2),
    "propose a disclosure": (propose_disclosure, 201, 3),
    "disclosures to decide": (as_staff("GET", "/disclosures/decisions"), 200, 2),
    "proposed disclosures": (as_staff("GET", "/disclosures/proposed"), 200, 2),
    "look at a disclosure": (demand("view"), 200, 2),
    "approve a disclosure": (demand("approval"), 200, 4),
    "refuse a disclosure": (demand("refusal"), 200, 3),
    "carry out a disclosure": (demand("execution", approved=True), 200, 11),
    "withdraw a consent": (withdraw, 200, 10),
    "my choices": (signed_in("GET", f"{ME}/consents/history"), 200, 2),
    "a receipt": (receipt, 200, 2),
    "my notices": (signed_in("GET", f"{ME}/notices"), 200, 2),
    "my reminders": (signed_in("GET", f"{ME}/reminders"), 200, 2),
    "switch a notice off": (switch_off, 200, 11),
    "unsubscribe": (unsubscribe, 204, 6),
    "look at an unsubscribe link": (get("/api/v1/unsubscribe/anything"), 303, 0),
    "cookie choices, a stranger": (get("/api/v1/cookie-choices"), 200, 0),
    "choose cookies, a stranger": (choose_cookies, 200, 0),
    "cookie choices": (signed_in("GET", "/api/v1/cookie-choices"), 200, 2),
    "choose cookies": (signed_in("PUT", "/api/v1/cookie-choices", json={"all": True}), 200, 10),
    "note a visit": (lambda people, _: lambda: people.stranger.post("/api/v1/visits", json=VISIT), 204, 1),
    "note a visit, signed in": (signed_in("POST", "/api/v1/visits", json=VISIT), 204, 1),
    "note a visit without consent": (signed_in("POST", "/api/v1/visits", json=VISIT | {"consent": False}), 204, 0),
    "fetch a beacon": (get("/api/v1/beacons/nobody.gif"), 200, 1),
    "may my visits be counted": (signed_in("GET", f"{ME}/visits/business-hub"), 200, 3),
    "read statistics": (as_staff("GET", "/statistics?service=my-account"), 200, 2),
    "plot statistics": (as_staff("GET", "/statistics/plot.svg?service=my-account"), 200, 2),
    "download statistics": (as_staff("GET", "/statistics/figures.csv?service=my-account"), 200, 2),
    "my requests": (signed_in("GET", REQUESTS), 200, 2),
    "complain": (signed_in("POST", REQUESTS, json=COMPLAINT), 201, 8),
    "request a copy": (signed_in("POST", REQUESTS, json={"kind": "access"}), 201, 12),
    "ask for erasure": (signed_in("POST", REQUESTS, json={"kind": "erasure"}), 201, 26),
    "restrict": (signed_in("POST", REQUESTS, json={"kind": "restriction", "reason": "accuracy"}), 201, 18),
    "object": (signed_in("POST", REQUESTS, json={"kind": "objection", "purpose": "prevent_fraud"}), 201, 16),
    "one of my requests": (request_of_mine("GET", ""), 200, 2),
    "take a request back": (request_of_mine("POST", "/withdrawal"), 200, 9),
    "my restriction": (restricted("GET", f"{ME}/restriction"), 200, 2),
    "end my restriction": (restricted("DELETE", f"{ME}/restriction"), 204, 11),
    "my objections": (signed_in("GET", f"{ME}/objections"), 200, 2),
    "ask from outside": (
        lambda people, _: lambda: people.stranger.post("/api/v1/privacy/requests", json=OUTSIDE),
        202,
        7,
    ),
    "prove a request from outside": (prove_a_request, 200, 10),
    "work list": (at_the_desk("GET", "/requests"), 200, 2),
    "look at a request": (at_the_desk("POST", "/requests/{}/view"), 200, 5),
    "take a request": (at_the_desk("POST", "/requests/{}/take"), 200, 7),
    "ask about a request": (at_the_desk("POST", "/requests/{}/question", json={"text": "Which?"}), 200, 10),
    "take more time": (at_the_desk("POST", "/requests/{}/extension", json={"reason": "complex", "months": 1}), 200, 11),
    "name a fee": (at_the_desk("POST", "/requests/{}/fee", json={"reason": "excessive", "cents": 500}), 200, 11),
    "refuse a request": (
        at_the_desk("POST", "/requests/{}/refusal", json={"reason": "legal_duty", "text": "No."}),
        200,
        12,
    ),
    "fulfil a request": (at_the_desk("POST", "/requests/{}/fulfilment", json={"text": "Done."}), 200, 11),
    "confirm by code, founding a company": (confirm_with_license("new"), 201, 21),
    "confirm by code, asking a company": (confirm_with_license("of a company"), 201, 22),
    "my company": (in_company("GET", ""), 200, 3),
    "change my company": (in_company("PATCH", "", json={"name": "Acme & Co"}), 200, 10),
    "am I in a company": (in_company("GET", "/membership"), 200, 2),
    "leave my company": (in_company("DELETE", "/membership"), 409, 6),
    "enter a company": (enter_company, 204, 22),
    "block my company": (in_company("PUT", "/block"), 204, 11),
    "members of my company": (in_company("GET", "/members"), 200, 4),
    "a member of my company": (in_company("GET", "/members/{member}"), 200, 3),
    "change a role": (in_company("PATCH", "/members/{member}", json={"role": "administrator"}), 200, 11),
    "remove a member": (in_company("DELETE", "/members/{member}"), 204, 12),
    "who asks to join my company": (in_company("GET", "/requests"), 200, 4),
    "let somebody into my company": (in_company("POST", "/requests/{asks}/acceptance"), 200, 12),
    "let somebody not into my company": (in_company("DELETE", "/requests/{asks}"), 204, 12),
    "invitations of my company": (in_company("GET", "/invitations"), 200, 3),
    "invite into my company": (in_company("POST", "/invitations", json={"email": "new@example.org"}), 201, 15),
    "withdraw an invitation into my company": (in_company("DELETE", "/invitations/{invited}"), 204, 13),
    "accept an invitation into a company": (accept_company_invitation, 204, 22),
    "domains of my company": (in_company("GET", "/domains"), 200, 3),
    "add a domain": (in_company("POST", "/domains", json={"domain": "new.example", "mailbox": "admin"}), 201, 15),
    "verify a domain": (in_company("POST", "/domains/{domain}/confirmation"), 200, 9),
    "remove a domain": (in_company("DELETE", "/domains/{domain}"), 204, 8),
    "recipients to tell": (at_the_desk("GET", "/recipients"), 200, 2),
    "products": (get("/api/v1/products"), 200, 0),
    "my licences": (with_license("GET"), 200, 3),
    "one of my licences": (with_license("GET", "/{}"), 200, 3),
    "add a licence": (with_license("POST", "new"), 201, 19),
    "add a licence again": (with_license("POST"), 201, 13),
    "choose renewal of a licence": (with_license("PUT", "/{}/renewal", json={"renews": True}), 200, 8),
    "remove a licence": (with_license("DELETE", "/{}"), 204, 9),
    "issue licences": (
        as_staff(
            "POST",
            "/license-batches",
            json={"product": "total-protection", "policy": "subscription-year", "count": 1000},
        ),
        201,
        5,
    ),
    "what was issued together": (as_staff("GET", "/license-batches"), 200, 2),
    "licences": (staff_license("GET", ""), 200, 2),
    "valid licences": (staff_license("GET", "?state=valid"), 200, 3),
    "one licence": (staff_license("GET", "/{}"), 200, 2),
    "look at a licence": (staff_license("POST", "/{}/view"), 200, 4),
    "void a licence": (staff_license("POST", "/{}/void", json={"reason": "misused"}), 200, 9),
    "extend a licence": (staff_license("POST", "/{}/extend", json={}), 200, 9),
    "transfer a licence": (transfer_license, 200, 16),
    "contracts of mine": (at_work("GET", "/company/contracts"), 200, 3),
    "licences of my company": (at_work("GET", "/company/licenses"), 200, 4),
    "add a licence to my company": (at_work("POST", "/company/licenses", what="add"), 201, 15),
    "remove a licence of my company": (at_work("DELETE", "/company/licenses/{license}"), 204, 11),
    "my additional addresses": (at_work("GET", "/company/addresses"), 200, 3),
    "add an address": (at_work("POST", "/company/addresses", json={"email": "x@home.example"}), 201, 13),
    "send a code again": (at_work("POST", "/company/addresses/{address}/code"), 202, 12),
    "confirm an address": (at_work("POST", "/company/addresses/{address}/confirmation", what="confirm"), 200, 9),
    "remove an address": (at_work("DELETE", "/company/addresses/{address}"), 204, 7),
    "settings of a colleague": (at_work("GET", "/company/members/{emma}/settings"), 200, 5),
    "change settings of a colleague": (
        at_work("PATCH", "/company/members/{emma}/settings", json={"first_name": "Kim", "language": "de"}),
        200,
        19,
    ),
    "reset the password of a colleague": (at_work("POST", "/company/members/{emma}/password-reset"), 204, 22),
    "companies": (at_work("GET", "/staff/companies"), 200, 1),
    "one company": (at_work("GET", "/staff/companies/{company}"), 200, 5),
    "find a member": (
        at_work("POST", "/staff/companies/{company}/members/search", json={"email": "emma@acme.example"}),
        200,
        4,
    ),
    "contracts of a company": (at_work("GET", "/staff/companies/{company}/contracts"), 200, 3),
    "record a contract": (at_work("POST", "/staff/companies/{company}/contracts", what="record"), 201, 7),
    "one contract": (at_work("GET", "/staff/companies/{company}/contracts/{contract}"), 200, 2),
    "extend a contract": (
        at_work("PATCH", "/staff/companies/{company}/contracts/{contract}", what="extend"),
        200,
        5,
    ),
    "what a product says of one account": (told_by_product("rights.changed", **CHANGED), 204, 11),
    "what a product said before": (told_by_product("rights.changed", 2, **CHANGED), 204, 3),
    "what a product says of everybody": (told_by_product("rights.replaced"), 204, 11),
    "an instance of a product has ended": (told_by_product("instance.ended"), 204, 7),
    "forged word of a product": (forged_by_product, 403, 1),
    "my rights to a licence": (my_rights(configured=False), 200, 3),
    "my rights to a licence, as its product says": (my_rights(configured=True), 200, 4),
    "connected products": (connection("GET", ""), 200, 1),
    "connect a product": (
        connection("POST", "", json={"product": "endpoint-security", "note": "Console"}),
        201,
        2,
    ),
    "disconnect a product": (connection("DELETE", "/{}"), 204, 3),
    "renew the secret of a product": (connection("POST", "/{}/secret"), 200, 4),
    "keys of licence files": (licensed_keys, 200, 1),
    "activate a licence": (first_use, 201, 10),
    "activate a licence again": (licensed("activations"), 201, 3),
    "validate a licence": (licensed("validations"), 200, 1),
    "validate a licence by its activation": (licensed("validations", "activation"), 200, 1),
    "validate a licence by its file": (licensed("validations", "file"), 200, 2),
    "validate a licence on another device": (licensed("validations", device="phone"), 200, 2),
    "validate no licence": (licensed("validations", license="x"), 200, 1),
    "release a licence": (licensed("releases"), 204, 4),
    "devices of a licence": (devices_of_mine("GET"), 200, 5),
    "connect a device": (devices_of_mine("POST", json={"device": "phone"}), 201, 13),
    "release a device": (devices_of_mine("DELETE"), 204, 8),
    "make a key file": (make_key_file, 200, 3),
}


@pytest.fixture(autouse=True)
def _as_before(app: App) -> Iterator[None]:
    """Take back what preparing an endpoint changed in the process."""
    running, known = system.current(), dict(known_letters._letters)
    yield
    system.use(running)
    known_letters._letters.clear()
    known_letters._letters.update(known)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_endpoint_sends_as_many_statements_as_the_table_says(
    endpoint: str, app: App, people: People, outbox: Outbox
) -> None:
    prepare, status, expected = ENDPOINTS[endpoint]
    act = prepare(people, outbox)

    with counted() as statements:
        answer = act()

    assert answer.status_code == status, answer.json
    assert len(statements) == expected, "\n".join(statements)
