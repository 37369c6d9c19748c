"""What can happen in a life: each step does one thing, and what is refused at this point is refused."""

from collections.abc import Callable
from typing import Any

import pyotp

from suite.declarations.purposes import CONSENTS
from suite.kernel import clock
from suite.rights import words as rights
from suite.rights.schemas.own import INTERESTS
from suite.services import SERVICES
from tests.people import SignedIn
from tests.privacy.histories import OPEN, Life

Step = Callable[[Life, SignedIn], Any]
STEPS: dict[str, Step] = {}
ME, OUTSIDE = "/api/v1/me", "/api/v1/privacy/requests"


def act(life: Life, step: str) -> None:
    """Let one thing happen; whoever was signed out signs in again."""
    if life.member is None or life.member.get(ME).status_code == 401:
        life.sign_in()
    if life.member is not None:
        STEPS[step](life, life.member)


def step(does: Step) -> Step:
    """Make a step known by its name."""
    STEPS[does.__name__] = does
    return does


# --- protection


@step
def phone(life: Life, member: SignedIn) -> None:
    added = member.post(f"{ME}/factors/phones", json={"phone": life.phone(), "name": life.word()})
    if added.status_code == 201:
        path = f"{ME}/factors/{added.json['factor']['id']}"
        _confirmed(life, member.post(f"{path}/confirmation", json={"code": life.outbox.texted()}))
        member.patch(path, json={"name": life.word()})


@step
def authenticator(life: Life, member: SignedIn) -> None:
    added = member.post(f"{ME}/factors/apps", json={"name": life.word()})
    if added.status_code == 201:
        life.aside.append(added.json["secret"])
        code = pyotp.TOTP(added.json["secret"]).at(clock.now())
        path = f"{ME}/factors/{added.json['factor']['id']}/confirmation"
        _confirmed(life, member.post(path, json={"code": code}))


def _confirmed(life: Life, answer: Any) -> None:
    if answer.status_code == 200 and answer.json["recovery_codes"]:
        life.recovery_codes = answer.json["recovery_codes"]


@step
def question(life: Life, member: SignedIn) -> None:
    member.put(f"{ME}/security-question", json={"question": "first_boss", "answer": life.name()})


@step
def password(life: Life, member: SignedIn) -> None:
    new = life.word()
    if member.put(f"{ME}/password", json={"current": life.password, "password": new}).status_code == 204:
        life.password = new


@step
def undo(life: Life, member: SignedIn) -> None:
    password(life, member)
    _undo_last(life)


def _undo_last(life: Life) -> None:
    letters = [one.text for one in life.outbox.sent if one.recipient == life.email and "/undo#" in one.text]
    if letters:
        token = letters[-1].split("/undo#")[1].split()[0]
        life.people.stranger.post("/api/v1/undo/details", json={"token": token})
        life.people.stranger.post("/api/v1/undo", json={"token": token})
        life.sign_in()


@step
def recovery(life: Life, _member: SignedIn) -> None:
    started = life.people.stranger.post("/api/v1/recoveries", json={"email": life.email})
    mailed = [one.text for one in life.outbox.sent if one.letter == "reset_password"]
    code = next((line.strip() for line in "\n".join(mailed[-1:]).splitlines() if line.strip().isdigit()), "000000")
    path = f"/api/v1/recoveries/{started.json.get('id')}/proof"
    proof = life.people.stranger.post(path, json={"code": code})
    if proof.status_code == 200:
        answer = {"ticket": proof.json["ticket"], "answer": life.word()}
        life.people.stranger.post("/api/v1/recoveries/answer", json=answer)


@step
def wrong_password(life: Life, _member: SignedIn) -> None:
    life.people.stranger.post("/api/v1/sessions", json={"email": life.email, "password": life.word()})


@step
def sign_in_again(life: Life, _member: SignedIn) -> None:
    life.sign_in()


# --- what people tell


@step
def settings(_life: Life, member: SignedIn) -> None:
    path = f"{ME}/settings"
    version = member.get(path).headers.get("ETag", "")
    member.patch(path, json={"language": "de"}, headers={"If-Match": version})


@step
def profile(life: Life, member: SignedIn) -> None:
    path = f"{ME}/services/{life.service}"
    version = member.get(path).headers.get("ETag", "")
    member.patch(path, json={"profile": life.profile(life.service)}, headers={"If-Match": version})


@step
def join(life: Life, member: SignedIn) -> None:
    service = life.chance.choice(OPEN)
    body = {"service": service, "profile": life.profile(service)}
    headers = {"Idempotency-Key": life.word()}
    for _ in range(2):
        if member.post(f"{ME}/services", json=body, headers=headers).status_code == 201:
            life.services.add(service)
            life.idle = False


@step
def leave(life: Life, member: SignedIn) -> None:
    member.delete(f"{ME}/services/{life.service}")


@step
def leave_and_return(life: Life, member: SignedIn) -> None:
    member.delete(f"{ME}/services/{life.service}")
    member.post(f"{ME}/services/{life.service}/return")


@step
def address(life: Life, member: SignedIn) -> None:
    new = life.address()
    if member.post(f"{ME}/email", json={"email": new}).status_code == 202:
        code = life.outbox.code("confirm_new_address")
        if member.post(f"{ME}/email/confirmation", json={"code": code}).status_code == 200:
            life.email = new


@step
def unproven_address(life: Life, member: SignedIn) -> None:
    member.post(f"{ME}/email", json={"email": life.address()})


