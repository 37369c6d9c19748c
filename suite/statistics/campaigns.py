"""Campaigns: declared code words, and how often their beacons were seen."""

import re
from typing import Final

from sqlalchemy import delete, select

from suite.kernel import clock, db, metrics, system
from suite.statistics import counters
from suite.statistics.errors import NoCampaign, NotACodeWord
from suite.statistics.grounds import GROUNDS
from suite.statistics.models import Campaign

MOST: Final = 500
"""Campaigns at a time: one for each addressee would be a pseudonym (GEN-10), and there is no room for that."""

_CODE = re.compile(r"[a-z]{2,20}(-[a-z]{2,20}){0,3}(-[0-9]{2,4})?")


def add(code: str, service: str) -> None:
    """Declare a campaign; declaring it again changes its service."""
    if not _CODE.fullmatch(code) or service not in GROUNDS or len(everything()) >= MOST:
        raise NotACodeWord
    values = {"service": service, "since": clock.now()}
    inserted = system.current().database.insert(Campaign).values(code=code, **values)
    db.session.execute(inserted.on_conflict_do_update(index_elements=["code"], set_=values))


def remove(code: str) -> None:
    """End a campaign: its beacons count nothing from now on; its figures stay."""
    if db.session.scalar(delete(Campaign).where(Campaign.code == code).returning(Campaign.code)) is None:
        raise NoCampaign


def everything() -> list[Campaign]:
    """List the campaigns."""
    return list(db.session.scalars(select(Campaign).order_by(Campaign.code)))


def seen(code: str) -> None:
    """Count that a beacon was fetched; one that nobody declared counts nothing."""
    service = db.session.scalar(select(Campaign.service).where(Campaign.code == code))
    if service is not None:
        counters.add_to_hour(service, {("campaign", code): 1})
        metrics.VISITS.labels(service, "beacon").inc()
