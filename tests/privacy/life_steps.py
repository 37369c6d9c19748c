"""What can happen in a life: each step does one thing, and what is refused at this point is refused."""

from collections.abc import Callable
from typing import Any

import pyotp

from suite.kernel import clock
from tests.people import SignedIn
from tests.privacy.histories import OPEN, Life

Step = Callable[[Life, SignedIn], Any]
STEPS: dict[str, Step] = {}
ME = "/api/v1/me"


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
    undo_last(life)


def undo_last(life: Life) -> None:
    """Click on the newest link that undoes something, and sign in again."""
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
    body = {"service": service, "profile": life.joining(service)}
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
