"""What invented people ask about their data, and what invented officers do with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from suite import staff
from suite.commands.demo import post_office
from suite.commands.demo.life import Life, signed_in
from suite.kernel import access, db, jobs
from suite.kernel.access import Actor, ActorKind
from suite.privacy import legal
from suite.rights import desk, intake
from suite.staff import Role
from suite.staff import disclosures as demands

OFFICER, COUNSEL = "petra.privacy@example.org", "leo.legal@example.org"
SELLER = "sam.sales@example.org"
_ROLES = {OFFICER: Role.PRIVACY_OFFICER, COUNSEL: Role.LEGAL_COUNSEL, SELLER: Role.LICENSE_MANAGER}
_DEMAND = {"law": "§ 100j StPO", "authority": "Invented District Court", "country": "DE"}


def ask(life: Life, kind: str, **given: str) -> None:
    """Ask for something; what the program does not serve at once waits for an officer."""
    with signed_in(life) as account:
        if account is not None:
            life.request = intake.ask({"kind": kind, **given}, fresh=True).id


def ask_for_copy(life: Life) -> None:
    """Ask for a copy of the data, and have it made."""
    ask(life, "access")
    jobs.run_due()


def take(life: Life) -> None:
    """Let the officer take the request."""
    _work(life, desk.take)


def question(life: Life) -> None:
    """Let the officer ask back: the deadline stands still until the answer comes."""
    _work(life, lambda request: desk.ask(request, identity=False, question="Which of your two addresses do you mean?"))


def extend(life: Life) -> None:
    """Let the officer take a month more."""
    _work(life, lambda request: desk.extend(request, reason="complex", months=1))


def fulfil(life: Life) -> None:
    """Let the officer answer."""
    _work(life, lambda request: desk.fulfil(request, text="We looked into it and mended it. Thank you.", partly=False))


def refuse(life: Life) -> None:
    """Let the officer refuse, with the reason the person reads."""
    _work(life, lambda request: desk.refuse(request, reason="data_are_correct", text="The invoice bears this name."))


def propose_disclosure(life: Life) -> None:
    """Let the officer write down what an authority demands."""
    assert life.account_id is not None
    with working(life, OFFICER):
        reference = f"12 Gs {life.chance.randint(100, 999)}/26"
        demand = demands.propose(life.account_id, reference=reference, categories=["user.contact.email"], **_DEMAND)
        life.request = demand.id


def decide_disclosure(life: Life) -> None:
    """Let the counsel approve it, and the officer carry it out; the person is told."""
    assert life.request is not None
    with working(life, COUNSEL):
        legal.approve(life.request)
    with working(life, OFFICER):
        demands.carry_out(life.request)


def _work(life: Life, act: Callable[[UUID], object]) -> None:
    if life.request is not None:
        with working(life, OFFICER):
            act(life.request)


@contextmanager
def working(life: Life, address: str) -> Iterator[None]:
    """Open a transaction in the name of a member of staff."""
    member = _member(life, address)
    access.begin(Actor(ActorKind.STAFF, member), None)
    with db.transaction():
        yield
        post_office.deliver(life.chance, failures=False)
    access.begin(access.SYSTEM, None)


def _member(life: Life, address: str) -> UUID:
    """Give the member with this address, invited at the first need."""
    with db.transaction():
        known = {member.address: member.id for member in staff.everybody()}
        if address not in known:
            known[address] = staff.create(address, [_ROLES[address]])[0].id
            post_office.deliver(life.chance, failures=False)
        return known[address]


def _ago(
    act: Callable[..., None], *args: object, days: int = 0, hours: int = 0, **given: str
) -> Callable[[Life], None]:
    """Give a step of a story, to be planned for a person."""
    return lambda life: life.plan(life.until - timedelta(days=days, hours=hours), act, *args, **given)


_NIGHTS = "Your mails come at night. Please do not."

STORIES = (
    (_ago(ask, "complaint", days=6, text=_NIGHTS),),
    (_ago(ask, "rectification", days=9, text="An address is wrong."), _ago(take, days=8), _ago(question, days=8)),
    (_ago(ask, "question", days=12, text="Who sees my data?"), _ago(take, days=11), _ago(fulfil, days=10)),
    (_ago(ask, "complaint", days=14, text=_NIGHTS), _ago(take, days=13), _ago(extend, days=3)),
    (_ago(ask, "rectification", days=7, text="I have a new name."), _ago(take, days=5), _ago(refuse, days=4)),
    (_ago(ask, "restriction", hours=30, about="accuracy"),),
    (_ago(ask, "objection", days=2, about="traffic_statistics"),),
    (_ago(ask_for_copy, hours=3),),
    (_ago(propose_disclosure, days=4), _ago(decide_disclosure, days=3)),
    (_ago(propose_disclosure, hours=5),),
)
"""What happens about the data of a person, the first step first; each story happens to somebody."""

ARRIVED = timedelta(days=16)
"""So long ago the person of a story must have been there."""
