"""Which text messages are sent: what keeps others from earning by texts that nobody reads (SMS pumping).

Every decision is recorded with country and a hash of the number's beginning, never with the number. A share of
the day's messages is kept for people whose number is proven, so that an attack on enrolment never locks them out.
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
LOOKED_AT = 50
FEWEST, SHARE_USED = 20, 0.2
"""The breaker looks at the last texts of a day to a prefix: of at least so many, this share must have come back."""
PAUSE = 3600
SENT = "sent"


def decide(person_id: UUID, phone: Phone, *, proven: bool, network: str) -> UUID:
    """Let one text message leave, or refuse it; either way the decision stays. Return its number."""
    try:
        _judge(person_id, phone, proven=proven, network=network)
    except Refusal as refusal:
        _record(phone, refusal.code, proven=proven)
        raise
    return _record(phone, SENT, proven=proven)


def used(decision_id: UUID | None) -> None:
    """Note that the code of a text message came back."""
    decision = db.session.get(TextDecision, decision_id) if decision_id else None
    if decision is not None:
        decision.used_at = clock.now()


def _judge(person_id: UUID, phone: Phone, *, proven: bool, network: str) -> None:
    settings = system.current().settings
    if settings.sms == "off":
        raise TextsOff
    if phone.country not in settings.sms_countries:
        raise CountryNotServed
    if not proven and _few_come_back(_prefix(phone)):
        raise TextsPaused(retry_after=PAUSE)
    limits.take(GAP, phone.number)
    limits.take(PER_NUMBER, phone.number)
    limits.take(PER_NUMBER_AND_DAY, phone.number)
    limits.take(PER_PERSON, str(person_id))
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


def _few_come_back(prefix: str) -> bool:
    latest = db.session.scalars(
        select(TextDecision.used_at)
        .where(
            TextDecision.prefix == prefix,
            TextDecision.at > clock.now() - timedelta(days=1),
            TextDecision.outcome == SENT,
            TextDecision.proven.is_(False),
        )
        .order_by(TextDecision.at.desc())
        .limit(LOOKED_AT)
    ).all()
    return len(latest) >= FEWEST and sum(used is not None for used in latest) < SHARE_USED * len(latest)


def _record(phone: Phone, outcome: str, *, proven: bool) -> UUID:
    metrics.TEXTS.labels(outcome).inc()
    decision = TextDecision(
        id=new_id(), at=clock.now(), country=phone.country, prefix=_prefix(phone), outcome=outcome, proven=proven
    )
    db.session.add(decision)
    db.session.flush()
    return decision.id


def _prefix(phone: Phone) -> str:
    return system.current().keys.keyed_hash(phone.prefix, "phone_prefix")