@step
def abandoned_registration(life: Life, _member: SignedIn) -> None:
    with life.hearing(life.aside):
        life.people.register(life.address(), "motorsport", password=life.word(), profile=life.profile("motorsport"))


# --- consents, cookies, statistics


@step
def consent(life: Life, member: SignedIn) -> None:
    for one in member.get(f"{ME}/consents").json.get("consents", []):
        path = f"{ME}/consents/{one['service']}/{one['purpose']}"
        member.put(path, json={"given": True})
        if life.chance.random() < 0.5:
            member.put(path, json={"given": False})


@step
def unsubscribe(life: Life, member: SignedIn) -> None:
    if member.get(ME).status_code == 200:
        life.world.unsubscribe(life.number, life.email)
        life.own.append(f"license_notices\n{life.email}")


@step
def browse(life: Life, member: SignedIn) -> None:
    browser = life.people.browser
    headers = {"User-Agent": life.word()}
    with life.hearing(life.aside):  # what is counted leads to nobody
        page = f"/users/{life.word()}/{life.email}?name={life.word()}#{life.word()}"
        before = f"https://{life.word()}.example/{life.word()}"
    event = {"page": page, "before": before, "search": life.name(), "seconds": 4}
    for signal in ({}, {"Sec-GPC": "1"}):
        browser.put("/api/v1/cookie-choices", json={"all": True}, headers=headers | signal)
        for service in ("my-account", "web-forms"):
            visit = {"service": service, "consent": True, "events": [event]}
            browser.post("/api/v1/visits", json=visit, headers=headers)
        browser.get(f"/api/v1/beacons/{life.word()}.gif", headers=headers)
    member.put("/api/v1/cookie-choices", json={"all": True}, headers=headers)
    member.put(f"{ME}/notices/license_notices", json={"on": False})


# --- rights


@step
def ask(life: Life, member: SignedIn) -> None:
    kind = life.chance.choice(sorted(set(rights.KINDS) - {rights.ERASURE, rights.ACCESS}))
    body = {"kind": kind, "text": life.name()} | {
        rights.PORTABILITY: {"recipient": life.name()},
        rights.RESTRICTION: {"reason": "accuracy"},
        rights.OBJECTION: {"purpose": life.chance.choice(INTERESTS)},
        rights.CONSENT_WITHDRAWAL: {"purpose": life.chance.choice(sorted(CONSENTS))},
    }.get(kind, {})
    made = member.post(f"{ME}/requests", json=body, headers={"Idempotency-Key": life.word()})
    if made.status_code == 201:
        path = f"{ME}/requests/{made.json['id']}"
        if life.world.ask_back(made.json["id"], life.name()):
            member.post(f"{path}/information", json={"text": life.name()})
        life.world.handle(made.json["id"], [life.name()], how=life.chance.randrange(6))
        if life.chance.random() < 0.3:
            member.post(f"{path}/withdrawal")


@step
def restrict(life: Life, member: SignedIn) -> None:
    member.post(f"{ME}/requests", json={"kind": "restriction", "reason": "unlawful", "text": life.name()})
    if life.chance.random() < 0.7:
        member.delete(f"{ME}/restriction")


@step
def ask_from_outside(life: Life, member: SignedIn) -> None:
    own = life.chance.random() < 0.5 and member.get(ME).status_code == 200
    with life.hearing(life.own if own else life.late):
        email = life.email if own else life.address()
        body = {"email": email, "kind": life.chance.choice(["question", "complaint"]), "text": life.name()}
        life.people.stranger.post(OUTSIDE, json=body, headers={"Idempotency-Key": life.word()})
        link = life.outbox.last("request_prove").text.split("/privacy/request#")[1].split()[0]
        made = life.people.stranger.post(f"{OUTSIDE}/proof", json={"token": link})
        if made.status_code == 200:
            life.world.ask_back(made.json["id"], life.name())
            asked = life.outbox.last("request_asks_identity").text.split("/privacy/request#")[1].split()[0]
            answer = {"token": asked.removeprefix("answer-"), "text": life.name()}
            life.people.stranger.post(f"{OUTSIDE}/information", json=answer)
            life.world.handle(made.json["id"], [life.name()], how=4)


@step
def ask_from_outside_unproven(life: Life, _member: SignedIn) -> None:
    with life.hearing(life.aside):
        body = {"email": life.address(), "kind": "erasure", "text": life.name()}
        life.people.stranger.post(OUTSIDE, json=body)


@step
def copy(life: Life, member: SignedIn) -> None:
    made = member.post(f"{ME}/exports", json={"recipient": life.name()})
    if made.status_code == 202:
        life.outbox.deliver()
        path = f"{ME}/exports/{made.json['id']}"
        member.get(f"{path}/download")
        link = member.post(f"{path}/link")
        if link.status_code == 201:
            life.people.stranger.post("/api/v1/exports/handover", json={"token": link.json["token"]})


@step
def disclosure_by_law(life: Life, member: SignedIn) -> None:
    if member.get(ME).status_code == 200:
        life.world.disclose(life.number, [life.name(), life.name(), life.word()])


@step
def staff_looked(life: Life, _member: SignedIn) -> None:
    life.world.look(life.number, life.email)


@step
def erasure(life: Life, member: SignedIn) -> None:
    member.post(f"{ME}/requests", json={"kind": "erasure", "text": life.name()})


@step
def close_and_think_again(life: Life, member: SignedIn) -> None:
    if all(SERVICES[key].grace for key in life.services) and member.post(f"{ME}/closure").status_code == 200:
        _undo_last(life)
