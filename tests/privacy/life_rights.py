"""What people do with their rights in a life: consents, cookies, requests, copies; and what is done about them."""

from suite.declarations.purposes import CONSENTS
from suite.rights import words as rights
from suite.rights.schemas.own import INTERESTS
from suite.services import SERVICES
from tests.people import SignedIn
from tests.privacy.histories import Life
from tests.privacy.life_steps import ME, step, undo_last

OUTSIDE = "/api/v1/privacy/requests"


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
        undo_last(life)
