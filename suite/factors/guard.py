"""Which text messages are sent: what keeps others from earning by texts that nobody reads (SMS pumping).

Every decision is recorded with country and a hash of the number's beginning, never with the number. A share of
the day's messages is kept for people whose number is proven, so that an attack on enrolment never locks them out.

A number that is proven is counted for its owner alone: who tries to add it elsewhere takes nothing from the owner.
Of the owner's messages a part is kept for devices and sessions that are known, so that who knows the password takes
not all of them. What is refused costs nothing.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from suite.factors.errors import CountryNotServed, TextsOff, TextsPaused, TextTooSoon, TooManyTexts
from suite.factors.models import TextDecision
from suite.factors.phones import Phone
from suite.kernel import clock, db, limits, metrics, system
from suite.kernel.errors import Refusal
from suite.kernel.ids import new_id

DAY = 24 * 3600
GAP = limits.Allowance("text/gap", times=1, seconds=60, refusal=TextTooSoon)
PER_NUMBER = limits.Allowance("text/number", times=3, seconds=600, refusal=TooManyTexts)
PER_NUMBER_AND_DAY = limits.Allowance("text/number/day", times=10, seconds=DAY, refusal=TooManyTexts)
PER_PERSON = limits.Allowance("text/person", times=10, seconds=DAY, refusal=TooManyTexts)
PER_NETWORK = limits.Allowance("text/network", times=20, seconds=3600, refusal=TooManyTexts)
STRANGERS = limits.Allowance("text/stranger", times=2, seconds=600, refusal=TooManyTexts)
STRANGERS_AND_DAY = limits.Allowance("text/stranger/day", times=6, seconds=DAY, refusal=TooManyTexts)
REFUSALS = limits.Allowance("text/refusal", times=20, seconds=3600)
"""So many refusals of a person are recorded; all are counted in the metrics."""
LOOKED_AT = 50
FEWEST, SHARE_USED = 20, 0.2
"""The breaker looks at the last texts of a day to a prefix: of at least so many, this share must have come back."""
PAUSE = 3600
SENT = "sent"
_PREFIX = "phone_prefix"


def decide(person_id: UUID, phone: Phone, *, proven: bool, known: bool, network: str) -> UUID:
    """Let one text message leave, or refuse it; either way the decision stays. Return its number.

    `proven` says that the number is a confirmed factor of the person, `known` that a device or session of the
    person asks.
    """
    try:
        with db.session.begin_nested():
            _judge(person_id, phone, proven=proven, known=known, network=network)
    except Refusal as refusal:
        metrics.TEXTS.labels(refusal.code).inc()
        if limits.room(REFUSALS, str(person_id)):
            _record(phone, refusal.code, proven=proven)
        raise
    metrics.TEXTS.labels(SENT).inc()
    return _record(phone, SENT, proven=proven)


def used(decision_id: UUID | None) -> None:
    """Note that the code of a text message came back."""
    decision = db.session.get(TextDecision, decision_id) if decision_id else None
    if decision is not None:
        decision.used_at = clock.now()


def _judge(person_id: UUID, phone: Phone, *, proven: bool, known: bool, network: str) -> None:
    settings = system.current().settings
    if settings.sms == "off":
        raise TextsOff
    if phone.country not in settings.sms_countries:
        raise CountryNotServed
    if not proven and _few_come_back(phone):
        raise TextsPaused(retry_after=PAUSE)
    number = f"{phone.number}/{person_id if proven else ''}"
    limits.take(GAP, phone.number)
    limits.take(PER_NUMBER, number)
    limits.take(PER_NUMBER_AND_DAY, number)
    limits.take(PER_PERSON, str(person_id))
    if not known:
        limits.take(STRANGERS, str(person_id))
        limits.take(STRANGERS_AND_DAY, str(person_id))
    if not (proven and known):  # an owner's device is not kept out by whoever shares its network
        limits.take(PER_NETWORK, network)
    for allowance, subject in _spending(phone.country, proven=proven):
        limits.take(allowance, subject)


def _spending(country: str, *, proven: bool) -> list[tuple[limits.Allowance, str]]:
    """Give the caps of a day: those who prove a new number stop earlier, and a country before the whole."""
    settings = system.current().settings
    whole = settings.sms_daily_limit
    rest = whole - whole * settings.sms_reserve // 100
    caps = [(limits.Allowance("text/all", times=whole, seconds=DAY, refusal=TextsPaused), "all")]
    if not proven:
        in_country = limits.Allowance(
            "text/country", times=settings.sms_country_limit, seconds=DAY, refusal=TextsPaused
        )
        unproven = limits.Allowance("text/unproven", times=rest, seconds=DAY, refusal=TextsPaused)
        caps = [(in_country, country), (unproven, "all"), *caps]
    return caps


def _few_come_back(phone: Phone) -> bool:
    latest = db.session.scalars(
        select(TextDecision.used_at)
        .where(
            TextDecision.prefix.in_(system.current().keys.keyed_hashes(phone.prefix, _PREFIX)),
            TextDecision.at > clock.now() - timedelta(days=1),
            TextDecision.outcome == SENT,
            TextDecision.proven.is_(False),
        )
        .order_by(TextDecision.at.desc())
        .limit(LOOKED_AT)
    ).all()
    return len(latest) >= FEWEST and sum(used is not None for used in latest) < SHARE_USED * len(latest)


def _record(phone: Phone, outcome: str, *, proven: bool) -> UUID:
    prefix = system.current().keys.keyed_hash(phone.prefix, _PREFIX)
    decision = TextDecision(
        id=new_id(), at=clock.now(), country=phone.country, prefix=prefix, outcome=outcome, proven=proven
    )
    db.session.add(decision)
    db.session.flush()
    return decision.id
