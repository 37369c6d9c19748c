"""The door for people who cannot sign in or have no account.

Nobody looks whether an address is known before its owner has proven it: until then every address is treated alike,
and the letter goes to whoever owns it. Nothing that is held about a person leaves by this door; a copy of the data
needs a sign-in with a fresh confirmation.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from suite.accounts import owner_of
from suite.kernel import clock, db, limits, secrets
from suite.kernel.fields import canonical_email, mailbox
from suite.kernel.ids import new_id
from suite.kernel.words import in_language
from suite.messages import post
from suite.privacy import Person
from suite.rights import deadlines, intake, letters, serving, steps, words
from suite.rights.errors import NoConsentGiven, RequestGone
from suite.rights.models import PROVEN_WITHIN, Requester, RightsRequest

PER_NETWORK = limits.Allowance("rights/network", times=20, seconds=3600)
PER_NETWORK_AND_DAY = limits.Allowance("rights/network/day", times=60, seconds=24 * 3600)
PER_ADDRESS = limits.Allowance("rights/address", times=5, seconds=24 * 3600)
LINKS_PER_NETWORK = limits.Allowance("rights/links", times=60, seconds=900)
_TABLE = "rights_requesters"


def ask(*, email: str, kind: str, text: str, language: str, network: str) -> datetime:
    """Take a request from anybody and mail a link to the address; give until when it works."""
    now = clock.now()
    limits.take(PER_NETWORK, network)
    limits.take(PER_NETWORK_AND_DAY, network)
    limits.take(PER_ADDRESS, mailbox(canonical_email(email)))
    person, token = Person(id=new_id()), secrets.new_token()
    db.session.add(person)
    db.session.flush()
    requester = Requester(
        id=person.id,
        address=steps.shut(email, _TABLE, person.id, "address"),
        language=language,
        kind=kind,
        text=steps.shut(text, _TABLE, person.id, "text"),
        link_hash=secrets.token_hash(token),
        asked_at=now,
        unproven_since=now,
    )
    db.session.add(requester)
    db.session.flush()
    facts = {"kind": in_language(words.KINDS[kind], language), "link": token}
    post(letters.prove, person_id=person.id, to=email, language=language, facts=facts)
    return PROVEN_WITHIN.after(now)


def prove(token: str, *, network: str) -> RightsRequest:
    """Prove the address with the mailed link: now the request is one, and of many at once exactly one makes it."""
    limits.take(LINKS_PER_NETWORK, network)
    mailed = Requester.link_hash == secrets.token_hash(token)
    requester = db.session.scalar(select(Requester).where(mailed))
    if requester is None or clock.now() >= PROVEN_WITHIN.after(requester.asked_at):
        raise RequestGone
    spent = db.session.execute(
        update(Requester)
        .where(mailed)
        .values(link_hash=None, unproven_since=None)
        .execution_options(synchronize_session=False)
    )
    if spent.rowcount != 1:  # type: ignore[attr-defined]
        raise RequestGone
    return _take_in(requester)


def inform(token: str, text: str, *, network: str) -> None:
    """Answer a question of staff by the mailed link."""
    limits.take(LINKS_PER_NETWORK, network)
    request = db.session.scalar(select(RightsRequest).where(RightsRequest.reply_hash == secrets.token_hash(token)))
    if request is None:
        raise RequestGone
    intake.inform(request, text)


def _take_in(requester: Requester) -> RightsRequest:
    """Make the request: of the account with this address, or of the person who has none."""
    now, request_id = clock.now(), new_id()
    address = steps.opened(requester.address, _TABLE, requester.id, "address") or ""
    text = steps.opened(requester.text, _TABLE, requester.id, "text")
    person_id = owner_of(address) or requester.id
    waited = int((now - requester.asked_at).total_seconds())
    request = steps.make(
        person_id,
        requester.kind,
        id=request_id,
        text=steps.shut(text, "rights_requests", request_id, "text"),
        received_at=requester.asked_at,
        waited=waited,
        due_at=deadlines.due(requester.asked_at, waited=waited),
    )
    _forget(requester, keep_address=person_id == requester.id)
    if request.kind != words.CONSENT_WITHDRAWAL or not _withdrawn(request):
        steps.tell(letters.received, request)
    return request


def _withdrawn(request: RightsRequest) -> bool:
    """Withdraw consents at once, which needs no more proof than the mailbox they were given for."""
    try:
        return serving.withdraw_consents(request)
    except NoConsentGiven:
        return False


def _forget(requester: Requester, *, keep_address: bool) -> None:
    """Keep only the address that answers go to; with an account there is one already."""
    person_id: UUID = requester.id
    if keep_address:
        requester.text = None
        db.session.flush()
    else:
        db.session.expunge(requester)
        db.session.execute(delete(Person).where(Person.id == person_id))
